package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/zegel/zegel/audit/state"
	"github.com/zegel/zegel/audit/tx"
	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
)

// run is a valid transaction of the contract being carried out again.
type run struct {
	*blockWork
	index    int
	tx       *judged
	name     string
	args     []string
	caller   loyalty.Caller
	now      loyalty.Instant
	book     *book
	findings int // of this transaction so far
}

// means carries out a valid transaction again and compares. Its error is the auditor's own.
func (w *blockWork) means(i int, t *judged) error {
	a, name := t.Action, w.auditor.options.Chaincode
	points := a.Of(name)
	if a.Chaincode != name {
		if points != nil && len(writtenKeys(points)) > 0 {
			w.findTx(i, CodeForeignWrite, name, a.Chaincode, "Another chaincode wrote to the ledger of points.")
		}
		w.noteDefinition(t)
		return nil
	}
	if points == nil {
		points = &tx.Namespace{Name: name}
	}
	if !t.SameCreator() {
		w.findTx(i, CodeCreator, "", "", "Proposal and transaction have different creators; the contract saw that of the proposal.")
	}
	if len(points.Public.GetMetadataWrites()) > 0 {
		w.findTx(i, CodeKeyPolicy, "", "", "The transaction gives a key an endorsement policy of its own; the contract never does.")
	}
	r := &run{blockWork: w, index: i, tx: t, now: loyalty.InstantOf(t.Time), book: w.newBook()}
	r.caller = loyalty.Caller{MSP: loyalty.MSPID(t.creator.MSP), Role: loyalty.Role(t.creator.Attribute("role"))}
	for _, arg := range a.Args {
		r.args = append(r.args, string(arg))
	}
	err := r.transact(points)
	t.book = r.book
	var disk *stateError
	if err != nil && !errors.As(err, &disk) {
		r.found(Finding{Code: CodeUndecodable, Message: "The transaction cannot be carried out again: " + err.Error() + "."})
		return nil //nolint:nilerr // what is wrong with the ledger is a finding, not an error of the audit
	}
	return err
}

// found adds a finding about this transaction.
func (r *run) found(f Finding) {
	f.Block, f.Tx, f.TxID = r.number, r.index, r.tx.ID
	r.findings++
	r.auditor.find(f)
}

// submitted are the transactions that may write.
var submitted = []string{
	api.Apply, api.PutProfile, api.PurgeProfile, api.ProposeProgramme, api.ApproveProgramme, api.PublishTerms,
}

func (r *run) transact(points *tx.Namespace) error {
	if len(r.args) > 0 {
		r.name, r.args = r.args[0], r.args[1:]
	}
	arity, known := api.Arity[r.name]
	if !slices.Contains(submitted, r.name) || arity != len(r.args) {
		if len(writtenKeys(points)) > 0 || !known {
			r.found(Finding{Code: CodeTransaction, Found: r.name, Message: "A transaction that the contract does not have, or does not let write."})
		}
		r.auditor.report.Counts.Queries++
		return nil
	}
	programme, err := r.book.Programme()
	if err != nil {
		return err
	}
	if refusal := loyalty.Authorise(programme, r.caller, r.name); refusal != nil {
		r.found(Finding{Code: CodeNotAuthorised, Found: fmt.Sprintf("%s %q", r.caller.MSP, r.caller.Role),
			Message: "The contract refuses " + r.name + " of this caller: " + refusal.Message})
		return nil //nolint:nilerr // a finding, not an error of the audit
	}
	switch r.name {
	case api.Apply:
		return r.apply(points)
	case api.PutProfile, api.PurgeProfile:
		r.auditor.report.Counts.Profiles++
		r.compareProfile(points)
		return nil
	}
	reply, err := r.govern(programme)
	if err != nil {
		return err
	}
	r.auditor.report.Counts.Governance++
	r.compareReply(reply)
	if len(r.tx.Action.Event) > 0 {
		r.found(Finding{Code: CodeEvent, Message: "The transaction has an event; it should have none."})
	}
	r.compareWrites(points)
	return nil
}

// govern carries out what changes the rules, and says what the endorsers must have answered.
func (r *run) govern(programme *loyalty.Programme) ([]byte, error) {
	switch r.name {
	case api.PublishTerms:
		return r.publish()
	case api.ProposeProgramme:
		var next loyalty.Programme
		if err := api.Decode([]byte(r.args[0]), &next); err != nil {
			return nil, err
		}
		pending, err := r.book.Proposal(next.Version, next.Digest())
		if err != nil {
			return nil, err
		}
		proposal, refusal := loyalty.Propose(programme, pending, next, r.caller, r.now)
		return r.carry(programme, proposal, refusal)
	default:
		version, err := strconv.Atoi(r.args[0])
		if err != nil {
			return nil, err
		}
		pending, err := r.book.Proposal(version, r.args[1])
		if err != nil {
			return nil, err
		}
		proposal, refusal := loyalty.Approve(programme, pending, r.args[1], r.caller, r.now)
		return r.carry(programme, proposal, refusal)
	}
}

func (r *run) carry(current *loyalty.Programme, p *loyalty.Proposal, refusal *loyalty.Error) ([]byte, error) {
	if refusal != nil {
		return nil, refusal
	}
	if err := store(r.book, proposalKey(p), p); err != nil {
		return nil, err
	}
	carried := p.Carried(current)
	r.auditor.report.Lists.RuleChanges.add(RuleChange{
		Block: r.number, TxID: r.tx.ID, What: r.name, By: string(r.caller.MSP), Version: p.Programme.Version,
		Digest: p.Programme.Digest(), Approvals: approvers(p), InForce: carried,
	})
	if carried {
		if err := store(r.book, programmeKey, &p.Programme); err != nil {
			return nil, err
		}
	}
	return json.Marshal(p)
}

func (r *run) publish() ([]byte, error) {
	var next loyalty.Terms
	if err := api.Decode([]byte(r.args[0]), &next); err != nil {
		return nil, err
	}
	terms, err := r.book.Terms(r.caller.MSP)
	if err != nil {
		return nil, err
	}
	terms, refusal := loyalty.PublishTerms(terms, r.caller.MSP, next, r.now)
	if refusal != nil {
		return nil, refusal
	}
	if err := store(r.book, termsKey(r.caller.MSP), terms); err != nil {
		return nil, err
	}
	r.auditor.report.Lists.RuleChanges.add(RuleChange{
		Block: r.number, TxID: r.tx.ID, What: r.name, By: string(r.caller.MSP), Version: next.Version, InForce: true,
	})
	return json.Marshal(terms)
}

// remember lets the next reader of an account find it decoded.
func (w *blockWork) remember(b *book) {
	if b == nil {
		return
	}
	for key, p := range b.puts {
		if e, ok := w.updates[state.Key{Namespace: w.auditor.options.Chaincode, Name: key}]; ok {
			if _, account := p.object.(*loyalty.Account); account && string(e.Value) == string(p.value) {
				e.Decoded = p.object
			}
		}
	}
}

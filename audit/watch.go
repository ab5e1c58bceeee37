package audit

import (
	"strconv"

	"github.com/zegel/zegel/audit/fold"
	"github.com/zegel/zegel/audit/state"
	"github.com/zegel/zegel/audit/tx"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/chaincode/worldstate"
)

func formatInt(n int64) string { return strconv.FormatInt(n, 10) }

// watch counts a batch a second time, lists what is unusual in it, and exports it.
func (r *run) watch(commands []loyalty.Command, recorded []loyalty.Outcome, e *execution) error {
	if orgs := r.endorsingOrganisations(); orgs < 2 {
		r.auditor.report.Lists.OneOrganisationTxs.add(Exception{
			Block: r.number, TxID: r.tx.ID, MSP: string(r.caller.MSP), Detail: "endorsed by one organisation alone"})
	}
	for i, c := range commands {
		if err := r.exceptions(c, recorded[i], e.days[i]); err != nil {
			return err
		}
		if r.auditor.options.Export != nil {
			entry := Entry{Block: r.number, Tx: r.index, TxID: r.tx.ID, MSP: r.caller.MSP, Time: r.now, Command: c, Outcome: recorded[i]}
			if err := r.auditor.options.Export.Entry(entry); err != nil {
				return &stateError{err}
			}
		}
	}
	return nil
}

func (r *run) endorsingOrganisations() int {
	orgs := map[string]bool{}
	for _, s := range r.tx.signers {
		orgs[s.MSP] = true
	}
	return len(orgs)
}

// holdSpan is when a hold was placed and when it lapses, from the record of the operation that placed
// it; zeros if there is none.
func (r *run) holdSpan(id loyalty.HoldID) (placed, expires loyalty.Instant, err error) {
	if !id.Valid() {
		return 0, 0, nil
	}
	op, err := r.newBook().Operation(r.caller.MSP, loyalty.OpID(id[len(id)/2:]))
	if err != nil || op == nil {
		return 0, 0, err
	}
	return op.Outcome.At, op.Outcome.Expires, nil
}

// laws are the second fold's problems as findings.
var laws = map[fold.Law]Code{
	fold.Conservation: CodeConservation, fold.Overspent: CodeOverspent, fold.ReceiptTwice: CodeReceiptTwice,
	fold.ChargedOrder: CodeChargedOrder, fold.Transfer: CodeTransferLeaks, fold.Unreadable: CodeUndecodable,
}

// countAgain gives the second fold what it needs of a valid transaction of the contract.
func (w *blockWork) countAgain(i int, t *judged) error {
	name := w.auditor.options.Chaincode
	points := t.Action.Of(name)
	if points == nil {
		return nil
	}
	f := fold.Transaction{MSP: t.creator.MSP, Writes: publicWrites(points), Before: func(key string) ([]byte, error) {
		e, err := w.get(state.Key{Namespace: name, Name: key})
		if e == nil {
			return nil, err
		}
		return e.Value, err
	}}
	if rules, ok := f.Writes[worldstate.ProgrammeKey()]; ok {
		if err := w.auditor.fold.Rules(rules); err != nil {
			w.findTx(i, CodeUndecodable, "", "", "The programme cannot be read: "+err.Error()+".")
		}
	}
	if len(t.Action.Args) == 2 {
		f.Batch, f.Reply = t.Action.Args[1], t.Action.Reply
	}
	if len(t.Action.Args) == 0 || string(t.Action.Args[0]) != applyName {
		f.Batch, f.Reply = []byte(`{}`), []byte(`{}`) // any account it writes was written without a posting
	}
	problems, err := w.auditor.fold.Add(f)
	if err != nil {
		return err
	}
	for _, p := range problems {
		w.auditor.find(Finding{Code: laws[p.Law], Block: w.number, Tx: i, TxID: t.ID, Operation: p.Operation,
			Expected: p.Expected, Found: p.Found, Message: p.Text})
	}
	return nil
}

// applyName is the one transaction that moves points.
const applyName = "Apply"

func publicWrites(n *tx.Namespace) map[string][]byte {
	writes := make(map[string][]byte, len(n.Public.GetWrites()))
	for _, one := range n.Public.GetWrites() {
		if one.GetIsDelete() {
			writes[one.GetKey()] = nil
			continue
		}
		writes[one.GetKey()] = one.GetValue()
	}
	return writes
}

package conformance_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-gateway/pkg/identity"
)

// runner runs one case on one network.
type runner struct {
	*world
	ctx    context.Context
	prefix string
	// start is the number of the case's first block.
	start uint64
	kept  map[string]*kept
	txids []string
	tape  *tape
	// played is the tape of the network that ran the case before, and next how many proposals were made; nil where
	// this is the first.
	played *tape
	next   int
	// step is the one that runs.
	step *step
}

// kept is a transaction that a later step speaks of.
type kept struct {
	proposal *client.Proposal
	tx       *client.Transaction
	gateway  *client.Gateway
}

// outcome is what a step came to. A step that did not go well fails its case unless the case says so.
type outcome struct {
	text string
	well bool
}

func good(format string, args ...any) outcome { return outcome{fmt.Sprintf(format, args...), true} }
func bad(text string) outcome                 { return outcome{text, false} }

// run runs a case and returns its tape. Each step is compared with what the case says of it.
func (w *world) run(t *testing.T, index int, c Case, played *tape) *tape {
	t.Helper()
	steps, err := parse(c.Script)
	if err != nil {
		t.Fatal(err)
	}
	r := &runner{world: w, ctx: t.Context(), prefix: fmt.Sprintf("c%03d.", index), start: w.height(), kept: map[string]*kept{},
		tape: &tape{}, played: played}
	for _, s := range steps {
		r.step = s
		verb, ok := verbs[s.verb]
		if !ok {
			t.Fatalf("%s: no verb %q", s.text, s.verb)
		}
		o := verb(r, s)
		o.text = r.normalise(o.text)
		r.tape.observed = append(r.tape.observed, s.text+"\n=> "+o.text)
		switch {
		case s.want == nil && !o.well:
			t.Fatalf("%s\n  is %s", s.text, o.text)
		case s.want != nil && o.text != *s.want:
			t.Errorf("%s\n  is %s\nnot %s", s.text, o.text, *s.want)
		}
	}
	for _, block := range w.chains[w.peers[0]].all()[r.start:] {
		found, err := verdicts(block)
		if err != nil {
			t.Fatal(err)
		}
		found = slices.DeleteFunc(found, func(v verdict) bool { return !slices.Contains(r.txids, v.txid) })
		if len(found) > 0 {
			r.tape.blocks = append(r.tape.blocks, fmt.Sprint(found))
		}
	}
	return r.tape
}

// expand fills in what stands for something in an argument.
func (r *runner) expand(token string) (string, error) {
	if name, ok := strings.CutPrefix(token, "$"); ok {
		if name == "channel" {
			return r.consortium.Channel, nil
		}
		k, err := r.find(name)
		if err != nil {
			return "", err
		}
		return k.proposal.TransactionID(), nil
	}
	if text, ok := strings.CutPrefix(token, "@"); ok {
		if n, err := strconv.ParseUint(text, 10, 32); err == nil {
			return strconv.FormatUint(r.start+n, 10), nil
		}
	}
	if text, ok := strings.CutPrefix(token, "#"); ok {
		n, err := strconv.ParseUint(text, 10, 32)
		if blocks := r.chains[r.peers[0]].all(); err == nil && r.start+n < uint64(len(blocks)) {
			hash, err := headerHash(blocks[r.start+n].GetHeader())
			return string(hash), err
		}
	}
	return strings.ReplaceAll(token, "~", r.prefix), nil
}

func (r *runner) find(name string) (*kept, error) {
	if k := r.kept[name]; k != nil {
		return k, nil
	}
	return nil, fmt.Errorf("nothing is kept as %s", name)
}

// who is the name of the step's signer.
func (s *step) who() string {
	if s.as == "" {
		return "alpha"
	}
	return s.as
}

// signOf signs digests for the step's signer.
func (r *runner) signOf(s *step) identity.Sign {
	return func(digest []byte) ([]byte, error) {
		signer, err := r.signer(s.who())
		if err != nil {
			return nil, err
		}
		return signer.sign(digest)
	}
}

// client is the Fabric client that the step's modifiers ask for.
func (r *runner) client(s *step) (*client.Gateway, error) {
	at := s.at
	if at == "" {
		at, _, _ = strings.Cut(s.who(), ".")
		if r.dialled[at] == nil {
			at = r.peers[0]
		}
	}
	return r.gateway(s.who(), at)
}

// propose makes the step's proposal, or takes it from the tape.
func (r *runner) propose(s *step) (*kept, error) {
	gateway, err := r.client(s)
	if err != nil {
		return nil, err
	}
	if len(s.args) == 0 {
		return nil, fmt.Errorf("nothing to call")
	}
	args := make([]string, len(s.args))
	for i, token := range s.args {
		if args[i], err = r.expand(token); err != nil {
			return nil, err
		}
	}
	var encoded []byte
	own := slices.ContainsFunc(s.args, func(token string) bool { return strings.HasPrefix(token, "#") }) // no two chains share a hash
	if r.next++; r.played != nil && r.next <= len(r.played.proposals) && !own {
		encoded = r.played.proposals[r.next-1]
	} else if encoded, err = r.newProposal(gateway, s, args); err != nil {
		return nil, err
	}
	r.tape.proposals = append(r.tape.proposals, encoded)
	proposal, err := signProposal(gateway, r.signOf(s), encoded, s.flaw)
	if err != nil {
		return nil, err
	}
	r.txids = append(r.txids, proposal.TransactionID())
	return &kept{proposal: proposal, gateway: gateway}, nil
}

func (r *runner) newProposal(gateway *client.Gateway, s *step, args []string) ([]byte, error) {
	channel, chaincode := r.consortium.Channel, r.consortium.Chaincode.Name
	if s.in != "" {
		channel = s.in
	}
	if s.on != "" {
		chaincode = s.on
	}
	options := []client.ProposalOption{client.WithArguments(args[1:]...)}
	if len(s.by) > 0 {
		var mspIDs []string
		for _, name := range s.by {
			mspIDs = append(mspIDs, mspID(name))
		}
		options = append(options, client.WithEndorsingOrganizations(mspIDs...))
	}
	if s.with != nil {
		options = append(options, client.WithTransient(s.with))
	}
	proposal, err := gateway.GetNetwork(channel).GetContract(chaincode).NewProposal(args[0], options...)
	if err != nil {
		return nil, err
	}
	encoded, err := proposal.Bytes()
	if err != nil {
		return nil, err
	}
	return mar(encoded, s.flaw)
}

// endorse has the step's transaction endorsed, and notes what the endorsers signed.
func (r *runner) endorse(s *step) (*kept, error) {
	k, err := r.propose(s)
	if err != nil {
		return nil, err
	}
	if s.keep != "" {
		r.kept[s.keep] = k
	}
	return k, r.endorseKept(k)
}

func (r *runner) endorseKept(k *kept) error {
	ctx, cancel := context.WithTimeout(r.ctx, patience)
	defer cancel()
	var err error
	if k.tx, err = k.proposal.EndorseWithContext(ctx); err != nil {
		return err
	}
	bytes, err := k.tx.Bytes()
	if err != nil {
		return err
	}
	e, err := newEndorsed(r.step.text, bytes)
	if err != nil {
		return err
	}
	r.tape.endorsed = append(r.tape.endorsed, e)
	return nil
}

// order sends transactions, with a filler where their number is odd, and shows their codes: a space apart in one block,
// a stroke between blocks.
func (r *runner) order(transactions ...*client.Transaction) (string, error) {
	all := transactions
	if len(all)%2 == 1 {
		all = append(all[:len(all):len(all)], r.filler)
	}
	blocks, err := r.send(r.ctx, all...)
	if err != nil {
		return "", err
	}
	return showBlocks(blocks, r.filler.TransactionID()), nil
}

// showBlocks shows codes, without those of one transaction.
func showBlocks(blocks [][]verdict, without string) string {
	var texts []string
	for _, block := range blocks {
		var codes []string
		for _, v := range block {
			if v.txid != without {
				codes = append(codes, v.code.String())
			}
		}
		texts = append(texts, strings.Join(codes, " "))
	}
	return strings.Join(texts, " / ")
}

// mspID is the MSP ID of an organisation that a script calls by its lower-case name.
func mspID(name string) string { return strings.ToUpper(name[:1]) + name[1:] + "MSP" }

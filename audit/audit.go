// Package audit recomputes a ledger of points from its blocks alone. It trusts nobody: not the peer
// that hands out the blocks, for it checks hashes, signatures, policies and validation codes; not the
// endorsers, for it runs the rules of package loyalty again and compares every byte they wrote; and
// not those rules either, for a second fold that shares no code with them checks that no point came
// into being or vanished.
//
//	a, err := audit.New(audit.Options{Channel: "loyalty"})
//	for block, err := range source(a.Next()) {
//		err = a.Block(block)
//	}
//	report, err := a.Finish()
//
// What only the chains keep, what was in a basket, is not needed. For an earn without its basket the
// auditor looks for any basket that explains what is on the ledger, checks everything else, and
// counts the earn as one whose rate was not checked. See Openings for those whose basket is supplied.
package audit

import (
	"errors"
	"fmt"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"

	"github.com/zegel/zegel/audit/chain"
	"github.com/zegel/zegel/audit/fold"
	"github.com/zegel/zegel/audit/state"
	"github.com/zegel/zegel/audit/trust"
	"github.com/zegel/zegel/chaincode/api"
)

// Options say what to audit and against what.
type Options struct {
	Channel   string // empty: api.Channel
	Chaincode string // empty: api.Chaincode
	// Genesis is the SHA-256 of the header of the first block, as the auditor has it from elsewhere.
	// Without it the audit proves the chain consistent with its first block, whoever made that.
	Genesis []byte
	// Height is how many blocks there must be at least; 0 if nobody has promised any.
	Height uint64
	// Openings supplies baskets; nil supplies none.
	Openings Openings
	// State is a file that keeps the audit's state, so that a later audit goes on where this one
	// ended. Empty: a temporary one.
	State string
	// Export gets every entry as it is checked; nil exports nothing.
	Export Exporter
	// MaxFindings bounds how many findings are kept; those beyond are counted. 0 is a default.
	MaxFindings int
	// InMemory is how many keys of the state stay in memory; 0 is a default.
	InMemory int
}

const defaultMaxFindings = 10_000

// Auditor audits one channel, block by block. It is not safe for concurrent use.
type Auditor struct {
	options  Options
	state    *state.State
	config   *trust.Config
	progress progress
	fold     *fold.Fold
	report   Report
	block    *blockWork // the block being audited
	broken   error
}

// progress is all that an audit needs to go on, apart from the state.
type progress struct {
	Next       uint64    `json:"next"`
	LastHash   []byte    `json:"lastHash"`
	LastConfig uint64    `json:"lastConfig"`
	Config     []byte    `json:"config"` // the configuration block in force
	CommitHash []byte    `json:"commitHash"`
	Latest     time.Time `json:"latest"` // the latest clock of a transaction
}

// ErrBroken says that the chain is broken and nothing after the break can be judged.
var ErrBroken = errors.New("the chain of blocks is broken here; what follows cannot be judged")

// New begins an audit, or goes on with the one that Options.State keeps.
func New(o Options) (*Auditor, error) {
	if o.Channel == "" {
		o.Channel = api.Channel
	}
	if o.Chaincode == "" {
		o.Chaincode = api.Chaincode
	}
	if o.MaxFindings == 0 {
		o.MaxFindings = defaultMaxFindings
	}
	s, err := state.Open(o.State, o.InMemory)
	if err != nil {
		return nil, err
	}
	a := &Auditor{options: o, state: s, fold: fold.New(), report: newReport(o)}
	if err := a.resume(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return a, nil
}

// Next is the number of the block that the audit wants next.
func (a *Auditor) Next() uint64 { return a.progress.Next }

// Findings is how many findings there are so far.
func (a *Auditor) Findings() int { return len(a.report.Findings) + a.report.FindingsOmitted }

// Counts says how far the audit has come.
func (a *Auditor) Counts() Counts { return a.report.Counts }

// Block audits the next block. It fails only where the audit itself cannot go on: ErrBroken after the
// finding that says so, or an error of the auditor's own disk.
func (a *Auditor) Block(block *common.Block) error {
	if a.broken != nil {
		return a.broken
	}
	if err := a.audit(block); err != nil {
		a.broken = err
		return err
	}
	return nil
}

func (a *Auditor) audit(block *common.Block) error {
	w := &blockWork{auditor: a, block: block, number: block.GetHeader().GetNumber(), updates: updates{}}
	a.block = w
	if !w.follows() {
		return ErrBroken
	}
	w.checkMetadata()
	if err := w.decide(); err != nil {
		return fmt.Errorf("block %d: %w", w.number, err)
	}
	w.checkFlags()
	w.checkCommitHash()
	w.settle()
	return a.state.Settle(a.note)
}

// Unreadable notes that the source failed where a block should have come, and ends the audit.
func (a *Auditor) Unreadable(err error) {
	a.find(Finding{Code: CodeUnreadable, Block: a.progress.Next, Tx: -1, Message: "The block cannot be read: " + err.Error() + "."})
	a.broken = ErrBroken
}

// Read audits everything that a source has. each, if there is one, is called after every block. See
// Block for what fails it.
func (a *Auditor) Read(source chain.Source, each func()) error { return a.Compare(source, nil, each) }

// find adds a finding.
func (a *Auditor) find(f Finding) {
	f.Severity = Error
	if warnings[f.Code] {
		f.Severity = Warning
	}
	f.Expected, f.Found = shorten(f.Expected), shorten(f.Found)
	a.report.PerCode[f.Code]++
	if len(a.report.Findings) >= a.options.MaxFindings {
		a.report.FindingsOmitted++
		return
	}
	a.report.Findings = append(a.report.Findings, f)
}

// Close gives up what was not saved. Call it after Finish.
func (a *Auditor) Close() error { return a.state.Close() }

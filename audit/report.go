package audit

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/zegel/zegel/audit/chain"
	"github.com/zegel/zegel/audit/fold"
	"github.com/zegel/zegel/audit/trust"
	"github.com/zegel/zegel/audit/tx"
)

// Report says what was checked, up to which height, and what was found.
type Report struct {
	Version    int                 `json:"version"` // 1
	Channel    string              `json:"channel"`
	Chaincode  string              `json:"chaincode"`
	Made       time.Time           `json:"made"`       // by the auditor's clock
	Genesis    string              `json:"genesis"`    // hash of the first block, in hex
	Roots      map[string][]string `json:"roots"`      // fingerprints of each organisation's certificate authorities
	Height     uint64              `json:"height"`     // blocks checked: 0 to Height-1
	LastHash   string              `json:"lastHash"`   // hash of the last of them
	CommitHash string              `json:"commitHash"` // of the peer that they came from
	Clean      bool                `json:"clean"`      // nothing was found
	Counts     Counts              `json:"counts"`
	Unchecked  unseen              `json:"unchecked"`
	Issuers    map[string]Issuer   `json:"issuers"`
	Movements  []fold.Movement     `json:"movements"` // points of an issuer for which a chain gave goods

	Findings        []Finding    `json:"findings"`
	FindingsOmitted int          `json:"findingsOmitted,omitempty"` // counted, not kept
	PerCode         map[Code]int `json:"perCode"`
	Lists           Lists        `json:"lists"`
}

// Issuer is what one chain owes, and what became of the points it issued.
type Issuer struct {
	fold.Totals
	Outstanding int64 `json:"outstanding"` // free + held − debt
}

// Counts is how much was checked.
type Counts struct {
	Blocks       int `json:"blocks"`
	Transactions int `json:"transactions"`
	Valid        int `json:"valid"`
	Operations   int `json:"operations"` // commands carried out again
	Governance   int `json:"governance"`
	Profiles     int `json:"profiles"`
	Queries      int `json:"queries"` // submitted though they only read
}

// unseen counts what only somebody who has the baskets can check, and what was checked with them.
type unseen struct {
	Rates         int `json:"rates"`         // earns whose basket was not supplied
	CheckedRates  int `json:"checkedRates"`  // and whose was
	Shares        int `json:"shares"`        // returns whose opening was not supplied
	CheckedShares int `json:"checkedShares"` // and whose was
	Refusals      int `json:"refusals"`      // that left no trace but the answer
	Scans         int `json:"scans"`         // range reads, not repeated
}

func (u *unseen) add(o unseen) {
	u.Rates, u.CheckedRates = u.Rates+o.Rates, u.CheckedRates+o.CheckedRates
	u.Shares, u.CheckedShares = u.Shares+o.Shares, u.CheckedShares+o.CheckedShares
	u.Refusals, u.Scans = u.Refusals+o.Refusals, u.Scans+o.Scans
}

func newReport(o Options) Report {
	return Report{Version: 1, Channel: o.Channel, Chaincode: o.Chaincode, Roots: map[string][]string{}, PerCode: map[Code]int{}, Findings: []Finding{}}
}

func (r *Report) setRoots(c *trust.Config) {
	for _, msp := range c.Organisations() {
		r.Roots[msp] = c.Roots(msp)
	}
}

// Finish checks what only the end can show, saves the state and gives the report.
func (a *Auditor) Finish() (*Report, error) {
	if a.progress.Next < a.options.Height {
		a.find(Finding{Code: CodeHeight, Block: a.progress.Next, Tx: -1, Expected: fmt.Sprint(a.options.Height),
			Found: fmt.Sprint(a.progress.Next), Message: "The chain ends too early."})
	}
	for _, issuer := range a.fold.Unbalanced() {
		t := a.fold.Issuers()[issuer]
		a.find(Finding{Code: CodeConservation, Block: a.progress.Next, Tx: -1, Found: fmt.Sprintf("%+v", t),
			Message: "The points of " + issuer + " do not add up over all members."})
	}
	if a.broken == nil {
		note, err := a.note()
		if err != nil {
			return nil, err
		}
		if err := a.state.Save(note); err != nil {
			return nil, err
		}
	}
	r := a.report
	r.Made, r.Height, r.LastHash = time.Now().UTC(), a.progress.Next, hex.EncodeToString(a.progress.LastHash)
	r.CommitHash = hex.EncodeToString(a.progress.CommitHash)
	r.Clean = len(r.Findings) == 0
	r.Issuers = map[string]Issuer{}
	for issuer, t := range a.fold.Issuers() {
		r.Issuers[issuer] = Issuer{t, t.Outstanding()}
	}
	r.Movements = a.fold.Movements()
	return &r, nil
}

// saved is what a later audit goes on from.
type saved struct {
	Progress progress   `json:"progress"`
	Fold     *fold.Fold `json:"fold"`
	Report   Report     `json:"report"`
}

func (a *Auditor) note() ([]byte, error) {
	return json.Marshal(saved{a.progress, a.fold, a.report})
}

// resume goes on from what the state's file says, if it says anything.
func (a *Auditor) resume() error {
	text, err := a.state.Note()
	if err != nil || text == nil {
		return err
	}
	s := saved{Fold: fold.New()}
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("the state of an earlier audit: %w", err)
	}
	if s.Report.Channel != a.options.Channel || s.Report.Chaincode != a.options.Chaincode {
		return fmt.Errorf("the state is of an audit of channel %s, chaincode %s", s.Report.Channel, s.Report.Chaincode)
	}
	a.progress, a.fold, a.report = s.Progress, s.Fold, s.Report
	if len(a.progress.Config) == 0 {
		return nil
	}
	block, err := chain.DecodeStored(a.progress.Config)
	if err == nil && len(block.GetData().GetData()) == 1 {
		a.config, err = configIn(block.GetData().GetData()[0])
		return err
	}
	return errors.Join(errors.New("the state of an earlier audit is damaged"), err)
}

// configIn is the configuration that an envelope brings.
func configIn(envelope []byte) (*trust.Config, error) {
	t, err := tx.Decode(envelope)
	if err != nil {
		return nil, err
	}
	c, err := t.Config()
	if err != nil {
		return nil, err
	}
	return trust.NewConfig(t.Channel, c.GetConfig())
}

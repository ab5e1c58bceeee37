package audit

import (
	"strings"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// Lists are what an auditor reads even where nothing is wrong: who changed the rules, and what is
// unusual.
type Lists struct {
	RuleChanges        List[RuleChange]       `json:"ruleChanges"`
	DefinitionChanges  List[DefinitionChange] `json:"definitionChanges"`
	ConfigChanges      List[ConfigChange]     `json:"configChanges"`
	NegativeBalances   List[Exception]        `json:"negativeBalances"`
	LateSales          List[Exception]        `json:"lateSales"`
	LateCaptures       List[Exception]        `json:"lateCaptures"`
	ForgivenClawbacks  List[Exception]        `json:"forgivenClawbacks"`
	OneOrganisationTxs List[Exception]        `json:"endorsedByOneOrganisation"`
}

// maxListed bounds each list; what is beyond is counted.
const maxListed = 1000

// List is the first entries, and how many there are.
type List[T any] struct {
	Count   int `json:"count"`
	Entries []T `json:"entries,omitempty"`
}

func (l *List[T]) add(entry T) {
	if l.Count++; len(l.Entries) < maxListed {
		l.Entries = append(l.Entries, entry)
	}
}

// RuleChange is a step of governance: a programme proposed or approved, terms published.
type RuleChange struct {
	Block     uint64   `json:"block"`
	TxID      string   `json:"txId"`
	What      string   `json:"what"`
	By        string   `json:"by"`
	Version   int      `json:"version"`
	Digest    string   `json:"digest,omitempty"`
	Approvals []string `json:"approvals,omitempty"`
	InForce   bool     `json:"inForce"`
}

// DefinitionChange is a transaction of Fabric's own lifecycle of chaincodes: approved, committed.
type DefinitionChange struct {
	Block     uint64   `json:"block"`
	TxID      string   `json:"txId"`
	What      string   `json:"what"`
	By        string   `json:"by"`
	Endorsers []string `json:"endorsers"`
}

// ConfigChange is a new configuration of the channel.
type ConfigChange struct {
	Block    uint64   `json:"block"`
	Sequence uint64   `json:"sequence"`
	SignedBy []string `json:"signedBy"`
}

// Exception is an operation that is allowed and unusual.
type Exception struct {
	Block     uint64 `json:"block"`
	TxID      string `json:"txId"`
	MSP       string `json:"msp"`
	Operation string `json:"operation"`
	Member    string `json:"member,omitempty"`
	Detail    string `json:"detail"`
}

func approvers(p *loyalty.Proposal) []string {
	var all []string
	for _, a := range p.Approvals {
		all = append(all, string(a.MSP))
	}
	return all
}

// noteDefinition lists what happened to the definitions of chaincodes.
func (w *blockWork) noteDefinition(t *judged) {
	if t.Action.Chaincode != lifecycleName || len(t.Action.Args) == 0 {
		return
	}
	d := DefinitionChange{Block: w.number, TxID: t.ID, What: string(t.Action.Args[0]), By: t.creator.MSP}
	for _, s := range t.signers {
		d.Endorsers = append(d.Endorsers, s.MSP)
	}
	w.auditor.report.Lists.DefinitionChanges.add(d)
}

// exceptions lists what is unusual about an operation.
func (r *run) exceptions(c loyalty.Command, out loyalty.Outcome, day loyalty.Day) error {
	if out.Status != loyalty.StatusApplied || out.Replayed {
		return nil
	}
	lists := &r.auditor.report.Lists
	e := Exception{Block: r.number, TxID: r.tx.ID, MSP: string(r.caller.MSP), Operation: string(c.Op), Member: string(out.Member)}
	note := func(l *List[Exception], detail ...string) {
		e.Detail = strings.Join(detail, " ")
		l.add(e)
	}
	if out.Balance < 0 {
		note(&lists.NegativeBalances, "balance", number(out.Balance), "after", string(c.Kind))
	}
	if out.Forgiven > 0 {
		note(&lists.ForgivenClawbacks, number(out.Forgiven), "points were not clawed back")
	}
	if day != 0 && day < r.now.Day() {
		note(&lists.LateSales, "sale of", day.String(), "arrived on", r.now.Day().String())
	}
	if c.Kind == loyalty.KindCapture {
		placed, expires, err := r.holdSpan(c.Hold)
		if err != nil {
			return err
		}
		if life := expires - placed; life > 0 && out.At-placed > life-life/lateTenth {
			note(&lists.LateCaptures, "captured", number(loyalty.Points(out.At-placed)/1000), "s into a hold of", number(loyalty.Points(life)/1000), "s")
		}
	}
	return nil
}

// lateTenth: a capture is late in the last tenth of the hold's life.
const lateTenth = 10

func number(n loyalty.Points) string { return formatInt(int64(n)) }

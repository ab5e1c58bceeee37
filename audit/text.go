package audit

import (
	"fmt"
	"io"
	"maps"
	"slices"
)

// maxShown bounds the findings that the text shows; the JSON has all that were kept.
const maxShown = 100

// WriteText writes a report for people.
func WriteText(w io.Writer, r *Report) {
	p := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }
	p("Channel %s, blocks 0 to %d\n", r.Channel, int64(r.Height)-1)
	p("  first block  %s\n  last block   %s\n  commit hash  %s\n", r.Genesis, r.LastHash, r.CommitHash)
	c, u := r.Counts, r.Unchecked
	p("\nChecked: %d transactions, %d of them valid; %d operations, %d acts of governance, %d of personal data\n",
		c.Transactions, c.Valid, c.Operations, c.Governance, c.Profiles)
	p("  earns by their basket %d, without it %d; returns by their opening %d, without it %d\n", u.CheckedRates, u.Rates, u.CheckedShares, u.Shares)
	if u.Refusals+u.Scans > 0 {
		p("  taken as they are: %d refusals without a trace, %d range reads\n", u.Refusals, u.Scans)
	}
	if len(r.Issuers) > 0 {
		p("\n%-20s %14s %14s %14s %14s %14s %14s\n", "Issuer", "outstanding", "earned", "redeemed", "clawed", "restored", "expired")
	}
	for _, issuer := range slices.Sorted(maps.Keys(r.Issuers)) {
		t := r.Issuers[issuer]
		p("%-20s %14d %14d %14d %14d %14d %14d\n", issuer, t.Outstanding, t.Earned, t.Redeemed, t.Clawed, t.Restored, t.Expired)
	}
	if len(r.Movements) > 0 {
		p("\n%-20s %-20s %14s\n", "Points of", "redeemed at", "less restored")
	}
	for _, m := range r.Movements {
		p("%-20s %-20s %14d\n", m.Issuer, m.Redeemer, m.Points)
	}
	l := r.Lists
	p("\nTo look at: %d rule changes, %d of chaincode definitions, %d of the channel; %d negative balances, %d late sales,\n",
		l.RuleChanges.Count, l.DefinitionChanges.Count, l.ConfigChanges.Count, l.NegativeBalances.Count, l.LateSales.Count)
	p("  %d late captures, %d claw-backs forgiven, %d batches endorsed by one organisation\n",
		l.LateCaptures.Count, l.ForgivenClawbacks.Count, l.OneOrganisationTxs.Count)
	writeFindings(p, r)
}

func writeFindings(p func(string, ...any), r *Report) {
	if r.Clean {
		p("\nClean: nothing was found.\n")
		return
	}
	p("\nFound: %d\n", len(r.Findings)+r.FindingsOmitted)
	for i, f := range r.Findings {
		if i == maxShown {
			p("  … and %d more\n", len(r.Findings)+r.FindingsOmitted-maxShown)
			return
		}
		p("  %s\n", f)
	}
}

package audit_test

import (
	"testing"

	"github.com/zegel/zegel/audit"
)

// TestAnHonestLedgerIsClean audits what every peer wrote of a market in which everything happens.
func TestAnHonestLedgerIsClean(t *testing.T) {
	m := openMarket(t, honest)
	m.trade()
	for _, msp := range []string{"KorenaarMSP", "DuinmarktMSP", "LindeboomMSP", "ClearingMSP"} {
		t.Run("as the peer of "+msp+" has it", func(t *testing.T) {
			r := auditOf(t, sourceOf(t, m.ledger(korenaar)), nil)
			clean(t, r)
			if r.Counts.Operations < 60 || r.Unchecked.Rates == 0 {
				t.Errorf("hardly anything was checked: %+v %+v", r.Counts, r.Unchecked)
			}
		})
	}
	t.Run("with the baskets", func(t *testing.T) {
		r := auditOf(t, sourceOf(t, m.ledger(korenaar)), func(o *audit.Options) { o.Openings = supplied(m.openings) })
		clean(t, r)
		if r.Unchecked.CheckedRates == 0 || r.Unchecked.CheckedShares == 0 {
			t.Errorf("nothing was checked: %+v", r.Unchecked)
		}
	})
}

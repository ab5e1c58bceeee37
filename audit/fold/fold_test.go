package fold_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/zegel/zegel/audit/fold"
)

// value is a record as the ledger holds it.
func value(text string) []byte { return append([]byte{1}, text...) }

// ledger is a transaction on a state.
func ledger(state, writes map[string]string, batch, reply string) fold.Transaction {
	t := fold.Transaction{MSP: "A", Batch: []byte(batch), Reply: []byte(reply), Writes: map[string][]byte{}}
	for key, text := range writes {
		t.Writes[key] = value(text)
	}
	t.Before = func(key string) ([]byte, error) {
		if text, ok := state[key]; ok {
			return value(text), nil
		}
		return nil, nil
	}
	return t
}

const noor = "a~noor"

func posting(reason, issuer, expiry string, points string) string {
	return `{"member":"noor","reason":"` + reason + `","issuer":"` + issuer + `","terms":1,"expiry":"` + expiry + `","points":` + points + `,"redeemer":"A"}`
}

func applied(kind string, postings ...string) string {
	return `{"outcomes":[{"op":"x","kind":"` + kind + `","status":"applied","postings":[` + strings.Join(postings, ",") + `]}]}`
}

const one = `{"commands":[{"op":"x","receipt":"r1"}]}`

func lots(all ...string) string { return `{"lots":[` + strings.Join(all, ",") + `]}` }

func lot(issuer, expiry, points string) string {
	return `{"issuer":"` + issuer + `","terms":1,"expiry":"` + expiry + `","points":` + points + `}`
}

func TestTheLaws(t *testing.T) {
	had := map[string]string{noor: lots(lot("A", "2026-05", "10"), lot("B", "2026-03", "10"))}
	for _, c := range []struct {
		name          string
		state, writes map[string]string
		reply         string
		want          []fold.Law
	}{
		{"an earn", nil, map[string]string{noor: lots(lot("A", "2026-05", "10"))}, applied("earn", posting("earned", "A", "2026-05", "10")), nil},
		{"an earn that brings one point more than it says", nil, map[string]string{noor: lots(lot("A", "2026-05", "11"))},
			applied("earn", posting("earned", "A", "2026-05", "10")), []fold.Law{fold.Conservation}},
		{"an earn that never reaches the account", nil, nil, applied("earn", posting("earned", "A", "2026-05", "10")), []fold.Law{fold.Conservation}},
		{"an account that changes without a posting", had, map[string]string{noor: lots(lot("A", "2026-05", "20"))}, `{"outcomes":[{}]}`, []fold.Law{fold.Conservation}},
		{"a receipt that earns twice", map[string]string{"r~A~r1": `{"op":"before"}`}, map[string]string{noor: lots(lot("A", "2026-05", "10"))},
			applied("earn", posting("earned", "A", "2026-05", "10")), []fold.Law{fold.ReceiptTwice}},
		{"a redemption in its turn", had, map[string]string{noor: lots(lot("A", "2026-05", "8"))},
			applied("redeem", posting("redeemed", "B", "2026-03", "10"), posting("redeemed", "A", "2026-05", "2")), nil},
		{"a redemption out of turn", had, map[string]string{noor: lots(lot("A", "2026-05", "5"), lot("B", "2026-03", "10"))},
			applied("redeem", posting("redeemed", "A", "2026-05", "5")), []fold.Law{fold.ChargedOrder}},
		{"a redemption of more than there is", map[string]string{noor: `{"lots":[` + lot("A", "2026-05", "10") + `],"debts":[{"issuer":"B","points":8}]}`},
			map[string]string{noor: `{"lots":[` + lot("A", "2026-05", "5") + `],"debts":[{"issuer":"B","points":8}]}`},
			applied("redeem", posting("redeemed", "A", "2026-05", "5")), []fold.Law{fold.Overspent}},
		{"a transfer that loses points", had, map[string]string{noor: lots(lot("A", "2026-05", "10"))},
			applied("transfer", posting("sent", "B", "2026-03", "10")), []fold.Law{fold.Transfer}},
		{"a posting of a new kind", nil, nil, applied("earn", posting("invented", "A", "2026-05", "10")), []fold.Law{fold.Conservation, fold.Conservation}},
		{"nonsense", nil, nil, `{`, []fold.Law{fold.Unreadable}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := fold.New()
			if err := f.Rules(value(`{"burnOrder":"earliest_expiry"}`)); err != nil {
				t.Fatal(err)
			}
			problems, err := f.Add(ledger(c.state, c.writes, one, c.reply))
			if err != nil {
				t.Fatal(err)
			}
			var got []fold.Law
			for _, p := range problems {
				got = append(got, p.Law)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("found %v, want %v", problems, c.want)
			}
		})
	}
}

func TestACountGoesOnWhereItStopped(t *testing.T) {
	f := fold.New()
	if _, err := f.Add(ledger(nil, map[string]string{noor: lots(lot("A", "2026-05", "10"))}, one, applied("earn", posting("earned", "A", "2026-05", "10")))); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	g := fold.New()
	if err := json.Unmarshal(text, g); err != nil {
		t.Fatal(err)
	}
	if len(g.Unbalanced()) > 0 || g.Issuers()["A"].Outstanding() != 10 {
		t.Errorf("went on with %+v", g.Issuers())
	}
}

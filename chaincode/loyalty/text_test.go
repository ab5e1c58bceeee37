package loyalty_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// sold is a basket whose store has this name.
func sold(store string) *loyalty.Basket {
	return &loyalty.Basket{
		Salt: id("salt"), Currency: "EUR", Total: 1, Store: store, Terminal: "1", Receipt: "1", At: 1,
	}
}

func TestTextsThatAreTaken(t *testing.T) {
	for _, text := range []string{
		" ", "~", "Korenaar 12", "\u00a1", "caf\u00e9", "\u20ac 5", "\u0e01\u0e33", "\u4e2d\u6587", "\ud55c\uad6d", "\uf900", "\ufefe",
		"\uff21", "\U00010000", "\U0001f600", "\U0001fffd", "\U0002f800", "\U0003134a", "\u0378", strings.Repeat("x", loyalty.MaxTextSize),
	} {
		if refusal := sold(text).Check(); refusal != nil {
			t.Errorf("%+q: %v", text, refusal)
		}
	}
}

func TestTextsThatAreRefused(t *testing.T) {
	for _, text := range []string{
		"", "\x00", "\x1f", "\x7f", "\u0085", "\u00a0", "\u00ad", "\u0605", "\u061c", "\u06dd", "\u070f", "\u0890", "\u08e2", "\u1680", "\u180e",
		"\u2000", "\u200b", "\u200d", "\u200f", "\u2028", "\u202e", "\u202f", "\u205f", "\u2060", "\u206f", "\u3000", "\ue000", "\uf8ff", "\ufdd0",
		"\ufeff", "\ufff9", "\ufffc", "\ufffd", "\uffff", "\U000110bd", "\U000110cd", "\U00013430", "\U0001bca0", "\U0001d173", "\U0001fffe",
		"\U0002ffff", "\U0003fffe", "\U00040000", "\U000e0001", "\U000f0000", "\U0010ffff",
		"a\u200b", "\u200ba", "\xff", "a\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80", strings.Repeat("x", loyalty.MaxTextSize+1),
	} {
		refusal := sold(text).Check()
		if refusal == nil || refusal.Code != loyalty.CodeBasketMalformed {
			t.Errorf("%+q: %v", text, refusal)
		}
	}
}

// TestACorruptOpeningFailsTheTransaction: its hash is the one on the ledger, but it is no opening.
func TestACorruptOpeningFailsTheTransaction(t *testing.T) {
	w := newWorld(t)
	w.play("K earn anna s1 1000 -> applied points 10 balance 10")
	sale := loyalty.ReceiptID(id("s1"))
	for name, opening := range map[string]string{
		"no JSON":          "?",
		"not canonical":    " " + string(w.ledger.Opening(msp("K"), sale)),
		"a basket refused": strings.Replace(string(w.ledger.Opening(msp("K"), sale)), `"total":1000`, `"total":-1`, 1),
		"no text":          strings.Replace(string(w.ledger.Opening(msp("K"), sale)), `"store":"12"`, `"store":"\u0007"`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			if err := w.ledger.Memory.PutOpening(msp("K"), sale, []byte(opening)); err != nil {
				t.Fatal(err)
			}
			cmd := command(loyalty.KindReturn, "anna", fmt.Sprint("slip of ", name), 0)
			cmd.Sale, cmd.Op, cmd.Print = sale, loyalty.OpID(id(name)), loyalty.Fingerprint(id(name))
			env := loyalty.Env{Caller: caller("K"), Now: w.now}
			w.ledger.writes = nil
			out, err := loyalty.Apply(w.ledger, env, cmd, loyalty.Details{Return: &loyalty.Taken{Opening: []byte(opening), Amount: 1, At: w.now}})
			if err == nil || len(w.ledger.writes) > 0 {
				t.Errorf("outcome %+v, wrote %v", out, w.ledger.writes)
			}
		})
	}
}

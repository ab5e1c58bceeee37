package loyalty_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// everyKind has one command of each kind that applies after the story below.
var everyKind = []string{
	"K enrol carl op=x",
	"K earn anna s9 1000 op=x",
	"K hold anna 5 op=x",
	"K capture h 3 op=x",
	"K void h op=x",
	"K redeem anna 5 receipt=s1 op=x",
	"K return anna s1 amount=500 slip=t op=x",
	"K transfer anna ben 5 op=x",
}

const story = `K earn anna s1 2000 -> applied points 20 balance 20
	K hold anna 4 op=h -> applied points 4 balance 16 held 4`

// laterTimes are moments at which a till may come back: at once, after the hold lapsed, after the
// window closed, after the points expired.
var laterTimes = []string{"2026-11-22T10:00", "2026-11-22T10:20", "2026-12-24T10:00", "2031-01-01T10:00"}

func TestEveryKindIsAnsweredTheSameForEver(t *testing.T) {
	for _, line := range everyKind {
		for _, later := range laterTimes {
			t.Run(line+" again on "+later, func(t *testing.T) {
				w := newWorld(t)
				w.play(story)
				first := w.step(words(line))
				if !strings.HasPrefix(first, "applied") {
					t.Fatal(first)
				}
				w.step(words("D earn anna s2 700")) // life goes on
				w.now = instant(t, later)
				w.ledger.writes = nil
				if again := w.step(words(line)); again != first+" replayed" {
					t.Errorf("first %q, then %q", first, again)
				}
				if again := w.step(words("K cancel x")); again != first+" replayed" {
					t.Errorf("first %q, cancelled %q", first, again)
				}
				if len(w.ledger.writes) != 0 {
					t.Errorf("a repeat wrote %v", w.ledger.writes)
				}
			})
		}
	}
}

// Whichever of a command and its cancel comes first decides, and both hear the same.
func TestACancelAndItsOriginalAgreeInEitherOrder(t *testing.T) {
	for _, line := range everyKind {
		t.Run(line, func(t *testing.T) {
			original, cancelled, untouched := newWorld(t), newWorld(t), newWorld(t)
			for _, w := range []*world{original, cancelled, untouched} {
				w.play(story)
			}
			first := original.step(words(line))
			if second := original.step(words("K cancel x")); second != first+" replayed" {
				t.Errorf("original first: %q, then %q", first, second)
			}
			if got := cancelled.step(words("K cancel x")); got != "cancelled" {
				t.Errorf("cancel first: %q", got)
			}
			if got := cancelled.step(words(line)); got != "cancelled replayed" {
				t.Errorf("cancel first, then the original: %q", got)
			}
			for _, name := range []string{"anna", "ben", "carl"} {
				want, _ := untouched.ledger.Account(loyalty.MemberID(id(name)))
				got, _ := cancelled.ledger.Account(loyalty.MemberID(id(name)))
				if !reflect.DeepEqual(got, want) {
					t.Errorf("%s changed although it was cancelled:\n got %+v\nwant %+v", name, got, want)
				}
			}
		})
	}
}

// A receipt that came in under a second key is recorded there too, naming the first: whoever folds
// the records counts its postings once.
func TestASecondKeyOfAReceiptNamesTheFirst(t *testing.T) {
	w := newWorld(t)
	w.play(`K earn anna s1 1000 op=a -> applied points 10 balance 10
		K earn anna s1 1000 op=b -> applied points 10 balance 10 replayed`)
	first, _ := w.ledger.Operation(msp("K"), loyalty.OpID(id("a")))
	second, _ := w.ledger.Operation(msp("K"), loyalty.OpID(id("b")))
	if second == nil || !reflect.DeepEqual(first, second) {
		t.Errorf("under the first key %+v, under the second %+v", first, second)
	}
	if second.Outcome.Op != loyalty.OpID(id("a")) || second.Outcome.Replayed {
		t.Errorf("under the second key: %+v", second.Outcome)
	}
}

// A ledger gives copies away: what a caller does with one must not reach the ledger.
func TestMemoryGivesCopies(t *testing.T) {
	w := newWorld(t)
	w.play(story + "\nK redeem anna 5 receipt=s1 op=x -> applied points 5 balance 11 held 4")
	anna := loyalty.MemberID(id("anna"))
	read := func() []any {
		a, _ := w.ledger.Account(anna)
		p, _ := w.ledger.Programme()
		b, _ := w.ledger.Terms(msp("K"))
		o, _ := w.ledger.Operation(msp("K"), loyalty.OpID(id("x")))
		r, _ := w.ledger.Receipt(msp("K"), loyalty.ReceiptID(id("s1")))
		h, _ := w.ledger.OpeningHash(msp("K"), loyalty.ReceiptID(id("s1")))
		return []any{a, p, b, o, r, h}
	}
	got, want := read(), read()
	got[0].(*loyalty.Account).Lots[0].Points = 1
	got[0].(*loyalty.Account).Holds[0].Draws[0].Points = 1
	got[1].(*loyalty.Programme).Organisations[0].Kind = "none"
	got[2].(*loyalty.TermsBook).Versions[0].EarnPoints = 1000
	got[3].(*loyalty.Operation).Outcome.Postings[0].Points = 1000
	got[4].(*loyalty.Receipt).Spent[0].Points = 1000
	got[5].([]byte)[0]++
	if again := read(); !reflect.DeepEqual(again, want) {
		t.Errorf("the ledger changed:\n got %+v\nwant %+v", again, want)
	}
	if o := w.ledger.Opening(msp("K"), "none"); o != nil {
		t.Errorf("an opening that is not there: %s", o)
	}
}

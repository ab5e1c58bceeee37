package loyalty_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// A table is a story in lines that a product owner can read:
//
//	K earn anna s1 12345            -> applied points 123 balance 123
//	K redeem anna 200               -> refused insufficient_points
//	anna has                        -> K1@2027-11=123
//
// K, D and L are the chains, C the clearing house, A the auditor, X a stranger; K:manager is a
// role other than pos. Names stand for references: anna a member, s1 a receipt, op=h1 a key.
// After every line the accounts are checked, the postings are folded, and a refusal must have
// written nothing but its own record.
type table struct{ name, script string }

// tables are all of them; TestEveryRefusalIsInATable looks for codes here.
var tables = map[string][]table{
	"enrol": enrolTables, "earn": earnTables, "hold": holdTables, "redeem": redeemTables, "return": returnTables,
	"transfer": transferTables, "cancel": cancelTables, "govern": governTables, "quote": quoteTables, "time": timeTables,
	"limits": limitTables,
}

func runTables(t *testing.T, of string) {
	t.Helper()
	for _, table := range tables[of] {
		t.Run(table.name, func(t *testing.T) { newWorld(t).play(table.script) })
	}
}

// tb is what a world needs of a test, be it of testing or of rapid.
type tb interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

// world is a ledger, a clock and the names used in a table.
type world struct {
	t        tb
	ledger   *recorder
	now      loyalty.Instant
	line     int
	holds    map[string]loyalty.HoldID
	openings map[string][][]byte
	// proposals are all that were made, by digest; last is the one of the line before.
	proposals map[string]*loyalty.Proposal
	last      string
}

// newWorld is a consortium of three chains at ten in the morning, with anna and ben enrolled.
func newWorld(t tb) *world {
	w := &world{
		t: t, ledger: newRecorder(), now: instant(t, "2026-11-22T10:00"),
		holds: map[string]loyalty.HoldID{}, openings: map[string][][]byte{}, proposals: map[string]*loyalty.Proposal{},
	}
	w.ledger.SetProgramme(sampleProgramme())
	for _, chain := range []string{"K", "D", "L"} {
		w.ledger.SetTerms(&loyalty.TermsBook{Issuer: msp(chain), Versions: []loyalty.Terms{sampleTerms()}})
	}
	w.play("K enrol anna -> applied\nD enrol ben -> applied")
	w.line = 0
	return w
}

func sampleTerms() loyalty.Terms {
	return loyalty.Terms{Version: 1, From: 20200101, EarnPoints: 1, EarnMinor: 100, ValidMonths: 12, Prose: "One point for each euro."}
}

func sampleProgramme() *loyalty.Programme {
	return &loyalty.Programme{
		Version: 1, Quorum: 3, Currency: "EUR", BurnOrder: loyalty.BurnEarliestExpiry, Returns: loyalty.ReturnsUnlimited,
		Organisations: []loyalty.Organisation{
			{MSP: msp("K"), Name: "Korenaar", Kind: loyalty.OrgChain}, {MSP: msp("D"), Name: "Duinmarkt", Kind: loyalty.OrgChain},
			{MSP: msp("L"), Name: "Lindeboom", Kind: loyalty.OrgChain}, {MSP: msp("C"), Name: "Clearing", Kind: loyalty.OrgClearing},
			{MSP: msp("A"), Name: "Auditor", Kind: loyalty.OrgAuditor},
		},
		RedeemPoints: 1, RedeemMinor: 1, HoldSeconds: 900, HoldSecondsMax: 3600, LateHours: 72, EarlySeconds: 300,
		GraceMonths: 2, Transfers: true, TransferMax: 1000,
	}
}

func msp(letter string) loyalty.MSPID {
	names := map[string]string{"K": "Korenaar", "D": "Duinmarkt", "L": "Lindeboom", "C": "Clearing", "A": "Auditor", "X": "Stranger"}
	return loyalty.MSPID(names[letter] + "MSP")
}

// id turns a name into 32 hex digits; a name in quotes stands for itself.
func id(name string) string {
	if strings.HasPrefix(name, `"`) {
		return strings.Trim(name, `"`)
	}
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:16])
}

func instant(t tb, s string) loyalty.Instant {
	t.Helper()
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02T15:04:05.000", "2006-01-02"} {
		if v, err := time.Parse(layout, s); err == nil {
			return loyalty.InstantOf(v)
		}
	}
	t.Fatalf("no instant: %s", s)
	return 0
}

// play runs a script line by line.
func (w *world) play(script string) {
	w.t.Helper()
	for _, line := range strings.Split(script, "\n") {
		w.line++
		if line, _, _ = strings.Cut(line, "#"); strings.TrimSpace(line) == "" {
			continue
		}
		do, want, _ := strings.Cut(line, "->")
		got := w.step(words(do))
		if want := strings.Join(strings.Fields(want), " "); got != want {
			w.t.Fatalf("line %d: %s\n got: %s\nwant: %s", w.line, strings.TrimSpace(line), got, want)
		}
	}
}

// args are the words of a line: plain ones in order, key=value ones by key.
type args struct {
	plain []string
	named map[string]string
}

func words(s string) args {
	a := args{named: map[string]string{}}
	for _, word := range strings.Fields(s) {
		if key, value, ok := strings.Cut(word, "="); ok {
			a.named[key] = value
		} else {
			a.plain = append(a.plain, word)
		}
	}
	return a
}

func (a args) word(i int) string {
	if i < len(a.plain) {
		return a.plain[i]
	}
	return ""
}

func (w *world) number(s string) int64 {
	if s == "" {
		return 0
	}
	if s == "max" {
		return int64(loyalty.MaxPoints)
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		w.t.Fatalf("line %d: %v", w.line, err)
	}
	return n
}

// step does one line and tells the result as a line.
func (w *world) step(a args) string {
	w.t.Helper()
	switch {
	case a.word(0) == "now":
		w.now = instant(w.t, a.word(1))
		return ""
	case a.word(0) == "programme":
		w.changeProgramme(a.named)
		return ""
	case a.word(1) == "has":
		return w.has(a.word(0))
	case a.word(1) == "counts":
		return w.counts(a.word(0), msp(a.word(2)))
	case a.word(0) == "hold":
		return w.holdState(a.word(1))
	case a.word(1) == "quote":
		return w.quote(a)
	case a.word(1) == "publish", a.word(1) == "propose", a.word(1) == "approve":
		return w.govern(a)
	case a.word(1) == "may":
		return verdict(loyalty.Authorise(w.programme(), caller(a.word(0)), a.word(2)))
	}
	return w.command(a)
}

func caller(s string) loyalty.Caller {
	letter, role, _ := strings.Cut(s, ":")
	if role == "" {
		role = "pos"
	}
	return loyalty.Caller{MSP: msp(letter), Role: loyalty.Role(role)}
}

func verdict(refusal *loyalty.Error) string {
	if refusal == nil {
		return "yes"
	}
	return "refused " + string(refusal.Code)
}

func (w *world) programme() *loyalty.Programme {
	p, err := w.ledger.Programme()
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// command builds a command, applies it and checks what it left.
func (w *world) command(a args) string {
	w.t.Helper()
	cmd, details := w.build(a)
	env := loyalty.Env{Caller: caller(a.word(0)), Now: w.now}
	out, err := w.apply(env, cmd, details)
	if err != nil {
		return "error " + err.Error()
	}
	if cmd.Kind == loyalty.KindEarn || cmd.Kind == loyalty.KindReturn {
		sale := a.word(3)
		w.openings[sale] = append(w.openings[sale], w.ledger.Opening(env.Caller.MSP, loyalty.ReceiptID(id(sale))))
	}
	return tell(out)
}

// apply applies a command and proves the laws that hold after every one.
func (w *world) apply(env loyalty.Env, cmd loyalty.Command, d loyalty.Details) (loyalty.Outcome, error) {
	w.t.Helper()
	before := map[loyalty.MemberID]*loyalty.Account{}
	for _, m := range w.ledger.Members() {
		before[m], _ = w.ledger.Account(m)
	}
	w.ledger.writes = nil
	out, err := loyalty.Apply(w.ledger, env, cmd, d)
	if err != nil && !errors.Is(err, errBroken) {
		w.t.Errorf("line %d: %v", w.line, err)
	}
	postings := out.Postings
	if out.Replayed {
		postings = nil
	}
	for _, m := range w.ledger.Members() {
		after, _ := w.ledger.Account(m)
		if err := loyalty.CheckAccount(after); err != nil {
			w.t.Errorf("line %d: account: %v", w.line, err)
		}
		if err := loyalty.CheckPostings(before[m], after, postings); err != nil {
			w.t.Errorf("line %d: postings: %v", w.line, err)
		}
	}
	w.checkWrites(out)
	return out, err
}

// checkWrites proves that whatever did not apply left at most its own record.
func (w *world) checkWrites(out loyalty.Outcome) {
	w.t.Helper()
	allowed := 0
	if out.Recorded {
		allowed = 1
	}
	if out.Status == loyalty.StatusApplied && !out.Replayed {
		return
	}
	operations := 0
	for _, what := range w.ledger.writes {
		if what != "operation" {
			w.t.Errorf("line %d: %s %s, but wrote %s", w.line, out.Kind, out.Status, what)
		}
		operations++
	}
	if operations > allowed {
		w.t.Errorf("line %d: recorded %v, but %d records were written", w.line, out.Recorded, operations)
	}
}

// tell writes an outcome as the tables do.
func tell(o loyalty.Outcome) string {
	parts := []string{string(o.Status)}
	if o.Code != "" && o.Status == loyalty.StatusRefused {
		parts = append(parts, string(o.Code))
	}
	if o.Status == loyalty.StatusRefused && !o.Recorded {
		parts = append(parts, "unrecorded")
	}
	if o.Status == loyalty.StatusApplied && o.Kind != loyalty.KindEnrol {
		parts = append(parts, fmt.Sprintf("points %d", o.Points))
		if o.Kind == loyalty.KindReturn {
			parts = append(parts, fmt.Sprintf("restored %d", o.Restored))
		}
		if o.Forgiven != 0 {
			parts = append(parts, fmt.Sprintf("forgiven %d", o.Forgiven))
		}
		parts = append(parts, fmt.Sprintf("balance %d", o.Balance))
		if o.Held != 0 {
			parts = append(parts, fmt.Sprintf("held %d", o.Held))
		}
	}
	if o.Replayed {
		parts = append(parts, "replayed")
	}
	return strings.Join(parts, " ")
}

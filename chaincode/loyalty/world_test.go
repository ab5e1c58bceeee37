package loyalty_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/zegel/zegel/chaincode/loyalty"
)

var errBroken = errors.New("the ledger is broken")

// recorder is a Memory that remembers what was written, and breaks when told to.
type recorder struct {
	*loyalty.Memory
	writes []string
	broken string // the method that fails
}

func newRecorder() *recorder { return &recorder{Memory: loyalty.NewMemory()} }

func (r *recorder) wrote(what string) error {
	r.writes = append(r.writes, what)
	return r.fails("put " + what)
}

func (r *recorder) fails(what string) error {
	if r.broken == what {
		return errBroken
	}
	return nil
}

func (r *recorder) Programme() (*loyalty.Programme, error) {
	if err := r.fails("programme"); err != nil {
		return nil, err
	}
	return r.Memory.Programme()
}

func (r *recorder) Terms(m loyalty.MSPID) (*loyalty.TermsBook, error) {
	if err := r.fails("terms"); err != nil {
		return nil, err
	}
	return r.Memory.Terms(m)
}

func (r *recorder) Account(m loyalty.MemberID) (*loyalty.Account, error) {
	if err := r.fails("account"); err != nil {
		return nil, err
	}
	return r.Memory.Account(m)
}

func (r *recorder) Operation(m loyalty.MSPID, op loyalty.OpID) (*loyalty.Operation, error) {
	if err := r.fails("operation"); err != nil {
		return nil, err
	}
	return r.Memory.Operation(m, op)
}

func (r *recorder) Receipt(m loyalty.MSPID, id loyalty.ReceiptID) (*loyalty.Receipt, error) {
	if err := r.fails("receipt"); err != nil {
		return nil, err
	}
	return r.Memory.Receipt(m, id)
}

func (r *recorder) HoldEnd(id loyalty.HoldID) (*loyalty.HoldEnd, error) {
	if err := r.fails("hold"); err != nil {
		return nil, err
	}
	return r.Memory.HoldEnd(id)
}

func (r *recorder) OpeningHash(m loyalty.MSPID, id loyalty.ReceiptID) ([]byte, error) {
	if err := r.fails("opening"); err != nil {
		return nil, err
	}
	return r.Memory.OpeningHash(m, id)
}

func (r *recorder) PutAccount(a *loyalty.Account) error {
	if err := r.wrote("account"); err != nil {
		return err
	}
	return r.Memory.PutAccount(a)
}

func (r *recorder) PutOperation(m loyalty.MSPID, op loyalty.OpID, o *loyalty.Operation) error {
	if err := r.wrote("operation"); err != nil {
		return err
	}
	return r.Memory.PutOperation(m, op, o)
}

func (r *recorder) PutReceipt(m loyalty.MSPID, id loyalty.ReceiptID, o *loyalty.Receipt) error {
	if err := r.wrote("receipt"); err != nil {
		return err
	}
	return r.Memory.PutReceipt(m, id, o)
}

func (r *recorder) PutHoldEnd(id loyalty.HoldID, e *loyalty.HoldEnd) error {
	if err := r.wrote("hold"); err != nil {
		return err
	}
	return r.Memory.PutHoldEnd(id, e)
}

func (r *recorder) PutOpening(m loyalty.MSPID, id loyalty.ReceiptID, b []byte) error {
	if err := r.wrote("opening"); err != nil {
		return err
	}
	return r.Memory.PutOpening(m, id, b)
}

// build reads a command line: who kind …
func (w *world) build(a args) (loyalty.Command, loyalty.Details) {
	cmd := loyalty.Command{Kind: loyalty.Kind(a.word(1)), Op: loyalty.OpID(id(fmt.Sprint("line ", w.line, a.plain, a.named)))}
	var d loyalty.Details
	switch cmd.Kind {
	case loyalty.KindCancel:
		cmd.Op = loyalty.OpID(id(a.word(2)))
	case loyalty.KindCapture, loyalty.KindVoid:
		cmd.Hold = w.holds[a.word(2)]
		if cmd.Hold == "" {
			cmd.Hold = loyalty.HoldID(id(a.word(2)) + id(a.word(2)))
		}
		cmd.Points = loyalty.Points(w.number(a.word(3)))
	case loyalty.KindEarn:
		cmd.Member, cmd.Receipt = loyalty.MemberID(id(a.word(2))), loyalty.ReceiptID(id(a.word(3)))
		d.Basket = w.basket(w.number(a.word(4)), a)
	case loyalty.KindReturn:
		cmd.Member, cmd.Sale = loyalty.MemberID(id(a.word(2))), loyalty.ReceiptID(id(a.word(3)))
		cmd.Receipt = loyalty.ReceiptID(id("slip" + fmt.Sprint(w.line, a.named["slip"])))
		if slip, ok := a.named["slip"]; ok {
			cmd.Receipt = loyalty.ReceiptID(id(slip))
		}
		d.Return = w.taken(a)
	case loyalty.KindTransfer:
		cmd.Member, cmd.To = loyalty.MemberID(id(a.word(2))), loyalty.MemberID(id(a.word(3)))
		cmd.Points = loyalty.Points(w.number(a.word(4)))
	default:
		cmd.Member, cmd.Points = loyalty.MemberID(id(a.word(2))), loyalty.Points(w.number(a.word(3)))
	}
	w.options(&cmd, &d, a)
	if cmd.Kind == loyalty.KindHold {
		w.holds[a.named["op"]] = loyalty.NewHoldID(cmd.Member, cmd.Op)
	}
	return cmd, d
}

func (w *world) options(cmd *loyalty.Command, d *loyalty.Details, a args) {
	if v, ok := a.named["receipt"]; ok {
		cmd.Receipt = loyalty.ReceiptID(id(v))
	}
	if v, ok := a.named["seconds"]; ok {
		cmd.Seconds = w.number(v)
	}
	if _, ok := a.named["details"]; ok {
		*d = loyalty.Details{}
	}
	if _, ok := a.named["extra"]; ok {
		cmd.To = loyalty.MemberID(id("extra"))
	}
	if cmd.Kind != loyalty.KindCancel {
		content, _ := json.Marshal([]any{cmd.Kind, a.plain[1:], a.named["lines"], a.named["amount"], a.named["points"]})
		cmd.Print = loyalty.Fingerprint(id(string(content)))
	}
	if v, ok := a.named["print"]; ok {
		cmd.Print = loyalty.Fingerprint(id(v))
	}
	if v, ok := a.named["op"]; ok {
		cmd.Op = loyalty.OpID(id(v))
	}
}

// basket makes a sale of total: by= at= cur= salt= store= lines=QxAMOUNT,…
func (w *world) basket(total int64, a args) *loyalty.Basket {
	b := &loyalty.Basket{
		Salt: id("salt"), Currency: "EUR", Total: total, ByPoints: w.number(a.named["by"]),
		Store: "12", Terminal: "3", Receipt: a.word(3), At: w.now,
	}
	for key, field := range map[string]*string{"cur": &b.Currency, "salt": &b.Salt, "store": &b.Store} {
		if v, ok := a.named[key]; ok {
			*field = v
		}
	}
	if v, ok := a.named["at"]; ok {
		b.At = instant(w.t, v)
	}
	if v, ok := a.named["lines"]; ok {
		for i, line := range strings.Split(v, ",") {
			quantity, amount, _ := strings.Cut(line, "x")
			b.Lines = append(b.Lines, loyalty.Line{SKU: fmt.Sprint("sku", i+1), Quantity: w.number(quantity), Amount: w.number(amount)})
		}
	}
	return b
}

// taken makes a return: amount= lines=LINExQUANTITY,… at= opening=first|none
func (w *world) taken(a args) *loyalty.Taken {
	t := &loyalty.Taken{Amount: w.number(a.named["amount"]), At: w.now}
	t.Opening = w.ledger.Opening(caller(a.word(0)).MSP, loyalty.ReceiptID(id(a.word(3))))
	switch kept := w.openings[a.word(3)]; {
	case a.named["opening"] == "first":
		t.Opening = kept[0]
	case t.Opening == nil:
		t.Opening = []byte("nothing")
	}
	if v, ok := a.named["at"]; ok {
		t.At = instant(w.t, v)
	}
	if v, ok := a.named["lines"]; ok {
		for _, line := range strings.Split(v, ",") {
			number, quantity, _ := strings.Cut(line, "x")
			t.Lines = append(t.Lines, loyalty.TakenLine{Line: int(w.number(number)), Quantity: w.number(quantity)})
		}
	}
	return t
}

// has tells an account now: lots, holds and debts.
func (w *world) has(name string) string {
	a, _ := w.ledger.Account(loyalty.MemberID(id(name)))
	v := a.View(w.now)
	var parts []string
	for _, l := range v.Account.Lots {
		parts = append(parts, fmt.Sprintf("%.1s%d@%s=%d", l.Issuer, l.Terms, l.Expiry, l.Points))
	}
	for _, h := range v.Account.Holds {
		parts = append(parts, fmt.Sprintf("held=%d", h.Points))
	}
	for _, d := range v.Account.Debts {
		parts = append(parts, fmt.Sprintf("owes %.1s=%d", d.Issuer, d.Points))
	}
	if parts == nil {
		return "nothing"
	}
	return strings.Join(parts, " ")
}

// counts tells an issuer's counters on an account.
func (w *world) counts(name string, issuer loyalty.MSPID) string {
	a, _ := w.ledger.Account(loyalty.MemberID(id(name)))
	for _, c := range a.Counters {
		if c.Issuer == issuer {
			return fmt.Sprintf("earned %d clawed %d redeemed %d restored %d sent %d received %d expired %d",
				c.Earned, c.Clawed, c.Redeemed, c.Restored, c.Sent, c.Received, c.Expired)
		}
	}
	return "nothing"
}

func (w *world) holdState(name string) string {
	s, err := loyalty.FindHold(w.ledger, w.holds[name], w.now)
	switch {
	case err != nil:
		return err.Error()
	case s == nil:
		return "unknown"
	case s.State == loyalty.HoldCaptured:
		return fmt.Sprintf("captured %d", s.Captured)
	}
	return string(s.State)
}

func (w *world) quote(a args) string {
	b := w.basket(w.number(a.word(3)), a)
	b.Salt, b.Store, b.Terminal, b.Receipt = "", "", "", ""
	if a.named["at"] == "" {
		b.At = 0
	}
	var member loyalty.MemberID
	if a.word(2) != "nobody" {
		member = loyalty.MemberID(id(a.word(2)))
	}
	q, err := loyalty.QuoteBasket(w.ledger, loyalty.Env{Caller: caller(a.word(0)), Now: w.now}, member, *b)
	var refusal *loyalty.Error
	if errors.As(err, &refusal) {
		return verdict(refusal)
	}
	return fmt.Sprintf("points %d next %d until %s pays %d with %d of %d", q.Points, q.NextPointAt, q.Expiry, q.MaxMinor, q.MaxPoints, q.Spendable)
}

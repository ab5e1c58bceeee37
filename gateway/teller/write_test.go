package teller_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/teller"
)

func TestTheSameSaleUnderTwoKeysIsOneSale(t *testing.T) {
	s, answer := newShop(t), must[teller.Answer](t)
	ada := s.member(t, "Ada", "+31201234567")
	first := answer(s.Earn(ctx, till, "one", earn(ada, "1", 10_00)))
	for _, key := range []string{"one", "two", "two"} {
		again := answer(s.Earn(ctx, till, key, earn(ada, "1", 10_00)))
		if !again.Replayed || again.Points != first.Points || again.Transaction != first.Transaction || again.Block != first.Block {
			t.Errorf("key %s: %+v", key, again)
		}
		if again.Operation != s.OperationID(till, key) {
			t.Errorf("key %s is answered as operation %s", key, again.Operation)
		}
	}
	inOtherZone := earn(ada, "1", 10_00)
	inOtherZone.BusinessTime = noon.In(time.FixedZone("", 3600)) // the same moment, the same day
	if again := answer(s.Earn(ctx, till, "three", inOtherZone)); !again.Replayed {
		t.Errorf("%+v", again)
	}
	if got := s.book.balance(t, ada); got != 100 {
		t.Errorf("balance %d", got)
	}
	changed := answer(s.Earn(ctx, till, "four", earn(ada, "1", 10_01)))
	wantStatus(t, changed, nil, "refused", "receipt_already_used")
}

func TestAKeyWithOtherContentIsRefused(t *testing.T) {
	s := newShop(t)
	ada := s.member(t, "Ada", "+31201234567")
	must[teller.Answer](t)(s.Earn(ctx, till, "k", earn(ada, "1", 10_00)))
	_, err := s.Earn(ctx, till, "k", earn(ada, "2", 10_00))
	wantCode(t, err, loyalty.CodeOperationReused)
	_, err = s.Redeem(ctx, till, "k", teller.RedeemRequest{Member: ada, Points: 1})
	wantCode(t, err, loyalty.CodeOperationReused)
	other := till
	other.Terminal = "4"
	if a, err := s.Earn(ctx, other, "k", earn(ada, "2", 10_00)); err != nil || a.Replayed {
		t.Errorf("another till's key is taken for this one's: %+v, %v", a, err)
	}
}

func TestOperationsAreNamedByTheTillNotByItsAPIKey(t *testing.T) {
	s := newShop(t)
	renewed := till
	renewed.Key = "k77"
	if s.OperationID(till, "x") != s.OperationID(renewed, "x") {
		t.Error("a till with a new API key does not recognise its own repeats")
	}
	other := office
	other.Key = "k78"
	if s.OperationID(office, "x") == s.OperationID(other, "x") {
		t.Error("two offices share their keys")
	}
}

// staleOnce makes the opening change between reading and returning, n times.
func staleTimes(b *book, n int) {
	b.do = func(_ context.Context, c loyalty.Command, carryOut func() (teller.Applied, error)) (teller.Applied, error) {
		if c.Kind == loyalty.KindReturn && n > 0 {
			n--
			return teller.Applied{Outcome: loyalty.Outcome{
				Op: c.Op, Kind: c.Kind, Status: loyalty.StatusRefused, Code: loyalty.CodeOpeningStale, Message: "The sale has changed since it was read.",
			}}, nil
		}
		return carryOut()
	}
}

func TestAStaleOpeningIsReadAgain(t *testing.T) {
	for _, c := range []struct {
		stale, reads int
		code         loyalty.Code
	}{{0, 1, ""}, {1, 2, ""}, {5, 6, ""}, {6, 6, loyalty.CodeOpeningStale}} {
		t.Run(fmt.Sprint(c.stale, " times"), func(t *testing.T) {
			s := newShop(t)
			ada := s.member(t, "Ada", "+31201234567")
			must[teller.Answer](t)(s.Earn(ctx, till, s.key(), earn(ada, "1", 10_00)))
			staleTimes(s.book, c.stale)
			a, err := s.Return(ctx, till, s.key(), teller.ReturnRequest{Sale: sale("r"), Original: sale("1"), Amount: 1_00})
			wantCode(t, err, c.code)
			if err == nil && a.Balance != 90 {
				t.Errorf("%+v", a)
			}
			if n := s.book.asked(api.GetOpening); n != c.reads {
				t.Errorf("read %d times, want %d", n, c.reads)
			}
		})
	}
}

func TestTwoReturnsOfOneSaleAtOnce(t *testing.T) {
	s := newShop(t)
	ada := s.member(t, "Ada", "+31201234567")
	must[teller.Answer](t)(s.Earn(ctx, till, s.key(), earn(ada, "1", 10_00)))
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			// The book does not lock keys: the returns really race, and more than once each.
			for {
				_, err := s.Return(ctx, till, fmt.Sprint("r", i), teller.ReturnRequest{Sale: sale(fmt.Sprint("r", i)), Original: sale("1"), Amount: 1_00})
				if codeOf(err) != loyalty.CodeOpeningStale {
					if err != nil {
						t.Error(err)
					}
					return
				}
			}
		})
	}
	all.Wait()
	if got := s.book.balance(t, ada); got != 0 {
		t.Errorf("balance %d", got)
	}
}

func TestAClockBehindIsTriedAgain(t *testing.T) {
	s := newShop(t)
	ada := s.member(t, "Ada", "+31201234567")
	s.book.now = noon.Add(-6 * time.Minute) // the account was opened at noon
	tries := 0
	s.book.do = func(_ context.Context, _ loyalty.Command, carryOut func() (teller.Applied, error)) (teller.Applied, error) {
		if tries++; tries == 3 {
			s.book.now = noon
		}
		return carryOut()
	}
	request := earn(ada, "1", 10_00)
	request.BusinessTime = noon.Add(-10 * time.Minute)
	if a, err := s.Earn(ctx, till, s.key(), request); err != nil || a.Balance != 100 || tries != 3 {
		t.Errorf("%+v, %v after %d tries", a, err, tries)
	}
}

func TestAnUnknownOutcomeIsLookedUpAndNeverMadeAgain(t *testing.T) {
	for name, c := range map[string]struct {
		landed bool
		status string
	}{"it landed": {true, "applied"}, "it did not": {false, "pending"}} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			ada := s.member(t, "Ada", "+31201234567")
			times := 0
			s.book.do = func(_ context.Context, _ loyalty.Command, carryOut func() (teller.Applied, error)) (teller.Applied, error) {
				times++
				if c.landed {
					if _, err := carryOut(); err != nil {
						t.Error(err)
					}
				}
				return teller.Applied{}, fmt.Errorf("the line dropped: %w", teller.ErrUnknown)
			}
			a, err := s.Earn(ctx, till, "k", earn(ada, "1", 10_00))
			wantStatus(t, a, err, c.status, "")
			if times != 1 {
				t.Errorf("made %d times", times)
			}
			if a.Operation != s.OperationID(till, "k") {
				t.Errorf("named %s", a.Operation)
			}
			s.book.do = nil
			if a, err = s.Earn(ctx, till, "k", earn(ada, "1", 10_00)); err != nil || a.Balance != 100 || a.Replayed != c.landed {
				t.Errorf("the repeat: %+v, %v", a, err)
			}
		})
	}
}

func TestATillThatHangsUpDoesNotStopItsOperation(t *testing.T) {
	s := newShop(t)
	ada := s.member(t, "Ada", "+31201234567")
	goOn, began := make(chan struct{}), make(chan struct{})
	begin := sync.OnceFunc(func() { close(began) })
	s.book.do = func(_ context.Context, _ loyalty.Command, carryOut func() (teller.Applied, error)) (teller.Applied, error) {
		begin()
		<-goOn
		return carryOut()
	}
	impatient, hangUp := context.WithCancel(ctx)
	go func() { <-began; hangUp() }()
	a, err := s.Earn(impatient, till, "k", earn(ada, "1", 10_00))
	wantStatus(t, a, err, "pending", "")
	a, err = s.Operation(ctx, till, a.Operation)
	wantStatus(t, a, err, "pending", "")
	if a.Kind != "earn" || s.InFlight() != 1 {
		t.Errorf("%+v, %d in flight", a, s.InFlight())
	}
	joined := make(chan teller.Answer)
	go func() {
		a, err := s.Earn(ctx, till, "k", earn(ada, "1", 10_00))
		wantStatus(t, a, err, "applied", "")
		joined <- a
	}()
	close(goOn)
	if a := <-joined; !a.Replayed || a.Balance != 100 {
		t.Errorf("%+v", a)
	}
	if err := s.Close(ctx); err != nil || s.InFlight() != 0 {
		t.Errorf("%v, %d in flight", err, s.InFlight())
	}
	a, err = s.Operation(ctx, till, a.Operation)
	wantStatus(t, a, err, "applied", "")
	_, err = s.Earn(ctx, till, "late", earn(ada, "2", 10_00))
	if classOf(err) != "unavailable" {
		t.Errorf("after Close: %v", err)
	}
}

func TestTooManyFlightsAreBusy(t *testing.T) {
	s := newShop(t, func(c *teller.Config) { c.Flights = 1 })
	ada := s.member(t, "Ada", "+31201234567")
	goOn, began := make(chan struct{}), make(chan struct{})
	s.book.do = func(_ context.Context, _ loyalty.Command, carryOut func() (teller.Applied, error)) (teller.Applied, error) {
		close(began)
		<-goOn
		return carryOut()
	}
	var all sync.WaitGroup
	all.Go(func() {
		if _, err := s.Earn(ctx, till, "a", earn(ada, "1", 10_00)); err != nil {
			t.Error(err)
		}
	})
	<-began
	if _, err := s.Earn(ctx, till, "b", earn(ada, "2", 10_00)); classOf(err) != "busy" {
		t.Errorf("got %v", err)
	}
	close(goOn)
	all.Wait()
}

func TestAPanicIsAnUnknownOutcome(t *testing.T) {
	s := newShop(t)
	ada := s.member(t, "Ada", "+31201234567")
	s.book.do = func(context.Context, loyalty.Command, func() (teller.Applied, error)) (teller.Applied, error) {
		panic("a slip of ours")
	}
	a, err := s.Earn(ctx, till, "k", earn(ada, "1", 10_00))
	wantStatus(t, a, err, "pending", "")
	s.book.do = nil
	a, err = s.Earn(ctx, till, "k", earn(ada, "1", 10_00))
	wantStatus(t, a, err, "applied", "")
}

func TestWithoutAProgrammeAnAnswerHasNoValue(t *testing.T) {
	s := newShop(t)
	ada := s.member(t, "Ada", "+31201234567")
	silent := &silentBook{book: s.book}
	s.Teller = must[*teller.Teller](t)(teller.New(teller.Config{MSP: own, Chain: "Korenaar", Ledger: silent, Statement: s.book, Vault: newVault(t)}))
	for range 3 {
		a, err := s.Earn(ctx, till, s.key(), earn(ada, s.key(), 10_00))
		wantStatus(t, a, err, "applied", "")
		if a.Value != 0 || a.Currency != "" || len(a.Text) == 0 {
			t.Errorf("%+v", a)
		}
	}
	if silent.asked != 1 {
		t.Errorf("a peer that does not answer is asked %d times in a row", silent.asked)
	}
}

// silentBook has no programme to tell.
type silentBook struct {
	*book
	asked int
}

func (s *silentBook) Evaluate(ctx context.Context, role, name string, args []string, transient map[string][]byte) ([]byte, error) {
	if name == api.GetProgramme {
		s.asked++
		return nil, teller.Unavailable(errors.New("no peer"))
	}
	return s.book.Evaluate(ctx, role, name, args, transient)
}

func TestManyRepeatsAtOnceAreOneOperation(t *testing.T) {
	s := newShop(t)
	ada := s.member(t, "Ada", "+31201234567")
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			if a, err := s.Earn(ctx, till, "k", earn(ada, "1", 10_00)); err != nil || a.Balance != 100 {
				t.Errorf("%+v, %v", a, err)
			}
		})
	}
	all.Wait()
}

func TestCancelIsFinal(t *testing.T) {
	s := newShop(t)
	ada := s.member(t, "Ada", "+31201234567")
	id := s.OperationID(till, "lost")
	_, err := s.Operation(ctx, till, id)
	wantCode(t, err, loyalty.CodeOperationUnknown)
	for range 2 {
		a, err := s.Cancel(ctx, till, id)
		wantStatus(t, a, err, "cancelled", "operation_cancelled")
	}
	a, err := s.Earn(ctx, till, "lost", earn(ada, "1", 10_00))
	wantStatus(t, a, err, "cancelled", "operation_cancelled")
	done := must[teller.Answer](t)(s.Earn(ctx, till, "done", earn(ada, "1", 10_00)))
	a, err = s.Cancel(ctx, till, done.Operation)
	wantStatus(t, a, err, "applied", "")
	if !a.Replayed || a.Transaction != done.Transaction || a.Kind != "earn" {
		t.Errorf("%+v", a)
	}
}

func TestErrorsKeepTheirClass(t *testing.T) {
	plain := errors.New("disk on fire")
	for name, c := range map[string]struct {
		err   error
		class string
		code  loyalty.Code
	}{
		"busy":        {teller.Busy(plain), "busy", ""},
		"unavailable": {teller.Unavailable(plain), "unavailable", ""},
		"internal":    {plain, "", ""},
		"refusal":     {fmt.Errorf("endorse: %w", loyalty.Refuse(loyalty.CodeClockOff, "off")), "", loyalty.CodeClockOff},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			ada := s.member(t, "Ada", "+31201234567")
			s.book.do = func(context.Context, loyalty.Command, func() (teller.Applied, error)) (teller.Applied, error) {
				return teller.Applied{}, c.err
			}
			_, err := s.Earn(ctx, till, s.key(), earn(ada, "1", 10_00))
			if err == nil || classOf(err) != c.class || codeOf(err) != c.code {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestLockKeysNameEverythingThatIsWritten(t *testing.T) {
	s, answer := newShop(t), must[teller.Answer](t)
	ada, bob := s.member(t, "Ada", "+31201234567"), s.member(t, "Bob", "+31201234568")
	answer(s.Earn(ctx, till, "e", earn(ada, "1", 10_00)))
	tied := sale("1")
	held := answer(s.Hold(ctx, till, "h", teller.HoldRequest{Member: ada, Points: 10, Sale: &tied}))
	answer(s.Capture(ctx, till, "c", held.Hold, teller.CaptureRequest{Sale: &tied}))
	answer(s.Transfer(ctx, till, "t", teller.TransferRequest{From: ada, To: bob, Points: 10}))
	answer(s.Return(ctx, till, "r", teller.ReturnRequest{Sale: sale("r"), Original: sale("1"), Amount: 1_00}))
	want := []int{2, 2, 3, 3, 3, 3, 4} // enrol ×2, earn, hold, capture, transfer, return
	for i, keys := range s.book.keys {
		if len(keys) != want[i] {
			t.Errorf("command %d locks %v", i, keys)
		}
	}
}

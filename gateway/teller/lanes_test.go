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
	"github.com/zegel/zegel/gateway/fabric"
	"github.com/zegel/zegel/gateway/teller"
)

// signer is a client of one role that writes to a book.
type signer struct {
	*book
	role  string
	flush func([]fabric.Order) error // stands before the book, where set
	store func()                     // stands before a PutProfile, where set
	err   error                      // of Evaluate and Submit

	mu     sync.Mutex // guards what follows
	tries  int        // of Submit
	orgs   []string
	stored []int // profiles in each PutProfile that was tried
}

// note writes down what was submitted.
func (s *signer) note(transient map[string][]byte, orgs []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tries++
	s.orgs = orgs
	if profiles, err := api.DecodeProfiles(transient[api.TransientProfile]); err == nil {
		s.stored = append(s.stored, len(profiles))
	}
}

func (s *signer) MSP() string { return string(own) }

func (s *signer) Flush(_ context.Context, orders []fabric.Order) ([]fabric.Receipt, error) {
	if s.flush != nil {
		if err := s.flush(orders); err != nil {
			return nil, err
		}
	}
	var receipts []fabric.Receipt
	for _, o := range orders {
		a, err := s.apply(s.role, nil, o.Command, o.Details)
		if err != nil {
			return nil, err
		}
		receipts = append(receipts, fabric.Receipt{TxID: a.TxID, Block: a.Block, Outcome: a.Outcome})
	}
	return receipts, nil
}

func (s *signer) Evaluate(ctx context.Context, name string, args []string, transient map[string][]byte) ([]byte, error) {
	if s.err != nil {
		return nil, s.err
	}
	return s.book.Evaluate(ctx, s.role, name, args, transient)
}

func (s *signer) Submit(ctx context.Context, name string, args []string, transient map[string][]byte, orgs []string) (fabric.Committed, error) {
	s.note(transient, orgs)
	if s.err != nil {
		return fabric.Committed{}, s.err
	}
	if s.store != nil && name == api.PutProfile {
		s.store()
	}
	id, block, err := s.book.Submit(ctx, s.role, name, args, transient)
	var refused *loyalty.Error
	if errors.As(err, &refused) {
		err = &fabric.Error{Class: fabric.Refused, Stage: fabric.StageEndorse, Refusal: refused, Err: err}
	}
	return fabric.Committed{TxID: id, Block: block}, err
}

func newLanes(t *testing.T, b *book, change ...func(*teller.Filing)) (*teller.Lanes, *signer, *signer) {
	t.Helper()
	pos, manager := &signer{book: b, role: "pos"}, &signer{book: b, role: "manager"}
	l, err := teller.NewLanes(map[loyalty.Role]teller.Client{loyalty.RolePOS: pos, loyalty.RoleManager: manager},
		func(_ loyalty.Role, c *teller.Batching, p *teller.Filing) {
			c.MinPause, c.MaxPause = time.Microsecond, time.Microsecond
			p.MinPause, p.MaxPause = time.Microsecond, time.Microsecond
			for _, c := range change {
				c(p)
			}
		})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return l, pos, manager
}

// shopOf is a teller whose requests travel by lanes.
func shopOf(t *testing.T, b *book, lanes *teller.Lanes) *shop {
	t.Helper()
	return &shop{book: b, Teller: must[*teller.Teller](t)(teller.New(teller.Config{
		MSP: own, Chain: "Korenaar", Ledger: lanes, Statement: b, Vault: newVault(t), Pause: time.Microsecond,
	}))}
}

func TestLanesCarryAWholeDay(t *testing.T) {
	b := newBook()
	lanes, pos, _ := newLanes(t, b)
	s := shopOf(t, b, lanes)
	var members []string
	for i := range 5 {
		members = append(members, s.member(t, "M", fmt.Sprintf("+3120123456%d", i)))
	}
	if len(pos.orgs) != 1 || pos.orgs[0] != string(own) {
		t.Errorf("personal data was shown to %v", pos.orgs)
	}
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			desk := till
			if i%3 == 0 {
				desk.Role = "manager"
			}
			m := members[i%len(members)]
			if a, err := s.Earn(ctx, desk, fmt.Sprint("e", i/2), earn(m, fmt.Sprint(i), 1_00)); err != nil && codeOf(err) != loyalty.CodeOperationReused {
				t.Errorf("%+v, %v", a, err)
			}
		})
	}
	all.Wait()
	var sum int64
	for _, m := range members {
		sum += s.book.balance(t, m)
	}
	if sum != 100*10 {
		t.Errorf("%d points for 100 sales of 10", sum)
	}
}

func TestLanesRefuseARoleWithoutIdentity(t *testing.T) {
	l, _, _ := newLanes(t, newBook())
	_, err := l.Evaluate(ctx, "auditor", api.GetProgramme, nil, nil)
	wantCode(t, err, loyalty.CodeNotAuthorised)
	_, _, err = l.Submit(ctx, "auditor", api.PurgeProfile, nil, nil)
	wantCode(t, err, loyalty.CodeNotAuthorised)
	wantCode(t, l.PutProfile(ctx, "auditor", api.Profile{}), loyalty.CodeNotAuthorised)
	_, err = l.Do(ctx, "auditor", nil, loyalty.Command{}, loyalty.Details{})
	wantCode(t, err, loyalty.CodeNotAuthorised)
}

func TestLanesSortErrors(t *testing.T) {
	cause := errors.New("cause")
	for name, c := range map[string]struct {
		class   fabric.Class
		refusal *loyalty.Error
		want    string
		code    loyalty.Code
		unknown bool
		submits int
	}{
		"unknown":     {fabric.Unknown, nil, "", "", true, 1},
		"refused":     {fabric.Refused, loyalty.Refuse(loyalty.CodeClockOff, "off"), "", loyalty.CodeClockOff, false, 1},
		"conflict":    {fabric.Conflict, nil, "busy", "", false, 4},
		"unavailable": {fabric.Unavailable, nil, "unavailable", "", false, 1},
		"internal":    {fabric.Internal, nil, "", "", false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			l, pos, _ := newLanes(t, newBook())
			failure := &fabric.Error{Class: c.class, Stage: fabric.StageEndorse, Refusal: c.refusal, Err: cause}
			pos.flush, pos.err = func([]fabric.Order) error { return failure }, failure
			_, byDo := l.Do(ctx, "pos", []string{"a"}, loyalty.Command{}, loyalty.Details{})
			_, byEvaluate := l.Evaluate(ctx, "pos", api.GetProgramme, nil, nil)
			_, _, bySubmit := l.Submit(ctx, "pos", api.PurgeProfile, nil, nil)
			for call, err := range map[string]error{"do": byDo, "evaluate": byEvaluate, "submit": bySubmit} {
				if err == nil || classOf(err) != c.want || codeOf(err) != c.code || errors.Is(err, teller.ErrUnknown) != c.unknown {
					t.Errorf("%s: %v", call, err)
				}
			}
			if pos.tries != c.submits {
				t.Errorf("submitted %d times, want %d", pos.tries, c.submits)
			}
			if err := l.PutProfile(ctx, "pos", api.Profile{}); classOf(err) != c.want || codeOf(err) != c.code || errors.Is(err, teller.ErrUnknown) != c.unknown {
				t.Errorf("put: %v", err)
			}
		})
	}
}

func TestACallerOfALaneThatLeavesHearsUnknown(t *testing.T) {
	l, pos, _ := newLanes(t, newBook())
	goOn := make(chan struct{})
	leaving, leave := context.WithCancel(ctx)
	pos.flush = func([]fabric.Order) error { leave(); <-goOn; return nil }
	_, err := l.Do(leaving, "pos", []string{"a"}, loyalty.Command{}, loyalty.Details{})
	if !errors.Is(err, teller.ErrUnknown) {
		t.Errorf("got %v", err)
	}
	close(goOn)
}

func TestClosedLanesAreUnavailable(t *testing.T) {
	l, _, _ := newLanes(t, newBook())
	if err := l.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Do(ctx, "pos", []string{"a"}, loyalty.Command{}, loyalty.Details{}); classOf(err) != "unavailable" {
		t.Errorf("got %v", err)
	}
}

package teller_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/batcher"
	"github.com/zegel/zegel/gateway/teller"
)

// crowded is Metrics that tells when so many profiles are in.
type crowded struct {
	enough int
	reach  func()
}

func (c crowded) Pooled(items int) {
	if items == c.enough {
		c.reach()
	}
}
func (crowded) Flushed(int, time.Duration, bool, batcher.Class) {}
func (crowded) Answered(int, time.Duration)                     {}

// gathered is a shop whose first profile waits in its transaction until so many are in; those that
// came after it travel together.
func gathered(t *testing.T, profiles int) (*shop, *signer) {
	t.Helper()
	goOn := make(chan struct{})
	b := newBook()
	lanes, pos, _ := newLanes(t, b, func(f *teller.Filing) {
		f.InFlight = 1
		f.Metrics = crowded{profiles, sync.OnceFunc(func() { close(goOn) })}
	})
	pos.store = func() { <-goOn }
	return shopOf(t, b, lanes), pos
}

// enrolAll enrols all at once, each under a key of its own, and says what each of them heard.
func (s *shop) enrolAll(all []teller.Enrolment, role func(i int) string) ([]teller.Answer, []error) {
	answers, errs := make([]teller.Answer, len(all)), make([]error, len(all))
	var done sync.WaitGroup
	for i, r := range all {
		done.Go(func() {
			desk := till
			desk.Role = role(i)
			answers[i], errs[i] = s.Enrol(ctx, desk, fmt.Sprint("key", i), r)
		})
	}
	done.Wait()
	return answers, errs
}

func allPOS(int) string { return "pos" }

func people(n int) []teller.Enrolment {
	var all []teller.Enrolment
	for i := range n {
		all = append(all, teller.Enrolment{Name: "M", Phone: fmt.Sprintf("+3120%07d", i)})
	}
	return all
}

func TestManyEnrolmentsAreFewTransactions(t *testing.T) {
	s, pos := gathered(t, 150)
	_, errs := s.enrolAll(people(150), allPOS)
	for i, err := range errs {
		if err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	// How they fall into batches depends on who arrives when; that they are few does not.
	if len(pos.stored) > 15 || slices.Max(pos.stored) > api.MaxProfiles {
		t.Errorf("profiles in each transaction: %v", pos.stored)
	}
	if len(s.book.profiles) != 150 {
		t.Errorf("%d profiles", len(s.book.profiles))
	}
}

func TestAPoisonProfileIsRefusedAlone(t *testing.T) {
	s, pos := gathered(t, 60)
	all := people(60)
	all[17].Phone = "+31201111111"
	stored := api.Profile{
		Member: loyalty.MemberID(fmt.Sprintf("%032x", 1)), Salt: fmt.Sprintf("%032x", 1), Sealed: []byte{1},
		Lookup: []string{newVault(t).Secret().LookupPhone("+31201111111")},
	}
	if err := s.book.PutProfile(ctx, "pos", stored); err != nil {
		t.Fatal(err)
	}
	answers, errs := s.enrolAll(all, allPOS)
	for i, err := range errs {
		switch {
		case i == 17:
			wantCode(t, err, loyalty.CodeIdentifierTaken)
		case err != nil || answers[i].Status != "applied":
			t.Errorf("%d: %+v, %v", i, answers[i], err)
		}
	}
	if len(s.book.profiles) != 60 {
		t.Errorf("%d profiles", len(s.book.profiles))
	}
	if len(pos.stored) > 20 {
		t.Errorf("profiles in each transaction: %v", pos.stored)
	}
}

// TestOnePhoneNumberForTwo races pairs of members for one telephone number each, in one lane and in
// two: exactly one of each pair is enrolled, and found by it.
func TestOnePhoneNumberForTwo(t *testing.T) {
	for name, role := range map[string]func(int) string{
		"in one lane": allPOS,
		"in two":      func(i int) string { return [...]string{"pos", "manager"}[i%2] },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBook()
			lanes, _, _ := newLanes(t, b)
			s := shopOf(t, b, lanes)
			var all []teller.Enrolment
			for _, r := range people(40) {
				all = append(all, r, r)
			}
			answers, errs := s.enrolAll(all, role)
			for i := 0; i < len(all); i += 2 {
				won, lost := i, i+1
				if errs[won] != nil {
					won, lost = lost, won
				}
				wantCode(t, errs[lost], loyalty.CodeIdentifierTaken)
				m, err := s.Find(ctx, till, teller.Lookup{Phone: all[i].Phone})
				if errs[won] != nil || err != nil || m.Member != answers[won].Member {
					t.Errorf("pair %d: %v and %v; found %+v, %v", i/2, errs[i], errs[i+1], m, err)
				}
			}
			if len(b.profiles) != 40 {
				t.Errorf("%d profiles for 40 numbers", len(b.profiles))
			}
		})
	}
}

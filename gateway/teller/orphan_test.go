package teller_test

import (
	"context"
	"errors"
	"maps"
	"testing"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/teller"
)

func TestACancelledEnrolmentLeavesNobodyBehind(t *testing.T) {
	t.Run("cancelled between profile and account", func(t *testing.T) {
		s := newShop(t)
		s.book.do = func(context.Context, loyalty.Command, func() (teller.Applied, error)) (teller.Applied, error) {
			return teller.Applied{}, teller.Unavailable(errors.New("no orderer"))
		}
		_, _ = s.Enrol(ctx, till, "k", adaLovelace)
		s.book.do = nil
		a, err := s.Cancel(ctx, till, s.OperationID(till, "k"))
		wantStatus(t, a, err, "cancelled", "operation_cancelled")
		if len(s.book.profiles) != 0 || len(s.book.lookups) != 0 {
			t.Error("the profile is still there")
		}
		must[teller.Answer](t)(s.Enrol(ctx, till, "k2", adaLovelace))
	})
	t.Run("cancelled by another gateway meanwhile", func(t *testing.T) {
		s := newShop(t)
		s.book.do = func(_ context.Context, c loyalty.Command, carryOut func() (teller.Applied, error)) (teller.Applied, error) {
			err := s.book.memory.PutOperation(own, c.Op, &loyalty.Operation{Outcome: loyalty.Outcome{
				Op: c.Op, Kind: loyalty.KindCancel, Status: loyalty.StatusCancelled, Code: loyalty.CodeOperationCancelled, Recorded: true,
			}})
			if err != nil {
				t.Error(err)
			}
			return carryOut()
		}
		a, err := s.Enrol(ctx, till, "k", adaLovelace)
		wantStatus(t, a, err, "cancelled", "operation_cancelled")
		if len(s.book.profiles) != 0 {
			t.Error("the profile is still there")
		}
	})
}

// cutShort enrols Ada under a key and loses the orderer between profile and account.
func (s *shop) cutShort(t *testing.T, key string) {
	t.Helper()
	s.book.do = func(context.Context, loyalty.Command, func() (teller.Applied, error)) (teller.Applied, error) {
		return teller.Applied{}, teller.Unavailable(errors.New("no orderer"))
	}
	if _, err := s.Enrol(ctx, till, key, adaLovelace); classOf(err) != "unavailable" {
		t.Fatal(err)
	}
	s.book.do = nil
}

func TestAnEnrolmentCutInTwoIsFinishedByWhoMeetsIt(t *testing.T) {
	s := newShop(t)
	s.cutShort(t, "k")
	_, err := s.Enrol(ctx, till, "k2", teller.Enrolment{Name: "A. Lovelace", Phone: adaLovelace.Phone})
	wantCode(t, err, loyalty.CodeIdentifierTaken)
	m, err := s.Find(ctx, till, teller.Lookup{Phone: adaLovelace.Phone})
	if err != nil {
		t.Fatalf("the number is taken and leads to nobody: %v", err)
	}
	a := must[teller.Answer](t)(s.Enrol(ctx, till, "k", adaLovelace))
	if a.Member != m.Member || !a.Replayed {
		t.Errorf("the till that began hears %+v", a)
	}
}

func TestWhatACancelledEnrolmentLeftIsClearedAwayByWhoMeetsIt(t *testing.T) {
	s := newShop(t)
	s.cutShort(t, "k")
	s.book.submit = func(name string, carryOut func() error) error {
		if name == api.PurgeProfile {
			return teller.Unavailable(errors.New("no peer"))
		}
		return carryOut()
	}
	a, err := s.Cancel(ctx, till, s.OperationID(till, "k"))
	wantStatus(t, a, err, "cancelled", "operation_cancelled")
	if len(s.book.profiles) != 1 {
		t.Fatal("the profile is gone: the test shows nothing")
	}
	s.book.submit = nil
	a = must[teller.Answer](t)(s.Enrol(ctx, till, "k2", adaLovelace))
	if m := must[teller.Member](t)(s.Find(ctx, till, teller.Lookup{Email: adaLovelace.Email})); m.Member != a.Member || len(s.book.profiles) != 1 {
		t.Errorf("%+v was enrolled, %+v found, %d profiles", a, m, len(s.book.profiles))
	}
}

func TestATakenNumberOfAMemberCostsNoTransaction(t *testing.T) {
	s := newShop(t)
	must[teller.Answer](t)(s.Enrol(ctx, till, "k", adaLovelace))
	before := s.book.blocks
	_, err := s.Enrol(ctx, till, "k2", adaLovelace)
	wantCode(t, err, loyalty.CodeIdentifierTaken)
	if s.book.blocks != before {
		t.Errorf("%d blocks", s.book.blocks-before)
	}
}

func TestWithoutAHousekeeperTheAnswerStandsAndTheNumberIsSaidToBeTaken(t *testing.T) {
	s := newShop(t, func(c *teller.Config) { c.Housekeeper = "pos" })
	s.cutShort(t, "k")
	a, err := s.Cancel(ctx, till, s.OperationID(till, "k"))
	wantStatus(t, a, err, "cancelled", "operation_cancelled")
	_, err = s.Enrol(ctx, till, "k2", adaLovelace)
	wantCode(t, err, loyalty.CodeIdentifierTaken)
}

func TestAProfileThatNobodyCanOpenKeepsNoNumber(t *testing.T) {
	s := newShop(t)
	s.cutShort(t, "k")
	for member, profile := range s.book.profiles {
		lookups := maps.Clone(s.book.lookups)
		must[teller.Erasure](t)(s.Erase(ctx, office, string(member)))
		s.book.profiles[member], s.book.lookups = profile, lookups // a peer's backup is put back
	}
	must[teller.Answer](t)(s.Enrol(ctx, till, "k2", adaLovelace))
}

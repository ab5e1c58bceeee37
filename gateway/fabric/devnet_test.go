package fabric_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/fabric"
	"github.com/zegel/zegel/network/devnet"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestASaleOnTheDevnet(t *testing.T) {
	m := openMarket(t)
	ctx := t.Context()
	till := m.client("KorenaarMSP", "pos", nil)
	order := sale(member(1), 25)
	batch := api.Batch{Version: api.Version, Commands: []loyalty.Command{enrolment(member(1)), order.Command}}
	applied, err := till.Apply(ctx, batch, []loyalty.Details{{}, order.Details})
	if err != nil {
		t.Fatal(err)
	}
	if earned := applied.Reply.Outcomes[1]; earned.Status != loyalty.StatusApplied || earned.Points != 25 || earned.Balance != 25 {
		t.Errorf("earned %+v", earned)
	}
	if v, err := view(ctx, till, member(1)); err != nil || v.Balance != 25 {
		t.Errorf("the account is %+v, %v", v, err)
	}
	again, err := till.Apply(ctx, batch, []loyalty.Details{{}, order.Details})
	if err != nil || !again.Reply.Outcomes[1].Replayed || again.Reply.Outcomes[1].Balance != 25 {
		t.Errorf("again: %+v, %v", again, err)
	}

	t.Run("one basket too few is refused as a whole", func(t *testing.T) {
		_, err := till.Submit(ctx, api.Apply, []string{"{"}, nil, nil)
		var refusal *loyalty.Error
		if !errors.As(err, &refusal) || refusal.Code != loyalty.CodeMalformedCommand {
			t.Errorf("heard %v", err)
		}
	})
	t.Run("a till may not publish terms", func(t *testing.T) {
		_, err := till.Submit(ctx, api.PublishTerms, []string{"{}"}, nil, nil)
		var refusal *loyalty.Error
		if !errors.As(err, &refusal) || refusal.Code != loyalty.CodeNotAuthorised {
			t.Errorf("heard %v", err)
		}
	})
	t.Run("the auditor reads and cannot write", func(t *testing.T) {
		auditor := m.client("AuditorMSP", "auditor", func(o *fabric.Options) {
			o.Endorsers = []string{"KorenaarMSP", "ClearingMSP"}
			o.Resolve = 100 * time.Millisecond
		})
		if v, err := view(ctx, auditor, member(1)); err != nil || v.Balance != 25 {
			t.Errorf("reads %+v, %v", v, err)
		}
		if _, err := auditor.Apply(ctx, batch, nil); err == nil {
			t.Error("wrote")
		}
	})
	t.Run("blocks come whole and in order", func(t *testing.T) {
		enough := errors.New("enough")
		height, err := till.Height(ctx)
		must(err)
		var got []uint64
		err = till.Blocks(ctx, 0, func(block *common.Block) error {
			if got = append(got, block.GetHeader().GetNumber()); uint64(len(got)) == height {
				return enough
			}
			return nil
		})
		if !errors.Is(err, enough) || !slices.IsSorted(got) || got[0] != 0 {
			t.Errorf("blocks %v, %v", got, err)
		}
	})
}

// TestFaultsOnTheDevnet breaks one thing after the other around a sale. Whatever is heard, the
// ledger has the sale once or not at all, and agrees.
func TestFaultsOnTheDevnet(t *testing.T) {
	m := openMarket(t)
	ctx := t.Context()
	impatient := func(o *fabric.Options) { o.Submit, o.Commit, o.Resolve = time.Second, time.Second, 5*time.Second }
	till := m.client("KorenaarMSP", "pos", impatient)
	if _, err := till.Apply(ctx, api.Batch{Version: api.Version, Commands: []loyalty.Command{enrolment(member(1))}}, nil); err != nil {
		t.Fatal(err)
	}
	once := func(fault devnet.SubmitFault) func() {
		return func() {
			first := ""
			m.Faults().OnSubmit(func(txID string) devnet.SubmitFault {
				if first == "" {
					first = txID
					return fault
				}
				return devnet.SubmitFault{}
			})
		}
	}
	lost := status.Error(codes.Unavailable, "connection error: the peer is gone")
	for _, row := range []struct {
		broke string
		cause func()
		heard string
	}{
		{"nothing", func() {}, "committed"},
		{"the answer to the submission", once(devnet.SubmitFault{LoseReply: true}), "committed"},
		{"the submission", once(devnet.SubmitFault{Drop: true}), "committed"},
		{"the orderer, which hangs", once(devnet.SubmitFault{Hang: true}), "committed"},
		{"the orderer, which orders twice", once(devnet.SubmitFault{Repeat: 2}), "committed"},
		{"the orderer, which is slow", once(devnet.SubmitFault{Delay: 500 * time.Millisecond}), "committed"},
		{"the orderer, which forgets", once(devnet.SubmitFault{Hold: true}), "committed"},
		{"every submission", func() {
			m.Faults().OnSubmit(func(string) devnet.SubmitFault { return devnet.SubmitFault{Drop: true} })
			m.Faults().OnCommitStatus(func(string) error { return lost })
		}, "unknown"},
		{"the status, while the stream is up", func() {
			m.Faults().OnCommitStatus(func(string) error { return lost })
		}, "committed"},
		{"the endorser", func() {
			m.Faults().OnEndorse(func(string, string) error { return errors.New("the peer is stopping") })
		}, "unavailable"},
		{"validation: somebody else was faster", func() {
			m.Faults().OnValidation(func(string) (peer.TxValidationCode, bool) { return peer.TxValidationCode_MVCC_READ_CONFLICT, true })
		}, "conflict"},
		{"validation: the policy is not satisfied", func() {
			m.Faults().OnValidation(func(string) (peer.TxValidationCode, bool) {
				return peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE, true
			})
		}, "internal"},
	} {
		t.Run(row.broke, func(t *testing.T) {
			m.level() // the last row's blocks may be at one endorser and not yet at the other
			before, err := view(ctx, till, member(1))
			must(err)
			row.cause()
			order := sale(member(1), 10)
			_, err = till.Apply(ctx, api.Batch{Version: api.Version, Commands: []loyalty.Command{order.Command}}, []loyalty.Details{order.Details})
			m.Faults().OnSubmit(nil)
			m.Faults().OnCommitStatus(nil)
			m.Faults().OnEndorse(nil)
			heard, want := "committed", before.Balance
			if err != nil {
				heard = fabric.ClassOf(err).String()
			} else {
				want += 10
			}
			if heard != row.heard {
				t.Errorf("heard %s (%v), want %s", heard, err, row.heard)
			}
			if after, err := view(ctx, till, member(1)); err != nil || after.Balance != want {
				t.Errorf("the balance is %d, want %d; %v", after.Balance, want, err)
			}
		})
	}
}

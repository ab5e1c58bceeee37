package fabric_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/fabric"
	"github.com/zegel/zegel/network/devnet"
)

// TestATransactionIsResumedByAnotherClient cuts a sale off behind its endorsement, as a crash would,
// and lets another client with the same identity go on with the bytes that were kept.
func TestATransactionIsResumedByAnotherClient(t *testing.T) {
	m := openMarket(t)
	ctx := t.Context()
	impatient := func(o *fabric.Options) { o.Submit, o.Commit, o.Resolve = time.Second, time.Second, 3*time.Second }
	plain := m.client("KorenaarMSP", "pos", impatient)
	if _, err := plain.Apply(ctx, api.Batch{Version: api.Version, Commands: []loyalty.Command{enrolment(member(1))}}, nil); err != nil {
		t.Fatal(err)
	}
	var kept fabric.Prepared
	power := errors.New("the power has failed")
	crashing := plain.Keeping(func(_ context.Context, p fabric.Prepared) error {
		kept = p
		return power
	})
	prepare := func() loyalty.Command {
		m.level()
		order := sale(member(1), 10)
		batch := api.Batch{Version: api.Version, Commands: []loyalty.Command{order.Command}}
		_, err := crashing.Apply(ctx, batch, []loyalty.Details{order.Details})
		if !errors.Is(err, power) || fabric.ClassOf(err) != fabric.Unavailable || kept.Ops[0] != order.Command.Op {
			t.Fatalf("heard %v, kept %+v", err, kept.Ops)
		}
		return order.Command
	}

	prepare()
	if found, err := plain.Resume(ctx, kept.Bytes, false); err != nil || found.Known {
		t.Errorf("before it is sent: %+v, %v", found, err)
	}
	for _, attempt := range []string{"sent again", "found"} {
		found, err := plain.Resume(ctx, kept.Bytes, true)
		if err != nil || !found.Known || found.Block == 0 || found.Outcomes[0].Status != loyalty.StatusApplied || found.Outcomes[0].Op != kept.Ops[0] {
			t.Errorf("%s: %+v, %v", attempt, found, err)
		}
	}
	if v, err := view(ctx, plain, member(1)); err != nil || v.Balance != 10 {
		t.Errorf("the account is %+v, %v", v, err)
	}

	prepare()
	m.Faults().OnSubmit(func(string) devnet.SubmitFault { return devnet.SubmitFault{Drop: true} })
	if found, err := plain.Resume(ctx, kept.Bytes, true); found.Known {
		t.Errorf("lost on the way: %+v, %v", found, err)
	}
	m.Faults().OnSubmit(nil)

	prepare()
	m.Faults().OnValidation(func(string) (peer.TxValidationCode, bool) { return peer.TxValidationCode_MVCC_READ_CONFLICT, true })
	if found, err := plain.Resume(ctx, kept.Bytes, true); err != nil || !found.Known || found.Outcomes != nil {
		t.Errorf("not valid: %+v, %v", found, err)
	}
	m.Faults().OnValidation(nil)

	if _, err := plain.Resume(ctx, []byte("no transaction"), true); err == nil {
		t.Error("nonsense was resumed")
	}
}

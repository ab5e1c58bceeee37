package fabric_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"github.com/zegel/zegel/gateway/fabric"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// breakEvery ends every stream of a fake as soon as it is up to date.
func breakEvery(f *fake) {
	f.deliver = func(int) error { return status.Error(codes.Unavailable, "peer is stopping") }
}

func TestACommitIsSeenOverLostStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		breakEvery(f)
		c := connect(t, f, nil)
		for block := range uint64(5) {
			applied, err := c.Apply(t.Context(), batchOf(1), nil)
			if err != nil || applied.Block != block+1 {
				t.Errorf("answered %+v, %v", applied, err)
			}
		}
	})
}

func TestBlocksComeInOrderOverLostStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		breakEvery(f)
		c := connect(t, f, nil)
		for _, txID := range []string{"a", "b", "c"} {
			f.add(txID, peer.TxValidationCode_VALID)
		}
		enough := errors.New("enough")
		var got []uint64
		err := c.Blocks(t.Context(), 1, func(block *common.Block) error {
			got = append(got, block.GetHeader().GetNumber())
			if len(got) < 6 {
				f.add(strings.Repeat("d", len(got)), peer.TxValidationCode_VALID)
				return nil
			}
			return enough
		})
		if !errors.Is(err, enough) || !slices.Equal(got, []uint64{1, 2, 3, 4, 5, 6}) {
			t.Errorf("blocks %v, then %v", got, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := c.Blocks(ctx, 1000, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting for a block to come ended with %v", err)
		}
	})
}

func TestCloseEndsTheStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		c := connect(t, f, nil)
		ended := make(chan error)
		go func() {
			ended <- c.Blocks(context.WithoutCancel(t.Context()), 0, func(*common.Block) error { return nil })
		}()
		synctest.Wait()
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the stream ended with %v", err)
		}
		if _, err := c.Evaluate(t.Context(), "WhoAmI", nil, nil); err == nil {
			t.Error("a closed client still asks")
		}
	})
}

func TestReadyExplains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		c := connect(t, f, nil)
		ready := c.Ready(t.Context())
		if !ready.OK() || len(ready) != 4 {
			t.Errorf("a peer in order is not ready: %+v", ready)
		}
		f.mu.Lock()
		f.endorse = func(orgs []string) error {
			if orgs[0] == "ClearingMSP" {
				return status.Error(codes.FailedPrecondition, "no peers available to evaluate chaincode loyalty in channel loyalty")
			}
			return nil
		}
		f.mu.Unlock()
		ready = c.Ready(t.Context())
		if ready.OK() || ready[3].OK || !strings.HasPrefix(ready[3].Advice, "no peer has the chaincode installed") {
			t.Errorf("without the clearing house: %+v", ready)
		}
		if !ready[0].OK || !ready[1].OK || !ready[2].OK {
			t.Errorf("what is in order is said not to be: %+v", ready)
		}
	})
}

func TestEveryIdentityOfTheOrganisationSharesTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		c := connect(t, f, nil)
		manager, err := c.As(newIdentity(t, "KorenaarMSP"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := manager.Submit(t.Context(), "PublishTerms", []string{"{}"}, nil, []string{"KorenaarMSP"}); err != nil {
			t.Error(err)
		}
		if f.delivers != 1 {
			t.Errorf("%d block streams, want 1", f.delivers)
		}
		if _, err := c.As(newIdentity(t, "DuinmarktMSP")); err == nil {
			t.Error("an identity of another organisation was accepted")
		}
	})
}

func TestOnlySoManyCallsAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		var now, most int
		f.endorse = func([]string) error {
			f.mu.Lock()
			now++
			most = max(most, now)
			f.mu.Unlock()
			time.Sleep(100 * time.Millisecond)
			f.mu.Lock()
			now--
			f.mu.Unlock()
			return nil
		}
		c := connect(t, f, func(o *fabric.Options) { o.Concurrency = 3 })
		answers := make(chan error)
		for range 40 { // three at a time, nine or ten times in the second that a query has
			go func() {
				_, err := c.Evaluate(t.Context(), "WhoAmI", nil, nil)
				answers <- err
			}()
		}
		refused := 0
		for range 40 {
			if err := <-answers; err != nil {
				refused++
				if fabric.ClassOf(err) != fabric.Unavailable {
					t.Errorf("without room, heard %v", err)
				}
			}
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		if most != 3 || refused < 10 || refused > 13 {
			t.Errorf("%d calls at a time, %d of 40 refused", most, refused)
		}
	})
}

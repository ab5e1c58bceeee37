package fabric_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/batcher"
	"github.com/zegel/zegel/gateway/fabric"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// inVirtualTime runs a sub-test with a clock that jumps as soon as everybody waits.
func inVirtualTime(t *testing.T, name string, test func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

func batchOf(count int) api.Batch {
	batch := api.Batch{Version: 1}
	for i := range count {
		batch.Commands = append(batch.Commands, loyalty.Command{Op: loyalty.OpID(fmt.Sprintf("%032x", i)), Kind: loyalty.KindEnrol})
	}
	return batch
}

func TestApplyAnswersWhatWasCommitted(t *testing.T) {
	f := newFake()
	c := connect(t, f, nil)
	applied, err := c.Apply(t.Context(), batchOf(3), nil)
	if err != nil {
		t.Fatal(err)
	}
	if applied.Block != 1 || len(applied.Reply.Outcomes) != 3 || applied.TxID != f.sent[0] {
		t.Errorf("answered %+v", applied)
	}
	if want := []string{"KorenaarMSP", "ClearingMSP"}; !slices.Equal(f.asked[0], want) {
		t.Errorf("asked %v, want %v", f.asked[0], want)
	}
	if f.statuses != 0 {
		t.Error("asked for the status although the block stream was up")
	}
	if height, err := c.Height(t.Context()); err != nil || height != 2 {
		t.Errorf("height is %d, %v", height, err)
	}
}

func TestPrivateBytesTravelApart(t *testing.T) {
	f := newFake()
	c := connect(t, f, nil)
	details := []loyalty.Details{{}, {Basket: &loyalty.Basket{Salt: "salt", Total: 100}}}
	if _, err := c.Apply(t.Context(), batchOf(2), details); err != nil {
		t.Fatal(err)
	}
	private, err := api.DecodeDetails(f.private[0], 2)
	if err != nil || private[0].Basket != nil || private[1].Basket.Salt != "salt" {
		t.Errorf("the endorsers got %s", f.private[0])
	}
	for name, wrong := range map[string][]loyalty.Details{"too many details": make([]loyalty.Details, 3), "too few details": make([]loyalty.Details, 1)} {
		if _, err := c.Apply(t.Context(), batchOf(2), wrong); fabric.ClassOf(err) != fabric.Internal {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, count := range []int{0, api.MaxBatch + 1} {
		if _, err := c.Apply(t.Context(), batchOf(count), nil); fabric.ClassOf(err) != fabric.Internal {
			t.Errorf("a batch of %d: %v", count, err)
		}
	}
}

// TestAnAlteredTransactionIsNotSigned alters one thing after the other of what the peer prepared.
func TestAnAlteredTransactionIsNotSigned(t *testing.T) {
	header := func(change func(*common.ChannelHeader)) func(*prepared) {
		return func(p *prepared) {
			h := &common.ChannelHeader{}
			must(proto.Unmarshal(p.channelHeader, h))
			change(h)
			p.channelHeader = marshal(h)
		}
	}
	for name, alter := range map[string]func(*prepared){
		"transaction id":       header(func(h *common.ChannelHeader) { h.TxId = strings.Repeat("0", 64) }),
		"channel":              header(func(h *common.ChannelHeader) { h.ChannelId = "elsewhere" }),
		"timestamp":            header(func(h *common.ChannelHeader) { h.Timestamp.Seconds += 3600 }),
		"creator":              func(p *prepared) { p.signatureHeader = append(slices.Clone(p.signatureHeader), 0) },
		"header of the action": func(p *prepared) { p.actionHeader = nil },
		"arguments":            func(p *prepared) { p.payload.Input = slices.Concat(p.payload.Input, []byte{10, 0}) },
		"private bytes":        func(p *prepared) { p.payload.TransientMap = map[string][]byte{"details": []byte("basket")} },
		"proposal endorsed":    func(p *prepared) { p.proposalHash[0]++ },
		"chaincode":            func(p *prepared) { p.action.ChaincodeId.Name = "other" },
		"status":               func(p *prepared) { p.action.Response.Status = 500 },
		"two actions":          func(p *prepared) { p.actions = 2 },
		"hidden fields":        func(p *prepared) { p.junk = []byte{0xf8, 0x07, 1} },
		"an endorser missing":  func(p *prepared) { p.endorsers = p.endorsers[:1] },
		"an endorser replaced": func(p *prepared) { p.endorsers = []string{"KorenaarMSP", "DuinmarktMSP"} },
		"an endorser too many": func(p *prepared) { p.endorsers = append(slices.Clone(p.endorsers), "DuinmarktMSP") },
		"an endorser twice":    func(p *prepared) { p.endorsers = []string{"KorenaarMSP", "KorenaarMSP"} },
		"reply not JSON":       func(p *prepared) { p.action.Response.Payload = []byte("fine") },
		"an outcome missing":   func(p *prepared) { p.action.Response.Payload = []byte(`{"v":1,"outcomes":[]}`) },
		"outcome of another":   func(p *prepared) { p.action.Response.Payload = []byte(`{"v":1,"outcomes":[{"op":"x"}]}`) },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			f.alter = alter
			c := connect(t, f, nil)
			_, err := c.Apply(t.Context(), batchOf(1), nil)
			var failure *fabric.Error
			if !errors.As(err, &failure) || failure.Class != fabric.Internal || failure.Stage != fabric.StageVerify {
				t.Errorf("heard %v", err)
			}
			if len(f.sent) > 0 {
				t.Error("it was signed and submitted")
			}
		})
	}
}

// TestWhereItBrokeAndDidItLand is the table of unknown outcomes. Whatever breaks after the
// submission, the caller hears the truth or Unknown, and no second proposal is made.
func TestWhereItBrokeAndDidItLand(t *testing.T) {
	unavailable := status.Error(codes.Unavailable, "no orderers could successfully process transaction")
	always := func(lands bool, err error) func(int) (bool, error) {
		return func(int) (bool, error) { return lands, err }
	}
	for _, row := range []struct {
		broke  string
		fake   func(*fake)
		heard  string // committed, or a class
		copies string // how often the envelope was sent: exactly, or at least with a plus
	}{
		{"nothing", func(*fake) {}, "committed", "1"},
		{"the answer to the submission, and it landed", func(f *fake) { f.submit = always(true, unavailable) }, "committed", "1"},
		{"the submission, once", func(f *fake) {
			f.submit = func(attempt int) (bool, error) {
				if attempt == 1 {
					return false, unavailable
				}
				return true, nil
			}
		}, "committed", "2"},
		{"every submission", func(f *fake) { f.submit = always(false, unavailable) }, "unknown", "2+"},
		{"the orderer, which answers and forgets", func(f *fake) {
			f.submit = func(attempt int) (bool, error) { return attempt > 1, nil }
		}, "committed", "2"},
		{"the block stream", func(f *fake) { f.mute = true }, "committed", "1+"},
		{"the block stream and the first status", func(f *fake) {
			f.mute = true
			f.status = func(attempt int) error {
				if attempt == 1 {
					return status.Error(codes.Unavailable, "peer is stopping")
				}
				return nil
			}
		}, "committed", "1+"},
		{"the block stream and every status", func(f *fake) {
			f.mute = true
			f.status = func(int) error { return unavailable }
		}, "unknown", "1+"},
		{"the answer to the submission, and it collided", func(f *fake) {
			f.submit = always(true, unavailable)
			f.code = func(string) peer.TxValidationCode { return peer.TxValidationCode_MVCC_READ_CONFLICT }
		}, "conflict", "1"},
		{"every status says that nothing is decided", func(f *fake) {
			f.code = func(string) peer.TxValidationCode { return peer.TxValidationCode_NOT_VALIDATED }
		}, "unknown", "1+"},
	} {
		inVirtualTime(t, row.broke, func(t *testing.T) {
			f := newFake()
			row.fake(f)
			c := connect(t, f, nil)
			applied, err := c.Apply(t.Context(), batchOf(1), nil)
			heard := "committed"
			if err != nil {
				heard = fabric.ClassOf(err).String()
			}
			if heard != row.heard {
				t.Errorf("heard %s (%v), want %s", heard, err, row.heard)
			}
			if err == nil && applied.Block != 1 {
				t.Errorf("committed in block %d: not the first copy", applied.Block)
			}
			var failure *fabric.Error
			if errors.As(err, &failure) && failure.TxID != f.sent[0] {
				t.Errorf("the error is about %s, want %s", failure.TxID, f.sent[0])
			}
			if len(f.asked) != 1 || len(slices.Compact(slices.Clone(f.sent))) != 1 {
				t.Errorf("%d proposals, transactions %v", len(f.asked), f.sent)
			}
			copies := fmt.Sprint(len(f.sent))
			if atLeast, plus := strings.CutSuffix(row.copies, "+"); copies != row.copies && (!plus || copies < atLeast) {
				t.Errorf("sent %s times, want %s", copies, row.copies)
			}
		})
	}
}

func TestACallerWhoGivesUpAfterTheSubmissionHearsUnknown(t *testing.T) {
	f := newFake()
	f.submit = func(int) (bool, error) { return false, nil }
	c := connect(t, f, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := c.Apply(ctx, batchOf(1), nil); fabric.ClassOf(err) != fabric.Unknown || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("heard %v", err)
	}
}

func TestOthersStandInOnlyWhereNothingIsPrivate(t *testing.T) {
	f := newFake()
	f.endorse = func(orgs []string) error {
		if slices.Contains(orgs, "ClearingMSP") {
			return status.Error(codes.Unavailable, "failed to find any endorsing peers for org(s): ClearingMSP")
		}
		return nil
	}
	c := connect(t, f, func(o *fabric.Options) { o.Standby = []string{"DuinmarktMSP", "LindeboomMSP"} })
	private := []loyalty.Details{{Basket: &loyalty.Basket{Total: 1}}}
	if _, err := c.Apply(t.Context(), batchOf(1), private); fabric.ClassOf(err) != fabric.Unavailable {
		t.Errorf("with a basket, heard %v", err)
	}
	for range 2 {
		if _, err := c.Apply(t.Context(), batchOf(1), nil); err != nil {
			t.Errorf("without a basket, heard %v", err)
		}
	}
	want := "[[KorenaarMSP ClearingMSP] [KorenaarMSP ClearingMSP] [KorenaarMSP DuinmarktMSP] [KorenaarMSP DuinmarktMSP]]"
	if got := fmt.Sprint(f.asked); got != want {
		t.Errorf("asked %s, want %s", got, want)
	}
}

func TestTheBatcherUnderstands(t *testing.T) {
	f := newFake()
	c := connect(t, f, nil)
	b, err := batcher.New(batcher.Config[fabric.Order, fabric.Receipt]{Flush: c.Flush, Classify: fabric.Classify})
	if err != nil {
		t.Fatal(err)
	}
	order := fabric.Order{Command: batchOf(1).Commands[0]}
	receipt, err := b.Do(t.Context(), batcher.Item[fabric.Order]{Keys: []string{"member"}, Size: order.Size(), Op: order})
	if err != nil || receipt.Outcome.Op != order.Command.Op || receipt.Block != 1 {
		t.Errorf("heard %+v, %v", receipt, err)
	}
	for class, want := range map[fabric.Class]batcher.Class{
		fabric.Unknown: batcher.Unknown, fabric.Conflict: batcher.Conflict, fabric.Unavailable: batcher.Unavailable,
		fabric.Refused: batcher.Poisoned, fabric.Internal: batcher.Permanent,
	} {
		if got := fabric.Classify(fmt.Errorf("wrapped: %w", &fabric.Error{Class: class})); got != want {
			t.Errorf("%s becomes %s, want %s", class, got, want)
		}
	}
	choked := fabric.ClassifyCall(fabric.StageEndorse, "tx", status.Error(codes.Aborted, "chaincode response 500, panic"))
	if got := fabric.Classify(choked); got != batcher.Poisoned {
		t.Errorf("a command that the chaincode chokes on becomes %s", got)
	}
	if fabric.Classify(errors.New("surprise")) != batcher.Unknown {
		t.Error("an error from elsewhere is not unknown")
	}
}

func TestARefusalIsReadFromTheEndorsersWords(t *testing.T) {
	f := newFake()
	f.endorse = func([]string) error {
		text := "chaincode response 500, " + api.EncodeError(loyalty.Refuse(loyalty.CodeNotAuthorised, "a till may not")).Error()
		state, err := status.New(codes.Aborted, "failed to collect enough transaction endorsements, see attached details for more info").
			WithDetails(&gateway.ErrorDetail{Address: "peer0", MspId: "KorenaarMSP", Message: text})
		must(err)
		return state.Err()
	}
	c := connect(t, f, nil)
	_, err := c.Submit(t.Context(), api.PublishTerms, []string{"{}"}, nil, nil)
	var refusal *loyalty.Error
	if !errors.As(err, &refusal) || refusal.Code != loyalty.CodeNotAuthorised || fabric.ClassOf(err) != fabric.Refused {
		t.Errorf("heard %v", err)
	}
}

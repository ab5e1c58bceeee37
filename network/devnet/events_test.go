package devnet_test

import (
	"errors"
	"testing"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc/codes"

	"github.com/zegel/zegel/network/devnet"
)

func TestChaincodeEvents(t *testing.T) {
	c := newConsortium(t, func(config *devnet.Config) { config.Orderer.MaxMessageCount = 2 }).start()
	g := c.as("AMSP")
	a := contract(g)
	ctx, cancel := contextFor(10 * time.Second)
	defer cancel()
	events, err := g.GetNetwork(channelName).ChaincodeEvents(ctx, "basic", client.WithStartBlock(0))
	must(t, err)
	one := endorse(t, a, nil, "event", "made", "1")
	two := endorse(t, a, nil, "event", "made", "2")
	first, second := submit(t, one), submit(t, two)
	if statusOf(t, first) != peer.TxValidationCode_VALID || statusOf(t, second) != peer.TxValidationCode_VALID {
		t.Fatal("blind writes do not conflict")
	}
	for _, want := range []string{"1", "2"} {
		if event := <-events; string(event.Payload) != want || event.EventName != "made" || event.BlockNumber != 2 || event.ChaincodeName != "basic" {
			t.Errorf("event %+v", event)
		}
	}
	drain(cancel, events)
	t.Run("after a transaction come the ones behind it, also in its block", func(t *testing.T) {
		ctx, cancel := contextFor(10 * time.Second)
		defer cancel()
		events, err := g.GetNetwork(channelName).ChaincodeEvents(ctx, "basic", client.WithStartBlock(2), client.WithCheckpoint(after(2, one.TransactionID())))
		must(t, err)
		if event := <-events; string(event.Payload) != "2" {
			t.Errorf("event %+v", event)
		}
		drain(cancel, events)
	})
}

type checkpoint struct {
	block uint64
	txid  string
}

func after(block uint64, txid string) checkpoint { return checkpoint{block, txid} }
func (c checkpoint) BlockNumber() uint64         { return c.block }
func (c checkpoint) TransactionID() string       { return c.txid }
func TestEventsOfInvalidTransactionsStayAway(t *testing.T) {
	c := newConsortium(t).start()
	g := c.as("AMSP")
	ctx, cancel := contextFor(10 * time.Second)
	defer cancel()
	events, err := g.GetNetwork(channelName).ChaincodeEvents(ctx, "basic", client.WithStartBlock(0))
	must(t, err)
	c.network.Faults().OnValidation(func(string) (peer.TxValidationCode, bool) {
		return peer.TxValidationCode_INVALID_OTHER_REASON, true
	})
	if code := commit(t, endorse(t, contract(g), nil, "event", "made", "invalid")); code != peer.TxValidationCode_INVALID_OTHER_REASON {
		t.Errorf("code %s", code)
	}
	c.network.Faults().OnValidation(nil)
	put(t, contract(g), "event", "made", "valid")
	if event := <-events; string(event.Payload) != "valid" {
		t.Errorf("event %q", event.Payload)
	}
	drain(cancel, events)
}

func TestFilteredBlocks(t *testing.T) {
	c := newConsortium(t).start()
	g := c.as("BMSP")
	put(t, contract(g), "event", "made", "hidden")
	ctx, cancel := contextFor(10 * time.Second)
	defer cancel()
	blocks, err := g.GetNetwork(channelName).FilteredBlockEvents(ctx, client.WithStartBlock(2))
	must(t, err)
	block := <-blocks
	tx := block.GetFilteredTransactions()[0]
	event := tx.GetTransactionActions().GetChaincodeActions()[0].GetChaincodeEvent()
	if block.GetChannelId() != channelName || tx.GetTxValidationCode() != peer.TxValidationCode_VALID || event.GetEventName() != "made" || event.GetPayload() != nil {
		t.Errorf("filtered block %v", block)
	}
	drain(cancel, blocks)
}

func TestStreamsOfStrangersEnd(t *testing.T) {
	c := newConsortium(t).start()
	stranger := c.with("AMSP", c.authorities["BMSP"].issue("mallory", "client"), "")
	ctx, cancel := contextFor(10 * time.Second)
	defer cancel()
	blocks, err := stranger.GetNetwork(channelName).BlockEvents(ctx)
	must(t, err)
	if block, open := <-blocks; open {
		t.Errorf("block %v", block)
	}
	events, err := stranger.GetNetwork(channelName).ChaincodeEvents(ctx, "basic")
	must(t, err)
	if event, open := <-events; open {
		t.Errorf("event %v", event)
	}
	tx := endorse(t, contract(c.as("AMSP")), nil, "put", "k", "v")
	submitted, err := tx.Submit()
	must(t, err)
	request, err := submitted.Bytes()
	must(t, err)
	_, sign := signer(t, "AMSP", c.authorities["BMSP"].issue("mallory", "client"))
	signature, err := sign(submitted.Digest())
	must(t, err)
	forged, err := c.as("AMSP").NewSignedCommit(request, signature)
	must(t, err)
	_, err = forged.Status()
	expect(t, err, codes.PermissionDenied, "Failed evaluating policy on signed data during check policy on channel [trade] with policy [/Channel/Application/Readers]")
}

func TestOfflineSigning(t *testing.T) {
	c := newConsortium(t).start()
	id, sign := signer(t, "AMSP", c.authorities["AMSP"].issue("offline", "client"))
	g, err := client.Connect(id, client.WithClientConnection(c.dial("AMSP"))) // without a key
	must(t, err)
	defer g.Close()
	signed := func(digest []byte) []byte {
		signature, err := sign(digest)
		must(t, err)
		return signature
	}
	unsigned, err := contract(g).NewProposal("put", client.WithArguments("k", "offline"))
	must(t, err)
	bytes, err := unsigned.Bytes()
	must(t, err)
	proposal, err := g.NewSignedProposal(bytes, signed(unsigned.Digest()))
	must(t, err)
	prepared, err := proposal.Endorse()
	must(t, err)
	if bytes, err = prepared.Bytes(); err != nil {
		t.Fatal(err)
	}
	tx, err := g.NewSignedTransaction(bytes, signed(prepared.Digest()))
	must(t, err)
	submitted := submit(t, tx)
	if bytes, err = submitted.Bytes(); err != nil {
		t.Fatal(err)
	}
	awaited, err := g.NewSignedCommit(bytes, signed(submitted.Digest()))
	must(t, err)
	if code := statusOf(t, awaited); code != peer.TxValidationCode_VALID {
		t.Errorf("code %s", code)
	}
}

func TestUnknownTransactionsAreWaitedFor(t *testing.T) {
	c := newConsortium(t).start()
	tx := endorse(t, contract(c.as("AMSP")), nil, "put", "k", "v")
	c.network.Faults().OnSubmit(func(string) devnet.SubmitFault { return devnet.SubmitFault{Hold: true} })
	submitted := submit(t, tx)
	ctx, cancel := contextFor(50 * time.Millisecond)
	defer cancel()
	_, err := submitted.StatusWithContext(ctx)
	expect(t, err, codes.DeadlineExceeded)
	var lost *client.CommitStatusError
	if !errors.As(err, &lost) {
		t.Errorf("error %T", err)
	}
	must(t, c.network.Faults().Release(t.Context(), tx.TransactionID()))
	if code := statusOf(t, submitted); code != peer.TxValidationCode_VALID {
		t.Errorf("code %s", code)
	}
}

package devnet_test

import (
	"context"
	"testing"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestFirstCommit(t *testing.T) {
	started := time.Now()
	c := newConsortium(t).start()
	ready := time.Since(started)
	a := contract(c.as("AMSP"))
	result, err := a.SubmitTransaction("put", "colour", "blue")
	must(t, err)
	t.Logf("ready after %v, first commit after %v", ready, time.Since(started))
	if string(result) != "blue" {
		t.Errorf("submit returned %q", result)
	}
	for _, mspID := range []string{"AMSP", "BMSP", "CMSP"} {
		name := c.network.PeersOf(mspID)[0].Name
		eventually(t, "every peer has three blocks", func() bool { return c.network.Height(name) == 3 })
		value, err := contract(c.as(mspID)).EvaluateTransaction("get", "colour")
		must(t, err)
		if string(value) != "blue" {
			t.Errorf("%s reads %q", mspID, value)
		}
	}
}

func TestBlockEvents(t *testing.T) {
	c := newConsortium(t).start()
	g := c.as("AMSP")
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	blocks, err := g.GetNetwork(channelName).BlockEvents(ctx, client.WithStartBlock(0))
	must(t, err)
	for number := range uint64(2) {
		block := <-blocks
		if block.GetHeader().GetNumber() != number {
			t.Fatalf("block %d came instead of %d", block.GetHeader().GetNumber(), number)
		}
	}
	_, err = contract(g).SubmitTransaction("put", "a", "b")
	must(t, err)
	if block := <-blocks; block.GetHeader().GetNumber() != 2 {
		t.Errorf("block %d came instead of 2", block.GetHeader().GetNumber())
	}
	cancel()
	for range blocks {
	}
}

func contextFor(d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), d)
}

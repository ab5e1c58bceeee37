package devnet_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/zegel/zegel/network/devnet"
)

func TestSubmitFaults(t *testing.T) {
	c := newConsortium(t).start()
	a := contract(c.as("AMSP"))
	for _, test := range []struct {
		name   string
		fault  devnet.SubmitFault
		code   codes.Code
		landed bool
	}{
		{"dropped", devnet.SubmitFault{Drop: true}, codes.Unavailable, false},
		{"reply lost", devnet.SubmitFault{LoseReply: true}, codes.Unavailable, true},
		{"reply never comes", devnet.SubmitFault{Hang: true}, codes.DeadlineExceeded, true},
		{"late", devnet.SubmitFault{Delay: 10 * time.Millisecond}, codes.OK, true},
		{"repeated", devnet.SubmitFault{Repeat: 2}, codes.OK, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			c.network.Faults().OnSubmit(func(string) devnet.SubmitFault { return test.fault })
			tx := endorse(t, a, nil, "put", test.name, "landed")
			ctx, cancel := contextFor(100 * time.Millisecond)
			defer cancel()
			_, err := tx.SubmitWithContext(ctx)
			if status.Code(err) != test.code {
				t.Errorf("submit: %v", err)
			}
			c.network.Faults().OnSubmit(nil)
			if !test.landed {
				_, err = tx.Submit() // the same envelope again
				must(t, err)
			}
			eventually(t, "it lands", func() bool { return evaluate(t, a, "get", test.name) == "landed" })
		})
	}
}

func TestLostCommitStatus(t *testing.T) {
	c := newConsortium(t).start()
	c.network.Faults().OnCommitStatus(func(string) error { return status.Error(codes.Unavailable, "gone") })
	_, err := contract(c.as("AMSP")).SubmitTransaction("put", "k", "v")
	var lost *client.CommitStatusError
	if !errors.As(err, &lost) || status.Code(err) != codes.Unavailable {
		t.Errorf("submit says %v", err)
	}
}

func TestRefusalAtEndorsement(t *testing.T) {
	c := newConsortium(t).start()
	c.network.Faults().OnEndorse(func(peer, _ string) error {
		if peer == "peer0.BMSP" {
			return errors.New("out of order")
		}
		return nil
	})
	a := contract(c.as("AMSP"))
	for range 4 {
		put(t, a, "put", "k", "v") // C endorses in B's place
	}
	_, err := a.Submit("put", client.WithArguments("k", "v"), client.WithEndorsingOrganizations("AMSP", "BMSP"))
	expect(t, err, codes.Aborted, "failed to collect enough transaction endorsements", "BMSP ", "out of order")
}

func TestPeersAtDifferentHeights(t *testing.T) {
	c := newConsortium(t).start()
	a := contract(c.as("AMSP"))
	resume, err := c.network.Stall("peer0.BMSP")
	must(t, err)
	put(t, a, "add", "n", "1")
	if got := evaluate(t, contract(c.as("BMSP")), "get", "n"); got != "" {
		t.Errorf("the stalled peer reads %q", got)
	}
	_, err = a.Submit("add", client.WithArguments("n", "1"), client.WithEndorsingOrganizations("AMSP", "BMSP"))
	expect(t, err, codes.Aborted, "ProposalResponsePayloads do not match")
	resume()
	eventually(t, "the peer catches up", func() bool { return c.network.Height("peer0.BMSP") == 3 })
	_, err = a.Submit("add", client.WithArguments("n", "1"), client.WithEndorsingOrganizations("AMSP", "BMSP"))
	must(t, err)
}

func TestPeerComesBack(t *testing.T) {
	c := newConsortium(t).start()
	a, b := contract(c.as("AMSP")), contract(c.as("BMSP"))
	must(t, c.network.StopPeer("peer0.BMSP"))
	put(t, a, "put", "k", "v")
	_, err := b.EvaluateTransaction("get", "k")
	expect(t, err, codes.Unavailable)
	must(t, c.network.StartPeer(t.Context(), "peer0.BMSP"))
	eventually(t, "it has taken the blocks it missed", func() bool { return c.network.Height("peer0.BMSP") == 3 })
	eventually(t, "clients reconnect", func() bool {
		value, err := b.EvaluateTransaction("get", "k")
		return err == nil && string(value) == "v"
	})
}

func TestUpgrade(t *testing.T) {
	c := newConsortium(t).start()
	a := contract(c.as("AMSP"))
	put(t, a, "put", "k", "v")
	before := endorse(t, a, nil, "add", "n", "1")
	next := basicChaincode(2)
	next.Version = "2.0"
	must(t, c.network.Upgrade(t.Context(), next))
	if code := commit(t, before); code != peer.TxValidationCode_MVCC_READ_CONFLICT {
		t.Errorf("endorsed before the upgrade, committed after it: %s", code)
	}
	put(t, a, "add", "n", "1")
	if got := evaluate(t, a, "get", "k"); got != "v" {
		t.Errorf("read %q", got)
	}
	if err := c.network.Upgrade(t.Context(), next); err != nil {
		t.Errorf("the same definition again: %v", err)
	}
}

func TestConcurrencyLimit(t *testing.T) {
	c := newConsortium(t, func(config *devnet.Config) { config.GatewayConcurrency = 1 }).start()
	g := c.as("AMSP")
	refused := "too many requests for /gateway.Gateway, exceeding concurrency limit (1)"
	eventually(t, "an open stream of events takes the only slot", func() bool {
		ctx, cancel := contextFor(5 * time.Second)
		defer cancel()
		_, err := g.GetNetwork(channelName).ChaincodeEvents(ctx, "basic")
		must(t, err)
		_, err = contract(g).EvaluateTransaction("get", "k")
		return status.Code(err) == codes.Unknown && strings.Contains(err.Error(), refused)
	})
}

package devnet_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/orderer"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"github.com/zegel/zegel/network/devnet"
)

func TestRestart(t *testing.T) {
	dir := t.TempDir()
	c := newConsortium(t, func(config *devnet.Config) { config.DataDir = dir })
	run := func(do func(t *testing.T)) {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		network, err := devnet.Start(ctx, c.config)
		must(t, err)
		c.network = network
		do(t)
		must(t, network.Stop())
	}
	var txid string
	run(func(t *testing.T) {
		a := contract(c.as("AMSP"))
		put(t, a, "put", "k", "v")
		putPrivate(t, a, "shared", "p", "secret")
		tx := endorse(t, a, nil, "add", "n", "1")
		txid = tx.TransactionID()
		if code := commit(t, tx); code != peer.TxValidationCode_VALID {
			t.Errorf("code %s", code)
		}
	})
	run(func(t *testing.T) {
		a, b := contract(c.as("AMSP")), contract(c.as("BMSP"))
		if got := evaluate(t, a, "get", "k") + evaluate(t, b, "getPrivate", "shared", "p") + evaluate(t, b, "history", "n"); got != "vsecret1false" {
			t.Errorf("after the restart %q", got)
		}
		if c.network.Height("peer0.CMSP") != 5 {
			t.Errorf("height %d", c.network.Height("peer0.CMSP"))
		}
		put(t, a, "add", "n", "1")
		if got := evaluate(t, a, "get", "n"); got != "2" {
			t.Errorf("the sum is %s", got)
		}
		if txid == "" {
			t.Error("no transaction")
		}
	})
	t.Run("a changed definition needs a higher sequence", func(t *testing.T) {
		changed := c.config
		changed.Chaincodes = []devnet.Chaincode{basicChaincode(1)}
		changed.Chaincodes[0].Endorsement = "OR('AMSP.peer')"
		_, err := devnet.Start(t.Context(), changed)
		contains(t, err, "chaincode basic differs from its definition at sequence 1: raise the sequence to upgrade")
	})
}

func TestConfigurationsThatCannotWork(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*devnet.Config)
		want   string
	}{
		{"no channel", func(c *devnet.Config) { c.Channel = "" }, `channel name "" is not valid`},
		{"bad policy", func(c *devnet.Config) { c.Chaincodes[0].Endorsement = "OR('AMSP')" }, "unrecognized token 'AMSP' in policy string"},
		{"no code", func(c *devnet.Config) { c.Chaincodes[0].New = nil }, "it needs either New or an Address"},
		{"strange orderer", func(c *devnet.Config) { c.Orderer.MSPID = "XMSP" }, `the orderer's organisation "XMSP" is not among the organisations`},
		{"foreign peer certificate", func(c *devnet.Config) {
			c.Organisations[0].Peers[0].Identity = c.Organisations[1].Peers[0].Identity
		}, "the identity of peer peer0.AMSP is not valid"},
		{"peer twice", func(c *devnet.Config) { c.Organisations[1].Peers[0].Name = "peer0.AMSP" }, "used twice"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newConsortium(t, test.change)
			_, err := devnet.Start(t.Context(), c.config)
			contains(t, err, test.want)
		})
	}
}

// A crash leaves the files as they are at some moment. Here the orderer has made blocks that no peer has committed.
func TestCrashBetweenOrderingAndCommit(t *testing.T) {
	dir, copied := t.TempDir(), t.TempDir()
	c := newConsortium(t, func(config *devnet.Config) { config.DataDir = dir }).start()
	a := contract(c.as("AMSP"))
	put(t, a, "put", "k", "before")
	c.level(t)
	for _, info := range c.network.Peers() {
		resume, err := c.network.Stall(info.Name)
		must(t, err)
		defer resume()
	}
	for _, tx := range []*client.Transaction{endorse(t, a, nil, "put", "k", "after"),
		endorse(t, a, []client.ProposalOption{transient("secret")}, "putPrivate", "shared", "p")} {
		submit(t, tx)
	}
	eventually(t, "both are in blocks on disk", func() bool { return c.ordered(t) >= 5 })
	must(t, os.CopyFS(copied, os.DirFS(dir)))
	survivor := *c
	survivor.config.DataDir = copied
	survivor.start()
	survivor.level(t)
	b := contract(survivor.as("BMSP"))
	if got := evaluate(t, b, "get", "k") + evaluate(t, b, "getPrivate", "shared", "p"); got != "aftersecret" {
		t.Errorf("after the crash %q", got)
	}
}

// ordered asks the orderer how many blocks it has; it delivers none before it is on disk.
func (c *consortium) ordered(t *testing.T) int {
	t.Helper()
	newest := &orderer.SeekPosition{Type: &orderer.SeekPosition_Newest{Newest: &orderer.SeekNewest{}}}
	blocks, _ := c.deliverFromOrderer(t, c.member("AMSP").envelope(common.HeaderType_DELIVER_SEEK_INFO, &orderer.SeekInfo{Start: newest, Stop: newest}))
	return int(blocks[0]) + 1
}

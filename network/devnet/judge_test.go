package devnet_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"github.com/zegel/zegel/network/devnet"
)

// judge is a stock Fabric peer that joins the devnet's channel, takes every block from the devnet's orderer, checks
// its signature, validates and commits it by itself.
type judge struct {
	*cli
	port int
	log  bytes.Buffer
}

func (j *judge) address() string { return "127.0.0.1:" + strconv.Itoa(j.port) }

func (c *consortium) startJudge(t *testing.T) *judge {
	t.Helper()
	j := &judge{cli: c.commandLine(t, "CMSP", "admin")}
	ca := c.authorities["CMSP"]
	node, tls := ca.issue("judge", "peer"), ca.issue("judge", "peer", loopback)
	for name, content := range map[string][]byte{"node/tls.crt": tls.Certificate, "node/tls.key": tls.Key,
		"node/msp/signcerts/cert.pem": node.Certificate, "node/msp/keystore/key.pem": node.Key} {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(j.dir, name)), 0o700))
		must(t, os.WriteFile(filepath.Join(j.dir, name), content, 0o600))
	}
	must(t, os.CopyFS(filepath.Join(j.dir, "node/msp/cacerts"), os.DirFS(filepath.Join(j.dir, "msp/cacerts"))))
	must(t, os.CopyFS(filepath.Join(j.dir, "node/msp/tlscacerts"), os.DirFS(filepath.Join(j.dir, "msp/tlscacerts"))))
	config, err := os.ReadFile(filepath.Join(j.dir, "msp/config.yaml"))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(j.dir, "node/msp/config.yaml"), config, 0o600))
	j.port = freePort(t)
	text, err := template.ParseFiles("testdata/core.yaml.tmpl")
	must(t, err)
	var core bytes.Buffer
	must(t, text.Execute(&core, map[string]any{"Port": j.port, "Dir": j.dir, "MSPID": "CMSP"}))
	must(t, os.MkdirAll(filepath.Join(j.dir, "conf"), 0o700))
	must(t, os.WriteFile(filepath.Join(j.dir, "conf", "core.yaml"), core.Bytes(), 0o600))
	command := exec.Command(j.peer, "node", "start")
	command.Dir, command.Stdout, command.Stderr = j.dir, &j.log, &j.log
	command.Env = append(os.Environ(), "FABRIC_CFG_PATH="+filepath.Join(j.dir, "conf"), "FABRIC_LOGGING_SPEC=error")
	must(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		if t.Failed() {
			t.Logf("the judge says:\n%s", j.log.String())
		}
	})
	j.environment = append(j.environment, "CORE_PEER_ADDRESS="+j.address())
	return j
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// join has the judge join the channel by the devnet's genesis block.
func (j *judge) join(genesis string) {
	j.t.Helper()
	var out string
	deadline := time.Now().Add(20 * time.Second)
	for {
		var err error
		if out, err = j.run("channel", "join", "-b", genesis); err == nil {
			return
		}
		if time.Now().After(deadline) {
			j.t.Fatalf("the judge does not join: %s", out)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// block fetches a block as the judge has committed it.
func (j *judge) block(number uint64) *common.Block {
	j.t.Helper()
	file := filepath.Join(j.dir, fmt.Sprintf("%d.block", number))
	var out string
	deadline := time.Now().Add(20 * time.Second)
	for {
		var err error
		if out, err = j.run("channel", "fetch", strconv.FormatUint(number, 10), file, "-c", channelName); err == nil {
			return readBlock(j.t, file)
		}
		if time.Now().After(deadline) {
			j.t.Fatalf("the judge does not have block %d: %s", number, out)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func TestStockPeerComesToTheSameConclusions(t *testing.T) {
	binary(t, "peer")
	c := newConsortium(t, func(config *devnet.Config) {
		config.Orderer.MaxMessageCount = 2
		config.Orderer.BatchTimeout = 20 * time.Millisecond
	}).start()
	j := c.startJudge(t)
	c.everythingThatCanHappen(t)
	c.dishonesty(t, func(name string, envelope *common.Envelope, _ peer.TxValidationCode) {
		height := c.network.Height("peer0.CMSP")
		c.broadcast(envelope)
		eventually(t, name+" is in a block", func() bool { return c.network.Height("peer0.CMSP") > height })
	})
	c.level(t)
	mine := c.commandLine(t, "CMSP", "admin")
	genesis := filepath.Join(j.dir, "genesis.block")
	mine.must("channel", "fetch", "oldest", genesis, "-c", channelName)
	j.join(genesis)
	height := c.network.Height("peer0.CMSP")
	for number := range height {
		file := filepath.Join(j.dir, "mine.block")
		mine.must("channel", "fetch", strconv.FormatUint(number, 10), file, "-c", channelName)
		compareBlocks(t, readBlock(t, file), j.block(number))
	}
}

// compareBlocks compares codes and commit hashes. The commit hash covers everything that was written to the state, and
// all blocks before.
func compareBlocks(t *testing.T, mine, theirs *common.Block) {
	t.Helper()
	number := mine.GetHeader().GetNumber()
	for name, slot := range map[string]common.BlockMetadataIndex{"codes": common.BlockMetadataIndex_TRANSACTIONS_FILTER, "commit hash": common.BlockMetadataIndex_COMMIT_HASH} {
		own, other := slotOf(mine, slot), slotOf(theirs, slot)
		if !bytes.Equal(own, other) {
			t.Errorf("block %d: %s %s, but the stock peer says %s", number, name, hex.EncodeToString(own), hex.EncodeToString(other))
		}
		if len(own) == 0 && number > 0 {
			t.Errorf("block %d has no %s", number, name)
		}
	}
	var codes []string
	for _, code := range slotOf(mine, common.BlockMetadataIndex_TRANSACTIONS_FILTER) {
		codes = append(codes, peer.TxValidationCode(code).String())
	}
	t.Logf("block %d: %s", number, strings.Join(codes, ", "))
}

func slotOf(block *common.Block, slot common.BlockMetadataIndex) []byte {
	if metadata := block.GetMetadata().GetMetadata(); len(metadata) > int(slot) {
		return metadata[slot]
	}
	return nil
}

// everythingThatCanHappen puts transactions of every kind on the chain, valid and invalid.
func (c *consortium) everythingThatCanHappen(t *testing.T) {
	t.Helper()
	a, b := contract(c.as("AMSP")), contract(c.as("BMSP"))
	put(t, a, "put", "k", "v")
	put(t, a, "batch", "r1", "r2", "r3")
	put(t, a, "del", "r2")
	pair := func(one, two *client.Transaction) {
		first, second := submit(t, one), submit(t, two)
		statusOf(t, first)
		statusOf(t, second)
		c.level(t)
	}
	pair(endorse(t, a, nil, "add", "n", "1"), endorse(t, b, nil, "add", "n", "1"))                // MVCC
	pair(endorse(t, a, nil, "put", "r25", "1"), endorse(t, b, nil, "countAndPut", "r", "s", "z")) // phantom
	pair(endorse(t, a, nil, "put", "w", "1"), endorse(t, b, nil, "put", "w", "2"))                // blind writes
	pair(endorse(t, a, nil, "restrict", "k", "CMSP"), endorse(t, b, nil, "put", "k", "late"))     // a policy in the same block
	pair(endorse(t, a, nil, "put", "k", "by C"), endorse(t, a, nil, "event", "made", "1"))
	only := func(mspIDs ...string) []client.ProposalOption {
		return []client.ProposalOption{client.WithEndorsingOrganizations(mspIDs...)}
	}
	pair(endorse(t, a, only("AMSP", "BMSP"), "put", "k", "without C"), endorse(t, a, only("AMSP"), "put", "x", "alone"))
	again := endorse(t, a, nil, "put", "again", "1")
	pair(again, again) // the same identifier twice in a block
	putPrivate(t, a, "shared", "p", "secret")
	c.level(t)
	private := endorse(t, a, nil, "movePrivate", "shared", "p", "p2")
	putPrivate(t, b, "shared", "p", "newer")
	c.level(t)
	pair(private, endorse(t, a, append(only("BMSP", "CMSP"), transient("x")), "putPrivate", "onlyA", "k"))
	pair(endorse(t, a, nil, "restrictPrivate", "shared", "p", "BMSP"), endorse(t, a, nil, "purgePrivate", "shared", "p2"))
	put(t, a, "del", "k")
	pair(endorse(t, a, nil, "everythingAtOnce", "shared"), endorse(t, a, nil, "delPrivate", "shared", "p"))
	next := basicChaincode(2)
	next.Version = "2.0"
	before := endorse(t, a, nil, "put", "k", "old code")
	must(t, c.network.Upgrade(t.Context(), next))
	pair(before, endorse(t, a, nil, "put", "k", "new code"))
}

// level waits until all peers have committed the same blocks.
func (c *consortium) level(t *testing.T) {
	t.Helper()
	eventually(t, "all peers are level", func() bool {
		height := c.network.Height("peer0.AMSP")
		return height == c.network.Height("peer0.BMSP") && height == c.network.Height("peer0.CMSP")
	})
}

package devnet_test

import (
	"context"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
)

func transient(value string) client.ProposalOption {
	return client.WithTransient(map[string][]byte{"value": []byte(value)})
}

func putPrivate(t *testing.T, c *client.Contract, collection, key, value string, options ...client.ProposalOption) {
	t.Helper()
	_, err := c.Submit("putPrivate", append(options, client.WithArguments(collection, key), transient(value))...)
	must(t, err)
}

func TestPrivateData(t *testing.T) {
	c := newConsortium(t).start()
	a, b, other := contract(c.as("AMSP")), contract(c.as("BMSP")), contract(c.as("CMSP"))
	putPrivate(t, a, "shared", "k", "secret")
	eventually(t, "all peers have committed", func() bool {
		return c.network.Height("peer0.BMSP") == 3 && c.network.Height("peer0.CMSP") == 3
	})
	t.Run("members read it on their own peers", func(t *testing.T) {
		for _, member := range []*client.Contract{a, b} {
			if got := evaluate(t, member, "getPrivate", "shared", "k"); got != "secret" {
				t.Errorf("read %q", got)
			}
		}
	})
	t.Run("others are refused", func(t *testing.T) {
		_, err := other.EvaluateTransaction("getPrivate", "shared", "k")
		expect(t, err, codes.Unknown, "GET_STATE failed: transaction ID: ", "tx creator does not have read access permission on privatedata in chaincodeName:basic collectionName: shared")
		_, err = other.Submit("putPrivate", client.WithArguments("shared", "k"), transient("x"), client.WithEndorsingOrganizations("AMSP", "BMSP"))
		expect(t, err, codes.Aborted, "tx creator does not have write access permission on privatedata in chaincodeName:basic collectionName: shared")
	})
	t.Run("a peer that may not hold it does not", func(t *testing.T) {
		outside := contract(c.with("AMSP", c.authorities["AMSP"].issue("roaming", "client"), "CMSP"))
		_, err := outside.Evaluate("getPrivate", client.WithArguments("shared", "k"), client.WithEndorsingOrganizations("CMSP"))
		expect(t, err, codes.Unknown, "private data matching public hash version is not available")
	})
	t.Run("everybody reads the hash", func(t *testing.T) {
		want := sha256.Sum256([]byte("secret"))
		if got := evaluate(t, other, "hashPrivate", "shared", "k"); got != string(want[:]) {
			t.Errorf("hash %x", got)
		}
	})
	t.Run("an unknown collection", func(t *testing.T) {
		_, err := a.EvaluateTransaction("getPrivate", "nowhere", "k")
		expect(t, err, codes.Unknown, "collection trade/basic/nowhere could not be found")
	})
	t.Run("a collection's own policy is enough for its keys", func(t *testing.T) {
		putPrivate(t, a, "onlyA", "k", "mine", client.WithEndorsingOrganizations("AMSP"))
		if got := evaluate(t, a, "getPrivate", "onlyA", "k"); got != "mine" {
			t.Errorf("read %q", got)
		}
		putPrivate(t, a, "onlyA", "k", "mine again")
	})
	t.Run("a collection's own policy is demanded of its keys", func(t *testing.T) {
		proposal, err := a.NewProposal("putPrivate", client.WithArguments("onlyA", "k"), transient("x"), client.WithEndorsingOrganizations("BMSP", "CMSP"))
		must(t, err)
		tx, err := proposal.Endorse()
		must(t, err)
		if code := commit(t, tx); code != peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE {
			t.Errorf("code %s", code)
		}
	})
	t.Run("reads of private values conflict", func(t *testing.T) {
		tx := endorse(t, a, nil, "movePrivate", "shared", "k", "k2")
		putPrivate(t, b, "shared", "k", "newer")
		if code := commit(t, tx); code != peer.TxValidationCode_MVCC_READ_CONFLICT {
			t.Errorf("code %s", code)
		}
	})
}

func TestTransientDataIsProtected(t *testing.T) {
	c := newConsortium(t).start()
	must(t, c.network.StopPeer("peer0.BMSP"))
	_, err := contract(c.as("AMSP")).Submit("putPrivate", client.WithArguments("shared", "k"), transient("x"))
	expect(t, err, codes.FailedPrecondition, "requires endorsement from organisation(s) that are not in the distribution policy of the private data collection(s): [shared]; retry specifying trusted endorsing organizations to protect transient data")
}

func TestPrivateDataGoesAway(t *testing.T) {
	c := newConsortium(t).start()
	a := contract(c.as("AMSP"))
	putPrivate(t, a, "brief", "k", "short-lived")
	putPrivate(t, a, "shared", "k", "to be purged")
	t.Run("by purge", func(t *testing.T) {
		put(t, a, "purgePrivate", "shared", "k")
		if got := evaluate(t, a, "getPrivate", "shared", "k") + evaluate(t, a, "hashPrivate", "shared", "k"); got != "" {
			t.Errorf("read %q", got)
		}
	})
	t.Run("by blocks", func(t *testing.T) {
		put(t, a, "put", "x", "1")
		put(t, a, "put", "x", "2")
		if got := evaluate(t, a, "getPrivate", "brief", "k"); got != "" {
			t.Errorf("read %q", got)
		}
	})
}

func TestPrivateDataWithBlocks(t *testing.T) {
	c := newConsortium(t).start()
	putPrivate(t, contract(c.as("AMSP")), "shared", "k", "secret")
	for mspID, want := range map[string]string{"AMSP": "secret", "BMSP": "secret", "CMSP": ""} {
		t.Run(mspID, func(t *testing.T) {
			ctx, cancel := contextFor(5 * time.Second)
			defer cancel()
			blocks, err := c.as(mspID).GetNetwork(channelName).BlockAndPrivateDataEvents(ctx, client.WithStartBlock(2))
			must(t, err)
			if got := privateValue(t, <-blocks); got != want {
				t.Errorf("private data %q", got)
			}
			drain(cancel, blocks)
		})
	}
}

func drain[T any](cancel context.CancelFunc, events <-chan T) {
	cancel()
	for range events {
	}
}

func privateValue(t *testing.T, block *peer.BlockAndPrivateData) string {
	t.Helper()
	for _, set := range block.GetPrivateDataMap() {
		for _, written := range writtenPrivately(t, set) {
			return string(written.GetValue())
		}
	}
	return ""
}

func writtenPrivately(t *testing.T, set *rwset.TxPvtReadWriteSet) []*kvrwset.KVWrite {
	t.Helper()
	var writes []*kvrwset.KVWrite
	for _, namespace := range set.GetNsPvtRwset() {
		for _, collection := range namespace.GetCollectionPvtRwset() {
			parsed := &kvrwset.KVRWSet{}
			must(t, proto.Unmarshal(collection.GetRwset(), parsed))
			writes = append(writes, parsed.GetWrites()...)
		}
	}
	return writes
}

func TestKeyPolicies(t *testing.T) {
	c := newConsortium(t).start()
	a := contract(c.as("AMSP"))
	put(t, a, "put", "k", "1")
	put(t, a, "restrict", "k", "CMSP")
	t.Run("the gateway finds the endorser a key demands", func(t *testing.T) {
		put(t, a, "put", "k", "2")
	})
	t.Run("the key's policy replaces the chaincode's", func(t *testing.T) {
		_, err := a.Submit("put", client.WithArguments("k", "3"), client.WithEndorsingOrganizations("CMSP"))
		must(t, err)
	})
	t.Run("others do not satisfy it", func(t *testing.T) {
		proposal, err := a.NewProposal("put", client.WithArguments("k", "4"), client.WithEndorsingOrganizations("AMSP", "BMSP"))
		must(t, err)
		tx, err := proposal.Endorse()
		must(t, err)
		if code := commit(t, tx); code != peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE {
			t.Errorf("code %s", code)
		}
	})
	t.Run("it goes with the key", func(t *testing.T) {
		put(t, a, "del", "k")
		_, err := a.Submit("put", client.WithArguments("k", "5"), client.WithEndorsingOrganizations("AMSP", "BMSP"))
		must(t, err)
	})
}

func TestPrivateKeyPolicies(t *testing.T) {
	c := newConsortium(t).start()
	a := contract(c.as("AMSP"))
	putPrivate(t, a, "shared", "k", "1")
	put(t, a, "restrictPrivate", "shared", "k", "BMSP")
	if got := evaluate(t, a, "policies", "shared", "k"); got[:2] != "0 " || got == "0 0" {
		t.Errorf("policies %q", got)
	}
	proposal, err := a.NewProposal("putPrivate", client.WithArguments("shared", "k"), transient("2"), client.WithEndorsingOrganizations("AMSP", "CMSP"))
	must(t, err)
	tx, err := proposal.Endorse()
	must(t, err)
	if code := commit(t, tx); code != peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE {
		t.Errorf("code %s", code)
	}
	putPrivate(t, a, "shared", "k", "3")
	putPrivate(t, a, "shared", "k", "4", client.WithEndorsingOrganizations("BMSP"))
}

func TestPrivateScans(t *testing.T) {
	c := newConsortium(t).start()
	a := contract(c.as("AMSP"))
	for _, key := range []string{"p1", "p2", "p3", "q"} {
		putPrivate(t, a, "shared", key, key)
	}
	put(t, a, "delPrivate", "shared", "p2")
	if got := evaluate(t, a, "rangePrivate", "shared", "p", "q"); got != "p1,p3" {
		t.Errorf("rows %q", got)
	}
	_, err := a.SubmitTransaction("rangePrivateAndPut", "shared", "p", "q")
	expect(t, err, codes.Aborted, "PUT_STATE failed: transaction ID: ")
	_, err = a.SubmitTransaction("pageAndPut")
	expect(t, err, codes.Aborted, "Transaction has already performed a paginated query. Writes are not allowed")
}

func TestBatchOfEveryKindOfWrite(t *testing.T) {
	c := newConsortium(t).start()
	a := contract(c.as("AMSP"))
	put(t, a, "everythingAtOnce", "shared")
	if got := evaluate(t, a, "get", "once") + evaluate(t, a, "getPrivate", "shared", "once"); got != "vv" {
		t.Errorf("read %q", got)
	}
}

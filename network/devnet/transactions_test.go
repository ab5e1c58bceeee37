package devnet_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"github.com/zegel/zegel/network/devnet"
)

// endorse has a transaction endorsed but not yet submitted.
func endorse(t *testing.T, c *client.Contract, options []client.ProposalOption, name string, args ...string) *client.Transaction {
	t.Helper()
	proposal, err := c.NewProposal(name, append(options, client.WithArguments(args...))...)
	must(t, err)
	tx, err := proposal.Endorse()
	must(t, err)
	return tx
}

// commit submits an endorsed transaction and returns its validation code.
func commit(t *testing.T, tx *client.Transaction) peer.TxValidationCode {
	t.Helper()
	return statusOf(t, submit(t, tx))
}

func submit(t *testing.T, tx *client.Transaction) *client.Commit {
	t.Helper()
	submitted, err := tx.Submit()
	must(t, err)
	return submitted
}

func statusOf(t *testing.T, c *client.Commit) peer.TxValidationCode {
	t.Helper()
	status, err := c.Status()
	must(t, err)
	return status.Code
}

func evaluate(t *testing.T, c *client.Contract, name string, args ...string) string {
	t.Helper()
	result, err := c.EvaluateTransaction(name, args...)
	must(t, err)
	return string(result)
}

// put submits a transaction. Endorsers that have not committed the one before disagree with those that have; that is
// no fault of the network, so put tries again.
func put(t *testing.T, c *client.Contract, name string, args ...string) []byte {
	t.Helper()
	var result []byte
	var err error
	eventually(t, "the endorsers agree", func() bool {
		result, err = c.SubmitTransaction(name, args...)
		return err == nil || !strings.Contains(err.Error(), "ProposalResponsePayloads do not match")
	})
	must(t, err)
	return result
}

func TestWorldState(t *testing.T) {
	c := newConsortium(t).start()
	a := contract(c.as("AMSP"))
	put(t, a, "put", "k", "old")
	t.Run("a transaction does not read its own writes", func(t *testing.T) {
		if got := evaluate(t, a, "readback", "k"); got != "old" {
			t.Errorf("read %q", got)
		}
	})
	t.Run("an absent key reads as nothing", func(t *testing.T) {
		if got := evaluate(t, a, "get", "absent"); got != "" {
			t.Errorf("read %q", got)
		}
	})
	t.Run("an empty value deletes", func(t *testing.T) {
		put(t, a, "put", "k", "")
		if got := evaluate(t, a, "range", "", ""); strings.Contains(got, "k") {
			t.Errorf("still there: %q", got)
		}
	})
	t.Run("history is newest first, with deletions", func(t *testing.T) {
		put(t, a, "put", "h", "1")
		put(t, a, "put", "h", "2")
		put(t, a, "del", "h")
		if got := evaluate(t, a, "history", "h"); got != "true,2false,1false" {
			t.Errorf("history %q", got)
		}
	})
	t.Run("writes and reads go in batches", func(t *testing.T) {
		put(t, a, "batch", "b1", "b2", "b3")
		if got := evaluate(t, a, "many", "b1", "b3", "absent"); got != "batched,batched," {
			t.Errorf("read %q", got)
		}
	})
	t.Run("rich queries are refused as LevelDB refuses them", func(t *testing.T) {
		_, err := a.EvaluateTransaction("rich")
		contains(t, err, "GET_QUERY_RESULT failed: transaction ID: ", "ExecuteQuery not supported for leveldb")
	})
}

func contains(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	text := err.Error()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("error %q lacks %q", text, part)
		}
	}
}

func TestScans(t *testing.T) {
	c := newConsortium(t).start()
	a := contract(c.as("AMSP"))
	keys := make([]string, 250)
	for i := range keys {
		keys[i] = fmt.Sprintf("row%03d", i)
	}
	put(t, a, "batch", keys...)
	t.Run("a long scan comes in several batches", func(t *testing.T) {
		if got := evaluate(t, a, "range", "row", "rox"); got != strings.Join(keys, ",") {
			t.Errorf("%d rows", strings.Count(got, ",")+1)
		}
	})
	t.Run("a page says where the next begins", func(t *testing.T) {
		if got := evaluate(t, a, "page", "row", "rox", "3", ""); got != "row000,row001,row002|row003" {
			t.Errorf("page %q", got)
		}
		if got := evaluate(t, a, "page", "row", "rox", "3", "row248"); got != "row248,row249|" {
			t.Errorf("page %q", got)
		}
	})
}

func TestConflicts(t *testing.T) {
	c := newConsortium(t, func(config *devnet.Config) { config.Orderer.MaxMessageCount = 2 }).start()
	a, b := contract(c.as("AMSP")), contract(c.as("BMSP"))
	for _, test := range []struct {
		name          string
		first, second []string
		want          peer.TxValidationCode
	}{
		{"two readers of one key", []string{"add", "n", "1"}, []string{"add", "n", "1"}, peer.TxValidationCode_MVCC_READ_CONFLICT},
		{"two blind writers", []string{"put", "w", "1"}, []string{"put", "w", "2"}, peer.TxValidationCode_VALID},
		{"a row appears in a scan", []string{"put", "p1", "1"}, []string{"countAndPut", "p", "q", "z"}, peer.TxValidationCode_PHANTOM_READ_CONFLICT},
		{"a row appears beside a scan", []string{"put", "r1", "1"}, []string{"countAndPut", "s", "t", "z"}, peer.TxValidationCode_VALID},
	} {
		t.Run(test.name, func(t *testing.T) {
			one := endorse(t, a, nil, test.first[0], test.first[1:]...)
			two := endorse(t, b, nil, test.second[0], test.second[1:]...)
			first, second := submit(t, one), submit(t, two) // the two share a block
			if code := statusOf(t, first); code != peer.TxValidationCode_VALID {
				t.Errorf("the first is %s", code)
			}
			if code := statusOf(t, second); code != test.want {
				t.Errorf("the second is %s, not %s", code, test.want)
			}
		})
	}
}

func TestCommitErrorNamesTheCode(t *testing.T) {
	c := newConsortium(t).start()
	a := contract(c.as("AMSP"))
	tx := endorse(t, a, nil, "add", "n", "1")
	put(t, a, "add", "n", "1")
	if code := commit(t, tx); code != peer.TxValidationCode_MVCC_READ_CONFLICT {
		t.Errorf("across blocks: %s", code)
	}
	proposal, err := a.NewProposal("add", client.WithArguments("n", "1"), client.WithEndorsingOrganizations("AMSP"))
	must(t, err)
	alone, err := proposal.Endorse()
	must(t, err)
	if code := commit(t, alone); code != peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE {
		t.Errorf("endorsed by one of two: %s", code)
	}
	_, err = a.Submit("add", client.WithArguments("n", "1"), client.WithEndorsingOrganizations("AMSP"))
	var failed *client.CommitError
	if !errors.As(err, &failed) || failed.Code != peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE {
		t.Errorf("submit says %v", err)
	}
}

func TestChaincodeCallsChaincode(t *testing.T) {
	c := newConsortium(t, func(config *devnet.Config) {
		other := basicChaincode(1)
		other.Name, other.Collections, other.Endorsement = "other", nil, ""
		config.Chaincodes = append(config.Chaincodes, other)
	}).start()
	a := contract(c.as("AMSP"))
	t.Run("writes join the caller's transaction", func(t *testing.T) {
		put(t, a, "call", "other", "put", "k", "v")
		other := c.as("AMSP").GetNetwork(channelName).GetContract("other")
		if got := evaluate(t, other, "get", "k"); got != "v" {
			t.Errorf("read %q", got)
		}
	})
	t.Run("an unknown chaincode", func(t *testing.T) {
		_, err := a.EvaluateTransaction("call", "nobody", "get", "k")
		contains(t, err, "INVOKE_CHAINCODE failed: transaction ID: ", "execute failed: invalid invocation: [channel trade] failed to get chaincode container info for nobody: chaincode nobody not found")
	})
	t.Run("a refusal of the other comes back", func(t *testing.T) {
		_, err := a.EvaluateTransaction("call", "other", "fail", "no")
		contains(t, err, "chaincode response 500, called: 500 no")
	})
}

package devnet_test

import (
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/zegel/zegel/network/devnet"
)

// details are the endorsers' errors attached to a gateway error.
func details(err error) []*gateway.ErrorDetail {
	var found []*gateway.ErrorDetail
	for _, one := range status.Convert(errors.Unwrap(err)).Details() {
		if d, ok := one.(*gateway.ErrorDetail); ok {
			found = append(found, d)
		}
	}
	if found == nil {
		for _, one := range status.Convert(err).Details() {
			if d, ok := one.(*gateway.ErrorDetail); ok {
				found = append(found, d)
			}
		}
	}
	return found
}

func expect(t *testing.T, err error, code codes.Code, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if got := status.Code(err); got != code {
		t.Errorf("code %s, not %s: %v", got, code, err)
	}
	text := err.Error()
	for _, d := range details(err) {
		text += "\n" + d.GetMspId() + " " + d.GetAddress() + " " + d.GetMessage()
	}
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("error %q lacks %q", text, part)
		}
	}
}

func TestRefusalsOfChaincode(t *testing.T) {
	c := newConsortium(t, func(config *devnet.Config) { config.ExecuteTimeout = 100 * time.Millisecond }).start()
	a := contract(c.as("AMSP"))
	address := c.network.PeersOf("AMSP")[0].Address
	t.Run("evaluate", func(t *testing.T) {
		_, err := a.EvaluateTransaction("fail", "no stock")
		expect(t, err, codes.Unknown, "evaluate call to endorser returned error: chaincode response 500, no stock", "AMSP "+address+" chaincode response 500, no stock")
	})
	t.Run("submit", func(t *testing.T) {
		_, err := a.SubmitTransaction("fail", "no stock")
		expect(t, err, codes.Aborted, "failed to endorse transaction, see attached details for more info", "AMSP "+address+" chaincode response 500, no stock")
	})
	t.Run("submit with organisations named", func(t *testing.T) {
		_, err := a.Submit("fail", client.WithArguments("no stock"), client.WithEndorsingOrganizations("AMSP", "BMSP"))
		expect(t, err, codes.Aborted, "failed to collect enough transaction endorsements, see attached details for more info", "AMSP ", "BMSP ", "chaincode response 500, no stock")
		if len(details(err)) != 2 {
			t.Errorf("%d details", len(details(err)))
		}
	})
	t.Run("panic", func(t *testing.T) {
		_, err := a.SubmitTransaction("panic", "boom")
		expect(t, err, codes.Aborted, "error in simulation: failed to execute transaction ", "chaincode panicked (boom): chaincode stream terminated")
		if got := evaluate(t, a, "get", "k"); got != "" {
			t.Errorf("afterwards it reads %q", got)
		}
	})
	t.Run("too slow", func(t *testing.T) {
		_, err := a.SubmitTransaction("sleep", "200ms")
		expect(t, err, codes.Aborted, "error in simulation: failed to execute transaction ", "error sending: timeout expired while executing transaction")
	})
	t.Run("different results", func(t *testing.T) {
		_, err := a.SubmitTransaction("differ")
		expect(t, err, codes.Aborted, "failed to collect enough transaction endorsements", "ProposalResponsePayloads do not match")
	})
	t.Run("slower than the client waits", func(t *testing.T) {
		gateway := c.as("AMSP")
		proposal, err := contract(gateway).NewProposal("sleep", client.WithArguments("90ms"))
		must(t, err)
		ctx, cancel := contextFor(20 * time.Millisecond)
		defer cancel()
		_, err = proposal.EndorseWithContext(ctx)
		expect(t, err, codes.DeadlineExceeded)
	})
}

func TestRefusalsOfTheNetwork(t *testing.T) {
	c := newConsortium(t).start()
	g := c.as("AMSP")
	t.Run("an unknown chaincode is refused before it is sent", func(t *testing.T) {
		unknown := g.GetNetwork(channelName).GetContract("nobody")
		_, err := unknown.SubmitTransaction("f")
		expect(t, err, codes.FailedPrecondition, "no combination of peers can be derived which satisfy the endorsement policy: No metadata was found for chaincode nobody in channel trade")
		_, err = unknown.EvaluateTransaction("f")
		expect(t, err, codes.FailedPrecondition, "no peers available to evaluate chaincode nobody in channel trade")
		_, err = unknown.Submit("f", client.WithTransient(map[string][]byte{"a": nil}))
		expect(t, err, codes.FailedPrecondition, "no endorsers found in the gateway's organization; retry specifying endorsing organization(s) to protect transient data")
	})
	t.Run("an unknown channel", func(t *testing.T) {
		_, err := g.GetNetwork("nowhere").GetContract("basic").EvaluateTransaction("get", "k")
		expect(t, err, codes.Unavailable, "failed to get config for channel [nowhere]: could not get last config for channel nowhere")
	})
	t.Run("an unknown organisation", func(t *testing.T) {
		_, err := contract(g).Submit("put", client.WithArguments("k", "v"), client.WithEndorsingOrganizations("AMSP", "XMSP"))
		expect(t, err, codes.Unavailable, "failed to find any endorsing peers for org(s): XMSP")
	})
	t.Run("a policy nobody can satisfy for want of peers", func(t *testing.T) {
		must(t, c.network.StopPeer("peer0.BMSP"))
		must(t, c.network.StopPeer("peer0.CMSP"))
		_, err := contract(g).SubmitTransaction("put", "k", "v")
		expect(t, err, codes.FailedPrecondition, "no combination of peers can be derived which satisfy the endorsement policy: no peer combination can satisfy the endorsement policy")
	})
}

func TestIdentities(t *testing.T) {
	c := newConsortium(t).start()
	a := c.authorities["AMSP"]
	for _, test := range []struct {
		name string
		pair devnet.KeyPair
		code codes.Code
		text string
	}{
		{"of another authority", c.authorities["BMSP"].issue("mallory", "client"), codes.FailedPrecondition, "error validating proposal: access denied: channel [trade] creator org unknown, creator is malformed"},
		{"without a role", a.issue("nobody", "cashier"), codes.FailedPrecondition, "error validating proposal: access denied: channel [trade] creator org unknown, creator is malformed"},
		{"with two roles", a.issue("both", "client", func(x *x509.Certificate) { x.Subject.OrganizationalUnit = []string{"client", "peer"} }), codes.FailedPrecondition, "access denied: channel [trade] creator org unknown, creator is malformed"},
		{"expired", a.issue("late", "client", func(x *x509.Certificate) { x.NotAfter = time.Now().Add(-time.Minute) }), codes.Unavailable, "proposal client identity expired"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := contract(c.with("AMSP", test.pair, "")).EvaluateTransaction("get", "k")
			expect(t, err, test.code, test.text)
		})
	}
	t.Run("of an organisation that is not a member", func(t *testing.T) {
		outsider := mintAuthority(t, "XMSP").issue("x", "client")
		_, err := contract(c.with("XMSP", outsider, "AMSP")).EvaluateTransaction("get", "k")
		expect(t, err, codes.FailedPrecondition, "access denied: channel [trade] creator org unknown, creator is malformed")
	})
}

func TestAuditorReadsOnly(t *testing.T) {
	c := newConsortium(t).start()
	auditor := contract(c.with("AuditorMSP", c.authorities["AuditorMSP"].issue("auditor", "client"), "BMSP"))
	if got := evaluate(t, auditor, "get", "k"); got != "" {
		t.Errorf("read %q", got)
	}
	_, err := auditor.SubmitTransaction("put", "k", "v")
	var refused *client.SubmitError
	if !errors.As(err, &refused) {
		t.Fatalf("submit says %v", err)
	}
	expect(t, err, codes.Aborted, "received unsuccessful response from orderer: status=FORBIDDEN, info=implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy requires 1 of the 'Writers' sub-policies to be satisfied: permission denied")
}

func TestWithoutAccessRuleTheAuditorMayNotPropose(t *testing.T) {
	c := newConsortium(t, func(config *devnet.Config) { config.ACLs = nil }).start()
	auditor := contract(c.with("AuditorMSP", c.authorities["AuditorMSP"].issue("auditor", "client"), "BMSP"))
	_, err := auditor.EvaluateTransaction("get", "k")
	expect(t, err, codes.FailedPrecondition, "Failed evaluating policy on signed data during check policy on channel [trade] with policy [/Channel/Application/Writers]: [implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy requires 1 of the 'Writers' sub-policies to be satisfied]")
}

func TestRepeats(t *testing.T) {
	c := newConsortium(t).start()
	a := contract(c.as("AMSP"))
	proposal, err := a.NewProposal("add", client.WithArguments("n", "1"))
	must(t, err)
	tx, err := proposal.Endorse()
	must(t, err)
	first := submit(t, tx)
	if code := statusOf(t, first); code != peer.TxValidationCode_VALID {
		t.Fatalf("first: %s", code)
	}
	t.Run("the envelope again is a duplicate and changes nothing", func(t *testing.T) {
		if code := statusOf(t, submit(t, tx)); code != peer.TxValidationCode_VALID {
			t.Errorf("the status of the identifier is that of its first copy, not %s", code)
		}
		eventually(t, "both copies are on the chain", func() bool { return c.network.Height("peer0.AMSP") == 4 })
		if got := evaluate(t, a, "get", "n"); got != "1" {
			t.Errorf("the sum is %s", got)
		}
	})
	t.Run("the proposal again is refused", func(t *testing.T) {
		_, err := proposal.Endorse()
		expect(t, err, codes.Aborted, "failed to endorse transaction", "duplicate transaction found ["+tx.TransactionID()+"]")
	})
}

package native_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-gateway/pkg/hash"
	"github.com/hyperledger/fabric-gateway/pkg/identity"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/zegel/zegel/network/native"
)

// contract connects a user to the first peer of the organisation; the auditor's, who has none, to
// the clearing house's.
func contract(t *testing.T, n *native.Network, organisation, role string) *client.Contract {
	t.Helper()
	own, err := n.Consortium.Organisation(organisation)
	if err != nil {
		t.Fatal(err)
	}
	host := own
	if len(own.Peers) == 0 {
		if host, err = n.Consortium.Organisation("Clearing"); err != nil {
			t.Fatal(err)
		}
	}
	credential, err := own.Credential(n.Layout.Material(), role)
	if err != nil {
		t.Fatal(err)
	}
	certificate, key, err := credential.Sign.Parse()
	if err != nil {
		t.Fatal(err)
	}
	id, err := identity.NewX509Identity(own.MSPID, certificate)
	if err != nil {
		t.Fatal(err)
	}
	sign, err := identity.NewPrivateKeySign(key)
	if err != nil {
		t.Fatal(err)
	}
	trust, err := credentials.NewClientTLSFromFile(host.Folder(n.Layout.Material()).TLSRoot(), host.Peers[0].Host)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := grpc.NewClient(n.Place.Address(host.Peers[0].Host, host.Peers[0].Port), grpc.WithTransportCredentials(trust))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	gateway, err := client.Connect(id, client.WithSign(sign), client.WithHash(hash.SHA256), client.WithClientConnection(conn),
		client.WithEvaluateTimeout(10*time.Second), client.WithEndorseTimeout(10*time.Second),
		client.WithSubmitTimeout(10*time.Second), client.WithCommitStatusTimeout(10*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = gateway.Close() })
	return gateway.GetNetwork(n.Consortium.Channel).GetContract(n.Consortium.Chaincode.Name)
}

func evaluate(t *testing.T, n *native.Network, organisation, role, name string, args ...string) string {
	t.Helper()
	value, err := contract(t, n, organisation, role).Evaluate(name, client.WithArguments(args...))
	if err != nil {
		t.Fatal(err)
	}
	return string(value)
}

func testCommits(t *testing.T, n *native.Network) {
	if _, err := contract(t, n, "Korenaar", "pos").SubmitTransaction("Put", "member", "12 points"); err != nil {
		t.Fatal(err)
	}
	if got := evaluate(t, n, "Korenaar", "pos", "Get", "member"); got != "12 points" {
		t.Errorf("the ledger says %q", got)
	}
	_, err := contract(t, n, "Korenaar", "pos").Submit("Put", client.WithArguments("member", "1000000 points"),
		client.WithEndorsingOrganizations("KorenaarMSP"))
	var commit *client.CommitError
	if !errors.As(err, &commit) || commit.Code.String() != "ENDORSEMENT_POLICY_FAILURE" {
		t.Errorf("one organisation alone: %v", err)
	}
}

func testAuditor(t *testing.T, n *native.Network) {
	auditor := contract(t, n, "Auditor", "auditor")
	if got, err := auditor.EvaluateTransaction("Get", "member"); err != nil || string(got) != "12 points" {
		t.Errorf("%q %v", got, err)
	}
	_, err := auditor.SubmitTransaction("Put", "member", "0 points")
	var submit *client.SubmitError
	if !errors.As(err, &submit) {
		t.Errorf("the auditor's transaction: %v", err)
	}
	if got, err := auditor.EvaluateTransaction("GetPrivate", "profiles-KorenaarMSP", "someone"); err == nil && len(got) > 0 {
		t.Errorf("the auditor reads private data: %q", got)
	}
}

func testPrivate(t *testing.T, n *native.Network) {
	pos := contract(t, n, "Korenaar", "pos")
	alone := client.WithEndorsingOrganizations("KorenaarMSP")
	if _, err := pos.Submit("PutPrivate", client.WithArguments("profiles-KorenaarMSP", "someone"), alone); err != nil {
		t.Fatalf("a profile, endorsed by its chain alone: %v", err)
	}
	if got := evaluate(t, n, "Korenaar", "pos", "GetPrivate", "profiles-KorenaarMSP", "someone"); got != "private" {
		t.Errorf("the profile reads %q", got)
	}
	_, err := pos.Submit("PutPrivate", client.WithArguments("baskets-KorenaarMSP", "receipt"), alone)
	var commit *client.CommitError
	if !errors.As(err, &commit) || commit.Code.String() != "ENDORSEMENT_POLICY_FAILURE" {
		t.Errorf("a basket, endorsed by its chain alone: %v", err)
	}
	both := client.WithEndorsingOrganizations("KorenaarMSP", "ClearingMSP")
	if _, err := pos.Submit("PutPrivate", client.WithArguments("baskets-KorenaarMSP", "receipt"), both); err != nil {
		t.Errorf("a basket, endorsed by its chain and the clearing house: %v", err)
	}
	other := contract(t, n, "Duinmarkt", "pos")
	if _, err := other.EvaluateTransaction("GetPrivate", "profiles-KorenaarMSP", "someone"); err == nil || !strings.Contains(err.Error(), "access") {
		t.Errorf("another chain reads the profile: %v", err)
	}
	if _, err := pos.Submit("PurgePrivate", client.WithArguments("profiles-KorenaarMSP", "someone"), alone); err != nil {
		t.Errorf("purge: %v", err)
	}
	if got := evaluate(t, n, "Korenaar", "pos", "GetPrivate", "profiles-KorenaarMSP", "someone"); got != "" {
		t.Errorf("after the purge the profile reads %q", got)
	}
}

package devnet_test

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"testing"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-gateway/pkg/hash"
	"github.com/hyperledger/fabric-gateway/pkg/identity"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/zegel/zegel/network/devnet"
)

// consortium is a network of three organisations with a peer each, A, B and C, and an auditor without one.
type consortium struct {
	t           testing.TB
	config      devnet.Config
	authorities map[string]*authority
	network     *devnet.Network
}

const channelName = "trade"

func newConsortium(t testing.TB, change ...func(*devnet.Config)) *consortium {
	t.Helper()
	c := &consortium{t: t, authorities: map[string]*authority{}}
	c.config = devnet.Config{Channel: channelName, ACLs: map[string]string{"peer/Propose": "/Channel/Application/Readers"},
		Orderer: devnet.Orderer{MSPID: "AMSP", Name: "orderer.a.example", Listen: "localhost:0", MaxMessageCount: 1, BatchTimeout: 200 * time.Millisecond}}
	for _, name := range []string{"AMSP", "BMSP", "CMSP", "AuditorMSP"} {
		ca := mintAuthority(t, name)
		c.authorities[name] = ca
		organisation := devnet.Organisation{MSPID: name, CA: ca.pem, TLSCA: ca.pem, NodeOUs: true, ReadOnly: name == "AuditorMSP"}
		if !organisation.ReadOnly {
			peer := "peer0." + name
			organisation.Peers = []devnet.Peer{{Name: peer, Listen: "localhost:0", Identity: ca.issue(peer, "peer"), TLS: ca.issue(peer, "peer")}}
		}
		c.config.Organisations = append(c.config.Organisations, organisation)
	}
	c.config.Orderer.Identity = c.authorities["AMSP"].issue("orderer.a.example", "orderer")
	c.config.Orderer.TLS = c.authorities["AMSP"].issue("orderer.a.example", "orderer")
	c.config.Chaincodes = []devnet.Chaincode{basicChaincode(1)}
	for _, f := range change {
		f(&c.config)
	}
	return c
}

func basicChaincode(sequence int64) devnet.Chaincode {
	return devnet.Chaincode{Name: "basic", Version: "1.0", Sequence: sequence, New: func() shim.Chaincode { return &basic{} },
		Endorsement: "OutOf(2, 'AMSP.peer', 'BMSP.peer', 'CMSP.peer')",
		Collections: []devnet.Collection{
			{Name: "onlyA", Policy: "OR('AMSP.member')", MaxPeerCount: 1, MemberOnlyRead: true, MemberOnlyWrite: true, Endorsement: "OR('AMSP.peer')"},
			{Name: "shared", Policy: "OR('AMSP.member', 'BMSP.member')", MaxPeerCount: 2, MemberOnlyRead: true, MemberOnlyWrite: true},
			{Name: "brief", Policy: "OR('AMSP.member', 'BMSP.member')", MaxPeerCount: 2, BlockToLive: 2},
		}}
}

// start starts the network and stops it when the test ends.
func (c *consortium) start() *consortium {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	network, err := devnet.Start(ctx, c.config)
	must(c.t, err)
	c.network = network
	c.t.Cleanup(func() { must(c.t, network.Stop()) })
	return c
}

// as connects the gateway client to an organisation's peer with an identity of the organisation.
func (c *consortium) as(mspID string) *client.Gateway {
	return c.with(mspID, c.authorities[mspID].issue("user."+mspID, "client"), "")
}

// with connects with a given identity to the peer of an organisation; to that of the identity's where it is empty.
func (c *consortium) with(mspID string, pair devnet.KeyPair, peerOf string) *client.Gateway {
	c.t.Helper()
	if peerOf == "" {
		peerOf = mspID
	}
	id, sign := signer(c.t, mspID, pair)
	gateway, err := client.Connect(id, client.WithSign(sign), client.WithHash(hash.SHA256), client.WithClientConnection(c.dial(peerOf)),
		client.WithEvaluateTimeout(10*time.Second), client.WithEndorseTimeout(10*time.Second), client.WithSubmitTimeout(10*time.Second), client.WithCommitStatusTimeout(10*time.Second))
	must(c.t, err)
	c.t.Cleanup(func() { _ = gateway.Close() })
	return gateway
}

// dial connects without asking a name server, which may take its time to say that it does not know localhost.
func (c *consortium) dial(mspID string) *grpc.ClientConn {
	c.t.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(c.authorities[mspID].pem)
	connection, err := grpc.NewClient("passthrough:///"+c.network.PeersOf(mspID)[0].Address, grpc.WithTransportCredentials(credentials.NewClientTLSFromCert(roots, "")))
	must(c.t, err)
	c.t.Cleanup(func() { _ = connection.Close() })
	return connection
}

func signer(t testing.TB, mspID string, pair devnet.KeyPair) (*identity.X509Identity, identity.Sign) {
	t.Helper()
	block, _ := pem.Decode(pair.Certificate)
	certificate, err := x509.ParseCertificate(block.Bytes)
	must(t, err)
	id, err := identity.NewX509Identity(mspID, certificate)
	must(t, err)
	key, err := identity.PrivateKeyFromPEM(pair.Key)
	must(t, err)
	sign, err := identity.NewPrivateKeySign(key)
	must(t, err)
	return id, sign
}

func contract(g *client.Gateway) *client.Contract {
	return g.GetNetwork(channelName).GetContract("basic")
}

// eventually polls until what is awaited holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("did not happen in time: %s", what)
}

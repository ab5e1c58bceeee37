package conformance_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-gateway/pkg/hash"
	"github.com/hyperledger/fabric-gateway/pkg/identity"
	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/consortium"
)

// world is a network as the cases see it: connections, identities and every peer's blocks.
type world struct {
	backend
	peers   []string // lower-case names of the organisations with a peer, in order
	dialled map[string]*grpc.ClientConn
	signers map[string]*signer
	clients map[string]*client.Gateway
	chains  map[string]*chain
	// addresses gives hosts and ports their names, longest first, for observations.
	addresses *strings.Replacer
	// filler is a transaction that is sent again and again, to fill blocks up.
	filler *client.Transaction
}

// ordererName is the name under which the orderer is dialled.
const ordererName = "orderer"

// enter connects to everything.
func enter(t *testing.T, b backend) *world {
	t.Helper()
	w := &world{backend: b, dialled: map[string]*grpc.ClientConn{}, signers: map[string]*signer{},
		clients: map[string]*client.Gateway{}, chains: map[string]*chain{}}
	var names []string
	for _, o := range b.consortium.Organisations {
		for _, p := range o.Peers {
			names = append(names, w.dial(t, strings.ToLower(o.Name), o, p.Host, p.Port)...)
			w.peers = append(w.peers, strings.ToLower(o.Name))
		}
		for _, n := range o.Orderers {
			names = append(names, w.dial(t, ordererName, o, n.Host, n.Port)...)
		}
	}
	w.addresses = strings.NewReplacer(names...)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	for _, name := range w.peers {
		gateway, err := w.gateway("alpha", name)
		if err != nil {
			t.Fatal(err)
		}
		if w.chains[name], err = follow(ctx, name, gateway.GetNetwork(w.consortium.Channel)); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// dial connects to a node and returns the names that its addresses are replaced with in observations.
func (w *world) dial(t *testing.T, name string, o consortium.Organisation, host string, port int) []string {
	t.Helper()
	trust, err := credentials.NewClientTLSFromFile(o.Folder(w.material).TLSRoot(), host)
	if err != nil {
		t.Fatal(err)
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(trust))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	w.dialled[name] = connection
	return []string{address, name, net.JoinHostPort("localhost", strconv.Itoa(port)), name, net.JoinHostPort(host, strconv.Itoa(port)), name}
}

// signer is somebody who can sign.
type signer struct {
	id   *identity.X509Identity
	sign identity.Sign
}

func newSigner(mspID string, certificate *x509.Certificate, key *ecdsa.PrivateKey) (*signer, error) {
	id, err := identity.NewX509Identity(mspID, certificate)
	if err != nil {
		return nil, err
	}
	sign, err := identity.NewPrivateKeySign(key)
	return &signer{id: id, sign: sign}, err
}

// serialised is the signer as messages carry it.
func (s *signer) serialised() []byte {
	return encode(&msp.SerializedIdentity{Mspid: s.id.MspID(), IdBytes: s.id.Credentials()})
}

// signMessage signs as Fabric's nodes do.
func (s *signer) signMessage(message []byte) ([]byte, error) { return s.sign(hash.SHA256(message)) }

// signer finds somebody by name: an organisation's first client, "alpha"; one of its users by role, "alpha.admin"; one
// of its nodes, "alpha.peer0"; or one of the imposters.
func (w *world) signer(name string) (*signer, error) {
	if known := w.signers[name]; known != nil {
		return known, nil
	}
	made, err := w.newSigner(name)
	if err != nil {
		return nil, fmt.Errorf("identity %s: %w", name, err)
	}
	w.signers[name] = made
	return made, nil
}

func (w *world) newSigner(name string) (*signer, error) {
	if make, ok := imposters[name]; ok {
		return make(w)
	}
	first, role, _ := strings.Cut(name, ".")
	o, err := w.organisation(first)
	if err != nil {
		return nil, err
	}
	if role == "" {
		role = o.Users()[1].Name // the administrator comes first
	}
	for _, member := range o.Members() {
		if member.Name != role {
			continue
		}
		credential, err := o.Folder(w.material).Credential(member)
		if err != nil {
			return nil, err
		}
		certificate, key, err := credential.Sign.Parse()
		if err != nil {
			return nil, err
		}
		return newSigner(o.MSPID, certificate, key)
	}
	return nil, fmt.Errorf("%s has no %s", o.Name, role)
}

// organisation finds an organisation by its lower-case name.
func (w *world) organisation(name string) (consortium.Organisation, error) {
	for _, o := range w.consortium.Organisations {
		if strings.EqualFold(o.Name, name) {
			return o, nil
		}
	}
	return consortium.Organisation{}, fmt.Errorf("no organisation %s", name)
}

// gateway is the Fabric client of a signer at a peer.
func (w *world) gateway(who, at string) (*client.Gateway, error) {
	key := who + "@" + at
	if known := w.clients[key]; known != nil {
		return known, nil
	}
	connection := w.dialled[at]
	if connection == nil {
		return nil, fmt.Errorf("no peer %s", at)
	}
	s, err := w.signer(who)
	if err != nil {
		return nil, err
	}
	made, err := client.Connect(s.id, client.WithSign(s.sign), client.WithHash(hash.SHA256), client.WithClientConnection(connection),
		client.WithEvaluateTimeout(patience), client.WithEndorseTimeout(patience),
		client.WithSubmitTimeout(patience), client.WithCommitStatusTimeout(patience))
	if err != nil {
		return nil, err
	}
	w.clients[key] = made
	return made, nil
}

// prime makes the filler and brings the chain to a height: both networks then number their blocks alike.
func (w *world) prime(t *testing.T, height uint64) {
	t.Helper()
	gateway, err := w.gateway("clearing", "clearing")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.level(t.Context()); err != nil {
		t.Fatal(err)
	}
	proposal, err := gateway.GetNetwork(w.consortium.Channel).GetContract(w.consortium.Chaincode.Name).NewProposal("put", client.WithArguments("filler", "1"))
	if err != nil {
		t.Fatal(err)
	}
	if w.filler, err = proposal.Endorse(); err != nil {
		t.Fatal(err)
	}
	if err := w.pad(t.Context(), height); err != nil {
		t.Fatal(err)
	}
}

// level waits until all peers have shown every block that one of them has.
func (w *world) level(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	highest := uint64(0)
	for _, name := range w.peers {
		g, err := w.gateway("alpha", name)
		if err != nil {
			return err
		}
		answer, err := g.GetNetwork(w.consortium.Channel).GetContract("qscc").EvaluateWithContext(ctx, "GetChainInfo", client.WithArguments(w.consortium.Channel))
		if err != nil {
			return fmt.Errorf("height of %s: %w", name, err)
		}
		info := &common.BlockchainInfo{}
		if err := proto.Unmarshal(answer, info); err != nil {
			return err
		}
		highest = max(highest, info.GetHeight())
	}
	for _, c := range w.chains {
		if _, err := c.since(ctx, highest-1, 1); err != nil {
			return err
		}
	}
	return nil
}

// pad sends fillers until the chain has a height.
func (w *world) pad(ctx context.Context, height uint64) error {
	now := w.height()
	if now > height {
		return fmt.Errorf("the chain has %d blocks, more than %d", now, height)
	}
	for ; now < height; now++ {
		if _, err := w.send(ctx, w.filler, w.filler); err != nil {
			return err
		}
	}
	return nil
}

// height is how many blocks all peers have.
func (w *world) height() uint64 { return w.chains[w.peers[0]].height() }

// send orders transactions, waits until every peer has them, and returns what the peers made of them, block by block.
func (w *world) send(ctx context.Context, transactions ...*client.Transaction) ([][]verdict, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	from := w.height()
	for _, tx := range transactions {
		if _, err := tx.SubmitWithContext(ctx); err != nil {
			return nil, err
		}
	}
	return w.await(ctx, from, len(transactions))
}

// await waits until every peer has so many transactions from a block on. The peers must agree about them.
func (w *world) await(ctx context.Context, from uint64, transactions int) ([][]verdict, error) {
	var agreed [][]verdict
	for i, name := range w.peers {
		blocks, err := w.chains[name].since(ctx, from, transactions)
		if err != nil {
			return nil, err
		}
		found := make([][]verdict, len(blocks))
		for b, block := range blocks {
			if found[b], err = verdicts(block); err != nil {
				return nil, err
			}
		}
		if i == 0 {
			agreed = found
		}
		if fmt.Sprint(found) != fmt.Sprint(agreed) {
			return nil, fmt.Errorf("%s says %v, %s %v", w.peers[0], agreed, name, found)
		}
	}
	return agreed, nil
}

// newCommit asks for the status of any transaction.
func newCommit(w *world, g *client.Gateway, txid string) (*client.Commit, error) {
	request := &gateway.CommitStatusRequest{TransactionId: txid, ChannelId: w.consortium.Channel,
		Identity: encode(&msp.SerializedIdentity{Mspid: g.Identity().MspID(), IdBytes: g.Identity().Credentials()})}
	return g.NewCommit(encode(&gateway.SignedCommitStatusRequest{Request: encode(request)}))
}

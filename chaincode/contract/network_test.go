package contract_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"sync"
	"testing"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/contract"
	"github.com/zegel/zegel/chaincode/loyalty"
)

// noon is when every test happens.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const (
	korenaar  = "KorenaarMSP"
	duinmarkt = "DuinmarktMSP"
	clearing  = "ClearingMSP"
	auditor   = "AuditorMSP"
	stranger  = "StrangerMSP"
)

// identity is somebody who signs transactions.
type identity struct{ msp, role string }

var (
	till      = identity{korenaar, "pos"}
	desk      = identity{korenaar, "agent"}
	otherTill = identity{duinmarkt, "pos"}
)

// creators are the serialised identities, made once each: the certificates are all that costs.
var creators sync.Map

var signingKey = sync.OnceValues(func() (*ecdsa.PrivateKey, error) {
	return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
})

// creator is i as the peer hands it to the chaincode. The certificate's subject is personal data.
func (i identity) creator(tb testing.TB) []byte {
	tb.Helper()
	if known, ok := creators.Load(i); ok {
		return known.([]byte)
	}
	key, err := signingKey()
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Jan Jansen"}}
	if i.role != "" {
		value, err := json.Marshal(map[string]map[string]string{"attrs": {"role": i.role}})
		if err != nil {
			tb.Fatal(err)
		}
		template.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3, 4, 5, 6, 7, 8, 1}, Value: value}}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		tb.Fatal(err)
	}
	creator := serialise(tb, i.msp, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	creators.Store(i, creator)
	return creator
}

func serialise(tb testing.TB, mspID string, id []byte) []byte {
	tb.Helper()
	creator, err := proto.Marshal(&msp.SerializedIdentity{Mspid: mspID, IdBytes: id})
	if err != nil {
		tb.Fatal(err)
	}
	return creator
}

// network is the chaincode on a ledger.
type network struct {
	tb        testing.TB
	ledger    *ledger
	chaincode *contract.Chaincode
	now       time.Time // of clients and endorsers alike
}

func newNetwork(tb testing.TB) *network {
	tb.Helper()
	n := &network{tb: tb, ledger: newLedger(), now: noon}
	chaincode, err := contract.NewWithClock(func() time.Time { return n.now })
	if err != nil {
		tb.Fatal(err)
	}
	n.chaincode = chaincode
	return n
}

// proposal is one transaction on its way.
type proposal struct {
	who       identity
	creator   []byte // instead of who's
	skew      time.Duration
	name      string
	args      []string
	transient map[string][]byte
	peers     []string // the endorsers; by default the caller's and the clearing house's
}

func (n *network) simulate(p proposal, at string) (*simulation, *peer.Response) {
	n.tb.Helper()
	creator := p.creator
	if creator == nil {
		creator = p.who.creator(n.tb)
	}
	s := &simulation{
		ledger: n.ledger, peer: at, msp: p.who.msp, creator: creator, stamp: n.now.Add(p.skew),
		args: append([]string{p.name}, p.args...), transient: p.transient,
		reads: map[string]bool{}, writes: map[string][]byte{}, privates: map[private][]byte{},
	}
	return s, n.chaincode.Invoke(s)
}

// evaluate runs p on the caller's own peer and changes nothing.
func (n *network) evaluate(p proposal) (string, *loyalty.Error) {
	n.tb.Helper()
	s, response := n.simulate(p, p.who.msp)
	if response.GetStatus() == 200 && len(s.writes)+len(s.privates) != 0 && !submits(p.name) {
		n.tb.Errorf("%s is a query and wrote %v %v", p.name, s.writes, s.privates)
	}
	return n.read(p, response)
}

// submit has p endorsed, compares what the endorsers say, and commits it.
func (n *network) submit(p proposal) (string, *loyalty.Error) {
	n.tb.Helper()
	peers := p.peers
	if peers == nil {
		peers = []string{p.who.msp, clearing}
	}
	first, response := n.simulate(p, peers[0])
	for _, other := range peers[1:] {
		second, again := n.simulate(p, other)
		if !first.same(second) || !bytes.Equal(response.GetPayload(), again.GetPayload()) {
			n.tb.Fatalf("%s: endorsers disagree: %s and %s", p.name, response, again)
		}
	}
	if response.GetStatus() == 200 {
		first.commit(response.GetPayload())
	} else if len(first.writes)+len(first.privates) != 0 {
		n.tb.Errorf("%s was refused and wrote %v %v", p.name, first.writes, first.privates)
	}
	return n.read(p, response)
}

func (n *network) read(p proposal, response *peer.Response) (string, *loyalty.Error) {
	n.tb.Helper()
	if response.GetStatus() == 200 {
		return string(response.GetPayload()), nil
	}
	refusal := api.DecodeError(response.GetMessage())
	if refusal == nil {
		n.tb.Fatalf("%s failed without a code: %s", p.name, response.GetMessage())
	}
	return "", refusal
}

// mustSubmit submits p and expects success.
func (n *network) mustSubmit(p proposal) string {
	n.tb.Helper()
	text, refusal := n.submit(p)
	if refusal != nil {
		n.tb.Fatalf("%s: %v", p.name, refusal)
	}
	return text
}

// mustEvaluate evaluates p into v and expects success.
func (n *network) mustEvaluate(p proposal, v any) {
	n.tb.Helper()
	text, refusal := n.evaluate(p)
	if refusal != nil {
		n.tb.Fatalf("%s: %v", p.name, refusal)
	}
	if err := api.Decode([]byte(text), v); err != nil {
		n.tb.Fatalf("%s answered %s: %v", p.name, text, err)
	}
}

func submits(name string) bool {
	switch name {
	case api.Apply, api.PutProfile, api.PurgeProfile, api.ProposeProgramme, api.ApproveProgramme, api.PublishTerms:
		return true
	}
	return false
}

func codeOf(refusal *loyalty.Error) loyalty.Code {
	if refusal == nil {
		return ""
	}
	return refusal.Code
}

func asJSON(tb testing.TB, v any) []byte {
	tb.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// hex32 is n as an identifier of 32 digits.
func hex32(n int) string { return fmt.Sprintf("%032x", n) }

// certificateOf is the certificate of i in PEM.
func certificateOf(tb testing.TB, i identity) []byte {
	tb.Helper()
	var id msp.SerializedIdentity
	if err := proto.Unmarshal(i.creator(tb), &id); err != nil {
		tb.Fatal(err)
	}
	return id.GetIdBytes()
}

// idemixAdmin is an anonymous credential that claims the role of an administrator.
func idemixAdmin(tb testing.TB) []byte {
	tb.Helper()
	role, err := proto.Marshal(&msp.MSPRole{MspIdentifier: korenaar, Role: msp.MSPRole_ADMIN})
	if err != nil {
		tb.Fatal(err)
	}
	id, err := proto.Marshal(&msp.SerializedIdemixIdentity{Role: role})
	if err != nil {
		tb.Fatal(err)
	}
	return id
}

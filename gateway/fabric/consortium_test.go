package fabric_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/contract"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/fabric"
	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/devnet"
	"github.com/zegel/zegel/network/identity"
)

// market is the sample consortium on a devnet, with the real contract, a programme and terms.
type market struct {
	*devnet.Network
	t       *testing.T
	plan    consortium.Consortium
	members map[string]*identity.Organisation // by MSP ID
}

// openMarket starts it. Every chain sells under one point for a euro.
func openMarket(t *testing.T) *market {
	t.Helper()
	plan, err := consortium.Default()
	must(err)
	m := &market{t: t, plan: plan, members: map[string]*identity.Organisation{}}
	config := devnet.Config{Channel: plan.Channel, ACLs: map[string]string{}, Chaincodes: []devnet.Chaincode{m.chaincode()}}
	for _, acl := range plan.ACLs() {
		config.ACLs[acl.Resource] = acl.Policy
	}
	for _, o := range plan.Organisations {
		config.Organisations = append(config.Organisations, m.organisation(o))
		for _, n := range o.Orderers[:min(1, len(o.Orderers))] {
			credential := m.issue(o.MSPID, n.Member())
			config.Orderer = devnet.Orderer{
				MSPID: o.MSPID, Name: n.Host, Listen: "127.0.0.1:0", Identity: devnet.KeyPair(credential.Sign), TLS: devnet.KeyPair(credential.TLS),
				MaxMessageCount: plan.Block.Messages, BatchTimeout: plan.Block.Timeout,
				PreferredMaxBytes: plan.Block.PreferredBytes, AbsoluteMaxBytes: plan.Block.AbsoluteBytes,
			}
		}
	}
	m.Network, err = devnet.Start(t.Context(), config)
	must(err)
	t.Cleanup(func() {
		if err := m.Stop(); err != nil {
			t.Error(err)
		}
	})
	m.found()
	return m
}

func (m *market) chaincode() devnet.Chaincode {
	var collections []devnet.Collection
	for _, c := range m.plan.Collections() {
		collection := devnet.Collection{
			Name: c.Name, Policy: c.Policy, RequiredPeerCount: c.RequiredPeerCount, MaxPeerCount: c.MaxPeerCount,
			BlockToLive: c.BlockToLive, MemberOnlyRead: c.MemberOnlyRead, MemberOnlyWrite: c.MemberOnlyWrite,
		}
		if c.EndorsementPolicy != nil {
			collection.Endorsement = c.EndorsementPolicy.SignaturePolicy
		}
		collections = append(collections, collection)
	}
	return devnet.Chaincode{
		Name: api.Chaincode, Version: "1", Sequence: 1, Endorsement: m.plan.EndorsementPolicy(), Collections: collections,
		New: func() shim.Chaincode {
			rules, err := contract.New()
			must(err)
			return rules
		},
	}
}

func (m *market) organisation(o consortium.Organisation) devnet.Organisation {
	member, err := identity.New(o.MSPID, o.Domain)
	must(err)
	m.members[o.MSPID] = member
	organisation := devnet.Organisation{
		MSPID: o.MSPID, CA: member.SigningRoot(), TLSCA: member.TLSRoot(), NodeOUs: true, ReadOnly: o.Kind == consortium.Auditor,
	}
	for _, p := range o.Peers {
		credential := m.issue(o.MSPID, p.Member())
		organisation.Peers = append(organisation.Peers, devnet.Peer{
			Name: p.Host, Listen: "127.0.0.1:0", Identity: devnet.KeyPair(credential.Sign), TLS: devnet.KeyPair(credential.TLS),
		})
	}
	return organisation
}

func (m *market) issue(mspID string, member identity.Member) identity.Credential {
	credential, err := m.members[mspID].Issue(member)
	must(err)
	return credential
}

// client connects somebody with a role to his own organisation's peer, or an auditor to all.
func (m *market) client(mspID, role string, change func(*fabric.Options)) *fabric.Client {
	m.t.Helper()
	profile := &fabric.Profile{MSP: mspID}
	for _, p := range m.Peers() {
		profile.Peers = append(profile.Peers, fabric.Endpoint{
			Name: p.Name, MSP: p.MSPID, Address: p.Address, TLS: true, ServerName: p.Name, Roots: m.members[p.MSPID].TLSRoot(),
		})
	}
	options := fabric.Options{
		Endorsers: []string{mspID, "ClearingMSP"}, Standby: []string{"KorenaarMSP", "DuinmarktMSP", "LindeboomMSP"},
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	if mspID == "ClearingMSP" {
		options.Endorsers = []string{mspID, "KorenaarMSP"}
	}
	if change != nil {
		change(&options)
	}
	credential := m.issue(mspID, identity.Member{Name: role, Kind: identity.Client, Role: role})
	id, err := fabric.NewIdentity(mspID, credential.Sign.Certificate, credential.Sign.Key)
	must(err)
	c, err := fabric.Connect(profile, id, options)
	must(err)
	m.t.Cleanup(func() {
		if err := c.Close(); err != nil {
			m.t.Error(err)
		}
	})
	if _, err := c.Height(m.t.Context()); err != nil {
		m.t.Fatal(err)
	}
	return c
}

// found brings the programme into force and publishes every chain's terms.
func (m *market) found() {
	m.t.Helper()
	programme := loyalty.Programme{
		Version: 1, Quorum: 3, Currency: "EUR", BurnOrder: loyalty.BurnEarliestExpiry, Returns: loyalty.ReturnsUnlimited,
		RedeemPoints: 100, RedeemMinor: 100, HoldSeconds: 300, HoldSecondsMax: 3600,
		LateHours: 72, EarlySeconds: 300, GraceMonths: 1, Transfers: true,
	}
	for _, o := range m.plan.Organisations {
		programme.Organisations = append(programme.Organisations, loyalty.Organisation{
			MSP: loyalty.MSPID(o.MSPID), Name: o.Name, Kind: loyalty.OrgKind(o.Kind),
		})
	}
	ctx := m.t.Context()
	managers := map[string]*fabric.Client{}
	for _, o := range m.plan.WithPeers() {
		managers[o.MSPID] = m.client(o.MSPID, "manager", nil)
	}
	m.submit(managers["ClearingMSP"], api.ProposeProgramme, asJSON(programme))
	for _, chain := range m.plan.Chains() {
		m.submit(managers[chain.MSPID], api.ApproveProgramme, strconv.Itoa(programme.Version), programme.Digest())
	}
	terms := loyalty.Terms{
		Version: 1, From: loyalty.InstantOf(time.Now().AddDate(0, 0, -1)).Day(), EarnPoints: 1, EarnMinor: 100,
		ValidMonths: 12, Prose: "One point for every euro.",
	}
	for _, chain := range m.plan.Chains() {
		m.submit(managers[chain.MSPID], api.PublishTerms, asJSON(terms))
	}
	for _, c := range managers {
		if ready := c.Ready(ctx); !ready.OK() {
			m.t.Fatalf("not ready: %+v", ready)
		}
	}
}

// submit carries a transaction out and waits until every peer has it.
func (m *market) submit(c *fabric.Client, name string, args ...string) {
	m.t.Helper()
	committed, err := c.Submit(m.t.Context(), name, args, nil, nil)
	if err != nil {
		m.t.Fatalf("%s: %v", name, err)
	}
	deadline := time.Now().Add(10 * time.Second)
	for _, p := range m.Peers() {
		for m.Height(p.Name) <= committed.Block {
			if time.Now().After(deadline) {
				m.t.Fatalf("%s does not get block %d", p.Name, committed.Block)
			}
			runtime.Gosched()
		}
	}
}

// view is a member's account, as the peer of c has it.
func view(ctx context.Context, c *fabric.Client, member loyalty.MemberID) (api.AccountView, error) {
	var v api.AccountView
	answer, err := c.Evaluate(ctx, api.GetAccount, []string{string(member)}, nil)
	if err == nil {
		err = json.Unmarshal(answer, &v)
	}
	return v, err
}

func enrolment(member loyalty.MemberID) loyalty.Command {
	return loyalty.Command{Op: loyalty.OpID(digits()), Print: loyalty.Fingerprint(digits()), Kind: loyalty.KindEnrol, Member: member}
}

// sale is an earn of so many euros.
func sale(member loyalty.MemberID, euros int64) fabric.Order {
	receipt := digits()
	return fabric.Order{
		Command: loyalty.Command{
			Op: loyalty.OpID(digits()), Print: loyalty.Fingerprint(digits()), Kind: loyalty.KindEarn,
			Member: member, Receipt: loyalty.ReceiptID(receipt),
		},
		Details: loyalty.Details{Basket: &loyalty.Basket{
			Salt: digits(), Currency: "EUR", Total: euros * 100, Store: "12", Terminal: "3", Receipt: receipt, At: loyalty.InstantOf(time.Now()),
			Lines: []loyalty.Line{{SKU: "8710400", Quantity: 1, Amount: euros * 100}},
		}},
	}
}

// digits are 32 random hexadecimal digits.
func digits() string {
	var b [16]byte
	_, err := rand.Read(b[:])
	must(err)
	return hex.EncodeToString(b[:])
}

func asJSON(value any) string {
	text, err := json.Marshal(value)
	must(err)
	return string(text)
}

func member(number int) loyalty.MemberID { return loyalty.MemberID(fmt.Sprintf("%032x", number)) }

// level waits until all peers have the same blocks and no more come.
func (m *market) level() {
	m.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		lowest, highest := ^uint64(0), uint64(0)
		for _, p := range m.Peers() {
			lowest, highest = min(lowest, m.Height(p.Name)), max(highest, m.Height(p.Name))
		}
		if lowest == highest {
			return
		}
	}
	m.t.Fatal("the peers never came to the same height")
}

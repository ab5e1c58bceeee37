package audit_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"

	"github.com/zegel/zegel/audit"
	"github.com/zegel/zegel/audit/chain"
	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/contract"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/dev"
	"github.com/zegel/zegel/gateway/fabric"
	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/inprocess"
)

// market is the sample consortium with its programme and terms, and a till of each chain.
type market struct {
	t        testing.TB
	dir      string
	network  *inprocess.Network
	clients  map[loyalty.MSPID]*fabric.Client
	openings map[loyalty.ReceiptID][]byte
}

const (
	korenaar  = loyalty.MSPID("KorenaarMSP")
	duinmarkt = loyalty.MSPID("DuinmarktMSP")
	lindeboom = loyalty.MSPID("LindeboomMSP")
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func honest() shim.Chaincode {
	c, err := contract.New()
	if err != nil {
		panic(err)
	}
	return c
}

func openMarket(t testing.TB, rules func() shim.Chaincode) *market {
	t.Helper()
	plan, err := consortium.Default()
	must(t, err)
	m := &market{t: t, dir: t.TempDir(), clients: map[loyalty.MSPID]*fabric.Client{}, openings: map[loyalty.ReceiptID][]byte{}}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	m.network, err = inprocess.Start(context.Background(), inprocess.Options{Consortium: plan, Dir: m.dir, Chaincode: rules, FreePorts: true, Logger: quiet})
	must(t, err)
	t.Cleanup(func() { must(t, m.network.Stop()) })
	gateways := filepath.Join(m.dir, "gateways")
	must(t, dev.Options{Consortium: m.network.Consortium, Crypto: m.network.Crypto, Dir: gateways, Log: quiet}.Found(context.Background()))
	for _, o := range m.network.Consortium.Chains() {
		m.clients[loyalty.MSPID(o.MSPID)] = m.connect(o, "pos", fabric.Options{Log: quiet, Endorsers: []string{o.MSPID, "ClearingMSP"}})
	}
	return m
}

func (m *market) connect(o consortium.Organisation, role string, options fabric.Options) *fabric.Client {
	m.t.Helper()
	profile, err := fabric.LoadProfile(filepath.Join(m.dir, "gateways", "connection-profiles", o.Name+".yaml"))
	must(m.t, err)
	user, err := o.User(role)
	must(m.t, err)
	id, err := fabric.LoadIdentity(o.MSPID, o.Folder(m.network.Crypto).MemberMSP(user))
	must(m.t, err)
	c, err := fabric.Connect(profile, id, options)
	must(m.t, err)
	m.t.Cleanup(func() { _ = c.Close() })
	return c
}

// hexID is a fresh reference.
func hexID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

func (m *market) apply(msp loyalty.MSPID, commands []loyalty.Command, details []loyalty.Details) []loyalty.Outcome {
	m.t.Helper()
	for i := range commands {
		if commands[i].Op == "" {
			commands[i].Op = loyalty.OpID(hexID())
		}
		if commands[i].Print == "" && commands[i].Kind != loyalty.KindCancel {
			commands[i].Print = loyalty.Fingerprint(hexID())
		}
	}
	deadline := time.Now().Add(20 * time.Second)
	for {
		applied, err := m.clients[msp].Apply(context.Background(), api.Batch{Version: api.Version, Commands: commands}, details)
		if err == nil {
			m.await(applied.Block)
			return applied.Reply.Outcomes
		}
		if class := fabric.ClassOf(err); time.Now().After(deadline) || class != fabric.Conflict && class != fabric.Unavailable {
			m.t.Fatal(err)
		}
	}
}

// await waits until every peer has a block.
func (m *market) await(block uint64) {
	for _, p := range m.network.Devnet.Peers() {
		for m.network.Devnet.Height(p.Name) <= block {
			runtime.Gosched()
		}
	}
}

func (m *market) do(msp loyalty.MSPID, c loyalty.Command) loyalty.Outcome {
	m.t.Helper()
	return m.apply(msp, []loyalty.Command{c}, make([]loyalty.Details, 1))[0]
}

func (m *market) enrol(msp loyalty.MSPID) loyalty.MemberID {
	m.t.Helper()
	id := loyalty.MemberID(hexID())
	m.do(msp, loyalty.Command{Kind: loyalty.KindEnrol, Member: id})
	return id
}

func basketOf(minor int64, at time.Time, byPoints int64) *loyalty.Basket {
	return &loyalty.Basket{Salt: hexID(), Currency: "EUR", Total: minor, ByPoints: byPoints, Store: "s", Terminal: "t", Receipt: "r", At: loyalty.InstantOf(at),
		Lines: []loyalty.Line{{SKU: "a", Quantity: 3, Amount: minor - minor/2}, {SKU: "b", Quantity: 1, Amount: minor / 2}}}
}

func (m *market) earn(msp loyalty.MSPID, member loyalty.MemberID, receipt loyalty.ReceiptID, b *loyalty.Basket) loyalty.Outcome {
	m.t.Helper()
	out := m.apply(msp, []loyalty.Command{{Kind: loyalty.KindEarn, Member: member, Receipt: receipt}}, []loyalty.Details{{Basket: b}})[0]
	if out.Status == loyalty.StatusApplied {
		text, err := loyalty.OpeningBytes(&loyalty.Opening{Version: 1, Basket: *b})
		must(m.t, err)
		m.openings[receipt] = text
	}
	return out
}

func (m *market) takeBack(msp loyalty.MSPID, member loyalty.MemberID, sale loyalty.ReceiptID, taken loyalty.Taken) loyalty.Outcome {
	m.t.Helper()
	taken.Opening, taken.At = m.openings[sale], loyalty.InstantOf(time.Now())
	out := m.apply(msp, []loyalty.Command{{Kind: loyalty.KindReturn, Member: member, Receipt: loyalty.ReceiptID(hexID()), Sale: sale}},
		[]loyalty.Details{{Return: &taken}})[0]
	if out.Status == loyalty.StatusApplied {
		text, err := m.clients[msp].Evaluate(context.Background(), api.GetOpening, []string{string(sale)}, nil)
		must(m.t, err)
		m.openings[sale] = text
	}
	return out
}

// trade lets something of every kind happen.
func (m *market) trade() {
	now := time.Now()
	noor, dirk := m.enrol(korenaar), m.enrol(duinmarkt)
	sale, second, third := loyalty.ReceiptID(hexID()), loyalty.ReceiptID(hexID()), loyalty.ReceiptID(hexID())
	m.earn(korenaar, noor, sale, basketOf(10_050, now, 0))
	m.earn(duinmarkt, noor, second, basketOf(5_000, now.Add(-50*time.Hour), 0))
	m.earn(duinmarkt, noor, second, basketOf(5_000, now, 0)) // the receipt again, with other content
	m.earn(lindeboom, noor, third, basketOf(2_099, now, 0))
	m.earn(lindeboom, noor, loyalty.ReceiptID(hexID()), basketOf(2_000, now.Add(-100*time.Hour), 0)) // too old
	m.earn(lindeboom, noor, loyalty.ReceiptID(hexID()), basketOf(2_000, now.Add(20*time.Minute), 0)) // in the future
	foreign := basketOf(2_000, now, 0)
	foreign.Currency = "USD"
	m.earn(lindeboom, noor, loyalty.ReceiptID(hexID()), foreign)
	m.earn(korenaar, loyalty.MemberID(hexID()), loyalty.ReceiptID(hexID()), basketOf(100, now, 0)) // nobody
	held := m.do(duinmarkt, loyalty.Command{Kind: loyalty.KindHold, Member: noor, Points: 60})
	paid := loyalty.ReceiptID(hexID())
	m.do(duinmarkt, loyalty.Command{Kind: loyalty.KindCapture, Hold: held.Hold, Points: 45, Receipt: paid})
	m.earn(duinmarkt, noor, paid, basketOf(9_000, now, 45))
	m.do(duinmarkt, loyalty.Command{Kind: loyalty.KindCapture, Hold: held.Hold}) // again
	voided := m.do(lindeboom, loyalty.Command{Kind: loyalty.KindHold, Member: noor, Points: 10, Seconds: 60})
	m.do(lindeboom, loyalty.Command{Kind: loyalty.KindVoid, Hold: voided.Hold})
	m.do(lindeboom, loyalty.Command{Kind: loyalty.KindRedeem, Member: noor, Points: 20, Receipt: third})
	m.do(korenaar, loyalty.Command{Kind: loyalty.KindTransfer, Member: noor, To: dirk, Points: 30})
	m.do(korenaar, loyalty.Command{Kind: loyalty.KindRedeem, Member: dirk, Points: 1_000_000})
	m.takeBack(duinmarkt, noor, paid, loyalty.Taken{Lines: []loyalty.TakenLine{{Line: 1, Quantity: 1}}})
	m.takeBack(duinmarkt, noor, paid, loyalty.Taken{Amount: 3_333})
	m.takeBack(duinmarkt, noor, paid, loyalty.Taken{Lines: []loyalty.TakenLine{{Line: 7, Quantity: 1}}})
	m.takeBack(lindeboom, noor, third, loyalty.Taken{Amount: 2_099})
	m.takeBack(lindeboom, noor, third, loyalty.Taken{Amount: 1})
	m.do(korenaar, loyalty.Command{Kind: loyalty.KindRedeem, Member: noor, Points: 120})
	m.takeBack(korenaar, noor, sale, loyalty.Taken{Amount: 10_050}) // into debt
	m.do(korenaar, loyalty.Command{Kind: loyalty.KindCancel, Op: loyalty.OpID(hexID())})
	repeated := loyalty.Command{Kind: loyalty.KindTransfer, Member: dirk, To: noor, Points: 5, Op: loyalty.OpID(hexID()), Print: loyalty.Fingerprint(hexID())}
	m.do(korenaar, repeated)
	m.do(korenaar, repeated)
	m.earn(korenaar, noor, loyalty.ReceiptID(hexID()), basketOf(99_900, now.Add(-26*time.Hour), 0)) // repays
	m.batch(noor, dirk)
	m.profile(noor)
}

// batch is a transaction of many commands, some on the same account.
func (m *market) batch(members ...loyalty.MemberID) {
	var commands []loyalty.Command
	var details []loyalty.Details
	for i := range 40 {
		member := members[i%len(members)]
		switch i % 4 {
		case 3:
			commands = append(commands, loyalty.Command{Kind: loyalty.KindRedeem, Member: member, Points: 3})
			details = append(details, loyalty.Details{})
		default:
			commands = append(commands, loyalty.Command{Kind: loyalty.KindEarn, Member: member, Receipt: loyalty.ReceiptID(hexID())})
			details = append(details, loyalty.Details{Basket: basketOf(int64(100*i+50), time.Now().Add(-time.Duration(i%3)*24*time.Hour), 0)})
		}
	}
	m.apply(korenaar, commands, details)
}

func (m *market) profile(member loyalty.MemberID) {
	sum := sha256.Sum256([]byte(hexID()))
	text, err := api.EncodeProfiles([]api.Profile{{Member: member, Sealed: []byte("sealed"), Salt: hexID(), Lookup: []string{hex.EncodeToString(sum[:])}}})
	must(m.t, err)
	c, err := m.clients[korenaar].Submit(context.Background(), api.PutProfile, nil, map[string][]byte{api.TransientProfile: text}, []string{string(korenaar)})
	must(m.t, err)
	m.await(c.Block)
}

// ledger is the folder of a peer's ledger.
func (m *market) ledger(msp loyalty.MSPID) string {
	for _, p := range m.network.Devnet.Peers() {
		if p.MSPID == string(msp) {
			return inprocess.Ledger(m.dir, p.Name)
		}
	}
	m.t.Fatalf("no peer of %s", msp)
	return ""
}

// supplied hands out the openings that the market knows.
type supplied map[loyalty.ReceiptID][]byte

func (s supplied) Opening(_ loyalty.MSPID, sale loyalty.ReceiptID) ([]byte, error) {
	return s[sale], nil
}

func auditOf(t testing.TB, source chain.Source, change func(*audit.Options)) *audit.Report {
	t.Helper()
	var o audit.Options
	if change != nil {
		change(&o)
	}
	a, err := audit.New(o)
	must(t, err)
	if err := a.Read(source, nil); err != nil && !errors.Is(err, audit.ErrBroken) {
		t.Fatal(err)
	}
	report, err := a.Finish()
	must(t, err)
	must(t, a.Close())
	return report
}

func sourceOf(t testing.TB, dir string) chain.Source {
	t.Helper()
	s, err := chain.Open(dir, api.Channel)
	must(t, err)
	return s
}

func clean(t *testing.T, r *audit.Report) {
	t.Helper()
	for _, f := range r.Findings {
		t.Error(f)
	}
	text, err := json.MarshalIndent(r, "", " ")
	must(t, err)
	if os.Getenv("SHOW_REPORT") != "" {
		t.Log(string(text))
	}
}

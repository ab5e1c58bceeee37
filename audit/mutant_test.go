package audit_test

import (
	"bytes"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"github.com/zegel/zegel/audit"
	"github.com/zegel/zegel/chaincode/contract"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/chaincode/worldstate"
)

// mutant is the contract on a ledger that lies to it and for it, the same on every peer: what
// organisations that collude could run.
type mutant struct {
	*contract.Chaincode
	read, write func(key string, value []byte) []byte
	armed       *atomic.Bool
}

func (m mutant) Invoke(stub shim.ChaincodeStubInterface) *peer.Response {
	if !m.armed.Load() {
		return m.Chaincode.Invoke(stub)
	}
	return m.Chaincode.Invoke(lying{stub, m})
}

type lying struct {
	shim.ChaincodeStubInterface
	mutant mutant
}

func (l lying) GetMultipleStates(keys ...string) ([][]byte, error) {
	values, err := l.ChaincodeStubInterface.GetMultipleStates(keys...)
	for i := range values {
		values[i] = l.mutant.read(keys[i], values[i])
	}
	return values, err
}

func (l lying) GetState(key string) ([]byte, error) {
	value, err := l.ChaincodeStubInterface.GetState(key)
	return l.mutant.read(key, value), err
}

func (l lying) PutState(key string, value []byte) error {
	if value = l.mutant.write(key, value); value == nil {
		return nil
	}
	return l.ChaincodeStubInterface.PutState(key, value)
}

func asIs(_ string, value []byte) []byte { return value }

// otherProgramme lets the contract see another programme.
func otherProgramme(change func(*loyalty.Programme)) func(string, []byte) []byte {
	return func(key string, value []byte) []byte {
		var p loyalty.Programme
		if key != worldstate.ProgrammeKey() || worldstate.Decode(value, &p) != nil {
			return value
		}
		change(&p)
		changed, _ := worldstate.Encode(&p)
		return changed
	}
}

// otherTerms lets the contract see other terms.
func otherTerms(change func(*loyalty.Terms)) func(string, []byte) []byte {
	return func(key string, value []byte) []byte {
		var b loyalty.TermsBook
		if !bytes.HasPrefix([]byte(key), []byte("t~")) || worldstate.Decode(value, &b) != nil {
			return value
		}
		for i := range b.Versions {
			change(&b.Versions[i])
		}
		changed, _ := worldstate.Encode(&b)
		return changed
	}
}

// onAccounts changes accounts as they are written.
func onAccounts(change func(*loyalty.Account)) func(string, []byte) []byte {
	return func(key string, value []byte) []byte {
		var a loyalty.Account
		if !bytes.HasPrefix([]byte(key), []byte("a~")) || worldstate.Decode(value, &a) != nil {
			return value
		}
		change(&a)
		changed, _ := worldstate.Encode(&a)
		return changed
	}
}

// TestColludingPeers runs a wrong contract on every peer: the blocks are perfect, their meaning is not.
func TestColludingPeers(t *testing.T) {
	redeem := func(m *market, member loyalty.MemberID, _ loyalty.ReceiptID) {
		m.do(duinmarkt, loyalty.Command{Kind: loyalty.KindRedeem, Member: member, Points: 30})
	}
	for _, c := range []struct {
		name        string
		read, write func(string, []byte) []byte
		act         func(m *market, member loyalty.MemberID, sale loyalty.ReceiptID)
		want        []audit.Code
	}{
		{"it charges its own points first", otherProgramme(func(p *loyalty.Programme) { p.BurnOrder = loyalty.BurnOwnFirst }), asIs,
			redeem, []audit.Code{audit.CodeBurnOrder}},
		{"it takes a sale of last month", otherProgramme(func(p *loyalty.Programme) { p.LateHours = 5000 }), asIs,
			func(m *market, member loyalty.MemberID, sale loyalty.ReceiptID) {
				m.earn(korenaar, member, loyalty.ReceiptID(hexID()), basketOf(5_000, time.Now().Add(-90*time.Hour), 0))
			}, []audit.Code{audit.CodeBackdated}},
		{"its points live longer than promised", otherTerms(func(t *loyalty.Terms) { t.ValidMonths++ }), asIs,
			func(m *market, member loyalty.MemberID, sale loyalty.ReceiptID) {
				m.earn(korenaar, member, loyalty.ReceiptID(hexID()), basketOf(5_000, time.Now(), 0))
			}, []audit.Code{audit.CodeEarn}},
		{"a transfer larger than allowed", otherProgramme(func(p *loyalty.Programme) { p.TransferMax = 0 }), asIs,
			func(m *market, member loyalty.MemberID, sale loyalty.ReceiptID) {
				other := m.enrol(korenaar)
				m.earn(korenaar, member, loyalty.ReceiptID(hexID()), basketOf(20_000_000, time.Now(), 0))
				m.do(korenaar, loyalty.Command{Kind: loyalty.KindTransfer, Member: member, To: other, Points: 150_000})
			}, []audit.Code{audit.CodeOutcome}},
		{"it adds a point to whoever redeems", asIs, onAccounts(func(a *loyalty.Account) {
			if len(a.Lots) > 0 {
				a.Lots[0].Points++
			}
		}), redeem, []audit.Code{audit.CodeAccount, audit.CodeConservation}},
		{"it forgets the record of the operation", asIs, func(key string, value []byte) []byte {
			if bytes.HasPrefix([]byte(key), []byte("o~")) {
				return nil
			}
			return value
		}, redeem, []audit.Code{audit.CodeWriteMissing}},
		{"it does not see the receipt that has earned already", func(key string, value []byte) []byte {
			if bytes.HasPrefix([]byte(key), []byte("r~")) {
				return nil
			}
			return value
		}, asIs, func(m *market, member loyalty.MemberID, sale loyalty.ReceiptID) {
			m.earn(korenaar, member, sale, basketOf(5_000, time.Now(), 0))
		}, []audit.Code{audit.CodeOutcome, audit.CodeReceiptTwice}},
		{"it sees more points than there are", onAccounts(func(a *loyalty.Account) {
			if len(a.Lots) > 0 {
				a.Lots[0].Points += 100_000
				a.Counters[0].Earned += 100_000
			}
		}), asIs, func(m *market, member loyalty.MemberID, sale loyalty.ReceiptID) {
			m.do(duinmarkt, loyalty.Command{Kind: loyalty.KindRedeem, Member: member, Points: 50_000})
		}, []audit.Code{audit.CodeOutcome, audit.CodeOverspent, audit.CodeConservation}},
	} {
		t.Run(c.name, func(t *testing.T) { collude(t, c.read, c.write, c.act, c.want) })
	}
}

// collude lets a member earn honestly, then something happen under a wrong contract, and expects the
// audit to find exactly what is wanted.
func collude(t *testing.T, read, write func(string, []byte) []byte, act func(*market, loyalty.MemberID, loyalty.ReceiptID), want []audit.Code) {
	var armed atomic.Bool
	m := openMarket(t, func() shim.Chaincode {
		rules, err := contract.New()
		must(t, err)
		return mutant{rules, read, write, &armed}
	})
	member, sale := m.enrol(korenaar), loyalty.ReceiptID(hexID())
	m.earn(korenaar, member, sale, basketOf(5_000, time.Now().Add(-24*time.Hour), 0))
	m.earn(duinmarkt, member, loyalty.ReceiptID(hexID()), basketOf(5_000, time.Now(), 0))
	armed.Store(true)
	act(m, member, sale)
	r := auditOf(t, sourceOf(t, m.ledger(korenaar)), nil)
	for _, code := range want {
		if !has(r, code) {
			t.Errorf("%s was not found", code)
		}
	}
	if len(r.PerCode) > len(want) {
		t.Errorf("found %v, want %v alone", r.PerCode, want)
	}
	if t.Failed() {
		t.Log(r.Findings)
	}
}

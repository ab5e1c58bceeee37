package worldstate_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/chaincode/worldstate"
)

// peer is a Stub that keeps a journal of calls. As in Fabric its reads never show its writes.
type peer struct {
	state, hashes map[string][]byte
	calls         []string
	failOn        string // prefix of the call that fails
	short         bool   // GetMultipleStates answers as a peer with a failing database
}

var errPeer = errors.New("peer fails")

func (p *peer) call(format string, args ...any) error {
	call := fmt.Sprintf(format, args...)
	p.calls = append(p.calls, call)
	if p.failOn != "" && strings.HasPrefix(call, p.failOn) {
		return errPeer
	}
	return nil
}

func (p *peer) GetState(key string) ([]byte, error) {
	return p.state[key], p.call("get %s", key)
}

func (p *peer) GetMultipleStates(keys ...string) ([][]byte, error) {
	if p.short {
		return nil, nil
	}
	values := make([][]byte, len(keys))
	for i, key := range keys {
		values[i] = p.state[key]
	}
	return values, p.call("get many %s", strings.Join(keys, " "))
}

func (p *peer) PutState(key string, value []byte) error { return p.call("put %s", key) }

func (p *peer) GetPrivateDataHash(collection, key string) ([]byte, error) {
	return p.hashes[collection+" "+key], p.call("hash %s %s", collection, key)
}

func (p *peer) PutPrivateData(collection, key string, value []byte) error {
	return p.call("put private %s %s", collection, key)
}

func (p *peer) StartWriteBatch()        { _ = p.call("start") }
func (p *peer) FinishWriteBatch() error { return p.call("finish") }

func newPeer(t *testing.T) *peer {
	t.Helper()
	value, err := worldstate.Encode(loyalty.Account{Member: member, Enroller: msp, Entries: 7})
	if err != nil {
		t.Fatal(err)
	}
	return &peer{state: map[string][]byte{worldstate.AccountKey(member): value}, hashes: map[string][]byte{}}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestTxReadsItsOwnWrites(t *testing.T) {
	p := newPeer(t)
	tx := worldstate.NewTx(p)
	account, err := tx.Account(member)
	must(t, err)
	account.Entries++
	must(t, tx.PutAccount(account))
	account.Entries = 99 // the caller's copy, no longer the ledger's
	again, err := tx.Account(member)
	must(t, err)
	if again.Entries != 8 {
		t.Errorf("entries = %d, want 8", again.Entries)
	}
	if slices.ContainsFunc(p.calls, func(c string) bool { return strings.HasPrefix(c, "put") }) {
		t.Errorf("wrote before the flush: %v", p.calls)
	}
}

func TestTxReadsAbsentAsNil(t *testing.T) {
	tx := worldstate.NewTx(newPeer(t))
	account, err1 := tx.Account(other)
	programme, err2 := tx.Programme()
	proposal, err3 := tx.Proposal(1, digest)
	book, err4 := tx.Terms(msp)
	operation, err5 := tx.Operation(msp, op)
	receipt, err6 := tx.Receipt(msp, receipt)
	end, err7 := tx.HoldEnd(hold)
	hash, err8 := tx.OpeningHash(msp, "x")
	must(t, errors.Join(err1, err2, err3, err4, err5, err6, err7, err8))
	if account != nil || programme != nil || proposal != nil || book != nil || operation != nil ||
		receipt != nil || end != nil || hash != nil {
		t.Error("something absent is not nil")
	}
}

func TestTxRoundTripsEveryRecord(t *testing.T) {
	tx := worldstate.NewTx(newPeer(t))
	must(t, errors.Join(
		tx.PutProgramme(&loyalty.Programme{Version: 3}),
		tx.PutProposal(&loyalty.Proposal{Programme: loyalty.Programme{Version: 4}}),
		tx.PutTerms(&loyalty.TermsBook{Issuer: msp}),
		tx.PutOperation(msp, op, &loyalty.Operation{Print: fingerprint}),
		tx.PutReceipt(msp, receipt, &loyalty.Receipt{Member: member}),
		tx.PutHoldEnd(hold, &loyalty.HoldEnd{At: 5}),
	))
	programme, err1 := tx.Programme()
	proposal, err2 := tx.Proposal(4, (&loyalty.Programme{Version: 4}).Digest())
	otherwise, err7 := tx.Proposal(4, digest)
	book, err3 := tx.Terms(msp)
	operation, err4 := tx.Operation(msp, op)
	r, err5 := tx.Receipt(msp, receipt)
	end, err6 := tx.HoldEnd(hold)
	must(t, errors.Join(err1, err2, err3, err4, err5, err6, err7))
	if otherwise != nil || programme.Version != 3 || proposal.Programme.Version != 4 || book.Issuer != msp ||
		operation.Print != fingerprint || r.Member != member || end.At != 5 {
		t.Error("a record came back different")
	}
}

func TestProgrammeAndTermsAreTheCallersOwn(t *testing.T) {
	tx := worldstate.NewTx(newPeer(t))
	must(t, errors.Join(
		tx.PutProgramme(&loyalty.Programme{Organisations: []loyalty.Organisation{{MSP: msp}}}),
		tx.PutTerms(&loyalty.TermsBook{Issuer: msp, Versions: []loyalty.Terms{{Version: 1, From: 20261122}}}),
	))
	for range 2 {
		programme, err := tx.Programme()
		must(t, err)
		book, err := tx.Terms(msp)
		must(t, err)
		if programme.Organisations[0].MSP != msp || book.Versions[0].Version != 1 {
			t.Error("another caller's change can be seen")
		}
		programme.Organisations[0].MSP, book.Versions[0].Version = "", 9
	}
	must(t, errors.Join(tx.PutProgramme(&loyalty.Programme{Version: 2}), tx.PutTerms(&loyalty.TermsBook{Issuer: msp})))
	programme, err1 := tx.Programme()
	book, err2 := tx.Terms(msp)
	must(t, errors.Join(err1, err2))
	if programme.Version != 2 || len(book.Versions) != 0 {
		t.Error("the new versions cannot be seen")
	}
}

func TestPrefetchIsOneSortedRoundTrip(t *testing.T) {
	p := newPeer(t)
	tx := worldstate.NewTx(p)
	must(t, tx.Prefetch("b", worldstate.AccountKey(member), "b", "c"))
	must(t, tx.Prefetch("c", "b"))
	_, err := tx.Account(member)
	must(t, err)
	want := []string{"get many " + worldstate.AccountKey(member) + " b c"}
	if !slices.Equal(p.calls, want) {
		t.Errorf("calls %v, want %v", p.calls, want)
	}
}

func TestPrefetchDoesNotTakeAFailureForAbsence(t *testing.T) {
	p := newPeer(t)
	p.short = true
	if err := worldstate.NewTx(p).Prefetch("a~x"); err == nil {
		t.Error("a short answer was taken for absent keys")
	}
}

func TestKeysOfNamesWhatACommandReads(t *testing.T) {
	got := worldstate.KeysOf(msp, []loyalty.Command{
		{Op: op, Member: member, To: other, Receipt: receipt, Sale: "ffffffffffffffffffffffffffffffff", Hold: hold},
		{Op: "bad", Member: "worse", Hold: "short"},
	})
	want := []string{
		"g", "t~KorenaarMSP", worldstate.OperationKey(msp, op),
		worldstate.AccountKey(member), worldstate.AccountKey(other), worldstate.AccountKey(member),
		worldstate.ReceiptKey(msp, receipt), worldstate.ReceiptKey(msp, "ffffffffffffffffffffffffffffffff"),
		worldstate.HoldEndKey(hold),
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

func TestOpeningsAreSeenBeforeTheyAreWritten(t *testing.T) {
	p := newPeer(t)
	committed := sha256.Sum256([]byte("committed"))
	p.hashes["baskets-KorenaarMSP "+string(receipt)] = committed[:]
	tx := worldstate.NewTx(p)
	for range 2 {
		hash, err := tx.OpeningHash(msp, receipt)
		must(t, err)
		if !bytes.Equal(hash, committed[:]) {
			t.Error("not the committed hash")
		}
		hash[0] ^= 1 // the caller's copy
	}
	if len(p.calls) != 1 {
		t.Errorf("the hash was read %d times", len(p.calls))
	}
	opening := []byte("pending")
	must(t, tx.PutOpening(msp, receipt, opening))
	pending := sha256.Sum256(opening)
	opening[0] = 'X'
	hash, err := tx.OpeningHash(msp, receipt)
	must(t, err)
	if !bytes.Equal(hash, pending[:]) {
		t.Error("not the hash of the pending opening")
	}
	if tx.PutOpening(msp, receipt, nil) == nil {
		t.Error("an empty opening was accepted: it would delete")
	}
}

func TestFlushWritesOnceInOrder(t *testing.T) {
	p := newPeer(t)
	tx := worldstate.NewTx(p)
	must(t, errors.Join(
		tx.PutTerms(&loyalty.TermsBook{Issuer: msp}),
		tx.PutOpening(msp, "2", []byte("b")),
		tx.PutOpening("DuinmarktMSP", "9", []byte("a")),
		tx.PutOpening(msp, "1", []byte("a")),
		tx.PutAccount(&loyalty.Account{Member: other}),
		tx.PutAccount(&loyalty.Account{Member: member}),
	))
	must(t, tx.Flush())
	must(t, tx.Flush())
	want := []string{
		"start",
		"put " + worldstate.AccountKey(member), "put " + worldstate.AccountKey(other), "put t~KorenaarMSP",
		"put private baskets-DuinmarktMSP 9", "put private baskets-KorenaarMSP 1", "put private baskets-KorenaarMSP 2",
		"finish",
	}
	if !slices.Equal(p.calls, want) {
		t.Errorf("calls %v\nwant %v", p.calls, want)
	}
}

func TestFailuresOfThePeerAreErrors(t *testing.T) {
	cases := map[string]func(*worldstate.Tx) error{
		"get a~":   func(tx *worldstate.Tx) error { _, err := tx.Account(member); return err },
		"get many": func(tx *worldstate.Tx) error { return tx.Prefetch("k") },
		"hash":     func(tx *worldstate.Tx) error { _, err := tx.OpeningHash(msp, receipt); return err },
		"put a~": func(tx *worldstate.Tx) error {
			_ = tx.PutAccount(&loyalty.Account{Member: member})
			return tx.Flush()
		},
		"put private": func(tx *worldstate.Tx) error { _ = tx.PutOpening(msp, receipt, []byte("x")); return tx.Flush() },
		"finish":      func(tx *worldstate.Tx) error { _ = tx.PutOpening(msp, receipt, []byte("x")); return tx.Flush() },
	}
	for call, do := range cases {
		t.Run(call, func(t *testing.T) {
			p := newPeer(t)
			p.failOn = call
			if err := do(worldstate.NewTx(p)); !errors.Is(err, errPeer) {
				t.Errorf("err = %v", err)
			}
		})
	}
}

func TestUndecodableStateIsAnError(t *testing.T) {
	p := newPeer(t)
	p.state[worldstate.AccountKey(member)] = []byte("\x01{\"member\":1}")
	if account, err := worldstate.NewTx(p).Account(member); err == nil || account != nil {
		t.Errorf("account %v, err %v", account, err)
	}
}

func TestNothingIsNeverWritten(t *testing.T) {
	if worldstate.NewTx(newPeer(t)).PutHoldEnd(hold, nil) == nil {
		t.Error("nil was accepted")
	}
}

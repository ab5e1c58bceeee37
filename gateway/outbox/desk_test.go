package outbox_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/outbox"
)

var testKey = bytes.Repeat([]byte{7}, outbox.KeySize)

// nobodyLooks leaves the disk of the machine that runs the tests out of it.
var nobodyLooks = outbox.Limits{FreeDisk: -1}

func openStore(t testing.TB, path string, limits outbox.Limits) *outbox.Store {
	t.Helper()
	store, err := outbox.OpenStore(path, testKey, limits)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

func newStore(t testing.TB) *outbox.Store {
	t.Helper()
	return openStore(t, filepath.Join(t.TempDir(), "outbox.db"), nobodyLooks)
}

func opID(n int) loyalty.OpID           { return loyalty.OpID(fmt.Sprintf("%032x", n)) }
func memberID(n int) loyalty.MemberID   { return loyalty.MemberID(fmt.Sprintf("%032x", 1<<40+n)) }
func printOf(n int) loyalty.Fingerprint { return loyalty.Fingerprint(fmt.Sprintf("%032x", 1<<41+n)) }
func receiptID(n int) loyalty.ReceiptID { return loyalty.ReceiptID(fmt.Sprintf("%032x", 1<<42+n)) }
func outcome(n int, s loyalty.Status) loyalty.Outcome {
	return loyalty.Outcome{Op: opID(n), Kind: loyalty.KindEarn, Status: s, Recorded: true, Points: 5}
}

// earnIntent is a sale of two lines.
func earnIntent(n int) outbox.Intent {
	return outbox.Intent{
		Keys: []string{"member:" + string(memberID(n)), "receipt:" + string(receiptID(n))},
		Command: loyalty.Command{
			Op: opID(n), Print: printOf(n), Kind: loyalty.KindEarn, Member: memberID(n), Receipt: receiptID(n),
		},
		Details: loyalty.Details{Basket: &loyalty.Basket{
			Salt: string(opID(n)), Currency: "EUR", Total: 1234, Store: "Utrecht 12", Terminal: "3", Receipt: fmt.Sprint("R", n),
			At:    loyalty.Instant(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC).UnixMilli()),
			Lines: []loyalty.Line{{SKU: "8710400123456", Quantity: 2, Amount: 734}, {SKU: "8710400654321", Quantity: 1, Amount: 500}},
		}},
	}
}

func earnEntry(n int) *outbox.Entry {
	in := earnIntent(n)
	e := outbox.NewEntry("pos", in, time.Now())
	return &e
}

package loyalty_test

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// TestRealReceiptsEndAtTheGoldenFigures replays thousands of real sales and refunds and compares
// every member's points per chain with what an independent program computed. The data is not part
// of the repository: it is found by ZEGEL_ONLINE_RETAIL or beside the checkout.
func TestRealReceiptsEndAtTheGoldenFigures(t *testing.T) {
	dir := onlineRetail(t)
	r := newReplay(t)
	for _, e := range readTable(t, filepath.Join(dir, "events.csv.gz")) {
		r.event(e)
	}
	rows := readTable(t, filepath.Join(dir, "golden_members.csv"))
	for _, row := range rows {
		a, err := r.ledger.Account(loyalty.MemberID(id(row["customer_id"])))
		if err != nil || a == nil {
			t.Fatalf("member %s: %v, %v", row["customer_id"], a, err)
		}
		var c loyalty.Counter
		for _, counter := range a.Counters {
			if counter.Issuer == r.chains[number(t, row["issuer"])] {
				c = counter
			}
		}
		got := fmt.Sprint(c.Earned, c.Clawed, c.Net())
		if want := fmt.Sprint(row["earned"], " ", row["clawed"], " ", row["net"]); got != want {
			t.Errorf("member %s, issuer %s: earned, clawed, net %s, want %s", row["customer_id"], row["issuer"], got, want)
		}
	}
	t.Logf("%d events, %d figures of three agree", r.events, len(rows))
}

// replay is a consortium without a window, in pounds.
type replay struct {
	t      testing.TB
	ledger *loyalty.Memory
	chains []loyalty.MSPID
	events int
}

func newReplay(t testing.TB) *replay {
	r := &replay{t: t, ledger: loyalty.NewMemory(), chains: []loyalty.MSPID{msp("K"), msp("D"), msp("L")}}
	p := sampleProgramme()
	p.Currency = "GBP"
	p.EarnMax = 1_000_000 // the sample programme's
	r.ledger.SetProgramme(p)
	for _, chain := range r.chains {
		terms := sampleTerms()
		terms.From = 20000101
		r.ledger.SetTerms(&loyalty.TermsBook{Issuer: chain, Versions: []loyalty.Terms{terms}})
	}
	return r
}

func (r *replay) event(e map[string]string) {
	r.events++
	now, member := instant(r.t, e["datetime"]), loyalty.MemberID(id(e["customer_id"]))
	sale := e["event_no"]
	if e["type"] == "refund" {
		sale = e["original_receipt_no"]
	}
	chain := r.chains[number(r.t, sale)%3]
	if a, _ := r.ledger.Account(member); a == nil {
		r.apply(chain, now, loyalty.Command{Kind: loyalty.KindEnrol, Member: member}, loyalty.Details{})
	}
	if e["type"] == "earn" {
		r.apply(chain, now, loyalty.Command{Kind: loyalty.KindEarn, Member: member, Receipt: loyalty.ReceiptID(id(sale))}, loyalty.Details{
			Basket: &loyalty.Basket{
				Salt: id("salt" + sale), Currency: "GBP", Total: number(r.t, e["amount_p"]), Store: "1", Terminal: "1", Receipt: sale, At: now,
			},
		})
		return
	}
	r.apply(chain, now, loyalty.Command{
		Kind: loyalty.KindReturn, Member: member, Receipt: loyalty.ReceiptID(id(e["event_no"])), Sale: loyalty.ReceiptID(id(sale)),
	}, loyalty.Details{Return: &loyalty.Taken{
		Opening: r.ledger.Opening(chain, loyalty.ReceiptID(id(sale))), Amount: number(r.t, e["amount_p"]), At: now,
	}})
}

func (r *replay) apply(chain loyalty.MSPID, now loyalty.Instant, cmd loyalty.Command, d loyalty.Details) {
	r.t.Helper()
	cmd.Op = loyalty.OpID(id(fmt.Sprint(cmd.Kind, cmd.Member, cmd.Receipt)))
	cmd.Print = loyalty.Fingerprint(cmd.Op)
	out, err := loyalty.Apply(r.ledger, loyalty.Env{Caller: loyalty.Caller{MSP: chain, Role: loyalty.RolePOS}, Now: now}, cmd, d)
	if err != nil || out.Status != loyalty.StatusApplied || out.Replayed {
		r.t.Fatalf("event %d: %s of %s: %s %s %v", r.events, cmd.Kind, cmd.Member, out.Code, out.Message, err)
	}
}

// onlineRetail is the folder of the data; the test is skipped without it.
func onlineRetail(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("ZEGEL_ONLINE_RETAIL"); dir != "" {
		return dir
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		found := filepath.Join(dir, "shared", "data", "online-retail")
		if _, err := os.Stat(found); err == nil {
			return found
		}
	}
	t.Skip("no real receipts here: set ZEGEL_ONLINE_RETAIL to their folder")
	return ""
}

// readTable reads a CSV file, compressed or not, as rows by column name.
func readTable(t *testing.T, path string) []map[string]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var r io.Reader = file
	if filepath.Ext(path) == ".gz" {
		if r, err = gzip.NewReader(file); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var table []map[string]string
	for _, row := range rows[1:] {
		named := map[string]string{}
		for i, column := range rows[0] {
			named[column] = row[i]
		}
		table = append(table, named)
	}
	return table
}

func number(t testing.TB, s string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

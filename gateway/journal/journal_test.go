package journal_test

import (
	"bytes"
	"compress/gzip"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/zegel/zegel/gateway/journal"
)

var update = flag.Bool("update", false, "rewrite the shipped sample")

func TestSampleIsWhatItsSeedGenerates(t *testing.T) {
	want := journal.Generate(20261122, 2000)
	if *update {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if err := journal.Write(z, want); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("testdata/sample.jsonl.gz", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := journal.Sample()
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("the shipped sample has %d events that its seed does not give; run with -update", len(got))
	}
	kinds := map[journal.Kind]int{}
	for _, e := range got {
		kinds[e.Kind]++
	}
	if kinds[journal.Sale] != 2000 || kinds[journal.Return] < 100 || kinds[journal.Redeem] < 100 {
		t.Fatalf("the sample is not varied: %v", kinds)
	}
}

func TestReadRefuses(t *testing.T) {
	const sale = `{"kind":"sale","chain":0,"member":"m","store":"s","terminal":"t","receipt":"1","at":"2026-03-02T08:00:00Z","total":100}`
	for name, line := range map[string]string{
		"an unknown field":            strings.Replace(sale, `"total"`, `"points2":1,"total"`, 1),
		"something after the event":   sale + "x",
		"a fraction":                  strings.Replace(sale, "100}", "1.5}", 1),
		"a negative total":            strings.Replace(sale, "100}", "-1}", 1),
		"lines that do not add up":    strings.Replace(sale, "100}", `100,"lines":[{"sku":"a","quantity":1,"amount":99}]}`, 1),
		"a return that takes nothing": strings.Replace(sale, `"sale"`, `"return"`, 1),
		"a redemption of -100":        strings.Replace(sale, `"sale"`, `"redeem","points":-100`, 1),
		"an unknown kind":             strings.Replace(sale, `"sale"`, `"gift"`, 1),
		"a chain out of range":        strings.Replace(sale, `"chain":0`, `"chain":-1`, 1),
		"half a line":                 sale[:40],
	} {
		t.Run(name, func(t *testing.T) {
			if events, err := journal.Read(strings.NewReader(sale + "\n" + line + "\n")); err == nil {
				t.Fatalf("accepted: %+v", events)
			} else if !strings.Contains(err.Error(), "line 2") {
				t.Fatalf("the error does not name the line: %v", err)
			}
		})
	}
}

func TestOnlineRetail(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(text))
		_ = z.Close()
		if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("events.csv.gz", `seq,type,event_no,datetime,customer_id,country,amount_p,original_receipt_no
1,earn,536365,2010-12-01T08:26:00,17850,United Kingdom,13912,
2,refund,C536506-1,2010-12-01T12:38:00,17850,United Kingdom,2550,536365
3,earn,536366,2010-12-01T08:28:00,17850,United Kingdom,2220,
`)
	write("lines.csv.gz", `seq,receipt_no,line,sku,qty,unit_price_mils
1,536365,1,85123A,6,2550
1,536365,2,71053,1,123820
3,536366,1,85123A,1,1
`)
	events, err := journal.OnlineRetail(dir, 3)
	if err != nil {
		t.Fatal(err)
	}
	if len(events) != 3 || len(events[0].Lines) != 2 || events[0].Lines[0].Amount != 1530 {
		t.Fatalf("the sale has lost its lines: %+v", events[0])
	}
	if events[1].Kind != journal.Return || events[1].Chain != 536365%3 || events[1].Amount != 2550 {
		t.Fatalf("the refund is not at the chain of its sale: %+v", events[1])
	}
	if events[2].Lines != nil {
		t.Fatalf("lines that do not add up were kept: %+v", events[2])
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"kind":"sale","chain":0,"member":"m","store":"s","terminal":"t","receipt":"1","at":"2026-03-02T08:00:00Z","total":100}`))
	f.Add([]byte{0x1f, 0x8b, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		events, err := journal.Read(bytes.NewReader(b))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := journal.Write(&again, events); err != nil {
			t.Fatal(err)
		}
		if reread, err := journal.Read(&again); err != nil || len(reread) != len(events) {
			t.Fatalf("what was written cannot be read: %v", err)
		}
	})
}

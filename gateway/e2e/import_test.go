package e2e_test

import (
	"cmp"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/zegel/zegel/gateway/directory"
	"github.com/zegel/zegel/gateway/importer"
	"github.com/zegel/zegel/gateway/journal"
)

func importOptions(events []journal.Event, state string) importer.Options {
	return importInto(world.Directory, events, state)
}

func importInto(chains *directory.Directory, events []journal.Event, state string) importer.Options {
	o := importer.Options{Events: events, StateDir: state, Concurrency: 64, Patience: time.Minute, Now: time.Now()}
	for _, c := range chains.Chains {
		o.Chains = append(o.Chains, importer.Chain{Name: c.Name, MSP: c.MSP, URL: c.URL, Key: c.Keys.Journal})
	}
	return o
}

// TestTheSampleJournal imports the shipped journal and compares every member with a fold that
// shares no code with the rules; then everything is sent again.
func TestTheSampleJournal(t *testing.T) {
	events, err := journal.Sample()
	if err != nil {
		t.Fatal(err)
	}
	if testing.Short() {
		events = events[:300]
	}
	o := importOptions(events, t.TempDir())
	result := mustImport(t, o)
	if result.Applied != len(events) {
		t.Fatalf("%+v", result.Progress)
	}
	want := fold(events)
	compare(t, report(t, o, result), want)

	o.ShuffleSeed = 7
	again := mustImport(t, o)
	if again.Replayed != len(events) {
		t.Fatalf("the repetition was not all replays: %+v", again.Progress)
	}
	compare(t, report(t, o, again), want)
}

// TestThreeGatewaysOnTheSameMembers lets the chains work on one member at once: conflicts are
// retried inside, nobody hears of them.
func TestThreeGatewaysOnTheSameMembers(t *testing.T) {
	var events []journal.Event
	for _, e := range journal.Generate(4711, 240) {
		if e.Kind == journal.Redeem {
			continue // whether there is enough depends on the order between chains
		}
		e.Store = "apart-" + e.Store                   // the sample journal uses the same receipt numbers
		e.Member = "few-" + e.Member[len(e.Member)-1:] // ten members: everything meets everything
		events = append(events, e)
	}
	o := importOptions(events, t.TempDir())
	o.Apart = true
	result := mustImport(t, o)
	compare(t, report(t, o, result), fold(events))
}

// TestOnlineRetail imports the public receipts, if they are at hand, and compares with the figures
// of an independent program.
func TestOnlineRetail(t *testing.T) {
	dir := os.Getenv("ZEGEL_ONLINE_RETAIL")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data", "online-retail")
	}
	if _, err := os.Stat(filepath.Join(dir, "events.csv.gz")); err != nil {
		t.Skip("the Online Retail receipts are not here; set ZEGEL_ONLINE_RETAIL to their folder")
	}
	if testing.Short() {
		t.Skip("8,795 receipts are not short")
	}
	events, err := journal.OnlineRetail(dir, len(world.Directory.Chains))
	if err != nil {
		t.Fatal(err)
	}
	o := importOptions(events, t.TempDir())
	started := time.Now()
	result := mustImport(t, o)
	t.Logf("%d events of %d members in %s", result.Done(), len(result.Members), time.Since(started).Round(time.Millisecond))
	compare(t, report(t, o, result), golden(t, filepath.Join(dir, "golden_members.csv")))
}

func mustImport(t *testing.T, o importer.Options) importer.Result {
	t.Helper()
	result, err := importer.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if result.Refused != 0 || result.Done() != len(o.Events) {
		t.Fatalf("lost or refused: %+v %v", result.Progress, result.Refusals)
	}
	return result
}

func report(t *testing.T, o importer.Options, r importer.Result) []importer.ReportLine {
	t.Helper()
	lines, err := importer.Report(t.Context(), o, r.Members)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func compare(t *testing.T, got, want []importer.ReportLine) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d lines, want %d", len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("line %d is %+v, want %+v", i+1, got[i], want[i])
		}
	}
}

// fold computes what a journal comes to the way a clerk would: one sale after the other.
func fold(events []journal.Event) []importer.ReportLine {
	type sale struct {
		total, points, taken, clawed int64
		lines                        []journal.Line
		back                         []int64
	}
	type owner struct {
		member string
		issuer int
	}
	sales, lines := map[string]*sale{}, map[owner]*importer.ReportLine{}
	for _, e := range events {
		if e.Kind == journal.Redeem {
			continue
		}
		who := owner{e.Member, e.Chain}
		if lines[who] == nil {
			lines[who] = &importer.ReportLine{Member: e.Member, Issuer: e.Chain}
		}
		key := strconv.Itoa(e.Chain) + e.Store + e.Terminal
		if e.Kind == journal.Sale {
			points := e.Total / 100
			sales[key+e.Receipt] = &sale{total: e.Total, points: points, lines: e.Lines, back: make([]int64, len(e.Lines))}
			lines[who].Earned += points
			continue
		}
		s := sales[key+e.Sale]
		s.taken += e.Amount
		for _, b := range e.Back {
			s.back[b.Line-1] += b.Quantity
		}
		taken := s.taken
		for i, l := range s.lines {
			taken += l.Amount * s.back[i] / l.Quantity
		}
		clawed := s.points * taken / s.total
		lines[who].Clawed += clawed - s.clawed
		s.clawed = clawed
	}
	var all []importer.ReportLine
	for _, l := range lines {
		l.Net = l.Earned - l.Clawed
		all = append(all, *l)
	}
	slices.SortFunc(all, func(a, b importer.ReportLine) int {
		return cmp.Or(cmp.Compare(a.Member, b.Member), cmp.Compare(a.Issuer, b.Issuer))
	})
	return all
}

// golden reads the columns of a report from a file that may have more.
func golden(t *testing.T, path string) []importer.ReportLine {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, name := range records[0] {
		column[name] = i
	}
	number := func(record []string, name string) int64 {
		n, err := strconv.ParseInt(record[column[name]], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	var lines []importer.ReportLine
	for _, r := range records[1:] {
		lines = append(lines, importer.ReportLine{
			Member: r[column["customer_id"]], Issuer: int(number(r, "issuer")),
			Earned: number(r, "earned"), Clawed: number(r, "clawed"), Net: number(r, "net"),
		})
	}
	return lines
}

package outbox_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/outbox"
)

func put(t testing.TB, store *outbox.Store, n int) outbox.Entry {
	t.Helper()
	e := earnEntry(n)
	if known, err := store.Put(e); err != nil || known != nil {
		t.Fatalf("put of %d: %v, %v", n, known, err)
	}
	return *e
}

func decide(store *outbox.Store, e outbox.Entry, n int) error {
	e.Decision = &outbox.Decision{Outcome: outcome(n, loyalty.StatusApplied), TxID: "tx", Block: 7}
	return store.MarkDurably(e)
}

func TestWhatWasPutIsThereAfterARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "outbox.db")
	store := openStore(t, path, nobodyLooks)
	first, second := put(t, store, 1), put(t, store, 2)
	put(t, store, 3)
	if err := errors.Join(decide(store, first, 1), store.Cancel(second), store.Close()); err != nil {
		t.Fatal(err)
	}
	store = openStore(t, path, nobodyLooks)
	decided, _, err := store.Find(opID(1))
	if err != nil || decided.Decision == nil || decided.Decision.Outcome.Points != 5 || decided.Decision.Block != 7 || decided.Intent != nil {
		t.Errorf("the decided one is %+v, %v", decided, err)
	}
	open, err := store.Undecided(0, 10, false)
	if err != nil || len(open) != 2 || !open[0].CancelWanted || open[1].CancelWanted {
		t.Fatalf("undecided are %+v, %v", open, err)
	}
	if !reflect.DeepEqual(*open[1].Intent, earnIntent(3)) || open[1].Occurred != earnIntent(3).Details.Basket.At {
		t.Errorf("the intent has become %+v", open[1].Intent)
	}
	if operations, size := store.Open(); operations != 2 || size < 400 {
		t.Errorf("%d operations of %d bytes are counted", operations, size)
	}
}

func TestARepeatIsNotWrittenTwice(t *testing.T) {
	store := newStore(t)
	put(t, store, 1)
	known, err := store.Put(earnEntry(1))
	if err != nil || known == nil || known.Print != printOf(1) {
		t.Errorf("heard %+v, %v", known, err)
	}
	if operations, _ := store.Open(); operations != 1 {
		t.Errorf("%d operations are counted", operations)
	}
}

func TestWhatIsDecidedNeverChanges(t *testing.T) {
	store := newStore(t)
	e := put(t, store, 1)
	again := e
	again.Decision = &outbox.Decision{Outcome: outcome(1, loyalty.StatusCancelled)}
	if err := errors.Join(decide(store, e, 1), store.MarkDurably(again), store.Withdraw(e, nil), store.Cancel(e)); err != nil {
		t.Fatal(err)
	}
	found, there, err := store.Find(e.Op)
	if err != nil || !there || found.Decision.Outcome.Status != loyalty.StatusApplied || found.CancelWanted {
		t.Errorf("it is %+v, %v", found, err)
	}
}

func TestWhatWasWithdrawnLeavesItsTransactionsToo(t *testing.T) {
	store := newStore(t)
	e := put(t, store, 1)
	put(t, store, 2)
	both := outbox.Envelope{TxID: "both", Role: "pos", Ops: []loyalty.OpID{opID(1), opID(2)}, Bytes: []byte("envelope")}
	other := outbox.Envelope{TxID: "other", Role: "pos", Ops: []loyalty.OpID{opID(2)}, Bytes: []byte("envelope")}
	if err := errors.Join(store.Keep(both), store.Keep(other), store.Withdraw(e, []string{"both"})); err != nil {
		t.Fatal(err)
	}
	kept, err := store.Envelopes()
	if err != nil || len(kept) != 1 || kept[0].TxID != "other" || len(kept[0].Ops) != 1 {
		t.Errorf("kept are %+v, %v", kept, err)
	}
	if _, there, _ := store.Find(opID(1)); there {
		t.Error("the operation is there")
	}
	full, _, err := store.Envelope("other")
	if err != nil || string(full.Bytes) != "envelope" {
		t.Errorf("its bytes are %q, %v", full.Bytes, err)
	}
	store.Drop("other")
	if _, there, err := store.Envelope("other"); there || err != nil {
		t.Errorf("a dropped one is there: %v, %v", there, err)
	}
}

func TestNothingSensitiveIsOnDiskInTheClear(t *testing.T) {
	path := filepath.Join(t.TempDir(), "outbox.db")
	store := openStore(t, path, nobodyLooks)
	put(t, store, 1)
	for _, file := range []string{path, path + "-wal"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"Utrecht", "8710400123456", string(memberID(1)), string(receiptID(1))} {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s holds %q", filepath.Base(file), secret)
			}
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the mode is %v, %v", info.Mode(), err)
	}
}

func TestAnotherKeyOpensNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "outbox.db")
	if err := openStore(t, path, nobodyLooks).Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := outbox.OpenStore(path, bytes.Repeat([]byte{8}, outbox.KeySize), nobodyLooks); !errors.Is(err, outbox.ErrWrongKey) {
		t.Errorf("heard %v", err)
	}
	if _, err := outbox.OpenStore(path, []byte("short"), nobodyLooks); err == nil {
		t.Error("a short key was accepted")
	}
}

func TestTwoProcessesDoNotPursueTheSameOperations(t *testing.T) {
	path := filepath.Join(t.TempDir(), "outbox.db")
	openStore(t, path, nobodyLooks)
	if _, err := outbox.OpenStore(path, testKey, nobodyLooks); !errors.Is(err, outbox.ErrInUse) {
		t.Errorf("heard %v", err)
	}
}

func TestAFullOutboxRefuses(t *testing.T) {
	for name, limits := range map[string]outbox.Limits{
		"too many operations": {Operations: 2, FreeDisk: -1},
		"too many bytes":      {Bytes: 1400, FreeDisk: -1},
	} {
		t.Run(name, func(t *testing.T) {
			store := openStore(t, filepath.Join(t.TempDir(), "outbox.db"), limits)
			first := put(t, store, 1)
			put(t, store, 2)
			if _, err := store.Put(earnEntry(3)); !errors.Is(err, outbox.ErrFull) {
				t.Errorf("the third heard %v", err)
			}
			if known, err := store.Put(earnEntry(2)); known == nil || err != nil {
				t.Errorf("a repeat heard %v, %v", known, err)
			}
			if err := decide(store, first, 1); err != nil {
				t.Fatal(err)
			}
			put(t, store, 3)
		})
	}
	t.Run("too little left on the disk", func(t *testing.T) {
		store := openStore(t, filepath.Join(t.TempDir(), "outbox.db"), outbox.Limits{FreeDisk: 1 << 60})
		if _, err := store.Put(earnEntry(1)); !errors.Is(err, outbox.ErrFull) {
			t.Errorf("heard %v", err)
		}
	})
}

func TestOnlyTheLatestDecisionsAreRemembered(t *testing.T) {
	store := openStore(t, filepath.Join(t.TempDir(), "outbox.db"), outbox.Limits{Kept: 10, FreeDisk: -1})
	const n = 600
	for i := range n {
		e := *earnEntry(i)
		if _, err := store.Put(&e); err != nil {
			t.Fatal(err)
		}
		e.Decision = &outbox.Decision{Outcome: outcome(i, loyalty.StatusApplied)}
		store.Mark(e)
	}
	left := 0
	if err := store.Inspect(func(outbox.Line) bool { left++; return true }); err != nil {
		t.Fatal(err)
	}
	if left < 10 || left > 10+2*256 {
		t.Errorf("%d of %d are remembered", left, n)
	}
	if _, there, _ := store.Find(opID(n - 1)); !there {
		t.Error("the latest is forgotten")
	}
}

func TestManyCallersAtOnce(t *testing.T) {
	store := newStore(t)
	var wg sync.WaitGroup
	for caller := range 32 {
		wg.Go(func() {
			for i := range 10 {
				n := caller*10 + i
				e := earnEntry(n)
				if _, err := store.Put(e); err != nil {
					t.Error(err)
				}
				if i%2 == 0 {
					if err := decide(store, *e, n); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	if operations, _ := store.Open(); operations != 160 {
		t.Errorf("%d are undecided", operations)
	}
}

func TestAClosedStoreSaysSo(t *testing.T) {
	store := newStore(t)
	if err := errors.Join(store.Close(), store.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Put(earnEntry(1)); !errors.Is(err, outbox.ErrClosed) {
		t.Errorf("heard %v", err)
	}
	store.Mark(*earnEntry(1)) // must not block
}

func TestAnExportHoldsWhatIsNeededToFinish(t *testing.T) {
	store := newStore(t)
	first := put(t, store, 1)
	put(t, store, 2)
	kept := outbox.Envelope{TxID: "tx2", Role: "pos", Ops: []loyalty.OpID{opID(2)}, Bytes: []byte("envelope")}
	if err := errors.Join(decide(store, first, 1), store.Keep(kept)); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := store.Export(&text); err != nil {
		t.Fatal(err)
	}
	var line outbox.Line
	if err := json.Unmarshal([]byte(text.String()), &line); err != nil {
		t.Fatalf("%v in %s", err, text.String())
	}
	if line.Operation != opID(2) || line.State != "in_doubt" || line.Details.Basket.Total != 1234 || line.Transactions[0] != "tx2" {
		t.Errorf("the export is %+v", line)
	}
	var lines []outbox.Line
	if err := store.Inspect(func(l outbox.Line) bool { lines = append(lines, l); return true }); err != nil {
		t.Fatal(err)
	}
	if len(lines) != 2 || lines[0].State != "final" || lines[1].Details != nil {
		t.Errorf("inspected: %+v", lines)
	}
}

// tamper changes a closed file behind the outbox's back.
func tamper(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func filled(t *testing.T, n int) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "outbox.db")
	store := openStore(t, path, nobodyLooks)
	for i := range n {
		put(t, store, i)
	}
	kept := outbox.Envelope{TxID: "tx", Role: "pos", Ops: []loyalty.OpID{opID(0)}, Bytes: []byte("envelope")}
	if err := errors.Join(store.Keep(kept), store.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestADamagedFileCanBeReadAndNotWritten(t *testing.T) {
	for name, statement := range map[string]string{
		"a row":        `UPDATE operation SET chokes = 1 WHERE seq = 2`,
		"a stage":      `UPDATE operation SET stage = 1 WHERE seq = 2`,
		"a role":       `UPDATE operation SET role = 'manager' WHERE seq = 2`,
		"a decision":   `UPDATE operation SET decision = x'7b7d', stage = 2 WHERE seq = 2`,
		"an envelope":  `UPDATE envelope SET bytes = x'00'`,
		"a membership": fmt.Sprintf(`UPDATE envelope SET ops = '%s'`, opID(1)),
	} {
		t.Run(name, func(t *testing.T) {
			path := filled(t, 3)
			tamper(t, path, statement)
			store := openStore(t, path, nobodyLooks)
			if !errors.Is(store.Err(), outbox.ErrCorrupt) {
				t.Errorf("its error is %v", store.Err())
			}
			if _, err := store.Put(earnEntry(9)); !errors.Is(err, outbox.ErrCorrupt) {
				t.Errorf("a write heard %v", err)
			}
			first, there, err := store.Find(opID(0))
			if err != nil || !there || first.Intent == nil {
				t.Errorf("an undamaged row is %+v, %v", first, err)
			}
		})
	}
}

func TestADamagedPageIsFound(t *testing.T) {
	path := filled(t, 300)
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteAt(bytes.Repeat([]byte{0xa5}, 4096), 20*4096); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	store := openStore(t, path, nobodyLooks)
	if !errors.Is(store.Err(), outbox.ErrCorrupt) {
		t.Errorf("its error is %v", store.Err())
	}
}

func TestAFileThatIsNoDatabaseIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "outbox.db")
	if err := os.WriteFile(path, bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := outbox.OpenStore(path, testKey, nobodyLooks); !errors.Is(err, outbox.ErrCorrupt) {
		t.Errorf("heard %v", err)
	}
}

func TestAnIntentThatDoesNotOpenIsTheRowsOwnFault(t *testing.T) {
	path := filled(t, 3)
	tamper(t, path, `UPDATE operation SET intent = (SELECT intent FROM operation WHERE seq = 3) WHERE seq = 2`)
	store := openStore(t, path, nobodyLooks)
	entries, err := store.Undecided(0, 10, false)
	if err != nil || len(entries) != 3 || store.Err() != nil {
		t.Fatalf("read %d, %v, %v", len(entries), err, store.Err())
	}
	if entries[0].Fault != nil || entries[1].Fault == nil || entries[1].Intent != nil || entries[2].Fault != nil {
		t.Errorf("faults are %v, %v, %v", entries[0].Fault, entries[1].Fault, entries[2].Fault)
	}
	entries[1].Parked = true
	if err := store.MarkDurably(entries[1]); err != nil {
		t.Error(err)
	}
}

package outbox_test

import (
	"errors"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zegel/zegel/gateway/outbox"
)

// fillUp puts until there is no room, checks that nothing acknowledged is lost by that, and that
// the store goes on when there is room again.
func fillUp(t *testing.T, store *outbox.Store, room func()) {
	t.Helper()
	n := 0
	first := earnEntry(0)
	for e := first; ; n++ {
		if n > 0 {
			e = earnEntry(n)
		}
		if _, err := store.Put(e); errors.Is(err, outbox.ErrFull) {
			break
		} else if err != nil {
			t.Fatalf("after %d: %v", n, err)
		}
		if n > 200_000 {
			t.Fatal("it never fills up")
		}
	}
	if err := store.Err(); err != nil {
		t.Fatalf("a full disk has broken it: %v", err)
	}
	for i := range n {
		if e, there, err := store.Find(opID(i)); err != nil || !there || e.Fault != nil {
			t.Fatalf("%d of %d is gone: %v, %v", i, n, err, e.Fault)
		}
	}
	room()
	if err := decide(store, *first, 0); err != nil {
		t.Errorf("after room was made: %v", err)
	}
	if _, err := store.Put(earnEntry(n)); err != nil {
		t.Errorf("after room was made: %v", err)
	}
	t.Logf("%d operations fitted", n)
}

func TestADatabaseThatMayNotGrowIsFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "outbox.db")
	query := outbox.Pragmas()
	query.Add("_pragma", "max_page_count(100)")
	source := (&url.URL{Scheme: "file", Opaque: path, RawQuery: query.Encode()}).String()
	store, err := outbox.OpenAny("sqlite", source, "", testKey, nobodyLooks)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	fillUp(t, store, func() {
		for i := range 20 {
			if err := store.Withdraw(*earnEntry(i + 1), nil); err != nil && !strings.Contains(err.Error(), "room") {
				t.Fatal(err)
			}
		}
	})
}

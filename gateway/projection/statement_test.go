package projection_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/projection"
)

func pageThrough(t testing.TB, p *projection.Projection, m loyalty.MemberID, limit int) []projection.Entry {
	t.Helper()
	var all []projection.Entry
	for cursor := ""; ; {
		page, err := p.Page(context.Background(), m, cursor, limit)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Entries) > limit {
			t.Fatalf("%d entries on a page of %d", len(page.Entries), limit)
		}
		all = append(all, page.Entries...)
		if page.Next == "" {
			return all
		}
		cursor = page.Next
	}
}

func TestStatementNewestFirst(t *testing.T) {
	p := mustOpen(t)
	mustApply(t, p, life()...)
	var got []string
	for _, e := range pageThrough(t, p, ada, 200) {
		got = append(got, fmt.Sprintf("%d %s %s %s %s %+d", e.Block, e.Transaction, e.Chain, e.Kind, e.Reason, e.Points))
	}
	want := []string{
		"5 t7 KorenaarMSP earn repaid +0",
		"5 t7 KorenaarMSP earn earned +50",
		"5 t7 KorenaarMSP return restored +5",
		"5 t7 KorenaarMSP return owed -20",
		"5 t7 KorenaarMSP return clawed -60",
		"3 t6 DuinmarktMSP transfer sent -10",
		"3 t6 DuinmarktMSP capture released +15",
		"3 t6 DuinmarktMSP capture captured +0",
		"2 t3 DuinmarktMSP hold held -40",
		"1 t1 KorenaarMSP earn earned +100",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got:\n%q\nwant:\n%q", got, want)
	}
}

func TestPagesOfAnySizeAreTheSameStatement(t *testing.T) {
	p := mustOpen(t)
	mustApply(t, p, life()...)
	whole := pageThrough(t, p, ada, 200)
	for limit := 1; limit <= len(whole)+1; limit++ {
		if !slices.Equal(pageThrough(t, p, ada, limit), whole) {
			t.Errorf("pages of %d", limit)
		}
	}
}

func TestCursorsOutliveNewEntriesAndARebuild(t *testing.T) {
	ctx, p, blocks := context.Background(), mustOpen(t), life()
	mustApply(t, p, blocks[:4]...)
	first, err := p.Page(ctx, ada, "", 2)
	if err != nil || first.Height != 4 {
		t.Fatal(first.Height, err)
	}
	before, err := p.Page(ctx, ada, first.Next, 10)
	if err != nil {
		t.Fatal(err)
	}
	mustApply(t, p, blocks[4:]...)
	if err := p.Rebuild(ctx); err != nil {
		t.Fatal(err)
	}
	mustApply(t, p, blocks...)
	after, err := p.Page(ctx, ada, first.Next, 10)
	if err != nil || !slices.Equal(before.Entries, after.Entries) {
		t.Errorf("got %v, want %v; %v", after.Entries, before.Entries, err)
	}
}

func TestForeignCursorsAreRefused(t *testing.T) {
	p := mustOpen(t)
	mustApply(t, p, life()...)
	page, err := p.Page(context.Background(), ada, "", 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Page(context.Background(), bob, page.Next, 1); !errors.Is(err, projection.ErrCursor) {
		t.Errorf("another member's cursor: %v", err)
	}
	for i := range page.Next {
		wrong := []byte(page.Next)
		wrong[i] ^= 1
		if _, err := p.Page(context.Background(), ada, string(wrong), 1); !errors.Is(err, projection.ErrCursor) {
			t.Errorf("%q with letter %d altered: %v", page.Next, i, err)
		}
	}
}

func TestACursorForEveryEntryGoesOnBehindIt(t *testing.T) {
	p := mustOpen(t)
	mustApply(t, p, life()...)
	whole := pageThrough(t, p, ada, 200)
	rapid.Check(t, func(r *rapid.T) {
		i := rapid.IntRange(0, len(whole)-1).Draw(r, "entry")
		page, err := p.Page(context.Background(), ada, whole[i].Cursor, 200)
		if err != nil || !slices.Equal(page.Entries, whole[i+1:]) {
			r.Fatalf("behind %d: %v, %v", i, page.Entries, err)
		}
	})
}

func FuzzCursors(f *testing.F) {
	f.Add("")
	f.Add("AQECAwQAAAAA")
	f.Fuzz(func(t *testing.T, text string) {
		if again, err := projection.ParseCursor(ada, text); err == nil && again != text {
			t.Errorf("%q and %q are one cursor", text, again)
		}
	})
}

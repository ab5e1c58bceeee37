package vault_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/vault"
)

const (
	ada = loyalty.MemberID("0000000000000000000000000000ada0")
	bob = loyalty.MemberID("00000000000000000000000000000b0b")
)

func mustOpen(t testing.TB, path string, s vault.Secret) *vault.Vault {
	t.Helper()
	v, err := vault.Open(path, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() })
	return v
}

func mustSeal(t testing.TB, v *vault.Vault, m loyalty.MemberID, text string) []byte {
	t.Helper()
	sealed, err := v.Seal(context.Background(), m, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func TestSealedProfilesOutliveARestart(t *testing.T) {
	path, s := filepath.Join(t.TempDir(), "a vault?#%.db"), mustSecret(t, counting)
	v := mustOpen(t, path, s)
	sealed := mustSeal(t, v, ada, "Ada")
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	plain, err := mustOpen(t, path, s).Open(context.Background(), ada, sealed)
	if err != nil || string(plain) != "Ada" {
		t.Errorf("got %q, %v", plain, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info, err)
	}
}

func TestSealIsBoundToTheMember(t *testing.T) {
	v := mustOpen(t, filepath.Join(t.TempDir(), "v.db"), mustSecret(t, counting))
	sealed := mustSeal(t, v, ada, "Ada")
	_ = mustSeal(t, v, bob, "Bob")
	if _, err := v.Open(context.Background(), bob, sealed); !errors.Is(err, vault.ErrSealBroken) {
		t.Errorf("another member's profile opens: %v", err)
	}
	if bytes.Equal(sealed, mustSeal(t, v, ada, "Ada")) {
		t.Error("sealing twice gives the same bytes")
	}
	for i := range sealed {
		broken := bytes.Clone(sealed)
		broken[i] ^= 1
		if _, err := v.Open(context.Background(), ada, broken); !errors.Is(err, vault.ErrSealBroken) {
			t.Errorf("byte %d altered: %v", i, err)
		}
	}
}

func TestDestroyedKeysStayDestroyed(t *testing.T) {
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "v.db")
	v := mustOpen(t, path, mustSecret(t, counting))
	sealed := mustSeal(t, v, ada, "Ada")
	for _, want := range []bool{true, false} {
		if has, err := v.Has(ctx, ada); err != nil || has != want {
			t.Errorf("has a key: %v, %v", has, err)
		}
		if existed, err := v.Destroy(ctx, ada); err != nil || existed != want {
			t.Errorf("destroy: %v, %v", existed, err)
		}
	}
	if _, err := v.Open(ctx, ada, sealed); !errors.Is(err, vault.ErrErased) {
		t.Errorf("open after erasure: %v", err)
	}
	if _, err := v.Seal(ctx, ada, []byte("Ada")); !errors.Is(err, vault.ErrErased) {
		t.Errorf("seal after erasure: %v", err)
	}
	if existed, err := v.Destroy(ctx, bob); err != nil || existed {
		t.Errorf("a member without a key: %v, %v", existed, err)
	}
}

func TestADestroyedKeyIsNotLeftInAnyFile(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	v := mustOpen(t, filepath.Join(dir, "v.db"), mustSecret(t, counting))
	_ = mustSeal(t, v, ada, "Ada")
	wrapped := wrappedKey(t, dir)
	if _, err := v.Destroy(ctx, ada); err != nil {
		t.Fatal(err)
	}
	for name, content := range filesIn(t, dir) {
		if bytes.Contains(content, wrapped[1:13]) || bytes.Contains(content, wrapped[32:]) {
			t.Errorf("the wrapped key is still in %s", name)
		}
	}
}

// wrappedKey is the 61 bytes behind ada's reference in her row, wherever the row is by now.
func wrappedKey(t *testing.T, dir string) []byte {
	t.Helper()
	for _, content := range filesIn(t, dir) {
		_, rest, found := bytes.Cut(content, append([]byte(ada), 1))
		if found && len(rest) >= 60 {
			return append([]byte{1}, rest[:60]...)
		}
	}
	t.Fatal("the wrapped key is nowhere, although it was not destroyed")
	return nil
}

func filesIn(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string][]byte)
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(name)] = content
	}
	return files
}

func TestEnrolmentPrintsDieWithTheKey(t *testing.T) {
	ctx := context.Background()
	v := mustOpen(t, filepath.Join(t.TempDir(), "v.db"), mustSecret(t, counting))
	print, first, err := v.Print(ctx, ada, []byte("Ada +31201234567"))
	if err != nil || !print.Valid() || !first {
		t.Fatal(print, first, err)
	}
	if again, first, _ := v.Print(ctx, ada, []byte("Ada +31201234567")); again != print || first {
		t.Error("a repeat has another print, or is the first again")
	}
	if other, _, _ := v.Print(ctx, ada, []byte("Ada +31201234568")); other == print {
		t.Error("other content has the same print")
	}
	if _, err := v.Destroy(ctx, ada); err != nil {
		t.Fatal(err)
	}
	if _, first, err := v.Print(ctx, ada, []byte("Ada +31201234567")); !errors.Is(err, vault.ErrErased) || first {
		t.Errorf("after erasure: %t, %v", first, err)
	}
}

func TestOneKeyForManyCallersAtOnce(t *testing.T) {
	path, s := filepath.Join(t.TempDir(), "v.db"), mustSecret(t, counting)
	here, there := mustOpen(t, path, s), mustOpen(t, path, s) // two processes, nearly
	sealed := make([][]byte, 16)
	var all sync.WaitGroup
	for i := range sealed {
		all.Go(func() {
			v := here
			if i%2 == 1 {
				v = there
			}
			sealed[i], _ = v.Seal(context.Background(), ada, []byte("Ada"))
		})
	}
	all.Wait()
	for _, b := range sealed {
		if plain, err := here.Open(context.Background(), ada, b); err != nil || string(plain) != "Ada" {
			t.Errorf("got %q, %v", plain, err)
		}
	}
}

func TestAnotherSecretIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.db")
	_ = mustOpen(t, path, mustSecret(t, counting))
	if _, err := vault.Open(path, mustSecret(t, strings.Repeat("22", 32))); !errors.Is(err, vault.ErrWrongSecret) {
		t.Errorf("got %v", err)
	}
	if _, err := vault.Open(path, vault.Secret{}); !errors.Is(err, vault.ErrSecretMalformed) {
		t.Errorf("the zero secret: %v", err)
	}
}

func TestLimitsAndUnknownMembers(t *testing.T) {
	ctx := context.Background()
	v := mustOpen(t, filepath.Join(t.TempDir(), "v.db"), mustSecret(t, counting))
	if _, err := v.Seal(ctx, ada, make([]byte, vault.MaxProfileSize+1)); err == nil {
		t.Error("a profile above the limit is sealed")
	}
	if _, err := v.Open(ctx, bob, nil); !errors.Is(err, vault.ErrNoKey) {
		t.Errorf("got %v", err)
	}
	if err := v.Ready(ctx); err != nil {
		t.Error(err)
	}
}

func FuzzOpenNeverPanics(f *testing.F) {
	v := mustOpen(f, filepath.Join(f.TempDir(), "v.db"), mustSecret(f, counting))
	f.Add(mustSeal(f, v, ada, "Ada"))
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, sealed []byte) {
		if plain, err := v.Open(context.Background(), ada, sealed); err == nil && string(plain) != "Ada" {
			t.Errorf("forged: %q", plain)
		}
	})
}

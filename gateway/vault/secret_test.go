package vault_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/zegel/zegel/gateway/vault"
)

func TestSecretFileIsMadeOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	ids := make([]string, 8)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			s, err := vault.LoadSecret(path)
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = string(s.Operation(nil, "x"))
		})
	}
	all.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("two starts at once made two secrets: %v", ids)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".secret-*"))
	if len(left) != 0 {
		t.Errorf("drafts stay behind: %v", left)
	}
}

func TestSecretFileThatOthersReadIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(counting), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.LoadSecret(path); err == nil || strings.Contains(err.Error(), counting) {
		t.Errorf("got %v", err)
	}
}

func TestMalformedSecrets(t *testing.T) {
	for _, text := range []string{"", "00", counting + "00", strings.Replace(counting, "0", "g", 1), counting[:63]} {
		if _, err := vault.ParseSecret(text); err == nil {
			t.Errorf("%q is taken for a secret", text)
		}
	}
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, bytes.Repeat([]byte("0"), 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.LoadSecret(path); err == nil {
		t.Error("a megabyte is taken for a secret")
	}
}

func TestASecretIsNeverPrinted(t *testing.T) {
	s := mustSecret(t, counting)
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
		fmt.Fprintf(&out, verb+"\n", s)
		fmt.Fprintf(&out, verb+"\n", struct{ Inner vault.Secret }{s})
		fmt.Fprintf(&out, verb+"\n", &s)
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("start", "secret", s)
	slog.New(slog.NewTextHandler(&out, nil)).Info("start", "secret", &s)
	if err := json.NewEncoder(&out).Encode(map[string]any{"secret": s}); err != nil {
		t.Fatal(err)
	}
	for _, leak := range []string{"000102", "0x0, 0x1", "0 1 2 3", "AAECAw", "\x00\x01\x02"} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("%q can be read in:\n%s", leak, out.String())
		}
	}
}

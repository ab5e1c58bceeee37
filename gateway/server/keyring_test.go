package server_test

import (
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/server"
)

func mustKey(t *testing.T, id string, pepper []byte) (string, server.Key) {
	t.Helper()
	token, key, err := server.NewKey(id, pepper)
	if err != nil {
		t.Fatal(err)
	}
	key.Role = loyalty.RolePOS
	return token, key
}

func mustWrite(t *testing.T, path string, keys ...server.Key) {
	t.Helper()
	if err := server.WriteKeys(path, keys); err != nil {
		t.Fatal(err)
	}
}

func mustOpen(t *testing.T, path string, pepper []byte) *server.Keyring {
	t.Helper()
	ring, err := server.OpenKeyring(path, pepper, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func wantKnown(t *testing.T, ring *server.Keyring, token string, want bool) {
	t.Helper()
	ring.LookAgain()
	if _, known := ring.Find(token); known != want {
		t.Errorf("the key is known: %v", known)
	}
}

func TestAChangedFileIsReadWithoutARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	oldToken, oldKey := mustKey(t, "old", nil)
	newToken, newKey := mustKey(t, "new", nil)
	mustWrite(t, path, oldKey)
	ring := mustOpen(t, path, nil)
	wantKnown(t, ring, oldToken, true)
	wantKnown(t, ring, newToken, false)
	mustWrite(t, path, oldKey, newKey)
	wantKnown(t, ring, newToken, true)
	oldKey.Disabled = true
	mustWrite(t, path, oldKey, newKey)
	wantKnown(t, ring, oldToken, false)
	wantKnown(t, ring, newToken, true)
}

func TestAFileThatCannotBeReadLeavesTheKeysAsTheyWere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	token, key := mustKey(t, "till", nil)
	mustWrite(t, path, key)
	ring := mustOpen(t, path, nil)
	if err := os.WriteFile(path, []byte(`{"version":1,"keys":[{"id":"till","disabeld":true}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	wantKnown(t, ring, token, true)
	if err := ring.Err(); err == nil || !strings.Contains(err.Error(), "disabeld") {
		t.Errorf("it does not say what is wrong: %v", err)
	}
	mustWrite(t, path, key)
	wantKnown(t, ring, token, true)
	if err := ring.Err(); err != nil {
		t.Errorf("it does not recover: %v", err)
	}
}

func TestPepperedKeysNeedTheirPepper(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	token, key := mustKey(t, "till", []byte("pepper"))
	plainToken, plain := mustKey(t, "plain", nil)
	mustWrite(t, path, key, plain)
	ring := mustOpen(t, path, []byte("pepper"))
	wantKnown(t, ring, token, true)
	wantKnown(t, ring, plainToken, true)
	wantKnown(t, mustOpen(t, path, []byte("other")), token, false)
	if _, err := server.OpenKeyring(path, nil, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("opened without a pepper")
	}
}

func TestTheFileNeverHoldsASecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	token, key := mustKey(t, "till", nil)
	mustWrite(t, path, key)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, secret, ok := server.SplitToken(token)
	if !ok || strings.Contains(string(text), secret) {
		t.Error("the secret is in the file")
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read the file: %v %v", info.Mode(), err)
	}
}

func TestKeysThatMakeNoSenseAreRefused(t *testing.T) {
	_, good := mustKey(t, "till", nil)
	for title, change := range map[string]func(*server.Key){
		"an id with an underscore":     func(k *server.Key) { k.ID = "a_b" },
		"a hash that is none":          func(k *server.Key) { k.Hash = "secret" },
		"the role of an administrator": func(k *server.Key) { k.Role = loyalty.RoleAdmin },
		"no role":                      func(k *server.Key) { k.Role = "" },
		"a terminal without its store": func(k *server.Key) { k.Terminal = "3" },
		"a negative rate":              func(k *server.Key) { k.PerSecond = -1 },
	} {
		t.Run(title, func(t *testing.T) {
			key := good
			change(&key)
			if err := server.WriteKeys(filepath.Join(t.TempDir(), "keys.json"), []server.Key{key}); err == nil {
				t.Error("accepted")
			}
		})
	}
	t.Run("the same id twice", func(t *testing.T) {
		if err := server.WriteKeys(filepath.Join(t.TempDir(), "keys.json"), []server.Key{good, good}); err == nil {
			t.Error("accepted")
		}
	})
}

func TestAKeyMayNotSendMoreThanItMay(t *testing.T) {
	w := newWorld(t)
	token, key := mustKey(t, "slow", nil)
	key.PerSecond = 1
	mustWrite(t, w.path, key)
	w.keys.LookAgain()
	statuses := map[int]int{}
	for range 4 {
		response := askAs(w, http.MethodGet, "/v1/whoami", token)
		statuses[response.Code]++
		if response.Code == http.StatusTooManyRequests {
			wantProblem(t, response, http.StatusTooManyRequests, "rate_limited")
			if response.Header().Get("Retry-After") == "" {
				t.Error("it is not told how long")
			}
		}
	}
	if statuses[http.StatusOK] != 2 || statuses[http.StatusTooManyRequests] != 2 {
		t.Errorf("answered %v", statuses)
	}
	mustWrite(t, w.path, key) // touching the file refills nothing
	w.keys.LookAgain()
	if got := askAs(w, http.MethodGet, "/v1/whoami", token).Code; got != http.StatusTooManyRequests {
		t.Errorf("a file written again refilled the bucket: %d", got)
	}
}

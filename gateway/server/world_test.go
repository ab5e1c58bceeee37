package server_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/server"
)

// world is a server with a fake teller, keys of every role, and everything it logged.
type world struct {
	server *server.Server
	teller *fakeTeller
	tokens map[string]string // by the name that scripts use
	log    *logBuffer
	keys   *server.Keyring
	path   string // of the keys file
}

// theKeys are the keys that scripts speak as.
var theKeys = map[string]server.Key{
	"till":     {Role: loyalty.RolePOS, Store: "101", Terminal: "3", Label: "Korenaar 101, till 3"},
	"store":    {Role: loyalty.RolePOS, Store: "101"},
	"import":   {Role: loyalty.RolePOS},
	"agent":    {Role: loyalty.RoleAgent},
	"manager":  {Role: loyalty.RoleManager},
	"auditor":  {Role: loyalty.RoleAuditor},
	"disabled": {Role: loyalty.RolePOS, Disabled: true},
}

func newWorld(t testing.TB, change ...func(*server.Config)) *world {
	t.Helper()
	w := &world{teller: &fakeTeller{mood: "applied"}, tokens: map[string]string{}, log: &logBuffer{}}
	w.path = filepath.Join(t.TempDir(), "keys.json")
	var keys []server.Key
	for name, key := range theKeys {
		token, minted, err := server.NewKey("key-"+name, nil)
		if err != nil {
			t.Fatal(err)
		}
		key.ID, key.Hash = minted.ID, minted.Hash
		if key.PerSecond == 0 {
			key.PerSecond = 100_000
		}
		keys = append(keys, key)
		w.tokens[name] = token
	}
	if err := server.WriteKeys(w.path, keys); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	if w.keys, err = server.OpenKeyring(w.path, nil, log); err != nil {
		t.Fatal(err)
	}
	config := server.Config{
		Teller: w.teller, Keys: w.keys, Chain: server.Chain{MSP: "KorenaarMSP", Name: "Korenaar"}, Log: log, Version: "test", Web: http.FS(thePage),
	}
	for _, c := range change {
		c(&config)
	}
	if w.server, err = server.New(config); err != nil {
		t.Fatal(err)
	}
	return w
}

var thePage = fstest.MapFS{
	"index.html":        {Data: []byte("<!doctype html><title>Till</title>")},
	"assets/app.js":     {Data: []byte("export {}")},
	"assets/notes.go":   {Data: []byte("package not_for_the_web")},
	"assets/deep/x.css": {Data: []byte("body{}")},
}

// logBuffer is a log that can be read while it is written.
type logBuffer struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (l *logBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

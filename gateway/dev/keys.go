package dev

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/directory"
	"github.com/zegel/zegel/gateway/node"
	"github.com/zegel/zegel/gateway/server"
)

// tokensFile keeps the demo keys in plain text, for those who try the consortium out. A gateway in
// production has only their hashes.
const tokensFile = "demo-keys.json"

// journalRate is how many requests a second a journal import may make.
const journalRate = 50_000

// demoKeys gives the demo keys of one gateway, the same after a restart.
func demoKeys(dir string) (directory.Keys, error) {
	path := filepath.Join(dir, tokensFile)
	text, err := os.ReadFile(path)
	if err == nil {
		var keys directory.Keys
		err = json.Unmarshal(text, &keys)
		return keys, err
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return directory.Keys{}, err
	}
	return mintKeys(dir, path)
}

func mintKeys(dir, path string) (directory.Keys, error) {
	var keys directory.Keys
	var entries []server.Key
	for _, k := range []struct {
		token *string
		key   server.Key
	}{
		{&keys.Till, server.Key{ID: "till-1", Role: loyalty.RolePOS, Store: "s01", Terminal: "t1", Label: "store s01, till 1", PerSecond: journalRate}},
		{&keys.Journal, server.Key{ID: "journal", Role: loyalty.RolePOS, Label: "journal import", PerSecond: journalRate}},
		{&keys.Agent, server.Key{ID: "agent", Role: loyalty.RoleAgent, Label: "service desk"}},
		{&keys.Manager, server.Key{ID: "manager", Role: loyalty.RoleManager, Label: "head office"}},
		{&keys.Auditor, server.Key{ID: "auditor", Role: loyalty.RoleAuditor, Label: "auditor"}},
	} {
		token, key, err := server.NewKey(k.key.ID, nil)
		if err != nil {
			return directory.Keys{}, err
		}
		k.key.Hash = key.Hash
		*k.token = token
		entries = append(entries, k.key)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return directory.Keys{}, err
	}
	if err := server.WriteKeys(node.KeysPath(dir), entries); err != nil {
		return directory.Keys{}, err
	}
	text, err := json.MarshalIndent(keys, "", "  ")
	if err != nil {
		return directory.Keys{}, err
	}
	return keys, os.WriteFile(path, append(text, '\n'), 0o600)
}

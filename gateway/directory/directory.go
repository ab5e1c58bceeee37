// Package directory is the file by which commands find a running consortium: started with
// `--data DIR`, it writes DIR/directory.json, and other commands given the same DIR read it.
package directory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Directory lists what answers where. It holds demo API keys, so its file is private to its owner.
type Directory struct {
	Backend string  `json:"backend"` // devnet or fabric
	Chains  []Chain `json:"chains"`  // in the order of the consortium
	Peers   []Peer  `json:"peers"`
	Orderer string  `json:"orderer"` // host:port
	// Processes are what runs, for those who measure.
	Processes []Process `json:"processes"`
}

// Process is one running program of the consortium.
type Process struct {
	Name string `json:"name"`
	PID  int    `json:"pid"`
}

// Chain is one chain's gateway and the keys to try it with.
type Chain struct {
	Name    string `json:"name"`
	MSP     string `json:"msp"`
	URL     string `json:"url"`
	Keys    Keys   `json:"keys"`
	Profile string `json:"profile"` // path of the connection profile
}

// Keys are demo API keys, one for each kind of desk.
type Keys struct {
	Till    string `json:"till"`    // role pos, bound to store s01, terminal t1
	Journal string `json:"journal"` // role pos, any store and terminal of the chain
	Agent   string `json:"agent"`
	Manager string `json:"manager"`
	Auditor string `json:"auditor"`
}

// Peer is one organisation's peer.
type Peer struct {
	Name    string `json:"name"`
	MSP     string `json:"msp"`
	Address string `json:"address"` // host:port
}

const fileName = "directory.json"

// Path is where the directory of a data folder is.
func Path(dir string) string { return filepath.Join(dir, fileName) }

// Save writes d into dir, whole or not at all.
func Save(dir string, d *Directory) error {
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	next := Path(dir) + ".new"
	if err := os.WriteFile(next, append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(next, Path(dir))
}

// Remove takes the directory away when what it lists has stopped. That it is not there is no error.
func Remove(dir string) error {
	err := os.Remove(Path(dir))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// Load reads the directory of a data folder.
func Load(dir string) (*Directory, error) {
	text, err := os.ReadFile(Path(dir))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("no consortium runs with --data %s (no %s there); start one with: zegel dev --data %s", dir, fileName, dir)
	}
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var found Directory
	if err := d.Decode(&found); err != nil {
		return nil, fmt.Errorf("%s: %w", Path(dir), err)
	}
	return &found, nil
}

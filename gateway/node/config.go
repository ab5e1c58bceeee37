// Package node puts one chain's gateway together: identities and connection, vault, statement,
// lanes, teller and HTTP server. The command line and the end-to-end tests start the same node.
package node

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/fabric"
	"github.com/zegel/zegel/gateway/server"
	"github.com/zegel/zegel/gateway/teller"
)

// Config is what one gateway is made of.
type Config struct {
	Name string // of the chain, as on a receipt
	// Profile says where the peers are and, by its organisation, whose gateway this is.
	Profile *fabric.Profile
	// Identities sign in the chain's name, one for each role of an API key.
	Identities map[loyalty.Role]fabric.Identity
	// Endorsers are the MSP IDs that endorse each transaction: the own organisation and the clearing house.
	Endorsers []string
	// Standby are asked in place of the clearing house where no basket would be shown to them.
	Standby []string
	// Dir keeps the chain's secret, the members' keys, the API keys, the outbox and the statement. Losing
	// the statement costs a rebuild; losing the secret or the members' keys costs the personal data;
	// losing the outbox costs what tills were promised while the ledger was out of reach.
	Dir string
	// NoOutbox accepts nothing that is not on its way to the ledger, and promises nothing beyond that.
	NoOutbox bool
	// Zone is the time zone in which the chain's shops close their books; nil is UTC.
	Zone    *time.Location
	Version string
	Log     *slog.Logger
	Limits  *server.Limits
	// Batching adjusts the lanes; nil leaves the defaults.
	Batching func(loyalty.Role, *teller.Batching)
}

func (c *Config) check() error {
	switch {
	case c.Name == "" || c.Profile == nil || c.Dir == "":
		return errors.New("node: name, profile and folder are required")
	case len(c.Endorsers) == 0:
		return errors.New("node: at least one endorsing organisation is required")
	}
	if _, ok := c.Identities[loyalty.RolePOS]; !ok {
		return errors.New("node: an identity with the role pos is required")
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return err
	}
	return private(c.Dir)
}

// private takes away from others what they may do in a folder that was there before.
func private(dir string) error {
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return fmt.Errorf("node: others may look into the folder and its mode cannot be changed; name one that is the gateway's own: %w", err)
	}
	return nil
}

// housekeeper is the role that may purge profiles: an agent or, where the gateway has no identity of
// one, a manager.
func (c *Config) housekeeper() string {
	if _, ok := c.Identities[loyalty.RoleAgent]; ok {
		return string(loyalty.RoleAgent)
	}
	return string(loyalty.RoleManager)
}

// The files of a node's folder.
const (
	secretFile    = "chain-secret"
	vaultFile     = "members.db"
	statementFile = "statement.db"
	keysFile      = "api-keys.json"
)

// KeysPath is where a node with this folder looks for its API keys.
func KeysPath(dir string) string { return filepath.Join(dir, keysFile) }

// keyring opens the API keys; a new gateway begins with none, and every request is refused.
func (c *Config) keyring() (*server.Keyring, error) {
	path := KeysPath(c.Dir)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := server.WriteKeys(path, []server.Key{}); err != nil {
			return nil, err
		}
	}
	return server.OpenKeyring(path, nil, c.Log)
}

func (c *Config) path(name string) string { return filepath.Join(c.Dir, name) }

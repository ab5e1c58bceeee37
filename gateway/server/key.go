package server

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// Key is one API key as it stands in the keys file: everything but the secret.
type Key struct {
	ID string `json:"id"` // public: 3 to 40 lower-case letters, digits and hyphens
	// Hash is what HashSecret makes of the secret.
	Hash string       `json:"hash"`
	Role loyalty.Role `json:"role"` // pos, agent, manager or auditor
	// Store and Terminal tie the key to one place. Empty, the key may speak for any.
	Store    string `json:"store,omitempty"`
	Terminal string `json:"terminal,omitempty"`
	Label    string `json:"label,omitempty"` // for people: "Korenaar 101, till 3"
	// PerSecond is how many requests a second the key may make, 0 being the default of 100. A
	// journal import needs thousands.
	PerSecond int  `json:"perSecond,omitempty"`
	Disabled  bool `json:"disabled,omitempty"`
}

// tokenPrefix lets a scanner find keys that leaked.
const tokenPrefix = "zegel_"

var (
	idForm     = regexp.MustCompile(`^[a-z0-9-]{3,40}$`)
	secretForm = regexp.MustCompile(`^[A-Za-z0-9]{26,64}$`)
	hashForm   = regexp.MustCompile(`^(sha256|hmac-sha256):[0-9a-f]{64}$`)
)

// keyRoles is every role that a key may have. An admin works with the network's own tools.
var keyRoles = map[loyalty.Role]bool{
	loyalty.RolePOS: true, loyalty.RoleAgent: true, loyalty.RoleManager: true, loyalty.RoleAuditor: true,
}

// NewKey mints an API key: the token goes to the till and is not kept, the Key goes into the keys
// file. Only the id and the hash are filled in. With a pepper the file alone is of no use to a thief
// even if the secret were weak; the secret has 130 bits, so a pepper is optional.
func NewKey(id string, pepper []byte) (token string, key Key, err error) {
	if !idForm.MatchString(id) {
		return "", Key{}, fmt.Errorf("key id %q must be 3 to 40 lower-case letters, digits and hyphens", id)
	}
	secret := rand.Text()
	return tokenPrefix + id + "_" + secret, Key{ID: id, Hash: HashSecret(secret, pepper)}, nil
}

// The prefixes of a hash.
const (
	plainHash    = "sha256:"
	pepperedHash = "hmac-sha256:"
)

// HashSecret is "sha256:…", or "hmac-sha256:…" if there is a pepper. A slow hash would add
// nothing: the secret is random.
func HashSecret(secret string, pepper []byte) string {
	if len(pepper) == 0 {
		sum := sha256.Sum256([]byte(secret))
		return plainHash + hex.EncodeToString(sum[:])
	}
	mac := hmac.New(sha256.New, pepper)
	mac.Write([]byte(secret))
	return pepperedHash + hex.EncodeToString(mac.Sum(nil))
}

// splitToken takes "zegel_<id>_<secret>" apart.
func splitToken(token string) (id, secret string, ok bool) {
	rest, prefixed := strings.CutPrefix(token, tokenPrefix)
	id, secret, cut := strings.Cut(rest, "_")
	return id, secret, prefixed && cut && idForm.MatchString(id) && secretForm.MatchString(secret)
}

// check refuses a key that could never be used or that means something else than it seems to.
func (k Key) check() error {
	switch {
	case !idForm.MatchString(k.ID):
		return fmt.Errorf("key id %q must be 3 to 40 lower-case letters, digits and hyphens", k.ID)
	case !hashForm.MatchString(k.Hash):
		return fmt.Errorf("key %s: hash must be sha256: or hmac-sha256: and 64 hex digits", k.ID)
	case !keyRoles[k.Role]:
		return fmt.Errorf("key %s: role %q is not pos, agent, manager or auditor", k.ID, k.Role)
	case k.Terminal != "" && k.Store == "":
		return fmt.Errorf("key %s: a terminal needs its store", k.ID)
	case len(k.Store) > loyalty.MaxTextSize || len(k.Terminal) > loyalty.MaxTextSize:
		return fmt.Errorf("key %s: store and terminal have at most %d bytes", k.ID, loyalty.MaxTextSize)
	case k.PerSecond < 0 || k.PerSecond > maxPerSecond:
		return fmt.Errorf("key %s: perSecond must be 0 to %d", k.ID, maxPerSecond)
	}
	return nil
}

const maxPerSecond = 100_000

package msp

import (
	"fmt"
	"sync"

	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"google.golang.org/protobuf/proto"
)

// cacheLimit bounds how many identities a directory remembers. Checking a certificate's chain costs more than a
// signature, and one gateway signs everything with a handful of identities.
const cacheLimit = 4096

// Directory knows the organisations of one channel and recognises serialised identities.
type Directory struct {
	organisations map[string]*Organisation

	// mu guards known, which every proposal, envelope and endorsement reads.
	mu    sync.RWMutex
	known map[string]*Identity
}

// NewDirectory makes a directory of the organisations given.
func NewDirectory(organisations ...*Organisation) *Directory {
	d := &Directory{organisations: map[string]*Organisation{}, known: map[string]*Identity{}}
	for _, organisation := range organisations {
		d.organisations[organisation.id] = organisation
	}
	return d
}

// Identify makes an identity of its serialised form. The identity may still be invalid: see Identity.Validate.
func (d *Directory) Identify(serialised []byte) (*Identity, error) {
	d.mu.RLock()
	known, ok := d.known[string(serialised)]
	d.mu.RUnlock()
	if ok {
		return known, nil
	}
	claim := &msp.SerializedIdentity{}
	if err := proto.Unmarshal(serialised, claim); err != nil {
		return nil, fmt.Errorf("could not deserialize a SerializedIdentity: %w", err)
	}
	organisation, ok := d.organisations[claim.GetMspid()]
	if !ok {
		return nil, fmt.Errorf("MSP %s is not defined on channel", claim.GetMspid())
	}
	identity, err := organisation.Identify(claim.GetIdBytes())
	if err != nil {
		return nil, err
	}
	d.remember(serialised, identity)
	return identity, nil
}

func (d *Directory) remember(serialised []byte, identity *Identity) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.known) >= cacheLimit {
		clear(d.known)
	}
	d.known[string(serialised)] = identity
}

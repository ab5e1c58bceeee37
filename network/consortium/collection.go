package consortium

import (
	"encoding/json"
	"fmt"
)

// Collection is one private data collection, with the names that `peer lifecycle chaincode`
// reads from its collections file.
type Collection struct {
	Name              string                 `json:"name"`
	Policy            string                 `json:"policy"`
	RequiredPeerCount int32                  `json:"requiredPeerCount"`
	MaxPeerCount      int32                  `json:"maxPeerCount"`
	BlockToLive       uint64                 `json:"blockToLive"`
	MemberOnlyRead    bool                   `json:"memberOnlyRead"`
	MemberOnlyWrite   bool                   `json:"memberOnlyWrite"`
	EndorsementPolicy *CollectionEndorsement `json:"endorsementPolicy,omitempty"`
}

// CollectionEndorsement replaces the chaincode's endorsement policy for the keys of a collection.
type CollectionEndorsement struct {
	SignaturePolicy string `json:"signaturePolicy"`
}

// Collections gives each chain two. Personal data, "profiles-", is the chain's own affair: its peer
// alone endorses. Baskets, "baskets-", have no policy of their own, so the chaincode's governs and
// no chain can rewrite alone what it sold. Both stay with the chain's own peers, for ever as far
// as blocks are concerned: erasure is an explicit purge. The shared ones come last.
func (c Consortium) Collections() []Collection {
	var collections []Collection
	for _, o := range c.Chains() {
		profiles, baskets := private("profiles-", o), private("baskets-", o)
		profiles.EndorsementPolicy = &CollectionEndorsement{SignaturePolicy: "OR(" + principal(o.MSPID, "peer") + ")"}
		collections = append(collections, profiles, baskets)
	}
	return append(collections, c.Shared...)
}

func private(prefix string, o Organisation) Collection {
	return Collection{
		Name:            prefix + o.MSPID,
		Policy:          "OR(" + principal(o.MSPID, "member") + ")",
		MaxPeerCount:    1,
		MemberOnlyRead:  true,
		MemberOnlyWrite: true,
	}
}

// CollectionsJSON is the collections file for `peer lifecycle chaincode`.
func (c Consortium) CollectionsJSON() ([]byte, error) {
	text, err := json.MarshalIndent(c.Collections(), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the collections: %w", err)
	}
	return append(text, '\n'), nil
}

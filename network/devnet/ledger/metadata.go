package ledger

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"google.golang.org/protobuf/proto"
)

// metadataEntries lists metadata sorted by name; nil for none, which removes what there is.
func metadataEntries(metadata map[string][]byte) []*kvrwset.KVMetadataEntry {
	var entries []*kvrwset.KVMetadataEntry
	for _, name := range slices.Sorted(maps.Keys(metadata)) {
		entries = append(entries, &kvrwset.KVMetadataEntry{Name: name, Value: metadata[name]})
	}
	return entries
}

// packMetadata is metadata as the state holds it, nil for none.
func packMetadata(entries []*kvrwset.KVMetadataEntry) ([]byte, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	return marshal(&kvrwset.KVMetadataWrite{Entries: entries})
}

// metadataOf unpacks the metadata of an entry, nil where there is no entry or no metadata.
func metadataOf(e *entry) (map[string][]byte, error) {
	if e == nil || e.metadata == nil {
		return nil, nil
	}
	packed := &kvrwset.KVMetadataWrite{}
	if err := proto.Unmarshal(e.metadata, packed); err != nil {
		return nil, fmt.Errorf("unpack key metadata: %w", err)
	}
	metadata := make(map[string][]byte, len(packed.Entries))
	for _, e := range packed.Entries {
		metadata[e.Name] = e.Value
	}
	return metadata, nil
}

// marshal encodes a message; the same message always gives the same bytes.
func marshal(m proto.Message) ([]byte, error) {
	return proto.MarshalOptions{Deterministic: true}.Marshal(m)
}

package endorser

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/ledger"
)

// validationParameter is the metadata entry that holds a key's own endorsement policy.
var validationParameter = peer.MetaDataKeys_VALIDATION_PARAMETER.String()

// touched is which policies one chaincode's part of a transaction falls under.
type touched struct {
	keyPolicies []*common.SignaturePolicyEnvelope
	chaincode   bool            // the chaincode's own policy is needed
	collections map[string]bool // written or read; true where values were read
}

// interest says what a transaction touched, so that the gateway can work out who else has to endorse it.
func interest(state *ledger.Snapshot, system map[string]System, public *rwset.TxReadWriteSet, privateReads map[string][]string) (*peer.ChaincodeInterest, error) {
	interest := &peer.ChaincodeInterest{}
	for _, set := range public.GetNsRwset() {
		name := set.GetNamespace()
		if _, ok := system[name]; ok || name == legacyNamespace {
			continue
		}
		t, err := examine(state, set)
		if err != nil {
			return nil, err
		}
		for _, collection := range privateReads[name] {
			t.collections[collection] = true
		}
		interest.Chaincodes = append(interest.Chaincodes, t.calls(name)...)
	}
	return interest, nil
}

func (t *touched) calls(name string) []*peer.ChaincodeCall {
	var calls []*peer.ChaincodeCall
	switch {
	case len(t.keyPolicies) > 0:
		calls = append(calls, &peer.ChaincodeCall{Name: name, KeyPolicies: t.keyPolicies, DisregardNamespacePolicy: !t.chaincode})
	case t.chaincode:
		calls = append(calls, &peer.ChaincodeCall{Name: name})
	}
	for _, collection := range slices.Sorted(maps.Keys(t.collections)) {
		calls = append(calls, &peer.ChaincodeCall{Name: name, CollectionNames: []string{collection}, NoPrivateReads: !t.collections[collection]})
	}
	return calls
}

// examine finds the policies of the keys that are written. A transaction that writes nothing falls under the
// chaincode's policy.
func examine(state *ledger.Snapshot, set *rwset.NsReadWriteSet) (*touched, error) {
	t := &touched{collections: map[string]bool{}}
	public, err := ledger.ParseResults(set)
	if err != nil {
		return nil, err
	}
	for _, key := range writtenKeys(public) {
		metadata, err := state.Metadata(set.GetNamespace(), key)
		if err != nil {
			return nil, err
		}
		own, err := t.keyPolicy(metadata)
		if err != nil {
			return nil, err
		}
		t.chaincode = t.chaincode || !own
	}
	wrote := len(writtenKeys(public)) > 0
	for _, collection := range set.GetCollectionHashedRwset() {
		hashed := &kvrwset.HashedRWSet{}
		if err := proto.Unmarshal(collection.GetHashedRwset(), hashed); err != nil {
			return nil, err
		}
		for _, keyHash := range writtenHashes(hashed) {
			wrote = true
			metadata, err := state.PrivateMetadata(set.GetNamespace(), collection.GetCollectionName(), keyHash)
			if err != nil {
				return nil, err
			}
			own, err := t.keyPolicy(metadata)
			if err != nil {
				return nil, err
			}
			if !own {
				t.collections[collection.GetCollectionName()] = t.collections[collection.GetCollectionName()]
			}
		}
	}
	t.chaincode = t.chaincode || !wrote
	return t, nil
}

// keyPolicy notes the key's own policy and says whether it has one.
func (t *touched) keyPolicy(metadata map[string][]byte) (bool, error) {
	encoded, ok := metadata[validationParameter]
	if !ok {
		return false, nil
	}
	envelope := &common.SignaturePolicyEnvelope{}
	if err := proto.Unmarshal(encoded, envelope); err != nil {
		return false, fmt.Errorf("error unmarshalling SignaturePolicyEnvelope: %w", err)
	}
	t.keyPolicies = append(t.keyPolicies, envelope)
	return true, nil
}

func writtenKeys(set *kvrwset.KVRWSet) []string {
	keys := map[string]bool{}
	for _, write := range set.GetWrites() {
		keys[write.GetKey()] = true
	}
	for _, write := range set.GetMetadataWrites() {
		keys[write.GetKey()] = true
	}
	return slices.Sorted(maps.Keys(keys))
}

func writtenHashes(set *kvrwset.HashedRWSet) [][]byte {
	hashes := map[string]bool{}
	for _, write := range set.GetHashedWrites() {
		hashes[string(write.GetKeyHash())] = true
	}
	for _, write := range set.GetMetadataWrites() {
		hashes[string(write.GetKeyHash())] = true
	}
	var sorted [][]byte
	for _, hash := range slices.Sorted(maps.Keys(hashes)) {
		sorted = append(sorted, []byte(hash))
	}
	return sorted
}

package audit

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/audit/state"
	"github.com/zegel/zegel/audit/trust"
	"github.com/zegel/zegel/audit/tx"
)

// endorsed decides whether the endorsers satisfy what everything that the transaction writes demands:
// the policy of the key, else that of its collection, else that of its chaincode.
func (w *blockWork) endorsed(t *judged) (peer.TxValidationCode, error) {
	parts := map[string]*tx.Namespace{}
	for i := range t.Action.Results {
		n := &t.Action.Results[i]
		if parts[n.Name] != nil {
			return peer.TxValidationCode_ILLEGAL_WRITESET, errors.New("the results name a chaincode twice")
		}
		parts[n.Name] = n
	}
	if parts[t.Action.Chaincode] == nil {
		parts[t.Action.Chaincode] = &tx.Namespace{Name: t.Action.Chaincode, Public: &kvrwset.KVRWSet{}}
	}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		written := writtenKeys(parts[name])
		if name != t.Action.Chaincode && len(written) == 0 {
			continue
		}
		if code, err := w.demand(name, written, t.signers); err != nil {
			return code, err
		}
	}
	return peer.TxValidationCode_VALID, nil
}

// writtenKeys is every key whose value or metadata a transaction changes in one chaincode.
func writtenKeys(n *tx.Namespace) []state.Key {
	var keys []state.Key
	for _, one := range n.Public.GetWrites() {
		keys = append(keys, state.Key{Namespace: n.Name, Name: one.GetKey()})
	}
	for _, one := range n.Public.GetMetadataWrites() {
		keys = append(keys, state.Key{Namespace: n.Name, Name: one.GetKey()})
	}
	for _, c := range n.Collections {
		for _, one := range c.Hashes.GetHashedWrites() {
			keys = append(keys, state.Key{Namespace: n.Name, Collection: c.Name, Name: string(one.GetKeyHash())})
		}
		for _, one := range c.Hashes.GetMetadataWrites() {
			keys = append(keys, state.Key{Namespace: n.Name, Collection: c.Name, Name: string(one.GetKeyHash())})
		}
	}
	return keys
}

// demand checks one chaincode's part of a transaction. Each policy is evaluated once.
func (w *blockWork) demand(name string, keys []state.Key, signers []*trust.Identity) (peer.TxValidationCode, error) {
	d, err := w.definition(name)
	if err != nil {
		return peer.TxValidationCode_INVALID_CHAINCODE, err
	}
	held := map[string]bool{}
	check := func(collection string) error {
		if !held[collection] {
			p, err := d.policy(w.auditor.config, collection)
			if err != nil {
				return err
			}
			if !p.Holds(signers) {
				return fmt.Errorf("%s did not satisfy the endorsement policy of %s %s", namesOf(signers), name, collection)
			}
			held[collection] = true
		}
		return nil
	}
	for _, key := range keys {
		own, err := w.keyPolicy(key)
		switch {
		case err != nil:
			return peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE, err
		case own != nil && !own.Holds(signers):
			return peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE, fmt.Errorf("%s did not satisfy the key's own policy", namesOf(signers))
		case own != nil:
			held[keyLevel] = true
			continue
		}
		if err := check(d.governing(key.Collection)); err != nil {
			return peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE, err
		}
	}
	if len(held) == 0 {
		if err := check(""); err != nil {
			return peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE, err
		}
	}
	return peer.TxValidationCode_VALID, nil
}

// keyLevel stands for a key's own policy where policies are named by their collections.
const keyLevel = "\x00key"

// keyPolicy is the policy of a key of its own; nil for most keys.
func (w *blockWork) keyPolicy(key state.Key) (trust.Policy, error) {
	e, err := w.auditor.state.Get(key)
	if err != nil {
		return nil, &stateError{err}
	}
	if e == nil || e.Metadata == nil {
		return nil, nil
	}
	packed, policy := &kvrwset.KVMetadataWrite{}, &common.SignaturePolicyEnvelope{}
	if err := proto.Unmarshal(e.Metadata, packed); err != nil {
		return nil, err
	}
	for _, one := range packed.GetEntries() {
		if one.GetName() == peer.MetaDataKeys_VALIDATION_PARAMETER.String() {
			if err := proto.Unmarshal(one.GetValue(), policy); err != nil {
				return nil, err
			}
			return trust.Signature(policy)
		}
	}
	return nil, nil
}

func namesOf(signers []*trust.Identity) string {
	names := []string{}
	for _, s := range signers {
		names = append(names, s.MSP)
	}
	return fmt.Sprint(names)
}

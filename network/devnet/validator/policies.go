package validator

import (
	"maps"
	"slices"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/channel"
	"github.com/zegel/zegel/network/devnet/ledger"
	"github.com/zegel/zegel/network/devnet/lifecycle"
	"github.com/zegel/zegel/network/devnet/msp"
	"github.com/zegel/zegel/network/devnet/policy"
)

// key is a public key, or the hash of a private one.
type key struct{ namespace, collection, name string }

// policies checks endorsements against the state before the block.
type policies struct {
	channel *channel.Channel
	state   *ledger.Snapshot
	// changed are the keys whose own policy an earlier transaction of the block has replaced. The state does not show
	// the new policy yet, so whoever writes such a key is refused.
	changed map[key]bool
}

func newPolicies(c *channel.Channel, state *ledger.Snapshot) *policies {
	return &policies{channel: c, state: state, changed: map[key]bool{}}
}

// check decides whether a transaction is endorsed as everything it writes demands.
func (p *policies) check(tx *examined) peer.TxValidationCode {
	set := &rwset.TxReadWriteSet{}
	if err := proto.Unmarshal(tx.action.Chaincode.GetResults(), set); err != nil {
		return peer.TxValidationCode_BAD_RWSET
	}
	parts := map[string]*part{}
	for _, one := range set.GetNsRwset() {
		if parts[one.GetNamespace()] != nil {
			return peer.TxValidationCode_ILLEGAL_WRITESET
		}
		parsed, err := parse(one)
		if err != nil {
			return peer.TxValidationCode_BAD_RWSET
		}
		parts[one.GetNamespace()] = parsed
	}
	invoked := tx.action.Chaincode.GetChaincodeId().GetName()
	if parts[invoked] == nil {
		parts[invoked] = &part{}
	}
	for _, name := range slices.Sorted(maps.Keys(parts)) { // in order, so that every peer finds the same fault first
		one := parts[name]
		if name != invoked && len(one.writes) == 0 {
			continue
		}
		if code := p.checkChaincode(name, one, tx.signers); code != peer.TxValidationCode_VALID {
			return code
		}
	}
	for name, one := range parts {
		for _, write := range one.writes {
			if write.metadata {
				p.changed[key{name, write.collection, write.key}] = true
			}
		}
	}
	return peer.TxValidationCode_VALID
}

// part is what a transaction writes in one chaincode.
type part struct{ writes []write }

// write is a key that is written, or whose metadata is.
type write struct {
	collection, key string
	metadata        bool
}

func parse(set *rwset.NsReadWriteSet) (*part, error) {
	public, err := ledger.ParseResults(set)
	if err != nil {
		return nil, err
	}
	p := &part{}
	for _, one := range public.GetWrites() {
		p.writes = append(p.writes, write{key: one.GetKey()})
	}
	for _, one := range public.GetMetadataWrites() {
		p.writes = append(p.writes, write{key: one.GetKey(), metadata: true})
	}
	for _, collection := range set.GetCollectionHashedRwset() {
		hashed := &kvrwset.HashedRWSet{}
		if err := proto.Unmarshal(collection.GetHashedRwset(), hashed); err != nil {
			return nil, err
		}
		name := collection.GetCollectionName()
		for _, one := range hashed.GetHashedWrites() {
			p.writes = append(p.writes, write{collection: name, key: string(one.GetKeyHash())})
		}
		for _, one := range hashed.GetMetadataWrites() {
			p.writes = append(p.writes, write{collection: name, key: string(one.GetKeyHash()), metadata: true})
		}
	}
	return p, nil
}

// checkChaincode checks the keys written in one chaincode: a key's own policy comes before its collection's, and that
// before the chaincode's, which also applies when nothing else did.
func (p *policies) checkChaincode(name string, one *part, signers []*msp.Identity) peer.TxValidationCode {
	d := &demand{policies: p, name: name, signers: signers, satisfied: map[string]bool{}}
	if !d.define() {
		return peer.TxValidationCode_INVALID_CHAINCODE
	}
	for _, write := range one.writes {
		if !d.key(write) {
			return peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE
		}
	}
	if !d.some && !d.chaincode() {
		return peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE
	}
	return peer.TxValidationCode_VALID
}

// demand is what one chaincode's part of a transaction asks of its endorsers.
type demand struct {
	*policies
	name       string
	signers    []*msp.Identity
	definition *lifecycle.Definition
	policy     []byte
	satisfied  map[string]bool // by collection; "" is the chaincode itself
	some       bool            // a policy has been checked
}

func (d *demand) define() bool {
	if d.name == lifecycle.Namespace {
		reference := &peer.ApplicationPolicy{Type: &peer.ApplicationPolicy_ChannelConfigPolicyReference{
			ChannelConfigPolicyReference: channel.LifecycleEndorsers}}
		encoded, err := proto.Marshal(reference)
		d.definition, d.policy = &lifecycle.Definition{Name: d.name}, encoded
		return err == nil
	}
	definition, found, err := lifecycle.Read(lifecycle.Unrecorded(d.state), d.name)
	if err != nil || !found {
		return false
	}
	d.definition, d.policy = definition, definition.Policy()
	return true
}

func (d *demand) key(w write) bool {
	if d.changed[key{d.name, w.collection, w.key}] {
		return false
	}
	own, err := d.ownPolicy(w)
	if err != nil {
		return false
	}
	if len(own) > 0 {
		d.some = true
		return d.holdsSignature(own)
	}
	return d.collection(w.collection)
}

func (d *demand) ownPolicy(w write) ([]byte, error) {
	var metadata map[string][]byte
	var err error
	if w.collection == "" {
		metadata, err = d.state.Metadata(d.name, w.key)
	} else {
		metadata, err = d.state.PrivateMetadata(d.name, w.collection, []byte(w.key))
	}
	return metadata[peer.MetaDataKeys_VALIDATION_PARAMETER.String()], err
}

func (d *demand) holdsSignature(encoded []byte) bool {
	envelope := &common.SignaturePolicyEnvelope{}
	if proto.Unmarshal(encoded, envelope) != nil {
		return false
	}
	compiled, err := policy.Compile(envelope)
	return err == nil && compiled.Evaluate(d.signers) == nil
}

func (d *demand) collection(name string) bool {
	if name == "" {
		return d.chaincode()
	}
	if d.satisfied[name] {
		return true
	}
	collection, found := d.definition.Collection(name)
	if !found {
		return false
	}
	encoded, err := lifecycle.CollectionPolicy(collection)
	if err != nil {
		return false
	}
	if encoded == nil {
		return d.chaincode()
	}
	d.satisfied[name] = d.holds(encoded)
	d.some = d.some || d.satisfied[name]
	return d.satisfied[name]
}

func (d *demand) chaincode() bool {
	if !d.satisfied[""] {
		d.satisfied[""] = d.holds(d.policy)
		d.some = d.some || d.satisfied[""]
	}
	return d.satisfied[""]
}

func (d *demand) holds(encoded []byte) bool {
	application, err := d.channel.Application(encoded)
	return err == nil && application.Evaluate(d.signers) == nil
}

// Package lifecycle keeps chaincode definitions in the world state, under the keys and in the encoding of Fabric's
// _lifecycle chaincode, so that auditors and tools read them as they read a real channel's.
package lifecycle

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	db "github.com/hyperledger/fabric-protos-go-apiv2/peer/lifecycle"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/ledger"
	"github.com/zegel/zegel/network/devnet/policy"
)

// Namespace is where definitions are kept.
const Namespace = "_lifecycle"

// implicitPrefix begins the names of collections that exist without being defined, one for each organisation.
const implicitPrefix = "_implicit_org_"

// The fields of a definition, in the order of Fabric's.
const (
	fieldSequence    = "Sequence"
	fieldEndorsement = "EndorsementInfo"
	fieldValidation  = "ValidationInfo"
	fieldCollections = "Collections"
)

// Definition is what the channel has agreed about a chaincode.
type Definition struct {
	Name        string
	Sequence    int64
	Endorsement *db.ChaincodeEndorsementInfo
	Validation  *db.ChaincodeValidationInfo
	Collections *peer.CollectionConfigPackage
}

// Version is the chaincode's version, as it appears in endorsements.
func (d *Definition) Version() string { return d.Endorsement.GetVersion() }

// Policy is the marshalled application policy transactions have to satisfy.
func (d *Definition) Policy() []byte { return d.Validation.GetValidationParameter() }

// ImplicitOwner is the organisation whose own collection a name stands for, whether or not it is a member of the channel.
func ImplicitOwner(collection string) (mspID string, implicit bool) {
	return strings.CutPrefix(collection, implicitPrefix)
}

// Collection finds a collection by name, implicit ones included, also those of organisations nobody knows.
func (d *Definition) Collection(name string) (*peer.StaticCollectionConfig, bool) {
	if organisation, ok := ImplicitOwner(name); ok {
		return implicit(organisation), true
	}
	for _, collection := range d.Collections.GetConfig() {
		if static := collection.GetStaticCollectionConfig(); static.GetName() == name {
			return static, true
		}
	}
	return nil, false
}

// CollectionPolicy is the marshalled application policy that the keys of a collection have to satisfy instead of the
// chaincode's; nil where the chaincode's applies.
func CollectionPolicy(collection *peer.StaticCollectionConfig) ([]byte, error) {
	if collection.GetEndorsementPolicy() == nil {
		return nil, nil
	}
	return proto.Marshal(collection.GetEndorsementPolicy())
}

func implicit(organisation string) *peer.StaticCollectionConfig {
	members := &common.SignaturePolicyEnvelope{
		Identities: []*msp.MSPPrincipal{policy.Role(organisation, msp.MSPRole_MEMBER)},
		Rule: &common.SignaturePolicy{Type: &common.SignaturePolicy_NOutOf_{NOutOf: &common.SignaturePolicy_NOutOf{N: 1,
			Rules: []*common.SignaturePolicy{{Type: &common.SignaturePolicy_SignedBy{SignedBy: 0}}}}}},
	}
	return &peer.StaticCollectionConfig{
		Name:             implicitPrefix + organisation,
		MemberOrgsPolicy: &peer.CollectionPolicyConfig{Payload: &peer.CollectionPolicyConfig_SignaturePolicy{SignaturePolicy: members}},
		MaximumPeerCount: 1,
		EndorsementPolicy: &peer.ApplicationPolicy{Type: &peer.ApplicationPolicy_ChannelConfigPolicyReference{
			ChannelConfigPolicyReference: "/Channel/Application/" + organisation + "/Endorsement"}},
	}
}

// State reads public keys: a simulation, which records what is read, or a snapshot, which does not.
type State interface {
	GetState(namespace, key string) ([]byte, error)
}

func metadataKey(name string) string { return "namespaces/metadata/" + name }

func fieldKey(name, field string) string { return "namespaces/fields/" + name + "/" + field }

// Sequence reads only how often a chaincode was defined; 0 means never. Every simulation reads it, and that is why an
// upgrade invalidates what was endorsed before it.
func Sequence(state State, name string) (int64, error) {
	data, err := field(state, name, fieldSequence)
	return data.GetInt64(), err
}

// Read reads a whole definition; found is false where there is none.
func Read(state State, name string) (definition *Definition, found bool, err error) {
	encoded, err := state.GetState(Namespace, metadataKey(name))
	if err != nil || encoded == nil {
		return nil, false, err
	}
	sequence, err := Sequence(state, name)
	if err != nil {
		return nil, false, err
	}
	fields := make([][]byte, 3)
	for i, f := range []string{fieldEndorsement, fieldValidation, fieldCollections} {
		data, err := field(state, name, f)
		if err != nil {
			return nil, false, err
		}
		fields[i] = data.GetBytes()
	}
	definition, err = decode(name, sequence, fields)
	return definition, err == nil, err
}

func field(state State, name, field string) (*db.StateData, error) {
	encoded, err := state.GetState(Namespace, fieldKey(name, field))
	if err != nil {
		return nil, fmt.Errorf("could not get state for key %s: %w", fieldKey(name, field), err)
	}
	data := &db.StateData{}
	if err := proto.Unmarshal(encoded, data); err != nil {
		return nil, fmt.Errorf("could not unmarshal state for key %s: %w", fieldKey(name, field), err)
	}
	return data, nil
}

// decoded remembers the last definition decoded of each name. A definition with a dozen collections is read for every
// private key that is touched and changes only with an upgrade.
var decoded sync.Map // name -> *remembered

type remembered struct {
	definition *Definition
	fields     [][]byte
}

func decode(name string, sequence int64, fields [][]byte) (*Definition, error) {
	if known, ok := decoded.Load(name); ok {
		if r, ok := known.(*remembered); ok && r.definition.Sequence == sequence && slices.EqualFunc(r.fields, fields, bytes.Equal) {
			return r.definition, nil
		}
	}
	d := &Definition{Name: name, Sequence: sequence, Endorsement: &db.ChaincodeEndorsementInfo{},
		Validation: &db.ChaincodeValidationInfo{}, Collections: &peer.CollectionConfigPackage{}}
	for i, into := range []proto.Message{d.Endorsement, d.Validation, d.Collections} {
		if err := proto.Unmarshal(fields[i], into); err != nil {
			return nil, fmt.Errorf("could not deserialize chaincode definition for chaincode %s: %w", name, err)
		}
	}
	decoded.Store(name, &remembered{definition: d, fields: fields})
	return d, nil
}

// Unrecorded reads definitions from a snapshot, which leaves no trace in a read set.
func Unrecorded(snapshot *ledger.Snapshot) State { return unrecorded{snapshot} }

type unrecorded struct{ snapshot *ledger.Snapshot }

func (u unrecorded) GetState(namespace, key string) ([]byte, error) {
	value, _, found := u.snapshot.State(namespace, key)
	if !found {
		return nil, nil
	}
	return value, nil
}

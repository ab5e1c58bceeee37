package audit

import (
	"fmt"
	"strings"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer/lifecycle"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/audit/state"
	"github.com/zegel/zegel/audit/trust"
)

// Fabric keeps what a channel agreed on about a chaincode in the state of _lifecycle.
const (
	lifecycleName  = "_lifecycle"
	implicitPrefix = "_implicit_org_" // collections that every organisation has without defining them
)

func metadataKey(chaincode string) state.Key {
	return state.Key{Namespace: lifecycleName, Name: "namespaces/metadata/" + chaincode}
}

func fieldKey(chaincode, field string) state.Key {
	return state.Key{Namespace: lifecycleName, Name: "namespaces/fields/" + chaincode + "/" + field}
}

// definition is the part of a chaincode's definition that decides about endorsements.
type definition struct {
	application *peer.ApplicationPolicy
	collections []*peer.StaticCollectionConfig
	fields      [3]*state.Entry // it was made of
	compiled    map[string]trust.Policy
	of          *trust.Config
}

// definition is what the channel had agreed on about a chaincode before the block.
func (w *blockWork) definition(name string) (*definition, error) {
	if name == lifecycleName {
		return &definition{application: &peer.ApplicationPolicy{Type: &peer.ApplicationPolicy_ChannelConfigPolicyReference{
			ChannelConfigPolicyReference: trust.LifecycleEndorsement}}}, nil
	}
	var fields [3]*state.Entry
	for i, key := range []state.Key{metadataKey(name), fieldKey(name, "ValidationInfo"), fieldKey(name, "Collections")} {
		var err error
		if fields[i], err = w.auditor.state.Get(key); err != nil {
			return nil, &stateError{err}
		}
	}
	if fields[0] == nil {
		return nil, fmt.Errorf("the channel has agreed on no chaincode %q", name)
	}
	if known, ok := fields[0].Decoded.(*definition); ok && known.fields == fields && known.of == w.auditor.config {
		return known, nil
	}
	d, err := decodeDefinition(fields)
	if err != nil {
		return nil, fmt.Errorf("the definition of chaincode %q: %w", name, err)
	}
	d.of = w.auditor.config
	fields[0].Decoded = d
	return d, nil
}

func decodeDefinition(fields [3]*state.Entry) (*definition, error) {
	d := &definition{application: &peer.ApplicationPolicy{}, fields: fields, compiled: map[string]trust.Policy{}}
	validation, collections := &lifecycle.ChaincodeValidationInfo{}, &peer.CollectionConfigPackage{}
	for i, into := range []proto.Message{validation, collections} {
		data := &lifecycle.StateData{}
		if fields[i+1] == nil {
			continue
		}
		if err := proto.Unmarshal(fields[i+1].Value, data); err != nil {
			return nil, err
		}
		if err := proto.Unmarshal(data.GetBytes(), into); err != nil {
			return nil, err
		}
	}
	for _, c := range collections.GetConfig() {
		d.collections = append(d.collections, c.GetStaticCollectionConfig())
	}
	return d, proto.Unmarshal(validation.GetValidationParameter(), d.application)
}

func (d *definition) collection(name string) *peer.StaticCollectionConfig {
	for _, c := range d.collections {
		if c.GetName() == name {
			return c
		}
	}
	return nil
}

// governing is the collection whose policy governs a key; empty: the chaincode's does.
func (d *definition) governing(collection string) string {
	if c := d.collection(collection); c != nil && c.GetEndorsementPolicy() == nil {
		return ""
	}
	return collection
}

// policy is the endorsement policy of a collection, or of the chaincode where the name is empty.
func (d *definition) policy(config *trust.Config, collection string) (trust.Policy, error) {
	if p, ok := d.compiled[collection]; ok {
		return p, nil
	}
	p, err := d.compile(config, collection)
	if err == nil && d.compiled != nil {
		d.compiled[collection] = p
	}
	return p, err
}

func (d *definition) compile(config *trust.Config, collection string) (trust.Policy, error) {
	if collection == "" {
		return config.Application(d.application)
	}
	if org, ok := strings.CutPrefix(collection, implicitPrefix); ok {
		return config.Policy("/Channel/Application/" + org + "/Endorsement"), nil
	}
	c := d.collection(collection)
	if c == nil {
		return nil, fmt.Errorf("there is no collection %q", collection)
	}
	return config.Application(c.GetEndorsementPolicy())
}

package devnet

import (
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	db "github.com/hyperledger/fabric-protos-go-apiv2/peer/lifecycle"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/channel"
	"github.com/zegel/zegel/network/devnet/lifecycle"
	"github.com/zegel/zegel/network/devnet/policy"
)

// definition is the chaincode as the organisations agree on it.
func (c Chaincode) definition() (*lifecycle.Definition, error) {
	application, err := applicationPolicy(c.Endorsement)
	if err != nil {
		return nil, fmt.Errorf("chaincode %s: %w", c.Name, err)
	}
	parameter, err := proto.Marshal(application)
	if err != nil {
		return nil, fmt.Errorf("chaincode %s: %w", c.Name, err)
	}
	d := &lifecycle.Definition{Name: c.Name, Sequence: c.Sequence,
		Endorsement: &db.ChaincodeEndorsementInfo{Version: c.Version, EndorsementPlugin: "escc"},
		Validation:  &db.ChaincodeValidationInfo{ValidationPlugin: "vscc", ValidationParameter: parameter},
		Collections: &peer.CollectionConfigPackage{}}
	for _, collection := range c.Collections {
		static, err := collection.static()
		if err != nil {
			return nil, fmt.Errorf("chaincode %s: collection %s: %w", c.Name, collection.Name, err)
		}
		d.Collections.Config = append(d.Collections.Config, &peer.CollectionConfig{
			Payload: &peer.CollectionConfig_StaticCollectionConfig{StaticCollectionConfig: static}})
	}
	return d, nil
}

func (c Collection) static() (*peer.StaticCollectionConfig, error) {
	members, err := policy.Parse(c.Policy)
	if err != nil {
		return nil, err
	}
	static := &peer.StaticCollectionConfig{Name: c.Name, RequiredPeerCount: c.RequiredPeerCount, MaximumPeerCount: c.MaxPeerCount,
		BlockToLive: c.BlockToLive, MemberOnlyRead: c.MemberOnlyRead, MemberOnlyWrite: c.MemberOnlyWrite,
		MemberOrgsPolicy: &peer.CollectionPolicyConfig{Payload: &peer.CollectionPolicyConfig_SignaturePolicy{SignaturePolicy: members}}}
	if c.Endorsement != "" {
		static.EndorsementPolicy, err = applicationPolicy(c.Endorsement)
	}
	return static, err
}

// applicationPolicy is a signature policy; without a text it is the channel's default.
func applicationPolicy(text string) (*peer.ApplicationPolicy, error) {
	if text == "" {
		return &peer.ApplicationPolicy{Type: &peer.ApplicationPolicy_ChannelConfigPolicyReference{
			ChannelConfigPolicyReference: channel.ApplicationEndorsers}}, nil
	}
	envelope, err := policy.Parse(text)
	if err != nil {
		return nil, err
	}
	return &peer.ApplicationPolicy{Type: &peer.ApplicationPolicy_SignaturePolicy{SignaturePolicy: envelope}}, nil
}

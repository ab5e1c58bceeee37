// Package channel is a channel's configuration: how the first one is made, and what one says about members, policies,
// access and ordering. It is read back from the configuration block, so that what auditors decode is what applies.
package channel

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	fabricmsp "github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"github.com/hyperledger/fabric-protos-go-apiv2/orderer"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/msp"
	"github.com/zegel/zegel/network/devnet/policy"
)

// Channel is a configuration ready for use. It does not change.
type Channel struct {
	id            string
	config        *common.Config
	directory     *msp.Directory
	organisations []string
	policies      map[string]policy.Policy
	acls          map[string]string
	batchSize     *orderer.BatchSize
	batchTimeout  time.Duration
}

// ID is the channel's name.
func (c *Channel) ID() string { return c.id }

// Config is the configuration as it stands in the block. Callers must not change it.
func (c *Channel) Config() *common.Config { return c.config }

// Directory recognises the identities of the channel's members.
func (c *Channel) Directory() *msp.Directory { return c.directory }

// Organisations lists the MSP IDs of the application's members, sorted.
func (c *Channel) Organisations() []string { return c.organisations }

// BatchSize says when the orderer cuts a block and what it refuses.
func (c *Channel) BatchSize() *orderer.BatchSize { return c.batchSize }

// BatchTimeout is how long the first transaction of a block waits for others.
func (c *Channel) BatchTimeout() time.Duration { return c.batchTimeout }

// FromBlock reads the configuration out of a configuration block.
func FromBlock(block *common.Block) (*Channel, error) {
	if len(block.GetData().GetData()) != 1 {
		return nil, fmt.Errorf("block %d is not a configuration block", block.GetHeader().GetNumber())
	}
	envelope, payload, header := &common.Envelope{}, &common.Payload{}, &common.ChannelHeader{}
	if err := proto.Unmarshal(block.GetData().GetData()[0], envelope); err != nil {
		return nil, fmt.Errorf("configuration envelope: %w", err)
	}
	if err := proto.Unmarshal(envelope.GetPayload(), payload); err != nil {
		return nil, fmt.Errorf("configuration payload: %w", err)
	}
	if err := proto.Unmarshal(payload.GetHeader().GetChannelHeader(), header); err != nil {
		return nil, fmt.Errorf("configuration header: %w", err)
	}
	if header.GetType() != int32(common.HeaderType_CONFIG) {
		return nil, fmt.Errorf("block %d is not a configuration block", block.GetHeader().GetNumber())
	}
	config := &common.ConfigEnvelope{}
	if err := proto.Unmarshal(payload.GetData(), config); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	return New(header.GetChannelId(), config.GetConfig())
}

// New reads a configuration.
func New(id string, config *common.Config) (*Channel, error) {
	c := &Channel{id: id, config: config, policies: map[string]policy.Policy{}, acls: map[string]string{}}
	root := config.GetChannelGroup()
	application, ordering := root.GetGroups()["Application"], root.GetGroups()["Orderer"]
	if application == nil || ordering == nil {
		return nil, fmt.Errorf("channel %s has no Application or no Orderer group", id)
	}
	c.organisations = slices.Sorted(maps.Keys(application.GetGroups()))
	if err := c.readMembers(application, ordering); err != nil {
		return nil, err
	}
	if err := c.readPolicies("/Channel", root); err != nil {
		return nil, err
	}
	if err := c.readOrdering(ordering); err != nil {
		return nil, err
	}
	acls := &peer.ACLs{}
	if err := read(application, "ACLs", acls); err != nil {
		return nil, err
	}
	for resource, reference := range acls.GetAcls() {
		c.acls[resource] = absolute(reference.GetPolicyRef())
	}
	return c, nil
}

func read(group *common.ConfigGroup, key string, into proto.Message) error {
	if err := proto.Unmarshal(group.GetValues()[key].GetValue(), into); err != nil {
		return fmt.Errorf("configuration value %s: %w", key, err)
	}
	return nil
}

func (c *Channel) readMembers(groups ...*common.ConfigGroup) error {
	known := map[string]*msp.Organisation{}
	for _, group := range groups {
		for _, name := range slices.Sorted(maps.Keys(group.GetGroups())) {
			config, err := readMSP(group.GetGroups()[name])
			if err != nil {
				return fmt.Errorf("organisation %s: %w", name, err)
			}
			if known[config.GetName()] != nil {
				continue
			}
			organisation, err := msp.New(config)
			if err != nil {
				return err
			}
			known[organisation.ID()] = organisation
		}
	}
	c.directory = msp.NewDirectory(slices.Collect(maps.Values(known))...)
	return nil
}

func readMSP(group *common.ConfigGroup) (*fabricmsp.FabricMSPConfig, error) {
	outer, inner := &fabricmsp.MSPConfig{}, &fabricmsp.FabricMSPConfig{}
	if err := read(group, "MSP", outer); err != nil {
		return nil, err
	}
	if err := proto.Unmarshal(outer.GetConfig(), inner); err != nil {
		return nil, fmt.Errorf("MSP configuration: %w", err)
	}
	return inner, nil
}

func (c *Channel) readOrdering(group *common.ConfigGroup) error {
	c.batchSize = &orderer.BatchSize{}
	if err := read(group, "BatchSize", c.batchSize); err != nil {
		return err
	}
	timeout := &orderer.BatchTimeout{}
	if err := read(group, "BatchTimeout", timeout); err != nil {
		return err
	}
	var err error
	if c.batchTimeout, err = time.ParseDuration(timeout.GetTimeout()); err != nil {
		return fmt.Errorf("batch timeout: %w", err)
	}
	return nil
}

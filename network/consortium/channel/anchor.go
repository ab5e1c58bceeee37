package channel

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/hyperledger/fabric-config/configtx"
	cb "github.com/hyperledger/fabric-protos-go-apiv2/common"
	"google.golang.org/protobuf/proto"
)

// anchor adds each organisation's first peer as its anchor: the library that makes the block leaves
// anchors out. Without them peers of different organisations never learn of each other and
// no transaction finds a second endorser.
func (b builder) anchor(block *cb.Block) (*cb.Block, error) {
	envelope, payload, config, err := open(block)
	if err != nil {
		return nil, err
	}
	change := configtx.New(config.GetConfig())
	for _, o := range b.c.WithPeers() {
		first := o.Peers[0]
		address := configtx.Address{Host: b.place.Host(first.Host), Port: first.Port}
		if err := change.Application().Organization(o.MSPID).AddAnchorPeer(address); err != nil {
			return nil, fmt.Errorf("anchor peer of %s: %w", o.Name, err)
		}
	}
	config.Config = change.UpdatedConfig()
	return seal(block, envelope, payload, config)
}

// open takes the configuration out of a configuration block.
func open(block *cb.Block) (*cb.Envelope, *cb.Payload, *cb.ConfigEnvelope, error) {
	if len(block.GetData().GetData()) != 1 {
		return nil, nil, nil, errors.New("a configuration block holds exactly one envelope")
	}
	envelope, payload, config := &cb.Envelope{}, &cb.Payload{}, &cb.ConfigEnvelope{}
	if err := proto.Unmarshal(block.GetData().GetData()[0], envelope); err != nil {
		return nil, nil, nil, fmt.Errorf("envelope of the genesis block: %w", err)
	}
	if err := proto.Unmarshal(envelope.GetPayload(), payload); err != nil {
		return nil, nil, nil, fmt.Errorf("payload of the genesis block: %w", err)
	}
	if err := proto.Unmarshal(payload.GetData(), config); err != nil {
		return nil, nil, nil, fmt.Errorf("configuration of the genesis block: %w", err)
	}
	return envelope, payload, config, nil
}

// seal puts the configuration back and renews the hash of the block's data. A genesis block carries
// no signatures.
func seal(block *cb.Block, envelope *cb.Envelope, payload *cb.Payload, config *cb.ConfigEnvelope) (*cb.Block, error) {
	deterministic := proto.MarshalOptions{Deterministic: true}
	var err error
	if payload.Data, err = deterministic.Marshal(config); err != nil {
		return nil, fmt.Errorf("write the configuration: %w", err)
	}
	if envelope.Payload, err = deterministic.Marshal(payload); err != nil {
		return nil, fmt.Errorf("write the payload: %w", err)
	}
	data, err := deterministic.Marshal(envelope)
	if err != nil {
		return nil, fmt.Errorf("write the envelope: %w", err)
	}
	sum := sha256.Sum256(data)
	block.Data.Data[0], block.Header.DataHash = data, sum[:]
	return block, nil
}

// Config reads the configuration that a genesis or configuration block carries.
func Config(block *cb.Block) (*cb.Config, error) {
	_, _, config, err := open(block)
	if err != nil {
		return nil, err
	}
	return config.GetConfig(), nil
}

package devnet

import (
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"time"
)

// Fabric's defaults.
const (
	defaultMaxMessageCount    = 500
	defaultBatchTimeout       = 2 * time.Second
	defaultPreferredMaxBytes  = 2 << 20
	defaultAbsoluteMaxBytes   = 10 << 20
	defaultExecuteTimeout     = 30 * time.Second
	defaultGatewayConcurrency = 500
)

var (
	channelForm    = regexp.MustCompile(`^[a-z][a-z0-9.-]{0,248}$`)
	chaincodeForm  = regexp.MustCompile(`^[a-zA-Z0-9]+([-_][a-zA-Z0-9]+)*$`)
	versionForm    = regexp.MustCompile(`^[A-Za-z0-9_.+-]+$`)
	collectionForm = regexp.MustCompile(`^[A-Za-z0-9-]+([A-Za-z0-9_-]+)*$`)
)

// or is value, or fallback where value is zero.
func or[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

// complete checks a configuration and fills in what was left out.
func (c Config) complete() (Config, error) {
	c.Logger = or(c.Logger, slog.New(slog.DiscardHandler))
	c.ExecuteTimeout = or(c.ExecuteTimeout, defaultExecuteTimeout)
	c.GatewayConcurrency = or(c.GatewayConcurrency, defaultGatewayConcurrency)
	c.Orderer.MaxMessageCount = or(c.Orderer.MaxMessageCount, defaultMaxMessageCount)
	c.Orderer.BatchTimeout = or(c.Orderer.BatchTimeout, defaultBatchTimeout)
	c.Orderer.PreferredMaxBytes = or(c.Orderer.PreferredMaxBytes, defaultPreferredMaxBytes)
	c.Orderer.AbsoluteMaxBytes = or(c.Orderer.AbsoluteMaxBytes, defaultAbsoluteMaxBytes)
	if !channelForm.MatchString(c.Channel) {
		return c, fmt.Errorf("channel name %q is not valid", c.Channel)
	}
	if err := c.checkPeers(); err != nil {
		return c, err
	}
	for _, chaincode := range c.Chaincodes {
		if err := chaincode.check(); err != nil {
			return c, fmt.Errorf("chaincode %q: %w", chaincode.Name, err)
		}
	}
	return c, nil
}

func (c Config) checkPeers() error {
	names := map[string]bool{}
	for _, organisation := range c.Organisations {
		for _, peer := range organisation.Peers {
			if peer.Name == "" || names[peer.Name] {
				return fmt.Errorf("peer name %q of %s is empty or used twice", peer.Name, organisation.MSPID)
			}
			names[peer.Name] = true
		}
	}
	if len(names) == 0 {
		return errors.New("the network has no peer")
	}
	return nil
}

func (c Chaincode) check() error {
	switch {
	case !chaincodeForm.MatchString(c.Name):
		return errors.New("the name is not valid")
	case !versionForm.MatchString(c.Version):
		return fmt.Errorf("the version %q is not valid", c.Version)
	case c.Sequence < 1:
		return fmt.Errorf("the sequence %d is less than 1", c.Sequence)
	case (c.New == nil) == (c.Address == ""):
		return errors.New("it needs either New or an Address")
	}
	seen := map[string]bool{}
	for _, collection := range c.Collections {
		if !collectionForm.MatchString(collection.Name) || seen[collection.Name] {
			return fmt.Errorf("collection name %q is not valid or used twice", collection.Name)
		}
		seen[collection.Name] = true
		if collection.RequiredPeerCount < 0 || collection.MaxPeerCount < collection.RequiredPeerCount {
			return fmt.Errorf("collection %s: at most %d peers cannot hold what %d have to", collection.Name,
				collection.MaxPeerCount, collection.RequiredPeerCount)
		}
	}
	return nil
}

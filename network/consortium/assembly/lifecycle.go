package assembly

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hyperledger/fabric-admin-sdk/pkg/chaincode"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"golang.org/x/sync/errgroup"

	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/consortium/ccaas"
)

// Definition is what every organisation approves: the same for all, package ID included.
func Definition(c consortium.Consortium, pack ccaas.Package) (*chaincode.Definition, error) {
	policy, err := chaincode.NewApplicationPolicy(c.EndorsementPolicy(), "")
	if err != nil {
		return nil, fmt.Errorf("endorsement policy %s: %w", c.EndorsementPolicy(), err)
	}
	collections := &peer.CollectionConfigPackage{}
	for _, wanted := range c.Collections() {
		config, err := collection(wanted)
		if err != nil {
			return nil, fmt.Errorf("collection %s: %w", wanted.Name, err)
		}
		collections.Config = append(collections.Config, config)
	}
	return &chaincode.Definition{
		ChannelName: c.Channel, PackageID: pack.ID(),
		Name: c.Chaincode.Name, Version: c.Chaincode.Version, Sequence: c.Chaincode.Sequence,
		ApplicationPolicy: policy, Collections: collections,
	}, nil
}

func collection(c consortium.Collection) (*peer.CollectionConfig, error) {
	members, err := chaincode.NewApplicationPolicy(c.Policy, "")
	if err != nil {
		return nil, err
	}
	static := &peer.StaticCollectionConfig{
		Name:              c.Name,
		RequiredPeerCount: c.RequiredPeerCount,
		MaximumPeerCount:  c.MaxPeerCount,
		BlockToLive:       c.BlockToLive,
		MemberOnlyRead:    c.MemberOnlyRead,
		MemberOnlyWrite:   c.MemberOnlyWrite,
		MemberOrgsPolicy: &peer.CollectionPolicyConfig{Payload: &peer.CollectionPolicyConfig_SignaturePolicy{
			SignaturePolicy: members.GetSignaturePolicy(),
		}},
	}
	if c.EndorsementPolicy != nil {
		if static.EndorsementPolicy, err = chaincode.NewApplicationPolicy(c.EndorsementPolicy.SignaturePolicy, ""); err != nil {
			return nil, err
		}
	}
	return &peer.CollectionConfig{Payload: &peer.CollectionConfig_StaticCollectionConfig{StaticCollectionConfig: static}}, nil
}

// deploy takes the chaincode through the lifecycle: all peers install, all organisations approve,
// all at once; then one commits. Each step finds out by itself whether it was done before.
func (n *Network) deploy(ctx context.Context, admins []*administrator) error {
	definition, err := Definition(n.Consortium, n.Package)
	if err != nil {
		return err
	}
	first := admins[0]
	switch err := n.committed(ctx, first, definition); {
	case err == nil:
		return nil
	case errors.Is(err, ErrNewerCommitted):
		return err
	}
	each, inner := errgroup.WithContext(ctx)
	for _, a := range admins {
		each.Go(func() error {
			return await(inner, "install the chaincode on "+a.peer.Host, func(ctx context.Context) error { return n.install(ctx, a) })
		})
	}
	if err := each.Wait(); err != nil {
		return err
	}
	n.tell("chaincode installed")
	each, inner = errgroup.WithContext(ctx)
	for _, a := range admins {
		if a.peer.Host != a.organisation.Peers[0].Host {
			continue // an organisation approves once, whatever the number of its peers
		}
		each.Go(func() error {
			return await(inner, "approve the chaincode for "+a.organisation.Name, func(ctx context.Context) error { return approve(ctx, a, definition) })
		})
	}
	if err := each.Wait(); err != nil {
		return err
	}
	n.tell("chaincode approved by all")
	return await(ctx, "commit the chaincode", func(ctx context.Context) error {
		if n.committed(ctx, first, definition) == nil {
			return nil
		}
		return first.gateway().Commit(ctx, definition)
	})
}

func (n *Network) install(ctx context.Context, a *administrator) error {
	installed, err := a.node().QueryInstalled(ctx)
	if err != nil {
		return err
	}
	for _, i := range installed.GetInstalledChaincodes() {
		if i.GetPackageId() == n.Package.ID() {
			return nil
		}
	}
	_, err = a.node().Install(ctx, bytes.NewReader(n.Package.Bytes))
	return err
}

// approve treats "you approved exactly this already" as done: an attempt whose answer was lost may
// have succeeded.
func approve(ctx context.Context, a *administrator, definition *chaincode.Definition) error {
	err := a.gateway().Approve(ctx, definition)
	if err != nil && strings.Contains(err.Error(), "unchanged content") {
		return nil
	}
	return err
}

// ErrNewerCommitted says that the channel has gone on since the description was written.
var ErrNewerCommitted = errors.New("the channel has a newer definition of the chaincode than the description")

// committed asks a peer whether it knows the definition as committed.
func (n *Network) committed(ctx context.Context, a *administrator, definition *chaincode.Definition) error {
	found, err := a.gateway().QueryCommittedWithName(ctx, definition.ChannelName, definition.Name)
	if err != nil {
		return err
	}
	if found.GetSequence() > definition.Sequence {
		return fmt.Errorf("%w: sequence %d, version %s, against %d", ErrNewerCommitted, found.GetSequence(), found.GetVersion(), definition.Sequence)
	}
	if found.GetSequence() != definition.Sequence {
		return fmt.Errorf("sequence %d of %s is committed, want %d", found.GetSequence(), definition.Name, definition.Sequence)
	}
	return nil
}

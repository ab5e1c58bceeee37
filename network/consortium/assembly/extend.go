package assembly

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	sdk "github.com/hyperledger/fabric-admin-sdk/pkg/channel"
	"github.com/hyperledger/fabric-config/configtx"
	cb "github.com/hyperledger/fabric-protos-go-apiv2/common"

	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/consortium/channel"
)

// Extend brings the organisations that the description has and the channel does not into it, while
// it serves: a majority of the present members' administrators signs them in, their peers join, and
// all take the chaincode to the description's definition, which knows them. It can be repeated:
// what is done is left alone. The new peers and chaincode services have to be on their way.
func (n *Network) Extend(ctx context.Context) (err error) {
	genesis, err := os.ReadFile(n.Layout.Genesis(n.Place))
	if err != nil {
		return fmt.Errorf("read the genesis block: %w", err)
	}
	admins, err := n.administrators()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeAll(admins)) }()
	if err := n.admit(ctx, admins); err != nil {
		return err
	}
	n.tell("members admitted")
	if err := n.join(ctx, admins, genesis); err != nil {
		return err
	}
	n.tell("channel joined")
	return n.Upgrade(ctx)
}

// admit updates the channel's configuration and waits until every member's peer has seen it.
func (n *Network) admit(ctx context.Context, admins []*administrator) error {
	present, err := n.present(ctx, admins)
	if err != nil {
		return err
	}
	err = await(ctx, "admit new members", func(ctx context.Context) error { return n.update(ctx, present[0]) })
	if err != nil {
		return err
	}
	for _, a := range present {
		seen := func(ctx context.Context) error {
			config, err := n.config(ctx, a)
			if err == nil && len(n.strangers(config)) > 0 {
				err = fmt.Errorf("%v are not members yet", n.strangers(config))
			}
			return err
		}
		if err := await(ctx, "see the new members at "+a.peer.Host, seen); err != nil {
			return err
		}
	}
	return nil
}

// present are the administrators of peers that have joined the channel: those who were members
// before. A newcomer's peer knows no channel, or is only catching up with it.
func (n *Network) present(ctx context.Context, admins []*administrator) ([]*administrator, error) {
	var trouble []error
	for _, a := range admins {
		config, err := n.config(ctx, a)
		if err != nil {
			trouble = append(trouble, fmt.Errorf("%s: %w", a.peer.Host, explain(err)))
			continue
		}
		members := channel.Members(config)
		return slices.DeleteFunc(slices.Clone(admins), func(a *administrator) bool { return !slices.Contains(members, a.organisation.MSPID) }), nil
	}
	return nil, fmt.Errorf("no peer knows the channel %s: %w", n.Consortium.Channel, errors.Join(trouble...))
}

// config is the channel's configuration as a peer has it.
func (n *Network) config(ctx context.Context, a *administrator) (*cb.Config, error) {
	block, err := sdk.GetConfigBlock(ctx, a.conn, a.id, n.Consortium.Channel)
	if err != nil {
		return nil, err
	}
	return channel.Config(block)
}

func (n *Network) strangers(config *cb.Config) []string {
	members := channel.Members(config)
	return slices.DeleteFunc(n.Consortium.MSPIDs(), func(id string) bool { return slices.Contains(members, id) })
}

// update submits the change, signed by a majority, if there is one to make.
func (n *Network) update(ctx context.Context, a *administrator) error {
	config, err := n.config(ctx, a)
	if err != nil {
		return err
	}
	change, err := channel.Admit(config, n.Consortium, n.Place, n.Layout.Material())
	if err != nil || change == nil {
		return err
	}
	signers, err := n.signers(channel.Members(config))
	if err != nil {
		return err
	}
	envelope, err := seal(change, signers)
	if err != nil {
		return err
	}
	return n.broadcast(ctx, envelope)
}

// signers are administrators of more than half of the members, as the channel's Admins policy asks.
// Here one program holds everybody's keys; in production each signs where its key is.
func (n *Network) signers(members []string) ([]configtx.SigningIdentity, error) {
	var signers []configtx.SigningIdentity
	for _, o := range n.Consortium.Organisations {
		if !slices.Contains(members, o.MSPID) {
			continue
		}
		signer, err := n.signer(o)
		if err != nil {
			return nil, err
		}
		signers = append(signers, signer)
		if 2*len(signers) > len(members) {
			return signers, nil
		}
	}
	return nil, fmt.Errorf("%d of %d members can sign: want more than half", len(signers), len(members))
}

func (n *Network) signer(o consortium.Organisation) (configtx.SigningIdentity, error) {
	credential, err := o.Folder(n.Layout.Material()).Credential(o.Admin())
	if err != nil {
		return configtx.SigningIdentity{}, err
	}
	certificate, key, err := credential.Sign.Parse()
	if err != nil {
		return configtx.SigningIdentity{}, fmt.Errorf("%s: %w", credential.Name, err)
	}
	return configtx.SigningIdentity{Certificate: certificate, PrivateKey: key, MSPID: o.MSPID}, nil
}

// seal collects the signatures; the first signer also signs for sending it.
func seal(update []byte, signers []configtx.SigningIdentity) (*cb.Envelope, error) {
	signatures := make([]*cb.ConfigSignature, len(signers))
	for i, s := range signers {
		var err error
		if signatures[i], err = s.CreateConfigSignature(update); err != nil {
			return nil, fmt.Errorf("%s: %w", s.MSPID, err)
		}
	}
	envelope, err := configtx.NewEnvelope(update, signatures...)
	if err != nil {
		return nil, err
	}
	return envelope, signers[0].SignEnvelope(envelope)
}

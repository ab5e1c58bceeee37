// Package channel makes the genesis block of the consortium's channel, so that a network starts
// without configtxgen. The block says the same as configtxgen makes of network/configtx.yaml.
package channel

import (
	"crypto/x509"
	"fmt"

	"github.com/hyperledger/fabric-config/configtx"
	"github.com/hyperledger/fabric-config/configtx/membership"
	"github.com/hyperledger/fabric-config/configtx/orderer"
	cb "github.com/hyperledger/fabric-protos-go-apiv2/common"

	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/identity"
)

// The pace of Raft. A leader is elected within a second or two; a busy machine that pauses for
// less than a second keeps its leader.
const (
	TickInterval         = "100ms"
	ElectionTicks        = 10
	HeartbeatTicks       = 1
	MaxInflightBlocks    = 5
	SnapshotIntervalSize = 16 << 20
)

// Genesis makes the first block of the channel from the certificates below root, with the nodes at
// the addresses they have in place. Anchor peers are in it, so that discovery works at once.
func Genesis(c consortium.Consortium, place consortium.Place, root string) (*cb.Block, error) {
	b := builder{c: c, place: place, root: root}
	application, err := b.application()
	if err != nil {
		return nil, err
	}
	ordering, err := b.orderer()
	if err != nil {
		return nil, err
	}
	block, err := configtx.NewApplicationChannelGenesisBlock(configtx.Channel{
		Application:  application,
		Orderer:      ordering,
		Capabilities: []string{c.Capabilities().Channel},
		Policies:     policies("MAJORITY Admins"),
	}, c.Channel)
	if err != nil {
		return nil, fmt.Errorf("genesis block of %s: %w", c.Channel, err)
	}
	return b.anchor(block)
}

// builder carries what every part of the configuration needs.
type builder struct {
	c     consortium.Consortium
	place consortium.Place
	root  string
}

func policies(admins string) map[string]configtx.Policy {
	meta := func(rule string) configtx.Policy {
		return configtx.Policy{Type: configtx.ImplicitMetaPolicyType, Rule: rule}
	}
	return map[string]configtx.Policy{
		configtx.ReadersPolicyKey: meta("ANY Readers"),
		configtx.WritersPolicyKey: meta("ANY Writers"),
		configtx.AdminsPolicyKey:  meta(admins),
	}
}

func (b builder) application() (configtx.Application, error) {
	application := configtx.Application{
		Capabilities: []string{b.c.Capabilities().Application},
		Policies:     policies("MAJORITY Admins"),
		ACLs:         map[string]string{},
	}
	for _, key := range []string{configtx.EndorsementPolicyKey, configtx.LifecycleEndorsementPolicyKey} {
		application.Policies[key] = configtx.Policy{Type: configtx.ImplicitMetaPolicyType, Rule: "MAJORITY Endorsement"}
	}
	for _, acl := range b.c.ACLs() {
		application.ACLs[acl.Resource] = acl.Policy
	}
	for _, o := range b.c.Organisations {
		organisation, err := b.organisation(o)
		if err != nil {
			return configtx.Application{}, err
		}
		application.Organizations = append(application.Organizations, organisation)
	}
	return application, nil
}

func (b builder) orderer() (configtx.Orderer, error) {
	ordering := configtx.Orderer{
		OrdererType:  orderer.ConsensusTypeEtcdRaft,
		BatchTimeout: b.c.Block.Timeout,
		BatchSize: orderer.BatchSize{
			MaxMessageCount:   b.c.Block.Messages,
			PreferredMaxBytes: b.c.Block.PreferredBytes,
			AbsoluteMaxBytes:  b.c.Block.AbsoluteBytes,
		},
		EtcdRaft: orderer.EtcdRaft{Options: orderer.EtcdRaftOptions{
			TickInterval: TickInterval, ElectionTick: ElectionTicks, HeartbeatTick: HeartbeatTicks,
			MaxInflightBlocks: MaxInflightBlocks, SnapshotIntervalSize: SnapshotIntervalSize,
		}},
		Capabilities: []string{b.c.Capabilities().Orderer},
		Policies:     policies("MAJORITY Admins"),
		State:        orderer.ConsensusStateNormal,
	}
	ordering.Policies[configtx.BlockValidationPolicyKey] = configtx.Policy{Type: configtx.ImplicitMetaPolicyType, Rule: "ANY Writers"}
	for _, o := range b.c.WithOrderers() {
		organisation, err := b.organisation(o)
		if err != nil {
			return configtx.Orderer{}, err
		}
		for _, n := range o.Orderers {
			consenter, err := b.consenter(o, n)
			if err != nil {
				return configtx.Orderer{}, err
			}
			ordering.EtcdRaft.Consenters = append(ordering.EtcdRaft.Consenters, consenter)
			organisation.OrdererEndpoints = append(organisation.OrdererEndpoints, b.place.Address(n.Host, n.Port))
		}
		ordering.Organizations = append(ordering.Organizations, organisation)
	}
	return ordering, nil
}

func (b builder) consenter(o consortium.Organisation, n consortium.Orderer) (orderer.Consenter, error) {
	credential, err := o.Folder(b.root).Credential(n.Member())
	if err != nil {
		return orderer.Consenter{}, err
	}
	certificate, err := identity.ParseCertificate(credential.TLS.Certificate)
	if err != nil {
		return orderer.Consenter{}, fmt.Errorf("TLS certificate of %s: %w", n.Host, err)
	}
	return orderer.Consenter{
		Address:       orderer.EtcdAddress{Host: b.place.Host(n.Host), Port: n.Port},
		ClientTLSCert: certificate,
		ServerTLSCert: certificate,
	}, nil
}

func (b builder) organisation(o consortium.Organisation) (configtx.Organization, error) {
	authority, err := o.Folder(b.root).Open()
	if err != nil {
		return configtx.Organization{}, err
	}
	signing, err := identity.ParseCertificate(authority.SigningRoot())
	if err != nil {
		return configtx.Organization{}, fmt.Errorf("signing root of %s: %w", o.Name, err)
	}
	tls, err := identity.ParseCertificate(authority.TLSRoot())
	if err != nil {
		return configtx.Organization{}, fmt.Errorf("TLS root of %s: %w", o.Name, err)
	}
	organisation := configtx.Organization{Name: o.MSPID, Policies: map[string]configtx.Policy{}, MSP: configtx.MSP{
		Name:         o.MSPID,
		RootCerts:    []*x509.Certificate{signing},
		TLSRootCerts: []*x509.Certificate{tls},
		CryptoConfig: membership.CryptoConfig{SignatureHashFamily: "SHA2", IdentityIdentifierHashFunction: "SHA256"},
		NodeOUs:      nodeUnits(signing),
	}}
	for _, rule := range o.Rules() {
		organisation.Policies[rule.Name] = configtx.Policy{Type: configtx.SignaturePolicyType, Rule: rule.Rule}
	}
	return organisation, nil
}

func nodeUnits(root *x509.Certificate) membership.NodeOUs {
	unit := func(kind identity.Kind) membership.OUIdentifier {
		return membership.OUIdentifier{Certificate: root, OrganizationalUnitIdentifier: string(kind)}
	}
	return membership.NodeOUs{
		Enable:             true,
		ClientOUIdentifier: unit(identity.Client), PeerOUIdentifier: unit(identity.Peer),
		AdminOUIdentifier: unit(identity.Admin), OrdererOUIdentifier: unit(identity.Orderer),
	}
}

package channel

import (
	"fmt"
	"math"
	"net"
	"strconv"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"github.com/hyperledger/fabric-protos-go-apiv2/orderer"
	"github.com/hyperledger/fabric-protos-go-apiv2/orderer/etcdraft"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"
)

// Plan is what a channel's first configuration is made of.
type Plan struct {
	Channel       string
	Organisations []Organisation
	Orderer       Orderer
	// ACLs overrides the policy of an API resource.
	ACLs map[string]string
	// Created goes into the genesis block's header.
	Created time.Time
	// Nonce makes the genesis transaction's identifier unique: 24 random bytes.
	Nonce []byte
}

// Organisation is a member of the channel, as others see it.
type Organisation struct {
	MSPID   string
	CA      []byte
	TLSCA   []byte
	NodeOUs bool
	Admins  [][]byte
	// ReadOnly organisations get a Writers policy that nobody satisfies.
	ReadOnly bool
	// Policies replaces signature policies of the organisation, by name.
	Policies map[string]string
	// AnchorPeers are host:port.
	AnchorPeers []string
}

// Orderer is the ordering service of the channel.
type Orderer struct {
	MSPID             string
	Address           string
	TLSCertificate    []byte
	MaxMessageCount   uint32
	BatchTimeout      time.Duration
	PreferredMaxBytes uint32
	AbsoluteMaxBytes  uint32
}

// admins is the policy, in every group, that may change it.
const admins = "Admins"

// Config builds the configuration envelope of a new channel, shaped as configtxgen shapes it.
func Config(plan Plan) (*common.ConfigEnvelope, error) {
	b := &builder{}
	root := b.group()
	b.value(root, "HashingAlgorithm", &common.HashingAlgorithm{Name: "SHA256"})
	b.value(root, "BlockDataHashingStructure", &common.BlockDataHashingStructure{Width: math.MaxUint32})
	b.value(root, "Capabilities", capabilities("V3_0"))
	b.meta(root, "Readers", "ANY Readers", "Writers", "ANY Writers", admins, "MAJORITY Admins")
	root.Groups["Orderer"] = b.orderer(plan)
	root.Groups["Application"] = b.application(plan)
	if b.err != nil {
		return nil, fmt.Errorf("configuration of channel %s: %w", plan.Channel, b.err)
	}
	return &common.ConfigEnvelope{Config: &common.Config{ChannelGroup: root}}, nil
}

func (b *builder) orderer(plan Plan) *common.ConfigGroup {
	o := plan.Orderer
	group := b.group()
	b.value(group, "BatchSize", &orderer.BatchSize{MaxMessageCount: o.MaxMessageCount,
		AbsoluteMaxBytes: o.AbsoluteMaxBytes, PreferredMaxBytes: o.PreferredMaxBytes})
	b.value(group, "BatchTimeout", &orderer.BatchTimeout{Timeout: o.BatchTimeout.String()})
	b.value(group, "ChannelRestrictions", &orderer.ChannelRestrictions{})
	b.value(group, "Capabilities", capabilities("V2_0"))
	b.value(group, "ConsensusType", &orderer.ConsensusType{Type: "etcdraft", Metadata: b.raft(o)})
	b.meta(group, "Readers", "ANY Readers", "Writers", "ANY Writers", admins, "MAJORITY Admins",
		"BlockValidation", "ANY Writers")
	for _, organisation := range plan.Organisations {
		if organisation.MSPID != o.MSPID {
			continue
		}
		member := b.organisation(organisation)
		delete(member.Policies, "Endorsement")
		if organisation.Policies["Writers"] == "" {
			b.signature(member, "Writers", fmt.Sprintf("OR('%s.member')", o.MSPID))
		}
		b.value(member, "Endpoints", &common.OrdererAddresses{Addresses: []string{o.Address}})
		group.Groups[o.MSPID] = member
	}
	if len(group.Groups) == 0 {
		b.fail(fmt.Errorf("the orderer's organisation %q is not among the organisations", o.MSPID))
	}
	return group
}

// raft is the consensus metadata of a single consenter; the devnet orders alone, but auditors expect it.
func (b *builder) raft(o Orderer) []byte {
	host, port, err := split(o.Address)
	b.fail(err)
	metadata, err := proto.MarshalOptions{Deterministic: true}.Marshal(&etcdraft.ConfigMetadata{
		Consenters: []*etcdraft.Consenter{{Host: host, Port: port, ClientTlsCert: o.TLSCertificate, ServerTlsCert: o.TLSCertificate}},
		Options: &etcdraft.Options{TickInterval: "500ms", ElectionTick: 10, HeartbeatTick: 1,
			MaxInflightBlocks: 5, SnapshotIntervalSize: 16 << 20},
	})
	b.fail(err)
	return metadata
}

func (b *builder) application(plan Plan) *common.ConfigGroup {
	group := b.group()
	b.value(group, "Capabilities", capabilities("V2_5"))
	if len(plan.ACLs) > 0 {
		acls := &peer.ACLs{Acls: map[string]*peer.APIResource{}}
		for resource, policy := range plan.ACLs {
			acls.Acls[resource] = &peer.APIResource{PolicyRef: policy}
		}
		b.value(group, "ACLs", acls)
	}
	b.meta(group, "Readers", "ANY Readers", "Writers", "ANY Writers", admins, "MAJORITY Admins",
		"Endorsement", "MAJORITY Endorsement", "LifecycleEndorsement", "MAJORITY Endorsement")
	for _, organisation := range plan.Organisations {
		member := b.organisation(organisation)
		if len(organisation.AnchorPeers) > 0 {
			b.value(member, "AnchorPeers", b.anchors(organisation.AnchorPeers))
		}
		group.Groups[organisation.MSPID] = member
	}
	return group
}

func (b *builder) anchors(addresses []string) *peer.AnchorPeers {
	anchors := &peer.AnchorPeers{}
	for _, address := range addresses {
		host, port, err := split(address)
		b.fail(err)
		anchors.AnchorPeers = append(anchors.AnchorPeers, &peer.AnchorPeer{Host: host, Port: int32(port)})
	}
	return anchors
}

// organisation is the group of one member: how to recognise it, and who in it may read, write, administer, endorse.
func (b *builder) organisation(o Organisation) *common.ConfigGroup {
	group := b.group()
	config, err := proto.MarshalOptions{Deterministic: true}.Marshal(mspConfig(o))
	b.fail(err)
	b.value(group, "MSP", &msp.MSPConfig{Config: config})
	readers, writers, endorsers := "OR('%[1]s.admin', '%[1]s.peer', '%[1]s.client')", "OR('%[1]s.admin', '%[1]s.client')", "OR('%[1]s.peer')"
	if !o.NodeOUs {
		readers, writers, endorsers = "OR('%[1]s.member')", "OR('%[1]s.member')", "OR('%[1]s.member')"
	}
	if o.ReadOnly {
		writers = "OutOf(2, '%[1]s.member')" // two of one: never
	}
	b.signature(group, "Readers", fmt.Sprintf(readers, o.MSPID))
	b.signature(group, "Writers", fmt.Sprintf(writers, o.MSPID))
	b.signature(group, admins, fmt.Sprintf("OR('%s.admin')", o.MSPID))
	b.signature(group, "Endorsement", fmt.Sprintf(endorsers, o.MSPID))
	for name, rule := range o.Policies {
		b.signature(group, name, rule)
	}
	return group
}

func mspConfig(o Organisation) *msp.FabricMSPConfig {
	config := &msp.FabricMSPConfig{Name: o.MSPID, RootCerts: [][]byte{o.CA}, Admins: o.Admins,
		TlsRootCerts: [][]byte{o.TLSCA},
		CryptoConfig: &msp.FabricCryptoConfig{SignatureHashFamily: "SHA2", IdentityIdentifierHashFunction: "SHA256"}}
	if o.NodeOUs {
		unit := func(name string) *msp.FabricOUIdentifier {
			return &msp.FabricOUIdentifier{Certificate: o.CA, OrganizationalUnitIdentifier: name}
		}
		config.FabricNodeOus = &msp.FabricNodeOUs{Enable: true, ClientOuIdentifier: unit("client"),
			PeerOuIdentifier: unit("peer"), AdminOuIdentifier: unit("admin"), OrdererOuIdentifier: unit("orderer")}
	}
	return config
}

func capabilities(name string) *common.Capabilities {
	return &common.Capabilities{Capabilities: map[string]*common.Capability{name: {}}}
}

func split(address string) (host string, port uint32, err error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, err
	}
	number, err := strconv.ParseUint(text, 10, 16)
	return host, uint32(number), err
}

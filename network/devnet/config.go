package devnet

import (
	"log/slog"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
)

// Config describes one channel and everything that serves it. All key material is PEM; the network writes none of it
// to its data directory, so a restart needs the same Config again.
type Config struct {
	// Channel is the channel's name: 1 to 249 lower-case letters, digits, dots and dashes, first a letter.
	Channel string
	// DataDir keeps blocks, private data and state across restarts; empty means memory only.
	DataDir string
	// Organisations are the members of the channel, in the order in which they appear in its configuration.
	Organisations []Organisation
	// Orderer is the single ordering node.
	Orderer Orderer
	// Chaincodes are defined on the channel, and installed at every peer, before Start returns.
	Chaincodes []Chaincode
	// ACLs overrides who may use an API: resource name, such as peer/Propose, to policy, such as
	// /Channel/Application/Readers.
	ACLs map[string]string
	// Logger hears about what a real node would log; nil means silence.
	Logger *slog.Logger
	// ExecuteTimeout bounds one chaincode call; 0 means Fabric's 30 s.
	ExecuteTimeout time.Duration
	// GatewayConcurrency is how many gateway calls one peer serves at once, waiting CommitStatus calls included;
	// 0 means Fabric's 500.
	GatewayConcurrency int
}

// Organisation is one member of the channel and the peers it runs.
type Organisation struct {
	MSPID string
	// CA and TLSCA are the certificates that sign the organisation's identities and its TLS certificates.
	CA    []byte
	TLSCA []byte
	// NodeOUs tells clients, peers, admins and orderers apart by the organisational unit in the certificate. Without
	// it there are members only, and Admins lists the administrators.
	NodeOUs bool
	Admins  [][]byte
	// ReadOnly organisations read and query; nothing satisfies their Writers policy. Auditors are like that.
	ReadOnly bool
	// Policies replaces some of the organisation's policies in the channel, by name (Readers, Writers, Admins,
	// Endorsement), with signature policies such as OR('AMSP.member').
	Policies map[string]string
	Peers    []Peer
}

// KeyPair is a certificate and its private key (ECDSA P-256, PKCS #8 or SEC 1), both PEM.
type KeyPair struct {
	Certificate []byte
	Key         []byte
}

// Peer is one peer process of an organisation.
type Peer struct {
	// Name is the host name other components know the peer by; the TLS certificate has to cover it.
	Name string
	// Listen is host:port; port 0 takes a free one.
	Listen   string
	Identity KeyPair
	TLS      KeyPair
}

// Orderer is the ordering node. MSPID names one of the Organisations.
type Orderer struct {
	MSPID string
	// Name is what the operators call the node.
	Name string
	// Listen is host:port; port 0 takes a free one. The address goes into the genesis block, so a network that is to
	// be restarted for clients of the orderer needs a fixed port.
	Listen   string
	Identity KeyPair
	TLS      KeyPair
	// MaxMessageCount transactions cut a block at once; 0 means Fabric's 500.
	MaxMessageCount uint32
	// BatchTimeout after the first waiting transaction cuts what there is; 0 means Fabric's 2 s.
	BatchTimeout time.Duration
	// PreferredMaxBytes is the block size aimed at, AbsoluteMaxBytes the largest transaction accepted; 0 means
	// Fabric's 2 MB and 10 MB.
	PreferredMaxBytes uint32
	AbsoluteMaxBytes  uint32
}

// Chaincode is a definition and the code behind it. A definition with a higher Sequence than the ledger holds is an
// upgrade and is committed at Start.
type Chaincode struct {
	Name     string
	Version  string
	Sequence int64
	// New makes one instance; every peer gets its own, so that nothing is shared behind the ledger's back.
	New func() shim.Chaincode
	// Address, when New is nil, is where chaincode as a service listens (host:port, without TLS).
	Address string
	// Endorsement is a signature policy such as OutOf(2, 'AMSP.peer', 'BMSP.peer'); empty means the channel's
	// majority of organisations.
	Endorsement string
	Collections []Collection
}

// Collection is one private data collection, in the terms of Fabric's collection configuration file.
type Collection struct {
	Name              string
	Policy            string
	RequiredPeerCount int32
	MaxPeerCount      int32
	// BlockToLive is how many blocks a value stays; 0 means for ever.
	BlockToLive     uint64
	MemberOnlyRead  bool
	MemberOnlyWrite bool
	// Endorsement replaces the chaincode's policy for the collection's keys; empty means it does not.
	Endorsement string
}

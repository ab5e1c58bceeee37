package inprocess

import (
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"

	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/devnet"
	"github.com/zegel/zegel/network/identity"
)

// Options say what to start and where to keep it.
type Options struct {
	Consortium consortium.Consortium
	// Dir keeps keys (crypto/) and ledgers (ledger/). The same Dir gives the same consortium again.
	Dir string
	// Chaincode makes one instance of the rules; each peer gets its own.
	Chaincode func() shim.Chaincode
	// FreePorts takes whatever ports are free instead of those of the description.
	FreePorts bool
	Logger    *slog.Logger
}

const (
	cryptoDir = "crypto"
	ledgerDir = "ledger"
	loopback  = "127.0.0.1"
)

// config turns the description into the devnet's terms.
func (o Options) config() (devnet.Config, error) {
	c := o.Consortium
	config := devnet.Config{
		Channel: c.Channel,
		DataDir: filepath.Join(o.Dir, ledgerDir),
		ACLs:    map[string]string{},
		Logger:  o.Logger,
	}
	for _, acl := range c.ACLs() {
		config.ACLs[acl.Resource] = acl.Policy
	}
	for _, organisation := range c.Organisations {
		member, err := o.organisation(organisation)
		if err != nil {
			return devnet.Config{}, err
		}
		config.Organisations = append(config.Organisations, member)
	}
	var err error
	if config.Orderer, err = o.orderer(); err != nil {
		return devnet.Config{}, err
	}
	config.Chaincodes = []devnet.Chaincode{definition(c, o.Chaincode)}
	return config, nil
}

func (o Options) organisation(from consortium.Organisation) (devnet.Organisation, error) {
	folder := from.Folder(o.crypto())
	roots, err := folder.Open()
	if err != nil {
		return devnet.Organisation{}, err
	}
	member := devnet.Organisation{
		MSPID: from.MSPID, CA: roots.SigningRoot(), TLSCA: roots.TLSRoot(), NodeOUs: true,
		Policies: map[string]string{},
	}
	for _, rule := range from.Rules() {
		member.Policies[rule.Name] = rule.Rule
	}
	for _, p := range from.Peers {
		c, err := folder.Credential(p.Member())
		if err != nil {
			return devnet.Organisation{}, err
		}
		member.Peers = append(member.Peers, devnet.Peer{
			Name: p.Host, Listen: o.listen(p.Port), Identity: pair(c.Sign), TLS: pair(c.TLS),
		})
	}
	return member, nil
}

// orderer is the first orderer of the description: one process orders by itself.
func (o Options) orderer() (devnet.Orderer, error) {
	ordering := o.Consortium.WithOrderers()
	if len(ordering) == 0 {
		return devnet.Orderer{}, fmt.Errorf("the consortium has no orderer")
	}
	from := ordering[0]
	n := from.Orderers[0]
	c, err := from.Folder(o.crypto()).Credential(n.Member())
	if err != nil {
		return devnet.Orderer{}, err
	}
	block := o.Consortium.Block
	return devnet.Orderer{
		MSPID: from.MSPID, Name: n.Host, Listen: o.listen(n.Port), Identity: pair(c.Sign), TLS: pair(c.TLS),
		MaxMessageCount: block.Messages, BatchTimeout: block.Timeout,
		PreferredMaxBytes: block.PreferredBytes, AbsoluteMaxBytes: block.AbsoluteBytes,
	}, nil
}

func (o Options) crypto() string { return filepath.Join(o.Dir, cryptoDir) }

func (o Options) listen(port int) string {
	if o.FreePorts {
		port = 0
	}
	return net.JoinHostPort(loopback, strconv.Itoa(port))
}

func pair(p identity.Pair) devnet.KeyPair {
	return devnet.KeyPair{Certificate: p.Certificate, Key: p.Key}
}

func collections(c consortium.Consortium) []devnet.Collection {
	var all []devnet.Collection
	for _, from := range c.Collections() {
		collection := devnet.Collection{
			Name: from.Name, Policy: from.Policy, RequiredPeerCount: from.RequiredPeerCount, MaxPeerCount: from.MaxPeerCount,
			BlockToLive: from.BlockToLive, MemberOnlyRead: from.MemberOnlyRead, MemberOnlyWrite: from.MemberOnlyWrite,
		}
		if from.EndorsementPolicy != nil {
			collection.Endorsement = from.EndorsementPolicy.SignaturePolicy
		}
		all = append(all, collection)
	}
	return all
}

package devnet

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	ordererpb "github.com/hyperledger/fabric-protos-go-apiv2/orderer"
	"google.golang.org/grpc"

	"github.com/zegel/zegel/network/devnet/channel"
	"github.com/zegel/zegel/network/devnet/gateway"
	"github.com/zegel/zegel/network/devnet/msp"
	"github.com/zegel/zegel/network/devnet/orderer"
)

// Network is a running network.
type Network struct {
	config  Config
	channel *channel.Channel
	orderer *orderer.Orderer
	// ordererAddress and addresses, of peers by name, are where the services listen. They do not change.
	ordererAddress string
	addresses      map[string]string
	ordererServer  *grpc.Server
	faults         *Faults
	done           sync.WaitGroup

	// mu guards nodes, the peers that run, and installed, the chaincodes of every peer.
	mu        sync.Mutex
	nodes     []*node
	installed []Chaincode
}

// PeerInfo says where a peer is.
type PeerInfo struct {
	MSPID   string
	Name    string
	Address string // host:port
}

// Start starts a network and returns once every peer has every block and every chaincode is defined. With a data
// directory that was used before, it goes on from there.
func Start(ctx context.Context, config Config) (*Network, error) {
	config, err := config.complete()
	if err != nil {
		return nil, fmt.Errorf("devnet: %w", err)
	}
	n := &Network{config: config, addresses: map[string]string{}, installed: config.Chaincodes,
		faults: &Faults{held: map[string]*common.Envelope{}}}
	if err := n.start(ctx); err != nil {
		return nil, fmt.Errorf("devnet: %w", errors.Join(err, n.Stop()))
	}
	return n, nil
}

func (n *Network) start(ctx context.Context) error {
	listeners, err := n.listen()
	if err != nil {
		return err
	}
	served := map[string]bool{}
	defer func() {
		for name, listener := range listeners {
			if !served[name] {
				_ = listener.Close() // nobody has connected yet
			}
		}
	}()
	if err := n.startOrderer(); err != nil {
		return err
	}
	for _, organisation := range n.config.Organisations {
		for _, config := range organisation.Peers {
			p, err := n.openNode(ctx, organisation, config, n.addresses[config.Name])
			if err != nil {
				return err
			}
			n.add(p)
		}
	}
	for _, chaincode := range n.config.Chaincodes {
		if err := n.define(ctx, chaincode); err != nil {
			return err
		}
	}
	served[""] = true
	if err := n.serveOrderer(listeners[""]); err != nil {
		return err
	}
	for _, p := range n.nodes {
		served[p.config.Name] = true
		if err := p.serve(listeners[p.config.Name]); err != nil {
			return err
		}
	}
	return nil
}

// listen opens the listeners first, because addresses are part of the genesis block. The orderer's has no name.
func (n *Network) listen() (map[string]net.Listener, error) {
	listeners := map[string]net.Listener{}
	add := func(name, address string) (string, error) {
		listener, reached, err := listen(address)
		if err == nil {
			listeners[name] = listener
		}
		return reached, err
	}
	var err error
	n.ordererAddress, err = add("", n.config.Orderer.Listen)
	for _, organisation := range n.config.Organisations {
		for _, config := range organisation.Peers {
			if err == nil {
				n.addresses[config.Name], err = add(config.Name, config.Listen)
			}
		}
	}
	if err != nil {
		for _, listener := range listeners {
			err = errors.Join(err, listener.Close())
		}
		return nil, err
	}
	return listeners, nil
}

func (n *Network) startOrderer() error {
	file := ""
	if n.config.DataDir != "" {
		if err := os.MkdirAll(filepath.Join(n.config.DataDir, "orderer"), 0o700); err != nil {
			return err
		}
		file = filepath.Join(n.config.DataDir, "orderer", "blocks")
	}
	signer, err := msp.NewSigner(n.config.Orderer.MSPID, n.config.Orderer.Identity.Certificate, n.config.Orderer.Identity.Key)
	if err != nil {
		return err
	}
	n.orderer, err = orderer.Start(orderer.Options{File: file, Signer: signer, Logger: n.config.Logger, Now: time.Now, Genesis: n.genesis})
	if err != nil {
		return err
	}
	n.faults.order = n.orderer.Process
	if n.channel = n.orderer.Channel(); n.channel.ID() != n.config.Channel {
		return fmt.Errorf("the data directory holds channel %q, not %q", n.channel.ID(), n.config.Channel)
	}
	return nil
}

func (n *Network) genesis() (*common.Block, error) {
	c := n.config
	plan := channel.Plan{Channel: c.Channel, ACLs: c.ACLs, Created: time.Now(), Nonce: make([]byte, 24),
		Orderer: channel.Orderer{MSPID: c.Orderer.MSPID, Address: n.ordererAddress, TLSCertificate: c.Orderer.TLS.Certificate,
			MaxMessageCount: c.Orderer.MaxMessageCount, BatchTimeout: c.Orderer.BatchTimeout,
			PreferredMaxBytes: c.Orderer.PreferredMaxBytes, AbsoluteMaxBytes: c.Orderer.AbsoluteMaxBytes}}
	if _, err := rand.Read(plan.Nonce); err != nil {
		return nil, err
	}
	for _, organisation := range c.Organisations {
		member := channel.Organisation{MSPID: organisation.MSPID, CA: organisation.CA, TLSCA: organisation.TLSCA,
			NodeOUs: organisation.NodeOUs, Admins: organisation.Admins, ReadOnly: organisation.ReadOnly, Policies: organisation.Policies}
		for _, config := range organisation.Peers {
			member.AnchorPeers = append(member.AnchorPeers, n.addresses[config.Name])
		}
		plan.Organisations = append(plan.Organisations, member)
	}
	return channel.Genesis(plan)
}

func (n *Network) serveOrderer(listener net.Listener) error {
	server, err := newServer(n.config.Orderer.TLS, n.config.Organisations, nil)
	if err != nil {
		return errors.Join(fmt.Errorf("orderer %s: %w", n.config.Orderer.Name, err), listener.Close())
	}
	ordererpb.RegisterAtomicBroadcastServer(server, orderer.NewService(n.orderer))
	n.ordererServer = server
	n.done.Go(func() { _ = server.Serve(listener) }) // it ends when the server is stopped
	return nil
}

// Stop stops everything and closes all files. The error says what could not be closed.
func (n *Network) Stop() error {
	var failed []error
	if n.ordererServer != nil {
		n.ordererServer.Stop()
	}
	for _, p := range n.running() {
		failed = append(failed, p.close())
	}
	n.mu.Lock()
	n.nodes = nil
	n.mu.Unlock()
	if n.orderer != nil {
		failed = append(failed, n.orderer.Stop())
		n.orderer = nil
	}
	n.done.Wait()
	return errors.Join(failed...)
}

func (n *Network) add(p *node) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.nodes = append(n.nodes, p)
}

// running lists the peers that run.
func (n *Network) running() []*node {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.nodes)
}

func (n *Network) find(name string) *node {
	for _, p := range n.running() {
		if p.config.Name == name {
			return p
		}
	}
	return nil
}

func (n *Network) chaincodes() []Chaincode {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.installed)
}

// member says whether an organisation belongs to the channel.
func (n *Network) member(mspID string) bool {
	return slices.ContainsFunc(n.config.Organisations, func(o Organisation) bool { return o.MSPID == mspID })
}

// approves says whether an organisation agrees to definitions: those with peers do, or the network would not start.
func (n *Network) approves(mspID string) bool {
	return slices.ContainsFunc(n.config.Organisations, func(o Organisation) bool { return o.MSPID == mspID && len(o.Peers) > 0 })
}

// endorsers lists the running peers as the gateway of one of them sees them.
func (n *Network) endorsers(self *node) []gateway.Endorser {
	var endorsers []gateway.Endorser
	for _, p := range n.running() {
		if p == self {
			endorsers = append(endorsers, local{p})
		} else {
			endorsers = append(endorsers, remote{p})
		}
	}
	return endorsers
}

func (n *Network) orderers() []gateway.Orderer {
	return []gateway.Orderer{{Address: n.ordererAddress, MSPID: n.config.Orderer.MSPID, Broadcast: n.faults.submit}}
}

// Faults makes the network misbehave.
func (n *Network) Faults() *Faults { return n.faults }

// OrdererAddress is where the orderer listens, host:port.
func (n *Network) OrdererAddress() string { return n.ordererAddress }

// Peers lists all peers, in the order of the Config, running or not.
func (n *Network) Peers() []PeerInfo {
	var peers []PeerInfo
	for _, organisation := range n.config.Organisations {
		for _, config := range organisation.Peers {
			peers = append(peers, PeerInfo{MSPID: organisation.MSPID, Name: config.Name, Address: n.addresses[config.Name]})
		}
	}
	return peers
}

// Peer finds a peer by name; the zero PeerInfo means that there is none.
func (n *Network) Peer(name string) PeerInfo {
	for _, info := range n.Peers() {
		if info.Name == name {
			return info
		}
	}
	return PeerInfo{}
}

// PeersOf lists the peers of one organisation.
func (n *Network) PeersOf(mspID string) []PeerInfo {
	return slices.DeleteFunc(n.Peers(), func(info PeerInfo) bool { return info.MSPID != mspID })
}

// Height is how many blocks a running peer has committed; 0 where it does not run.
func (n *Network) Height(name string) uint64 {
	if p := n.find(name); p != nil {
		return p.ledger.Height()
	}
	return 0
}

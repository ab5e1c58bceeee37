package devnet

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	gatewaypb "github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/zegel/zegel/network/devnet/channel"
	"github.com/zegel/zegel/network/devnet/deliver"
	"github.com/zegel/zegel/network/devnet/endorser"
	"github.com/zegel/zegel/network/devnet/gateway"
	"github.com/zegel/zegel/network/devnet/host"
	"github.com/zegel/zegel/network/devnet/ledger"
	"github.com/zegel/zegel/network/devnet/lifecycle"
	"github.com/zegel/zegel/network/devnet/msp"
	"github.com/zegel/zegel/network/devnet/policy"
	"github.com/zegel/zegel/network/devnet/system"
	"github.com/zegel/zegel/network/devnet/transaction"
	"github.com/zegel/zegel/network/devnet/validator"
)

// node is one running peer: its ledger, its chaincode instances and its services.
type node struct {
	network  *Network
	config   Peer
	mspID    string
	address  string
	signer   *msp.Signer
	identity *msp.Identity
	ledger   *ledger.Ledger
	endorser *endorser.Endorser
	commits  *gateway.Commits
	server   *grpc.Server
	stop     context.CancelFunc
	stopped  context.Context
	done     sync.WaitGroup

	// mu guards hosts, by chaincode and sequence, and gate, which is closed while commits may go on.
	mu    sync.Mutex
	hosts map[installed]*host.Host
	gate  chan struct{}
}

// installed names a chaincode on a peer: one name may have been defined more than once.
type installed struct {
	name     string
	sequence int64
}

// openNode opens a peer's ledger, starts its chaincode and begins to take blocks from the orderer.
func (n *Network) openNode(ctx context.Context, organisation Organisation, config Peer, address string) (*node, error) {
	signer, err := msp.NewSigner(organisation.MSPID, config.Identity.Certificate, config.Identity.Key)
	if err != nil {
		return nil, err
	}
	identity, err := n.channel.Directory().Identify(signer.Serialised())
	if err == nil {
		err = identity.Validate()
	}
	if err != nil {
		return nil, fmt.Errorf("the identity of peer %s is not valid: %w", config.Name, err)
	}
	p := &node{network: n, config: config, mspID: organisation.MSPID, address: address, signer: signer, identity: identity,
		commits: gateway.NewCommits(), hosts: map[installed]*host.Host{}, gate: open()}
	p.stopped, p.stop = context.WithCancel(context.Background())
	if err := p.openLedger(); err != nil {
		return nil, err
	}
	p.endorser = p.newEndorser()
	for _, chaincode := range n.chaincodes() {
		if err := p.install(ctx, chaincode); err != nil {
			return nil, errors.Join(err, p.close())
		}
	}
	p.done.Go(p.follow)
	return p, nil
}

// open is a gate that lets everybody through.
func open() chan struct{} {
	gate := make(chan struct{})
	close(gate)
	return gate
}

func (p *node) openLedger() error {
	dir := ""
	if p.network.config.DataDir != "" {
		dir = filepath.Join(p.network.config.DataDir, "peers", p.config.Name)
	}
	var err error
	if p.ledger, err = ledger.Open(dir, ledger.Options{Channel: p.network.channel.ID(), Collections: p.collections}); err != nil {
		return fmt.Errorf("ledger of peer %s: %w", p.config.Name, err)
	}
	return nil
}

// collections tells the ledger which private data this peer may hold.
func (p *node) collections(state *ledger.Snapshot, namespace, name string) (ledger.Collection, bool) {
	definition, found, err := lifecycle.Read(lifecycle.Unrecorded(state), namespace)
	if err != nil || !found {
		return ledger.Collection{}, false
	}
	if owner, implicit := lifecycle.ImplicitOwner(name); implicit && !p.network.member(owner) {
		return ledger.Collection{}, false
	}
	collection, found := definition.Collection(name)
	if !found {
		return ledger.Collection{}, false
	}
	return ledger.Collection{Member: endorser.MayHold(collection, p.mspID), BlockToLive: collection.GetBlockToLive()}, true
}

func (p *node) newEndorser() *endorser.Endorser {
	c := p.network.channel
	return endorser.New(endorser.Support{Channel: c, Ledger: p.ledger, Signer: p.signer, Host: p.host,
		System: map[string]endorser.System{
			"qscc":              system.Blocks{Channel: c, Ledger: p.ledger},
			"cscc":              system.Configuration{Channel: c, Ledger: p.ledger, MSPID: p.mspID},
			lifecycle.Namespace: system.Definitions{Channel: c, MSPID: p.mspID, Installed: p.packages, Approves: p.network.approves},
		},
		Distribute: p.distribute,
		Refuse: func(proposal *transaction.Proposal) error {
			return p.network.faults.endorse(p.config.Name, proposal.TxID())
		},
		Now: time.Now, Logger: p.network.config.Logger})
}

func (p *node) host(name string, sequence int64) *host.Host {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hosts[installed{name, sequence}]
}

// packages lists what is installed, for the peer's administrators.
func (p *node) packages() []system.Installed {
	var packages []system.Installed
	for _, chaincode := range p.network.chaincodes() {
		packages = append(packages, system.Installed{Name: chaincode.Name, Version: chaincode.Version, PackageID: chaincode.packageID()})
	}
	return packages
}

// install starts the peer's own instance of a chaincode.
func (p *node) install(ctx context.Context, chaincode Chaincode) error {
	if p.host(chaincode.Name, chaincode.Sequence) != nil {
		return nil
	}
	options := host.Options{ID: chaincode.packageID(), Address: chaincode.Address, ExecuteTimeout: p.network.config.ExecuteTimeout,
		Rules: p.endorser, Logger: p.network.config.Logger}
	if chaincode.New != nil {
		options.Chaincode = chaincode.New()
	}
	h, err := host.Start(ctx, options)
	if err != nil {
		return fmt.Errorf("peer %s: %w", p.config.Name, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hosts[installed{chaincode.Name, chaincode.Sequence}] = h
	return nil
}

// follow takes one block after the other from the orderer, validates and commits it.
func (p *node) follow() {
	v := &validator.Validator{Channel: p.network.channel, Ledger: p.ledger, Workers: runtime.GOMAXPROCS(0), Force: p.network.faults.force}
	for {
		block, err := p.network.orderer.WaitBlock(p.stopped, p.ledger.Height())
		if err == nil {
			err = p.pass()
		}
		if err == nil {
			err = p.commit(v, block)
		}
		if err != nil {
			if p.stopped.Err() == nil {
				p.network.config.Logger.Error("peer stops committing", "peer", p.config.Name, "err", err)
			}
			return
		}
	}
}

// pass waits while a test stalls the peer's commits.
func (p *node) pass() error {
	p.mu.Lock()
	gate := p.gate
	p.mu.Unlock()
	select {
	case <-gate:
		return nil
	case <-p.stopped.Done():
		return p.stopped.Err()
	}
}

func (p *node) commit(v *validator.Validator, block *common.Block) error {
	codes := []peer.TxValidationCode{peer.TxValidationCode_VALID} // the genesis block
	if block.GetHeader().GetNumber() > 0 {
		codes = v.Validate(block)
	}
	committed, err := p.ledger.Commit(block, codes, nil)
	if err != nil {
		return err
	}
	p.commits.Announce(committed)
	return nil
}

// serve starts the peer's services on a listener.
func (p *node) serve(listener net.Listener) error {
	limits := maps.Clone(serviceLimits)
	limits["/gateway.Gateway"] = p.network.config.GatewayConcurrency
	server, err := newServer(p.config.TLS, p.network.config.Organisations, limits)
	if err != nil {
		return fmt.Errorf("peer %s: %w", p.config.Name, err)
	}
	peer.RegisterEndorserServer(server, p.endorser)
	peer.RegisterDeliverServer(server, p.newDeliver())
	gatewaypb.RegisterGatewayServer(server, gateway.New(gateway.Support{Channel: p.network.channel, Ledger: p.ledger,
		Local: local{p}, Peers: func() []gateway.Endorser { return p.network.endorsers(p) }, Orderers: p.network.orderers(),
		Commits: p.commits, Logger: p.network.config.Logger, LoseStatus: p.network.faults.status}))
	p.server = server
	p.done.Go(func() { _ = server.Serve(listener) }) // it ends when the server is stopped
	return nil
}

func (p *node) newDeliver() *deliver.Peer {
	blocks := func(resource string) *deliver.Server {
		return &deliver.Server{Channel: p.network.channel, Source: p.ledger, Now: time.Now, Logger: p.network.config.Logger,
			Allow: func(signed policy.Signed) error { return p.network.channel.CheckAccess(resource, signed) }}
	}
	return &deliver.Peer{Blocks: blocks(channel.ResourceBlocks), FilteredBlocks: blocks(channel.ResourceFilteredBlocks), Private: p.private}
}

// close stops everything the peer does and closes its ledger.
func (p *node) close() error {
	p.stop()
	if p.server != nil {
		p.server.Stop()
	}
	p.mu.Lock()
	hosts := slices.Collect(maps.Values(p.hosts))
	p.mu.Unlock()
	for _, h := range hosts {
		h.Stop()
	}
	err := p.ledger.Close()
	p.done.Wait()
	return err
}

// remote is a peer as the gateways of other peers see it: behind gRPC, where a faulty proposal yields an error only.
type remote struct{ *node }

func (r remote) MSPID() string           { return r.mspID }
func (r remote) Address() string         { return r.address }
func (r remote) Identity() *msp.Identity { return r.identity }
func (r remote) Height() uint64          { return r.ledger.Height() }

// Has says whether a chaincode, or a system chaincode, can be executed on the peer.
func (r remote) Has(name string) bool {
	if _, ok := r.endorser.System[name]; ok {
		return true
	}
	sequence, err := lifecycle.Sequence(lifecycle.Unrecorded(r.ledger.Snapshot()), name)
	return err == nil && sequence > 0 && r.host(name, sequence) != nil
}

func (r remote) Propose(ctx context.Context, signed *peer.SignedProposal) (*peer.ProposalResponse, error) {
	response, err := r.endorser.ProcessProposal(ctx, signed)
	if err != nil {
		return nil, status.Error(codes.Unknown, err.Error())
	}
	return response, nil
}

// local is a peer as its own gateway sees it.
type local struct{ *node }

func (l local) MSPID() string           { return remote(l).MSPID() }
func (l local) Address() string         { return remote(l).Address() }
func (l local) Identity() *msp.Identity { return remote(l).Identity() }
func (l local) Height() uint64          { return remote(l).Height() }
func (l local) Has(name string) bool    { return remote(l).Has(name) }

func (l local) Propose(ctx context.Context, signed *peer.SignedProposal) (*peer.ProposalResponse, error) {
	return l.endorser.ProcessProposal(ctx, signed)
}

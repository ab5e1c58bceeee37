package fabric

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"
)

// Fabric's peers close a connection that is pinged more often than once a minute, and take
// messages of up to 100 MiB.
const (
	pingEvery      = 70 * time.Second
	pingTimeout    = 20 * time.Second
	maxMessageSize = 100 << 20
)

// redial is the pace at which a lost connection is tried again: a peer that is back is wanted at once.
var redial = backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 3 * time.Second}

// network is what all clients of one channel share: the connections and the block stream.
type network struct {
	options Options
	// own are the peers that are trusted: with private bytes, with reads, and with what became of a
	// transaction. They are one's own organisation's; an organisation without peers has no choice but
	// to trust those of its profile.
	own     []*node
	home    atomic.Int32 // index in own of the peer in use
	commits *commits
	standIn standIn

	life context.Context
	end  context.CancelFunc
	done chan struct{} // closed when the block stream has ended
	// closing is why Close may be called by every client of the network.
	closing sync.Once
}

// node is a connection to one peer.
type node struct {
	Endpoint
	conn *grpc.ClientConn
	room chan struct{} // one place for each call under way
}

// Connect opens connections to the peers of a profile and starts to follow the channel's blocks in
// the name of id. It does not wait for anybody: see Client.Ready. The client it returns signs as
// id; see Client.As for others.
func Connect(profile *Profile, id Identity, options Options) (*Client, error) {
	if id.MSP != profile.MSP {
		return nil, fmt.Errorf("fabric: the identity is of %s, the profile of %s", id.MSP, profile.MSP)
	}
	n := &network{options: options.withDefaults(profile.MSP), commits: newCommits(), done: make(chan struct{})}
	n.life, n.end = context.WithCancel(context.Background())
	if err := n.dial(profile); err != nil {
		return nil, errors.Join(err, n.hangUp())
	}
	c, err := n.client(id)
	if err != nil {
		return nil, errors.Join(err, n.hangUp())
	}
	go func() {
		defer close(n.done)
		n.followCommits(c)
	}()
	return c, nil
}

// dial opens a connection to each peer that is trusted. Nobody else's is ever spoken to.
func (n *network) dial(profile *Profile) error {
	for _, endpoint := range profile.trusted() {
		conn, err := dial(endpoint, n.options.Dial)
		if err != nil {
			return fmt.Errorf("fabric: peer %s: %w", endpoint.Name, err)
		}
		n.own = append(n.own, &node{Endpoint: endpoint, conn: conn, room: make(chan struct{}, n.options.Concurrency)})
	}
	if len(n.own) == 0 {
		return errors.New("fabric: the profile has no peers")
	}
	return nil
}

func dial(endpoint Endpoint, extra []grpc.DialOption) (*grpc.ClientConn, error) {
	transport, err := transportOf(endpoint)
	if err != nil {
		return nil, err
	}
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(transport),
		// Retries belong to one layer, and it is not this one: a retried Submit would hide an
		// unknown outcome.
		grpc.WithDisableRetry(),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: redial, MinConnectTimeout: 5 * time.Second}),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: pingEvery, Timeout: pingTimeout, PermitWithoutStream: true}),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessageSize), grpc.MaxCallSendMsgSize(maxMessageSize)),
	}
	return grpc.NewClient(endpoint.Address, append(options, extra...)...)
}

func transportOf(endpoint Endpoint) (credentials.TransportCredentials, error) {
	if !endpoint.TLS {
		return insecure.NewCredentials(), nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: endpoint.ServerName}
	if len(endpoint.Roots) > 0 {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(endpoint.Roots) {
			return nil, errors.New("tlsCACerts: no certificate in it")
		}
	}
	return credentials.NewTLS(config), nil
}

// hangUp ends the block stream's context and closes all connections.
func (n *network) hangUp() error {
	n.end()
	var failures []error
	for _, peer := range n.own {
		failures = append(failures, peer.conn.Close())
	}
	return errors.Join(failures...)
}

// peer is the peer in use.
func (n *network) peer() *node { return n.own[int(n.home.Load())%len(n.own)] }

// avoid turns to the next of one's own peers if err says that nobody answers at this one.
func (n *network) avoid(peer *node, err error) {
	home := n.home.Load()
	if status.Code(err) == codes.Unavailable && n.own[int(home)%len(n.own)] == peer {
		n.home.CompareAndSwap(home, (home+1)%int32(len(n.own)))
	}
}

// errNoRoom says that a call was not made, because too many are under way at the peer.
var errNoRoom = errors.New("no room for another call at the peer")

// call makes one call at the peer, within a deadline. sent reports whether it was made at all.
func (p *node) call(ctx context.Context, limit time.Duration, do func(context.Context) error) (sent bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	select {
	case p.room <- struct{}{}:
	case <-ctx.Done():
		return false, fmt.Errorf("%w: %w", errNoRoom, context.Cause(ctx))
	}
	defer func() { <-p.room }()
	return true, do(ctx)
}

package node

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/fabric"
	"github.com/zegel/zegel/gateway/outbox"
	"github.com/zegel/zegel/gateway/projection"
	"github.com/zegel/zegel/gateway/server"
	"github.com/zegel/zegel/gateway/teller"
	"github.com/zegel/zegel/gateway/vault"
	"github.com/zegel/zegel/gateway/web"
)

// Node is one chain's gateway, open and ready to serve.
type Node struct {
	config    Config
	client    *fabric.Client
	vault     *vault.Vault
	statement *projection.Projection
	clients   clients
	lanes     *teller.Lanes
	store     *outbox.Store  // nil without an outbox
	outbox    *outbox.Outbox // likewise
	teller    *teller.Teller
	server    *server.Server
	metrics   *metrics
	registry  *prometheus.Registry
}

// stopWithin bounds how long a stopping node waits for what is on its way to the ledger. What is
// not decided by then is in the outbox, or is found on the ledger when the till asks again.
const stopWithin = 10 * time.Second

// Open puts a node together. It does not wait for the peers: /readyz says when they answer.
func Open(config Config) (*Node, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	n := &Node{config: config, registry: prometheus.NewRegistry()}
	if err := n.open(); err != nil {
		return nil, errors.Join(err, n.close())
	}
	return n, nil
}

func (n *Node) open() (err error) {
	n.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	n.metrics = newMetrics(n.registry)
	if err = n.connect(); err != nil {
		return err
	}
	secret, err := vault.LoadSecret(n.config.path(secretFile))
	if err != nil {
		return err
	}
	if n.vault, err = vault.Open(n.config.path(vaultFile), secret); err != nil {
		return err
	}
	if n.statement, err = projection.Open(n.config.path(statementFile)); err != nil {
		return err
	}
	if err = n.openOutbox(secret); err != nil {
		return err
	}
	n.teller, err = teller.New(teller.Config{
		MSP: loyalty.MSPID(n.config.Profile.MSP), Chain: n.config.Name,
		Ledger: n.road(), Pursuing: n.pursuing(), Statement: n.statement, Vault: n.vault, Zone: n.config.Zone, Housekeeper: n.config.housekeeper(),
		Log: n.config.Log,
	})
	if err != nil {
		return err
	}
	keys, err := n.config.keyring()
	if err != nil {
		return err
	}
	n.server, err = server.New(server.Config{
		Teller: n.teller, Keys: keys, Chain: server.Chain{MSP: n.config.Profile.MSP, Name: n.config.Name},
		Web: web.Files(), Probes: n.probes(), Registry: n.registry, Log: n.config.Log,
		Limits: n.config.Limits, Version: n.config.Version,
	})
	return err
}

// attempts at one transaction: with pauses of up to a second, about as long as a till waits. Two
// endorsers stand at different heights for as long as the slower one takes to commit a block, and
// on a starved machine that is a while.
const attempts = 20

// connect opens one connection to the peers and a lane for each identity.
func (n *Node) connect() error {
	first := n.config.Identities[loyalty.RolePOS]
	client, err := fabric.Connect(n.config.Profile, first, fabric.Options{
		Endorsers: n.config.Endorsers, Standby: n.config.Standby, Observe: n.metrics.called, Log: n.config.Log,
	})
	if err != nil {
		return err
	}
	n.client = client
	n.clients = clients{}
	lanes := map[loyalty.Role]teller.Client{}
	for role, identity := range n.config.Identities {
		own, err := client.As(identity)
		if err != nil {
			return fmt.Errorf("node: identity of role %s: %w", role, err)
		}
		if !n.config.NoOutbox {
			own = own.Keeping(n.keep(role))
		}
		lanes[role], n.clients[string(role)] = own, own
	}
	n.lanes, err = teller.NewLanes(lanes, func(role loyalty.Role, b *teller.Batching, f *teller.Filing) {
		b.Metrics, f.Metrics = n.metrics.lane(string(role)), n.metrics.lane(string(role)+profilesLane)
		b.Attempts, f.Attempts = attempts, attempts
		if n.config.Batching != nil {
			n.config.Batching(role, b)
		}
	})
	return err
}

// Serve answers on listener until ctx ends, then lets what is under way finish and closes the
// node. A node serves once.
func (n *Node) Serve(ctx context.Context, listener net.Listener) error {
	if n.outbox != nil {
		n.outbox.Start()
	}
	follow, stop := context.WithCancel(context.WithoutCancel(ctx))
	followed := make(chan struct{})
	go func() {
		defer close(followed)
		n.follow(follow)
	}()
	err := n.server.Serve(ctx, listener)
	finish, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	err = errors.Join(err, n.teller.Close(finish))
	if n.outbox != nil {
		err = errors.Join(err, n.outbox.Close(finish))
	}
	err = errors.Join(err, n.lanes.Close(finish))
	stop()
	<-followed
	return errors.Join(err, n.close())
}

// follow keeps the statement up to date until ctx ends. Should it end by itself, sales go on, and
// somebody has to hear of it now rather than when the gateway stops.
func (n *Node) follow(ctx context.Context) {
	if err := n.statement.Follow(ctx, n.client, n.config.Log); ctx.Err() == nil {
		n.config.Log.Error("statement has stopped and will not go on by itself", "next", n.statement.Status().Next, "cause", err)
	}
}

// Ready asks the peers whether a sale would go through now.
func (n *Node) Ready(ctx context.Context) fabric.Readiness { return n.client.Ready(ctx) }

// close closes what has been opened.
func (n *Node) close() error {
	var errs []error
	if n.store != nil {
		if n.outbox != nil {
			over, cancel := context.WithCancel(context.Background())
			cancel()
			_ = n.outbox.Close(over) // it has ended, or was never used
		}
		errs = append(errs, n.store.Close())
	}
	if n.client != nil {
		errs = append(errs, n.client.Close())
	}
	if n.vault != nil {
		errs = append(errs, n.vault.Close())
	}
	if n.statement != nil {
		errs = append(errs, n.statement.Close())
	}
	return errors.Join(errs...)
}

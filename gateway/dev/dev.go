// Package dev starts every chain's gateway on a running network, whichever that is: founds the
// programme, mints demo keys, and writes down where everything answers. It is for the first minute
// and for tests; a chain in production runs one node on its own.
package dev

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/directory"
	"github.com/zegel/zegel/gateway/node"
	"github.com/zegel/zegel/gateway/server"
	"github.com/zegel/zegel/gateway/teller"
	"github.com/zegel/zegel/network/consortium"
)

// Options say which network to start the gateways on.
type Options struct {
	Backend    string // devnet or fabric, for the directory
	Consortium consortium.Consortium
	Place      consortium.Place // where the nodes are reached; empty means on this machine
	Crypto     string           // the folder of all organisations' material
	Dir        string           // where the gateways keep theirs
	FreePorts  bool             // for HTTP, instead of those of the description
	Version    string
	Log        *slog.Logger
	Limits     *server.Limits
	Batching   func(loyalty.Role, *teller.Batching)
}

// Gateways are the running gateways of all chains.
type Gateways struct {
	Directory *directory.Directory
	dir       string
	stop      context.CancelFunc
	group     *errgroup.Group
	open      func(Options, consortium.Organisation) (directory.Chain, error)
}

// Start founds the programme if there is none, opens a gateway for each chain and serves. It
// returns when every gateway says that a sale would go through.
func Start(ctx context.Context, o Options) (*Gateways, error) {
	if err := o.Found(ctx); err != nil {
		return nil, err
	}
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	group, life := errgroup.WithContext(life)
	g := &Gateways{Directory: o.directory(), dir: o.Dir, stop: stop, group: group}
	g.Directory.Processes = []directory.Process{{Name: o.Backend, PID: os.Getpid()}}
	g.open = func(o Options, chain consortium.Organisation) (directory.Chain, error) {
		return o.serve(life, group, chain)
	}
	for _, chain := range o.Consortium.Chains() {
		if err := g.add(o, chain); err != nil {
			return nil, errors.Join(err, g.Stop())
		}
	}
	if err := directory.Save(o.Dir, g.Directory); err != nil {
		return nil, errors.Join(err, g.Stop())
	}
	return g, nil
}

// Add starts the gateway of one chain more, which has to be a member of the programme, and returns
// when it is ready.
func (g *Gateways) Add(o Options, chain consortium.Organisation) error {
	if err := g.add(o, chain); err != nil {
		return err
	}
	return directory.Save(o.Dir, g.Directory)
}

func (g *Gateways) add(o Options, chain consortium.Organisation) error {
	entry, err := g.open(o, chain)
	if err != nil {
		return fmt.Errorf("gateway of %s: %w", chain.Name, err)
	}
	g.Directory.Chains = append(g.Directory.Chains, entry)
	return nil
}

// Found writes the connection profiles and founds the programme, if that has not been done.
func (o Options) Found(ctx context.Context) error {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return err
	}
	if err := o.WriteProfiles(); err != nil {
		return err
	}
	return o.found(ctx)
}

// Stop lets requests finish, ends the gateways and takes the directory away.
func (g *Gateways) Stop() error {
	g.stop()
	return errors.Join(g.group.Wait(), directory.Remove(g.dir))
}

// Wait returns when a gateway has ended by itself, which is a failure, or all have been stopped.
func (g *Gateways) Wait() error { return g.group.Wait() }

const readyWithin = 30 * time.Second

// serve opens and starts one chain's gateway.
func (o Options) serve(ctx context.Context, group *errgroup.Group, chain consortium.Organisation) (directory.Chain, error) {
	dir := filepath.Join(o.Dir, chain.Domain)
	keys, err := demoKeys(dir)
	if err != nil {
		return directory.Chain{}, err
	}
	config, err := o.node(chain, dir)
	if err != nil {
		return directory.Chain{}, err
	}
	listener, err := o.listen(ctx, chain)
	if err != nil {
		return directory.Chain{}, err
	}
	n, err := node.Open(config)
	if err != nil {
		return directory.Chain{}, errors.Join(err, listener.Close())
	}
	group.Go(func() error { return n.Serve(ctx, listener) })
	if err := awaitReady(ctx, n); err != nil {
		return directory.Chain{}, err
	}
	return directory.Chain{
		Name: chain.Name, MSP: chain.MSPID, URL: "http://" + listener.Addr().String(), Keys: keys, Profile: o.profilePath(chain),
	}, nil
}

func (o Options) listen(ctx context.Context, chain consortium.Organisation) (net.Listener, error) {
	port := chain.GatewayPort
	if o.FreePorts {
		port = 0
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("%w (is another consortium running? --port-shift moves all ports)", err)
	}
	return listener, nil
}

// awaitReady polls until the peers would take a sale, and otherwise says what is missing.
func awaitReady(ctx context.Context, n *node.Node) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	for {
		readiness := n.Ready(ctx)
		if readiness.OK() {
			return nil
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			for _, check := range readiness {
				if !check.OK {
					return fmt.Errorf("not ready: %s: %s: %s", check.Name, check.Advice, check.Detail)
				}
			}
			return ctx.Err()
		}
	}
}

func (o Options) directory() *directory.Directory {
	d := &directory.Directory{Backend: o.Backend}
	for _, organisation := range o.Consortium.Organisations {
		for _, p := range organisation.Peers {
			address := consortium.Native.Address(p.Host, p.Port)
			d.Peers = append(d.Peers, directory.Peer{Name: p.Host, MSP: organisation.MSPID, Address: address})
		}
		for _, orderer := range organisation.Orderers {
			d.Orderer = consortium.Native.Address(orderer.Host, orderer.Port)
		}
	}
	return d
}

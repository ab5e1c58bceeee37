package native

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/consortium/assembly"
)

// readyWithin bounds Up when its context has no deadline of its own.
const readyWithin = 90 * time.Second

// Options say what to run.
type Options struct {
	// Dir is the folder of the network. What it holds from an earlier run goes on: keys, blocks and
	// state stay until the folder is removed.
	Dir        string
	Consortium consortium.Consortium
	// ChaincodeCommand starts a chaincode service. It is told its address in
	// CHAINCODE_SERVER_ADDRESS and its package in CORE_CHAINCODE_ID_NAME.
	ChaincodeCommand []string
	// BuilderCommand is followed by "detect", "build" or "release" and its folders: see ccaas.Run.
	BuilderCommand []string
	// Detach lets the network outlive this program, until Down. Otherwise it ends with it.
	Detach bool
	// Progress is told of each step; it may be nil. Steps come from one goroutine at a time.
	Progress func(Step)
}

// Step is one thing done on the way up.
type Step struct {
	Done    string
	Elapsed time.Duration // since Up was called
}

// Network is a running network.
type Network struct {
	*assembly.Network
	// Ready is how long it took from nothing to a proven endorsement at every peer.
	Ready time.Duration
	// Ended hears of each process that ends, also when Down stops it. It is never closed.
	Ended <-chan Exit
}

// Up starts a network and returns when it is ready. On an error nothing keeps running, and the
// error says what is missing.
func Up(ctx context.Context, options Options) (*Network, error) {
	begun := time.Now()
	tell := func(done string) {
		if options.Progress != nil {
			options.Progress(Step{Done: done, Elapsed: time.Since(begun)})
		}
	}
	n, err := prepare(ctx, options)
	if err != nil {
		return nil, err
	}
	tell("keys, genesis block and package made")
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, readyWithin)
		defer cancel()
	}
	n.prepared.Tell = tell
	if err := n.up(ctx); err != nil {
		return nil, errors.Join(err, stop(n.nodes.layout))
	}
	return &Network{Network: n.prepared, Ready: time.Since(begun), Ended: n.supervisor.exits}, nil
}

// launch is what the steps of Up share.
type launch struct {
	prepared   *assembly.Network
	nodes      nodes
	supervisor *supervisor
}

// prepare finds out what can be found out before anything starts, and makes all files.
func prepare(ctx context.Context, options Options) (*launch, error) {
	if len(options.ChaincodeCommand) == 0 || len(options.BuilderCommand) == 0 {
		return nil, errors.New("a native network needs a chaincode command and a builder command")
	}
	binaries, err := FindBinaries()
	if err != nil {
		return nil, err
	}
	if err := binaries.checkRelease(ctx, options.Consortium); err != nil {
		return nil, err
	}
	layout, err := assembly.NewLayout(options.Dir)
	if err != nil {
		return nil, err
	}
	alive, err := running(layout)
	if err != nil {
		return nil, err
	}
	if len(alive) > 0 {
		return nil, fmt.Errorf("%d processes of a network in %s still run: take it down first", len(alive), layout.Root)
	}
	if err := checkFree(options.Consortium); err != nil {
		return nil, err
	}
	prepared, err := assembly.Prepare(layout, options.Consortium, consortium.Native)
	if err != nil {
		return nil, err
	}
	return &launch{
		prepared: prepared,
		nodes: nodes{
			consortium: options.Consortium, layout: layout, binaries: binaries, packageID: prepared.Package.ID(),
			chaincode: options.ChaincodeCommand, builder: options.BuilderCommand,
		},
		supervisor: newSupervisor(layout, options.Detach),
	}, nil
}

// up starts everything at once, since each process waits by itself for those that it needs, and
// gives up as soon as one of them ends.
func (l *launch) up(ctx context.Context) error {
	commands, err := l.nodes.commands()
	if err != nil {
		return err
	}
	for _, c := range commands {
		if err := l.supervisor.start(c); err != nil {
			return err
		}
	}
	l.prepared.Tell("processes started")
	return l.watch(ctx, l.prepared.Assemble)
}

// watch runs work and gives up on it as soon as a process ends: waiting out the clock for a peer that
// is dead would hide why it died.
func (l *launch) watch(ctx context.Context, work func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var ended error
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case e := <-l.supervisor.exits:
			ended = fmt.Errorf("%s ended (%v):\n%s", e.Name, e.Err, lastWords(Log(l.nodes.layout, e.Name)))
			cancel()
		case <-ctx.Done():
		}
	}()
	err := work(ctx)
	cancel()
	<-watched
	if ended != nil {
		return ended
	}
	return err
}

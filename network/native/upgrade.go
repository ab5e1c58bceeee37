package native

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/consortium/assembly"
)

// Upgrade takes the running network in options.Dir to the chaincode definition of options.Consortium,
// one sequence further, without stopping anything that serves: the new chaincode services run beside
// the old until every peer has changed over. Transactions endorsed before the commit and ordered after it
// are invalidated by Fabric, and an ordinary retry repeats them. Only the definition is taken from
// options.Consortium; nodes and ports stay. On an error the old definition goes on.
func Upgrade(ctx context.Context, options Options) error {
	u, err := newUpgrade(options, func(old consortium.Consortium) (consortium.Consortium, error) {
		old.Chaincode = options.Consortium.Chaincode
		return old, nil
	})
	if err != nil {
		return err
	}
	if err := u.run(ctx, u.network.Upgrade); err != nil {
		return fmt.Errorf("upgrade to version %s: %w", u.network.Consortium.Chaincode.Version, err)
	}
	return nil
}

// upgrade is what the steps to the next definition share.
type upgrade struct {
	layout     assembly.Layout
	old        consortium.Consortium
	network    *assembly.Network // as it will be
	supervisor *supervisor
	nodes      nodes
	begun      []string // names of the processes that were started for the new definition
}

// newUpgrade finds out what can be found out before anything starts. describe makes the description that is
// to come of the one by which the network runs.
func newUpgrade(options Options, describe func(old consortium.Consortium) (consortium.Consortium, error)) (*upgrade, error) {
	begun := time.Now()
	layout, err := assembly.NewLayout(options.Dir)
	if err != nil {
		return nil, err
	}
	old, err := layout.Consortium()
	if err != nil {
		return nil, err
	}
	next, err := describe(old)
	if err != nil {
		return nil, err
	}
	if want := old.Chaincode.Sequence + 1; next.Chaincode.Sequence != want || next.Chaincode.Name != old.Chaincode.Name {
		return nil, fmt.Errorf("the network runs sequence %d of %s: the next is %d", old.Chaincode.Sequence, old.Chaincode.Name, want)
	}
	if len(options.ChaincodeCommand) == 0 {
		return nil, errors.New("an upgrade needs a chaincode command")
	}
	network, err := assembly.Describe(layout, next, consortium.Native)
	if err != nil {
		return nil, err
	}
	network.Tell = func(done string) {
		if options.Progress != nil {
			options.Progress(Step{Done: done, Elapsed: time.Since(begun)})
		}
	}
	return &upgrade{
		layout: layout, old: old, network: network, supervisor: newSupervisor(layout, options.Detach),
		nodes: nodes{consortium: next, layout: layout, packageID: network.Package.ID(), chaincode: options.ChaincodeCommand, builder: options.BuilderCommand},
	}, nil
}

// run starts the new chaincode services, lets work bring the channel to the new definition, and stops the old.
func (u *upgrade) run(ctx context.Context, work func(context.Context) error) error {
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, readyWithin)
		defer cancel()
	}
	if err := u.startServices(); err != nil {
		return errors.Join(err, u.stop(u.begun))
	}
	u.network.Tell("new chaincode services started")
	if err := work(ctx); err != nil {
		return errors.Join(err, u.stop(u.begun))
	}
	// From here on the channel runs the new definition, whatever else fails.
	if _, err := assembly.Prepare(u.layout, u.network.Consortium, consortium.Native); err != nil {
		return err
	}
	if err := u.stop(services(u.old)); err != nil {
		return err
	}
	u.network.Tell("old chaincode services stopped")
	return nil
}

func (u *upgrade) startServices() error {
	for _, o := range u.network.Consortium.WithPeers() {
		for _, p := range o.Peers {
			if err := u.start(u.nodes.chaincodeCommand(o, p)); err != nil {
				return err
			}
		}
	}
	return nil
}

// start remembers what it starts, so that a failed upgrade leaves nothing behind.
func (u *upgrade) start(c command, err error) error {
	if err != nil {
		return err
	}
	u.begun = append(u.begun, c.Name)
	return u.supervisor.start(c)
}

// services are the names of the chaincode services of one definition.
func services(c consortium.Consortium) []string {
	var names []string
	for _, o := range c.WithPeers() {
		for _, p := range o.Peers {
			names = append(names, p.Chaincode(c.Chaincode).Host)
		}
	}
	return names
}

func (u *upgrade) stop(names []string) error {
	all, err := remembered(u.layout)
	if err != nil {
		return err
	}
	return stopThese(u.layout, slices.DeleteFunc(all, func(p process) bool { return !slices.Contains(names, p.Name) }))
}

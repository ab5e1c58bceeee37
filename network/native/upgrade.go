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
	begun := time.Now()
	u, err := newUpgrade(options)
	if err != nil {
		return err
	}
	u.network.Tell = func(done string) {
		if options.Progress != nil {
			options.Progress(Step{Done: done, Elapsed: time.Since(begun)})
		}
	}
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, readyWithin)
		defer cancel()
	}
	if err := u.run(ctx); err != nil {
		return fmt.Errorf("upgrade to version %s: %w", u.network.Consortium.Chaincode.Version, err)
	}
	return nil
}

// upgrade is what its steps share.
type upgrade struct {
	layout     assembly.Layout
	old        consortium.Consortium
	network    *assembly.Network // as it will be
	supervisor *supervisor
	nodes      nodes
}

func newUpgrade(options Options) (*upgrade, error) {
	layout, err := assembly.NewLayout(options.Dir)
	if err != nil {
		return nil, err
	}
	old, err := layout.Consortium()
	if err != nil {
		return nil, err
	}
	next := old
	next.Chaincode = options.Consortium.Chaincode
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
	return &upgrade{
		layout: layout, old: old, network: network, supervisor: newSupervisor(layout, options.Detach),
		nodes: nodes{consortium: next, layout: layout, packageID: network.Package.ID(), chaincode: options.ChaincodeCommand},
	}, nil
}

func (u *upgrade) run(ctx context.Context) error {
	if err := u.startNew(); err != nil {
		return errors.Join(err, u.stopServices(u.network.Consortium))
	}
	u.network.Tell("new chaincode services started")
	if err := u.network.Upgrade(ctx); err != nil {
		return errors.Join(err, u.stopServices(u.network.Consortium))
	}
	// From here on the channel runs the new definition, whatever else fails.
	if _, err := assembly.Prepare(u.layout, u.network.Consortium, consortium.Native); err != nil {
		return err
	}
	if err := u.stopServices(u.old); err != nil {
		return err
	}
	u.network.Tell("old chaincode services stopped")
	return nil
}

func (u *upgrade) startNew() error {
	for _, o := range u.network.Consortium.WithPeers() {
		for _, p := range o.Peers {
			c, err := u.nodes.chaincodeCommand(p)
			if err != nil {
				return err
			}
			if err := u.supervisor.start(c); err != nil {
				return err
			}
		}
	}
	return nil
}

// stopServices ends the chaincode services of one definition.
func (u *upgrade) stopServices(c consortium.Consortium) error {
	var names []string
	for _, o := range c.WithPeers() {
		for _, p := range o.Peers {
			names = append(names, p.Chaincode(c.Chaincode).Host)
		}
	}
	all, err := remembered(u.layout)
	if err != nil {
		return err
	}
	return stopThese(u.layout, slices.DeleteFunc(all, func(p process) bool { return !slices.Contains(names, p.Name) }))
}

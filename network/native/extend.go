package native

import (
	"context"
	"errors"
	"fmt"

	"github.com/zegel/zegel/network/consortium"
)

// Extend brings the organisations that options.Consortium has and the running network in options.Dir
// has not into it, and takes all to the next definition of the chaincode, which knows them, without
// stopping anything that serves. Organisations that run already must be described as they run. On
// an error what was started is stopped and the old definition goes on; Extend can be called again.
func Extend(ctx context.Context, options Options) error {
	var newcomers []consortium.Organisation
	u, err := newUpgrade(options, func(old consortium.Consortium) (_ consortium.Consortium, err error) {
		newcomers, err = options.Consortium.Newcomers(old)
		return options.Consortium, err
	})
	if err != nil {
		return err
	}
	if u.nodes.binaries, err = FindBinaries(); err != nil {
		return err
	}
	if err := checkFree(consortium.Consortium{Organisations: newcomers}); err != nil {
		return err
	}
	if err := u.startPeers(newcomers); err != nil {
		return errors.Join(err, u.stop(u.begun))
	}
	if err := u.run(ctx, u.network.Extend); err != nil {
		return fmt.Errorf("extend the network: %w", err)
	}
	return nil
}

// startPeers mints what the newcomers need and starts their peers. In production each organisation does that for itself.
func (u *upgrade) startPeers(newcomers []consortium.Organisation) error {
	if err := u.network.Consortium.Ensure(u.layout.Material()); err != nil {
		return err
	}
	for _, o := range newcomers {
		for _, p := range o.Peers {
			if err := u.start(u.nodes.peerCommand(o, p)); err != nil {
				return err
			}
		}
	}
	u.network.Tell("new peers started")
	return nil
}

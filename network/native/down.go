package native

import (
	"fmt"

	"github.com/zegel/zegel/network/consortium/assembly"
)

// Down stops every process of the network in dir, whoever started it and however that ended, and
// keeps what they wrote. It does nothing where nothing runs.
func Down(dir string) error {
	layout, err := assembly.NewLayout(dir)
	if err != nil {
		return err
	}
	if err := stop(layout); err != nil {
		return fmt.Errorf("take down the network in %s: %w", layout.Root, err)
	}
	return nil
}

// Down stops the network.
func (n *Network) Down() error { return Down(n.Layout.Root) }

package node

import (
	"context"
	"errors"
	"strings"

	"github.com/zegel/zegel/gateway/server"
)

// probes is what /readyz looks at: the road to the ledger and the vault are vital, a statement that
// stands still is only told.
func (n *Node) probes() []server.Probe {
	return []server.Probe{
		{Name: "ledger", Vital: true, Check: n.probeLedger},
		{Name: "vault", Vital: true, Check: n.vault.Ready},
		{Name: "statement", Check: n.probeStatement},
	}
}

func (n *Node) probeLedger(ctx context.Context) error {
	var missing []string
	for _, check := range n.client.Ready(ctx) {
		if !check.OK {
			missing = append(missing, check.Name+": "+check.Detail)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return errors.New(strings.Join(missing, "; "))
}

func (n *Node) probeStatement(context.Context) error {
	status := n.statement.Status()
	if status.Following {
		return nil
	}
	if status.Err != nil {
		return errors.New("statements stand still; the log says why")
	}
	return errors.New("statements have not begun to follow the blocks")
}

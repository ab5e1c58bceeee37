package node

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"

	"github.com/zegel/zegel/gateway/fabric"
	"github.com/zegel/zegel/gateway/projection"
	"github.com/zegel/zegel/gateway/server"
)

// probes is what /readyz looks at: the road to the ledger and the vault are vital, a statement that
// stands still is only told. Anybody may ask, so what they say names no host, address or file.
func (n *Node) probes() []server.Probe {
	ledger := &ledgerProbe{ready: n.client.Ready, log: n.config.Log}
	return []server.Probe{
		{Name: "ledger", Vital: true, Check: ledger.check},
		{Name: "vault", Vital: true, Check: n.probeVault},
		{Name: "statement", Check: func(context.Context) error { return probeStatement(n.statement.Status()) }},
	}
}

// ledgerProbe tells the public what to do about what is missing, and the log what it is.
type ledgerProbe struct {
	ready func(context.Context) fabric.Readiness
	log   *slog.Logger

	mu     sync.Mutex // guards logged
	logged string     // what was missing when the log last heard of it
}

func (p *ledgerProbe) check(ctx context.Context) error {
	var missing, advice []string
	for _, check := range p.ready(ctx) {
		if !check.OK {
			missing = append(missing, check.Name)
			advice = append(advice, check.Name+": "+check.Advice)
			p.tell(check)
		}
	}
	p.settle(strings.Join(missing, ", "))
	if len(advice) == 0 {
		return nil
	}
	return errors.New(strings.Join(advice, "; "))
}

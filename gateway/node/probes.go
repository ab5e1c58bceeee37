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

// probes is what /readyz looks at: the vault and the outbox are vital, a statement that stands still
// is only told, and so is a ledger out of reach, as long as the outbox takes in what tills sell.
// Anybody may ask, so what they say names no host, address or file.
func (n *Node) probes() []server.Probe {
	ledger := &ledgerProbe{ready: n.client.Ready, log: n.config.Log}
	probes := []server.Probe{
		{Name: "ledger", Vital: n.outbox == nil, Check: ledger.check},
		{Name: "vault", Vital: true, Check: n.probeVault},
		{Name: "statement", Check: func(context.Context) error { return probeStatement(n.statement.Status()) }},
	}
	if n.outbox != nil {
		probes = append(probes,
			server.Probe{Name: "outbox", Vital: true, Check: n.probeOutbox},
			server.Probe{Name: "parked", Check: n.probeParked},
			server.Probe{Name: "start", Vital: true, Check: n.probeFirst(ledger.check)},
		)
	}
	return probes
}

// ledgerProbe tells the public what to do about what is missing, and the log what it is.
type ledgerProbe struct {
	ready func(context.Context) fabric.Readiness
	log   *slog.Logger

	mu     sync.Mutex // guards logged
	logged string     // what was missing when the log last heard of it
}

func (p *ledgerProbe) check(ctx context.Context) error {
	var names, advice []string
	var details []any
	for _, check := range p.ready(ctx) {
		if !check.OK {
			names = append(names, check.Name)
			advice = append(advice, check.Name+": "+check.Advice)
			details = append(details, slog.String(check.Name, check.Detail))
		}
	}
	p.tell(strings.Join(names, ", "), details)
	if len(names) == 0 {
		return nil
	}
	return errors.New(strings.Join(advice, "; "))
}

// tell logs what is missing when that changes: whoever asks often must not fill the log.
func (p *ledgerProbe) tell(missing string, details []any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if missing == p.logged {
		return
	}
	p.logged = missing
	if missing == "" {
		p.log.Info("ledger within reach again")
		return
	}
	p.log.Warn("ledger out of reach", "missing", missing, slog.Group("details", details...))
}

func (n *Node) probeVault(ctx context.Context) error {
	if n.vault.Ready(ctx) != nil {
		return errors.New("the members' keys cannot be read; look at the gateway's folder")
	}
	return nil
}

func probeStatement(status projection.Status) error {
	switch {
	case status.Following:
		return nil
	case errors.Is(status.Err, projection.ErrForked):
		return errors.New("statements have stopped: the peer has another ledger than before; the log says more")
	case errors.Is(status.Err, projection.ErrBroken):
		return errors.New("statements have stopped at a block that cannot be read; the log says more")
	case status.Err != nil:
		return errors.New("statements stand still; the log says why")
	}
	return errors.New("statements have not begun to follow the blocks")
}

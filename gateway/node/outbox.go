package node

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/fabric"
	"github.com/zegel/zegel/gateway/outbox"
	"github.com/zegel/zegel/gateway/server"
	"github.com/zegel/zegel/gateway/teller"
	"github.com/zegel/zegel/gateway/vault"
)

// outboxFile keeps what tills were promised and the ledger has not decided.
const outboxFile = "outbox.db"

// openOutbox puts the outbox between the teller and the lanes.
func (n *Node) openOutbox(secret vault.Secret) error {
	if n.config.NoOutbox {
		return nil
	}
	var err error
	if n.store, err = outbox.OpenStore(n.config.path(outboxFile), secret.OutboxKey(), outbox.Limits{}); err != nil {
		return err
	}
	limits := n.config.Limits
	if limits == nil {
		usual := server.DefaultLimits()
		limits = &usual
	}
	n.outbox, err = outbox.New(outbox.Config{
		Store: n.store, Road: n.lanes, MSP: loyalty.MSPID(n.config.Profile.MSP), Transactions: n.clients,
		// A till is told "pending" when AnswerWithin is over: what can be withdrawn is withdrawn before.
		Answer:  limits.AnswerWithin * 9 / 10,
		Decided: func(e outbox.Entry) { n.teller.Decided(e.Op, e.Decision.Outcome) },
		Log:     n.config.Log,
	})
	if err != nil {
		return err
	}
	n.gaugeOutbox()
	return nil
}

// clients are the identities of the gateway, by role. They resume what an earlier process has
// prepared.
type clients map[string]*fabric.Client

// Resume implements outbox.Transactions.
func (c clients) Resume(ctx context.Context, role, _ string, envelope []byte, again bool) ([]loyalty.Outcome, uint64, bool, error) {
	client := c[role]
	if client == nil {
		return nil, 0, false, errors.New("node: no identity for role " + role)
	}
	found, err := client.Resume(ctx, envelope, again)
	return found.Outcomes, found.Block, found.Known, err
}

// keep is what the client of a role does with a transaction before it sends it.
func (n *Node) keep(role loyalty.Role) func(context.Context, fabric.Prepared) error {
	return func(ctx context.Context, p fabric.Prepared) error {
		return n.outbox.Keep(ctx, string(role), p.TxID, p.Bytes, p.Ops)
	}
}

// road is what the teller sends its commands along.
func (n *Node) road() teller.Ledger {
	if n.outbox == nil {
		return n.lanes
	}
	return n.outbox
}

// pursuing is what the outbox has not decided; nil without one.
func (n *Node) pursuing() func(loyalty.OpID) (loyalty.Kind, bool) {
	if n.outbox == nil {
		return nil
	}
	return n.outbox.Pursuing
}

// gaugeOutbox shows Prometheus what tills were promised and the ledger has not decided.
func (n *Node) gaugeOutbox() {
	for _, g := range []struct {
		name, help string
		value      func(outbox.Status) float64
	}{
		{"outbox_operations", "Accepted operations that are not decided.", func(s outbox.Status) float64 { return float64(s.Undecided) }},
		{"outbox_bytes", "Bytes of accepted operations that are not decided.", func(s outbox.Status) float64 { return float64(s.Bytes) }},
		{"outbox_in_doubt", "Operations of which nobody knows whether they were carried out.", func(s outbox.Status) float64 { return float64(s.InDoubt) }},
		{"outbox_parked", "Operations that wait for a person.", func(s outbox.Status) float64 { return float64(s.Parked) }},
	} {
		n.registry.MustRegister(prometheus.NewGaugeFunc(
			prometheus.GaugeOpts{Namespace: "zegel", Name: g.name, Help: g.help},
			func() float64 { return g.value(n.outbox.Status()) },
		))
	}
}

// probeOutbox fails when nothing can be accepted, and tells when somebody has to look.
func (n *Node) probeOutbox(context.Context) error {
	if n.outbox.Status().Err != nil {
		return errors.New("nothing can be written to the outbox; look at the gateway's folder and the log")
	}
	return nil
}

// probeParked tells that somebody has to look at operations.
func (n *Node) probeParked(context.Context) error {
	if n.outbox.Status().Parked > 0 {
		return errors.New("operations wait for a person; the log says which")
	}
	return nil
}

// probeFirst fails until the ledger has been within reach once: a gateway that was never connected
// rightly must not collect promises.
func (n *Node) probeFirst(ledger func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		if n.statement.Status().Next > 0 {
			return nil
		}
		return ledger(ctx)
	}
}

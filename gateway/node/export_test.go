package node

import (
	"context"
	"log/slog"

	"github.com/zegel/zegel/gateway/fabric"
)

// For tests.
var (
	ProbeStatement = probeStatement
	Private        = private
)

// ProbeLedger is the check of the ledger, with somebody else's word for what is in order.
func ProbeLedger(ready func(context.Context) fabric.Readiness, log *slog.Logger) func(context.Context) error {
	return (&ledgerProbe{ready: ready, log: log}).check
}

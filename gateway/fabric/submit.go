package fabric

import (
	"context"
	"time"
)

// Committed is a transaction that is on the ledger and valid.
type Committed struct {
	TxID   string
	Block  uint64
	Result []byte // what the chaincode answered
}

// Submit has a transaction endorsed by orgs (none means Options.Endorsers), submits it and waits
// until it is committed. transient, which may be nil, is seen by those organisations only. It fails
// with an *Error.
func (c *Client) Submit(ctx context.Context, name string, args []string, transient map[string][]byte, orgs []string) (Committed, error) {
	sets := [][]string{orgs}
	if len(orgs) == 0 {
		sets = c.endorsers(c.id.MSP, len(transient) > 0)
	}
	return c.transact(ctx, request{name: name, args: args, transient: transient}, sets, func([]byte) error { return nil })
}

// transact carries a request out. check looks at the chaincode's answer before anything is signed.
func (c *Client) transact(ctx context.Context, r request, sets [][]string, check func(result []byte) error) (Committed, error) {
	transaction, err := c.endorse(ctx, r, sets)
	if err != nil {
		return Committed{}, err
	}
	txID := transaction.TransactionID()
	if err := check(transaction.Result()); err != nil {
		return Committed{}, &Error{Class: Internal, Stage: StageVerify, TxID: txID, Err: err}
	}
	if err := c.remember(ctx, r, transaction); err != nil {
		return Committed{}, &Error{Class: Unavailable, Stage: StageKeep, TxID: txID, Err: err}
	}
	seen, stop := c.commits.watch(txID)
	defer stop()
	start := time.Now()
	sent, err := c.send(ctx, transaction)
	if !sent {
		return Committed{}, &Error{Class: Unavailable, Stage: StageSubmit, TxID: txID, Err: err}
	}
	found, err := c.settle(ctx, transaction, seen, err)
	c.options.Observe(StageCommit, time.Since(start), err)
	if err != nil {
		return Committed{}, err
	}
	return Committed{TxID: txID, Block: found.block, Result: transaction.Result()}, nil
}

// send gives the signed envelope to the orderer, by way of the peer that prepared it. Once sent is
// true an error says nothing: the peer tries one orderer after the other, and any of them may have
// taken it.
func (c *Client) send(ctx context.Context, transaction endorsed) (sent bool, err error) {
	start := time.Now()
	sent, err = transaction.peer.call(ctx, c.options.Submit, func(ctx context.Context) error {
		_, err := transaction.SubmitWithContext(ctx)
		return err
	})
	c.options.Observe(StageSubmit, time.Since(start), err)
	return sent, err
}

package fabric

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
)

// Prepared is a transaction that is endorsed and verified, and not yet signed or sent.
type Prepared struct {
	TxID  string
	Bytes []byte         // Resume makes the same transaction of them
	Ops   []loyalty.OpID // of its commands, in their order
}

// Keeping makes a client whose transactions of commands are given to keep before they are sent. A
// transaction that keep fails to take is not sent: it is as if nobody had been there.
func (c *Client) Keeping(keep func(context.Context, Prepared) error) *Client {
	keeping := *c
	keeping.keep = keep
	return &keeping
}

// remember gives a transaction of commands to whoever keeps them.
func (c *Client) remember(ctx context.Context, r request, transaction endorsed) error {
	if c.keep == nil || len(r.ops) == 0 {
		return nil
	}
	bytes, err := transaction.Bytes()
	if err != nil {
		return err
	}
	return c.keep(ctx, Prepared{TxID: transaction.TransactionID(), Bytes: bytes, Ops: r.ops})
}

// Resumed is what is known of a transaction that was prepared before.
type Resumed struct {
	Known bool // it is in a block
	Block uint64
	// Outcomes answer its commands, in their order. Nil if the transaction was not valid: it has
	// changed nothing.
	Outcomes []loyalty.Outcome
}

// resumeFor is how long Resume waits for the ledger once it has sent a transaction again.
const resumeFor = 5 * time.Second

// Resume finds out what became of a transaction and, if the own peer has not heard of it and again is
// set, sends it again: it has the same id as before, and Fabric takes an id once. bytes are
// Prepared.Bytes of a client with the same identity. An error says that nobody could be asked.
//
// The private bytes of a transaction wait for it at its endorsers, for a thousand blocks as Fabric
// comes: what is older than that is better not sent again.
func (c *Client) Resume(ctx context.Context, bytes []byte, again bool) (Resumed, error) {
	peer := c.peer()
	made, err := c.gateways[peer].NewTransaction(bytes)
	if err != nil {
		return Resumed{}, &Error{Class: Internal, Stage: StageVerify, Err: err}
	}
	transaction, txID := endorsed{made, peer}, made.TransactionID()
	seen, stop := c.commits.watch(txID)
	defer stop()
	found, err := c.ask(ctx, peer, txID, seen)
	if err == nil && isKnown(found) {
		return resumed(transaction, found)
	}
	if !again {
		return Resumed{}, unasked(txID, err)
	}
	if _, err := c.send(ctx, transaction); err != nil {
		return Resumed{}, &Error{Class: Unavailable, Stage: StageSubmit, TxID: txID, Err: err}
	}
	waiting, cancel := context.WithTimeout(ctx, resumeFor)
	defer cancel()
	if found, err = c.settle(waiting, transaction, seen, nil); err != nil && ClassOf(err) == Unknown {
		return Resumed{}, nil // sent, and not seen yet
	}
	return resumed(transaction, found)
}

// unasked is nil if a peer was asked and did not know: it waits for a transaction that it has not
// heard of until the time is up.
func unasked(txID string, err error) error {
	if err == nil || status.Code(err) == codes.DeadlineExceeded || errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return &Error{Class: Unavailable, Stage: StageCommit, TxID: txID, Err: err}
}

// isKnown reports whether a verdict is one: another copy may decide, or nobody yet.
func isKnown(v verdict) bool {
	err := classifyCode("", v.code)
	return err == nil || ClassOf(err) != Unknown
}

func resumed(transaction endorsed, found verdict) (Resumed, error) {
	known := Resumed{Known: true, Block: found.block}
	if classifyCode("", found.code) != nil {
		return known, nil
	}
	reply, err := api.ReadReply(transaction.Result())
	if err != nil {
		return Resumed{}, &Error{Class: Internal, Stage: StageVerify, TxID: transaction.TransactionID(), Err: fmt.Errorf("reply: %w", err)}
	}
	known.Outcomes = reply.Outcomes
	return known, nil
}

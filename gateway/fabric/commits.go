package fabric

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/hyperledger/fabric-protos-go-apiv2/orderer"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
)

// verdict is where a transaction stands on the ledger and under which code.
type verdict struct {
	code  peer.TxValidationCode
	block uint64
}

// commits tells everybody who waits for a transaction when it comes by in a block. One stream
// serves the whole process: a CommitStatus call for each transaction would take a place at the peer
// for as long as the orderer takes.
type commits struct {
	// mu guards the fields below. It is held for as long as it takes to look up the transactions of a
	// block, never during a call.
	mu      sync.Mutex
	waiting map[string]chan<- verdict
	height  uint64        // number of blocks seen; 0 before the first
	live    bool          // a block has come in on the present stream
	loss    error         // why the last stream was lost
	first   chan struct{} // closed when the first block has come in
}

func newCommits() *commits {
	return &commits{waiting: make(map[string]chan<- verdict), first: make(chan struct{})}
}

// watch asks for the verdict on a transaction. It has to be called before the transaction is
// submitted; stop must be called when nobody listens any more.
func (c *commits) watch(txID string) (seen <-chan verdict, stop func()) {
	answer := make(chan verdict, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting[txID] = answer
	return answer, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.waiting, txID)
	}
}

// take reads a block. Blocks that were seen before, or whose predecessors were not, are an error: a
// transaction could have been missed.
func (c *commits) take(block *peer.FilteredBlock) error {
	if block == nil {
		return errors.New("not a filtered block")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	number := block.GetNumber()
	if c.height == 0 {
		close(c.first)
	} else if number != c.height {
		return fmt.Errorf("block %d comes after block %d", number, c.height-1)
	}
	c.height, c.live, c.loss = number+1, true, nil
	for _, transaction := range block.GetFilteredTransactions() {
		answer, wanted := c.waiting[transaction.GetTxid()]
		if wanted {
			// Of several copies of a transaction the first decides, and there is room for one answer.
			delete(c.waiting, transaction.GetTxid())
			answer <- verdict{code: transaction.GetTxValidationCode(), block: number}
		}
	}
	return nil
}

func (c *commits) lose(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.live, c.loss = false, err
}

// state is how far the stream has come, and what is wrong with it: nil if it is up.
func (c *commits) state() (height uint64, live bool, loss error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.height, c.live, c.loss
}

// next is where the stream goes on.
func (c *commits) next() *orderer.SeekPosition {
	height, _, _ := c.state()
	if height == 0 {
		return newest
	}
	return from(height)
}

// followCommits feeds commits until the network is hung up.
func (n *network) followCommits(c *Client) {
	_ = c.follow(n.life, stream{ // it ends with n.life only
		open: func(ctx context.Context, conn grpc.ClientConnInterface) (deliverStream, error) {
			return peer.NewDeliverClient(conn).DeliverFiltered(ctx)
		},
		start: n.commits.next,
		take:  func(response *peer.DeliverResponse) error { return n.commits.take(response.GetFilteredBlock()) },
		lost: func(err error) {
			n.commits.lose(err)
			n.options.Log.Warn("commit stream lost", "cause", err)
		},
	})
}

// Height is the number of blocks that one's own peer has committed, as far as its stream has told.
// It waits until it has told anything.
func (c *Client) Height(ctx context.Context) (uint64, error) {
	select {
	case <-c.commits.first:
		height, _, _ := c.commits.state()
		return height, nil
	case <-ctx.Done():
		_, _, loss := c.commits.state()
		if loss == nil {
			loss = context.Cause(ctx)
		}
		return 0, &Error{Class: Unavailable, Stage: StageEvaluate, Err: fmt.Errorf("no block has come yet: %w", loss)}
	}
}

package fabric

import (
	"context"
	"errors"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"
)

// The pace of settle: how long it listens to the stream alone while all is well, how long a peer is
// asked for a transaction's status, and how long it listens between two rounds.
const (
	patience   = 2 * time.Second
	askFor     = 2 * time.Second
	minBetween = 250 * time.Millisecond
	maxBetween = 2 * time.Second
)

// settle finds out what became of a transaction whose submission failed with submitErr, or did not.
// It listens to the block stream, asks one of its peers after the other for the status of the same
// transaction id, and, if it may not have reached the orderer or is late, sends the same envelope
// again: the ledger takes a transaction id once, so a copy too many does no harm. It never proposes
// anew.
//
// Only the peers in own are asked. Another organisation's peer could call a sale valid that never
// was, or void one that is, and neither signs its answer nor loses anything by it: while one's own
// peers are silent the outcome is unknown, and says so.
func (c *Client) settle(ctx context.Context, transaction endorsed, seen <-chan verdict, submitErr error) (verdict, error) {
	ctx, cancel := context.WithTimeout(ctx, c.options.Resolve)
	defer cancel()
	txID, late := transaction.TransactionID(), time.Now().Add(c.options.Commit)
	lost, listenFor := submitErr != nil, minBetween
	if _, live, _ := c.commits.state(); live && !lost {
		listenFor = min(patience, c.options.Commit)
	}
	peers := c.askable(transaction.peer)
	for round := 0; ; round++ {
		found, err := listen(ctx, seen, listenFor)
		if err != nil {
			found, err = c.ask(ctx, peers[round%len(peers)], txID, seen)
		}
		if err == nil {
			if err = classifyCode(txID, found.code); err == nil || ClassOf(err) != Unknown {
				return found, err
			}
		}
		if ctx.Err() != nil {
			return verdict{}, &Error{Class: Unknown, Stage: stageOf(submitErr), TxID: txID, Err: errors.Join(submitErr, err, context.Cause(ctx))}
		}
		if lost || !time.Now().Before(late) {
			_, err := c.send(ctx, transaction)
			lost = err != nil
		}
		listenFor = min(minBetween<<min(round, 8), maxBetween)
	}
}

// askable are the peers that may be asked for a status: first, then the rest of one's own.
func (n *network) askable(first *node) []*node {
	peers := []*node{first}
	for _, peer := range n.own {
		if peer != first {
			peers = append(peers, peer)
		}
	}
	return peers
}

// stageOf is where doubt began.
func stageOf(submitErr error) Stage {
	if submitErr != nil {
		return StageSubmit
	}
	return StageCommit
}

// errSilent says that the block stream has not told of a transaction in time.
var errSilent = errors.New("the block stream has not told of it")

// listen waits for the block stream.
func listen(ctx context.Context, seen <-chan verdict, limit time.Duration) (verdict, error) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case found := <-seen:
		return found, nil
	case <-timer.C:
		return verdict{}, errSilent
	case <-ctx.Done():
		return verdict{}, context.Cause(ctx)
	}
}

// ask asks a peer for the status of a transaction, and goes on listening meanwhile. The peer
// answers when it has committed the transaction; one that it never hears of it waits for until the
// deadline.
func (c *Client) ask(ctx context.Context, node *node, txID string, seen <-chan verdict) (verdict, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type answer struct {
		found verdict
		err   error
	}
	answers := make(chan answer, 1)
	go func() {
		found, err := c.commitStatus(ctx, node, txID)
		answers <- answer{found, err}
	}()
	select {
	case found := <-seen:
		return found, nil
	case answer := <-answers:
		return answer.found, answer.err
	}
}

func (c *Client) commitStatus(ctx context.Context, node *node, txID string) (verdict, error) {
	request, err := proto.Marshal(&gateway.CommitStatusRequest{ChannelId: c.options.Channel, TransactionId: txID, Identity: c.creator})
	if err != nil {
		return verdict{}, err
	}
	unsigned, err := proto.Marshal(&gateway.SignedCommitStatusRequest{Request: request})
	if err != nil {
		return verdict{}, err
	}
	commit, err := c.gateways[node].NewCommit(unsigned)
	if err != nil {
		return verdict{}, err
	}
	found := verdict{code: peer.TxValidationCode_NOT_VALIDATED}
	_, err = node.call(ctx, askFor, func(ctx context.Context) error {
		status, err := commit.StatusWithContext(ctx)
		if err == nil {
			found = verdict{code: status.Code, block: status.BlockNumber}
		}
		return err
	})
	return found, err
}

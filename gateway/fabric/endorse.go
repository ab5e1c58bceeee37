package fabric

import (
	"context"
	"slices"
	"sync"
	"time"

	gw "github.com/hyperledger/fabric-gateway/pkg/client"
)

// endorsed is a transaction that is ready to be signed and submitted.
type endorsed struct {
	*gw.Transaction
	peer *node
}

// endorse has a request endorsed by the first of the sets of organisations that can be reached.
// Each set gets a proposal of its own: nothing has been ordered, so the one before is forgotten.
func (c *Client) endorse(ctx context.Context, r request, sets [][]string) (endorsed, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*c.options.Endorse) // whoever is asked
	defer cancel()
	start := c.standIn.first(len(sets))
	for tried := 1; ; tried++ {
		set := (start + tried - 1) % len(sets)
		transaction, err := c.endorseBy(ctx, r, sets[set])
		if err == nil {
			c.standIn.worked(set)
			return transaction, nil
		}
		if ClassOf(err) != Unavailable || tried == len(sets) || ctx.Err() != nil {
			return endorsed{}, err
		}
	}
}

func (c *Client) endorseBy(ctx context.Context, r request, orgs []string) (endorsed, error) {
	peer, start := c.peer(), time.Now()
	proposal, err := c.propose(peer, r, orgs)
	if err != nil {
		return endorsed{}, &Error{Class: Internal, Stage: StageEndorse, Err: err}
	}
	var transaction *gw.Transaction
	_, err = peer.call(ctx, c.options.Endorse, func(ctx context.Context) error {
		transaction, err = proposal.EndorseWithContext(ctx)
		return err
	})
	if err != nil {
		c.avoid(peer, err)
		err = classifyCall(StageEndorse, proposal.TransactionID(), err)
	}
	c.options.Observe(StageEndorse, time.Since(start), err)
	if err != nil {
		return endorsed{}, err
	}
	if err := compare(proposal, transaction, orgs); err != nil {
		return endorsed{}, &Error{Class: Internal, Stage: StageVerify, TxID: proposal.TransactionID(), Err: err}
	}
	return endorsed{transaction, peer}, nil
}

func compare(proposal *gw.Proposal, transaction *gw.Transaction, orgs []string) error {
	proposed, err := proposal.Bytes()
	if err != nil {
		return err
	}
	prepared, err := transaction.Bytes()
	if err != nil {
		return err
	}
	return verify(proposed, prepared, orgs)
}

// endorsers are the sets of organisations that may endorse a transaction, in order of preference.
// What private bytes a transaction carries, only those in the first set may see.
func (n *network) endorsers(own string, private bool) [][]string {
	sets := [][]string{n.options.Endorsers}
	if private {
		return sets
	}
	for _, standby := range n.options.Standby {
		if slices.Contains(n.options.Endorsers, standby) {
			continue
		}
		for i, absent := range n.options.Endorsers {
			if absent != own {
				set := slices.Clone(n.options.Endorsers)
				set[i] = standby
				sets = append(sets, set)
			}
		}
	}
	return sets
}

// standInFor is how long a set of endorsers that had to stand in is asked first.
const standInFor = 30 * time.Second

// standIn remembers which set of endorsers worked when the first did not, so that not every
// transaction waits for an absent organisation.
type standIn struct {
	mu    sync.Mutex // guards the two below
	set   int
	until time.Time
}

// first is the set to begin with, of so many.
func (s *standIn) first(sets int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.set >= sets || !time.Now().Before(s.until) {
		return 0
	}
	return s.set
}

// worked says that a set could be reached.
func (s *standIn) worked(set int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if set != s.set || !time.Now().Before(s.until) {
		s.set, s.until = set, time.Now().Add(standInFor)
	}
}

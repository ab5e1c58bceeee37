package teller

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/batcher"
	"github.com/zegel/zegel/gateway/fabric"
)

// Client is a fabric.Client, as far as a lane needs it: the own chain's identity of one role.
type Client interface {
	MSP() string
	Flush(ctx context.Context, orders []fabric.Order) ([]fabric.Receipt, error)
	Evaluate(ctx context.Context, name string, args []string, transient map[string][]byte) ([]byte, error)
	Submit(ctx context.Context, name string, args []string, transient map[string][]byte, orgs []string) (fabric.Committed, error)
}

// Batching is the configuration of a role's batcher of commands.
type Batching = batcher.Config[fabric.Order, fabric.Receipt]

// Lanes is a Ledger made of one client and two batchers per role: a transaction has one signer, so
// two roles cannot share one; and profiles are a transaction of their own, which the own chain alone
// endorses. The lanes share a register of keys, so that no two of them touch the same member or the
// same telephone number at the same time.
type Lanes struct{ byRole map[string]lane }

type lane struct {
	client   Client
	commands *batcher.Batcher[fabric.Order, fabric.Receipt]
	profiles *batcher.Batcher[api.Profile, struct{}]
}

var _ Ledger = (*Lanes)(nil)

// NewLanes makes the lanes of each client. configure, which may be nil, sets the limits and metrics
// of a role's batchers; what makes them batchers of commands and of profiles is set here.
func NewLanes(clients map[loyalty.Role]Client, configure func(loyalty.Role, *Batching, *Filing)) (*Lanes, error) {
	l := &Lanes{byRole: make(map[string]lane)}
	locks := batcher.NewLocks()
	for role, client := range clients {
		var commands Batching
		var profiles Filing
		if configure != nil {
			configure(role, &commands, &profiles)
		}
		commands.Locks, profiles.Locks = locks, locks
		own, err := newLane(client, commands, profiles)
		if err != nil {
			return nil, fmt.Errorf("teller: lane of role %s: %w", role, err)
		}
		l.byRole[string(role)] = own
	}
	return l, nil
}

func newLane(client Client, commands Batching, profiles Filing) (lane, error) {
	own := lane{client: client}
	commands.Flush, commands.Classify = client.Flush, fabric.Classify
	profiles.Flush, profiles.Classify = own.putProfiles, fabric.Classify
	if profiles.MaxBatch == 0 || profiles.MaxBatch > api.MaxProfiles {
		profiles.MaxBatch = api.MaxProfiles
	}
	var err error
	if own.commands, err = batcher.New(commands); err != nil {
		return lane{}, err
	}
	own.profiles, err = batcher.New(profiles)
	return own, err
}

// Close lets nothing in and waits until what is under way is decided or ctx ends. The clients stay
// open.
func (l *Lanes) Close(ctx context.Context) error {
	var errs []error
	for _, lane := range l.byRole {
		errs = append(errs, lane.profiles.Close(ctx), lane.commands.Close(ctx))
	}
	return errors.Join(errs...)
}

func (l *Lanes) lane(role string) (lane, error) {
	own, ok := l.byRole[role]
	if !ok {
		return lane{}, loyalty.Refuse(loyalty.CodeNotAuthorised, "This gateway has no identity for the role of this key.")
	}
	return own, nil
}

// Do implements Ledger.
func (l *Lanes) Do(ctx context.Context, role string, keys []string, c loyalty.Command, d loyalty.Details) (Applied, error) {
	own, err := l.lane(role)
	if err != nil {
		return Applied{}, err
	}
	order := fabric.Order{Command: c, Details: d}
	receipt, err := own.commands.Do(ctx, batcher.Item[fabric.Order]{Keys: keys, Size: order.Size(), Op: order})
	if err != nil {
		return Applied{}, sorted(err)
	}
	return Applied{Outcome: receipt.Outcome, TxID: receipt.TxID, Block: receipt.Block}, nil
}

// own names the only organisation that endorses a transaction about personal data: no other peer
// may see it, and the collection's own policy asks for no other.
func (l lane) own() []string { return []string{l.client.MSP()} }

// Evaluate implements Ledger.
func (l *Lanes) Evaluate(ctx context.Context, role, name string, args []string, transient map[string][]byte) ([]byte, error) {
	own, err := l.lane(role)
	if err != nil {
		return nil, err
	}
	answer, err := own.client.Evaluate(ctx, name, args, transient)
	if err != nil {
		return nil, sorted(err)
	}
	return answer, nil
}

// The attempts at a transaction about personal data that meets another one about the same person.
const (
	submitAttempts = 4
	submitPause    = 25 * time.Millisecond
)

// Submit implements Ledger.
func (l *Lanes) Submit(ctx context.Context, role, name string, args []string, transient map[string][]byte) (string, uint64, error) {
	own, err := l.lane(role)
	if err != nil {
		return "", 0, err
	}
	for attempt := 1; ; attempt++ {
		done, err := own.client.Submit(ctx, name, args, transient, own.own())
		if err == nil {
			return done.TxID, done.Block, nil
		}
		again := fabric.ClassOf(err) == fabric.Conflict && attempt < submitAttempts
		if !again || !pause(ctx, submitPause<<(attempt-1)) {
			return "", 0, sorted(err)
		}
	}
}

// sorted gives an error of batcher or fabric the form that Ledger promises.
func sorted(err error) error {
	if refusal(err) != nil {
		return err
	}
	switch {
	case errors.Is(err, batcher.ErrFull):
		return Busy(err)
	case errors.Is(err, batcher.ErrClosed):
		return Unavailable(err)
	case errors.Is(err, batcher.ErrPending), errors.Is(err, batcher.ErrUnknown):
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	var failure *fabric.Error
	if !errors.As(err, &failure) {
		return err
	}
	switch failure.Class {
	case fabric.Unknown:
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	case fabric.Conflict:
		return Busy(err)
	case fabric.Unavailable:
		return Unavailable(err)
	default:
		return err
	}
}

package teller

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/projection"
	"github.com/zegel/zegel/gateway/vault"
)

// Applied is what became of a command, and where it stands on the ledger.
type Applied struct {
	Outcome loyalty.Outcome
	TxID    string
	Block   uint64
}

// Ledger is the road to the ledger, in the name of a role of the own chain. Its errors are either
// a *loyalty.Error somewhere in the chain (nothing was changed), or ErrUnknown (nobody can tell),
// or ErrAccepted (it will be decided, some time), or errors with a method Class() string (nothing was changed: see Busy and Unavailable), or
// internal.
type Ledger interface {
	// Do carries out one command; commands that share a key take effect in order of arrival. If ctx
	// ends first the answer is ErrUnknown.
	Do(ctx context.Context, role string, keys []string, c loyalty.Command, d loyalty.Details) (Applied, error)
	// Evaluate asks the own peer. Nothing is written.
	Evaluate(ctx context.Context, role, name string, args []string, transient map[string][]byte) ([]byte, error)
	// PutProfile stores a profile in the own chain's collection, together with others: it changes
	// all of it or nothing. Of two profiles with one lookup, exactly one is stored. If ctx ends first
	// the answer is ErrUnknown.
	PutProfile(ctx context.Context, role string, p api.Profile) error
	// Submit carries out a transaction that the own chain alone endorses.
	Submit(ctx context.Context, role, name string, args []string, transient map[string][]byte) (txID string, block uint64, err error)
}

// Statement is the projection, as far as a teller reads it.
type Statement interface {
	Page(ctx context.Context, member loyalty.MemberID, cursor string, limit int) (projection.Page, error)
	Operation(ctx context.Context, chain loyalty.MSPID, op loyalty.OpID) (txID string, block uint64, found bool, err error)
}

// Config is what a teller works with. Ledger, Statement, Vault, MSP and Chain are required; what
// else is left empty gets the value named beside it.
type Config struct {
	MSP   loyalty.MSPID
	Chain string // the name on a receipt
	Ledger
	Statement Statement
	Vault     *vault.Vault
	// Pursuing says which operations the ledger has accepted and not decided, and of what kind they are;
	// nil if it never answers ErrAccepted.
	Pursuing func(loyalty.OpID) (kind loyalty.Kind, pursued bool)

	Zone *time.Location // UTC; in which the chain's shops close their books: see Sale
	Role string         // pos; asks for what is public
	// Housekeeper is the role that purges what a cancelled enrolment left behind: agent. The ledger lets
	// agents and managers purge, and tills not.
	Housekeeper string
	Patience    time.Duration // 60 s; how long an operation is pursued when nobody waits any more
	Flights     int           // 20,000; operations pursued at a time
	Attempts    int           // 6; how often a command that was not decided is made in all
	Pause       time.Duration // 25 ms, doubling; before such a command is made again
	Log         *slog.Logger  // slog.Default(); hears what no caller can be told
}

// Teller carries out requests of one chain. It is safe for use by many goroutines.
type Teller struct {
	config    Config
	secret    vault.Secret
	flights   *flights
	programme programmeCache
}

// New makes a teller.
func New(config Config) (*Teller, error) {
	if config.Ledger == nil || config.Statement == nil || config.Vault == nil || config.MSP == "" || config.Chain == "" {
		return nil, errors.New("teller: ledger, statement, vault, MSP and chain are required")
	}
	config.setDefaults()
	return &Teller{config: config, secret: config.Vault.Secret(), flights: newFlights(config.Flights, config.Patience)}, nil
}

func (c *Config) setDefaults() {
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	if c.Role == "" {
		c.Role = string(loyalty.RolePOS)
	}
	if c.Housekeeper == "" {
		c.Housekeeper = string(loyalty.RoleAgent)
	}
	if c.Pursuing == nil {
		c.Pursuing = func(loyalty.OpID) (loyalty.Kind, bool) { return "", false }
	}
	if c.Patience <= 0 {
		c.Patience = time.Minute
	}
	if c.Flights <= 0 {
		c.Flights = 20_000
	}
	if c.Attempts <= 0 {
		c.Attempts = 6
	}
	if c.Pause <= 0 {
		c.Pause = 25 * time.Millisecond
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
}

// InFlight is how many operations are being pursued.
func (t *Teller) InFlight() int { return t.flights.count() }

// Close lets no new operation begin and waits until those under way have ended or ctx has.
func (t *Teller) Close(ctx context.Context) error { return t.flights.close(ctx) }

// OperationID is the id of the operation that desk started, or would start, under an idempotency
// key. It reads and writes nothing.
//
// The scope of a key is the till, where the desk is bound to one: a till that gets a new API key
// goes on recognising its own repeats. A desk that speaks for many tills has a scope of its own.
func (t *Teller) OperationID(desk Desk, key string) string { return string(t.operation(desk, key)) }

func (t *Teller) operation(desk Desk, key string) loyalty.OpID {
	scope := []string{"key", desk.Key}
	if desk.Store != "" && desk.Terminal != "" {
		scope = []string{"till", desk.Store, desk.Terminal}
	}
	return t.secret.Operation(scope, key)
}

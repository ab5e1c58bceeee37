// Package contract is the chaincode's surface: it says who is calling and what time it is, loads
// the ledger, calls the rules in package loyalty, and flushes. It decides nothing else.
package contract

import (
	"slices"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
	"github.com/hyperledger/fabric-contract-api-go/v2/metadata"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/chaincode/worldstate"
)

// Contract is the one contract of the chaincode. Every exported method is a transaction that
// anybody on the channel may send; a golden file pins them.
//
// Arguments and answers are text: contract-api would read JSON leniently, and its schemas do not
// know types that write themselves, as months do.
type Contract struct {
	contractapi.Contract
	clock Clock
}

// Context is what one transaction knows: set up by begin, before its method runs.
type Context struct {
	contractapi.TransactionContext
	caller      loyalty.Caller
	certificate string          // fingerprint of the caller's certificate
	now         loyalty.Instant // the transaction's timestamp
	ledger      *worldstate.Tx
	programme   *loyalty.Programme // nil before there is one
}

func newContract(clock Clock) *Contract {
	c := &Contract{clock: clock}
	c.Name = api.Chaincode
	c.Info = metadata.InfoMetadata{
		Title:       "Zegel",
		Description: "The points programme of a consortium of retail chains.",
		Version:     "1",
	}
	c.TransactionContextHandler = new(Context)
	c.BeforeTransaction = c.begin
	c.AfterTransaction = c.finish
	c.UnknownTransaction = c.unknown
	return c
}

// submitted are the transactions that change the ledger.
var submitted = []string{
	api.Apply, api.PutProfile, api.PurgeProfile, api.ProposeProgramme, api.ApproveProgramme, api.PublishTerms,
}

// GetEvaluateTransactions names the transactions that only read, for the metadata. contract-api
// asks for it; it is no transaction.
func (c *Contract) GetEvaluateTransactions() []string {
	var names []string
	for name := range api.Arity {
		if !slices.Contains(submitted, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// begin refuses a transaction whose signer cannot be named, whose clock is off, or whose signer
// may not send it, in this order; and loads what every transaction needs.
func (c *Contract) begin(ctx *Context) error { return api.EncodeError(c.admit(ctx)) }

func (c *Contract) admit(ctx *Context) (err error) {
	if ctx.caller, ctx.certificate, err = callerOf(ctx.GetClientIdentity()); err != nil {
		return err
	}
	stub := ctx.GetStub()
	if ctx.now, err = c.clock.now(stub); err != nil {
		return err
	}
	ctx.ledger = worldstate.NewTx(stub)
	if ctx.programme, err = ctx.ledger.Programme(); err != nil {
		return err
	}
	name, _ := stub.GetFunctionAndParameters()
	if refusal := loyalty.Authorise(ctx.programme, ctx.caller, name); refusal != nil {
		return refusal
	}
	return nil // and not refusal, which would be an error that is not nil
}

// finish writes what the transaction has put. contract-api calls it only after success, so a
// refused transaction has written nothing.
func (c *Contract) finish(ctx *Context) error { return ctx.ledger.Flush() }

// unknown answers a name that the guard knows and the contract does not: a slip of ours.
func (c *Contract) unknown(*Context) error {
	return api.EncodeError(loyalty.Refuse(loyalty.CodeMalformedCommand, "There is no such transaction."))
}

package fabric

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Class says what an error means for the ledger.
type Class int

// The classes of error. Unknown is the zero value: an error that is not understood must not be
// taken for one that changed nothing.
const (
	Unknown     Class = iota // nobody can tell whether the transaction will be committed
	Refused                  // the chaincode says no: Error.Refusal says why. Nothing was changed
	Conflict                 // something else touched the same keys. Nothing was changed; propose again
	Unavailable              // nobody was there. Nothing was ordered; try again later
	Internal                 // gateway, chaincode or network are not as they should be. Nothing was changed
)

// String is the class as it appears in logs and metrics.
func (c Class) String() string {
	return [...]string{"unknown", "refused", "conflict", "unavailable", "internal"}[c]
}

// Stage is the call that failed.
type Stage string

// The stages of a transaction, and the one of a query.
const (
	StageEvaluate Stage = "evaluate"
	StageEndorse  Stage = "endorse"
	StageVerify   Stage = "verify"
	StageKeep     Stage = "keep"
	StageSubmit   Stage = "submit"
	StageCommit   Stage = "commit"
)

// Error is what every call of this package fails with.
type Error struct {
	Class   Class
	Stage   Stage
	TxID    string         // empty for a query
	Refusal *loyalty.Error // if Class is Refused
	Err     error
}

// Error tells what happened to which transaction.
func (e *Error) Error() string {
	cause := e.Err
	if e.Refusal != nil {
		cause = e.Refusal
	}
	if e.TxID == "" {
		return fmt.Sprintf("%s: %s: %v", e.Stage, e.Class, cause)
	}
	return fmt.Sprintf("%s of %s: %s: %v", e.Stage, e.TxID, e.Class, cause)
}

// Unwrap gives the refusal, if there is one, and the cause.
func (e *Error) Unwrap() []error {
	if e.Refusal == nil {
		return []error{e.Err}
	}
	return []error{e.Refusal, e.Err}
}

// rule is one line of the table that reads Fabric's errors. It applies if the status has one of the
// codes (none means any) and a text of the error contains one of the texts (none means any).
type rule struct {
	codes []codes.Code
	texts []string
	class Class
}

// chaincodeSays stands before what the chaincode answered when it failed.
const chaincodeSays = "chaincode response "

// beforeOrdering sorts what can go wrong in Evaluate and Endorse. The first rule that applies
// decides. None of it has changed the ledger, except where the endorser has seen the same
// transaction before.
var beforeOrdering = []rule{
	{nil, []string{"duplicate transaction found"}, Unknown},
	// The chaincode answered, and not with a refusal: it and the gateway do not agree on the wire.
	{nil, []string{chaincodeSays}, Internal},
	// Endorsers at different heights: an account was written between the two executions.
	{nil, []string{"ProposalResponsePayloads do not match"}, Conflict},
	// The chaincode was upgraded between what this transaction reads and what the endorser runs.
	{nil, []string{"changed during invoke"}, Conflict},
	{nil, []string{"too many requests"}, Unavailable},
	{nil, []string{"no combination of peers can be derived", "failed to find any endorsing peers",
		"no peers available to evaluate", "unavailability of peers"}, Unavailable},
	// A chaincode service that is starting, has crashed, or hangs.
	{nil, []string{"chaincode stream terminated", "timeout expired while executing transaction",
		"connection to", "connection refused", "could not launch chaincode"}, Unavailable},
	{[]codes.Code{codes.Unavailable, codes.DeadlineExceeded, codes.Canceled, codes.ResourceExhausted}, nil, Unavailable},
	{nil, []string{"access denied", "error validating proposal", "creator org", "not authorized"}, Internal},
	// An endorser that failed for another reason, say a peer that is stopping.
	{[]codes.Code{codes.Aborted}, nil, Unavailable},
}

// classifyCall sorts an error of Evaluate or Endorse.
func classifyCall(stage Stage, txID string, err error) *Error {
	failure := &Error{Class: Internal, Stage: stage, TxID: txID, Err: err}
	texts := textsOf(err)
	for _, text := range texts {
		if refusal := api.DecodeError(text); refusal != nil {
			failure.Class, failure.Refusal = Refused, refusal
			return failure
		}
	}
	code := status.Code(err)
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		code = codes.DeadlineExceeded
	}
	for _, rule := range beforeOrdering {
		if rule.applies(code, texts) {
			failure.Class = rule.class
			break
		}
	}
	return failure
}

func (r rule) applies(code codes.Code, texts []string) bool {
	return (len(r.codes) == 0 || slices.Contains(r.codes, code)) && (len(r.texts) == 0 || containAny(texts, r.texts))
}

func containAny(texts, wanted []string) bool {
	for _, text := range texts {
		for _, want := range wanted {
			if strings.Contains(text, want) {
				return true
			}
		}
	}
	return false
}

// textsOf is what the endorsers said, then what the peer that asked them said.
func textsOf(err error) []string {
	var texts []string
	state := status.Convert(err)
	for _, detail := range state.Details() {
		if detail, ok := detail.(*gateway.ErrorDetail); ok {
			texts = append(texts, detail.GetMessage())
		}
	}
	return append(texts, state.Message())
}

// classifyCode sorts the code under which a transaction stands in its block; nil for a valid one. A
// transaction that is not valid has changed nothing.
func classifyCode(txID string, code peer.TxValidationCode) error {
	class := Internal
	switch code {
	case peer.TxValidationCode_VALID:
		return nil
	case peer.TxValidationCode_MVCC_READ_CONFLICT, peer.TxValidationCode_PHANTOM_READ_CONFLICT:
		class = Conflict
	case peer.TxValidationCode_EXPIRED_CHAINCODE, peer.TxValidationCode_CHAINCODE_VERSION_CONFLICT:
		class = Conflict // the chaincode was upgraded meanwhile
	case peer.TxValidationCode_DUPLICATE_TXID, peer.TxValidationCode_NOT_VALIDATED:
		class = Unknown // another copy decides, or nobody has decided yet
	}
	return &Error{Class: class, Stage: StageCommit, TxID: txID, Err: fmt.Errorf("not valid: %s (%d)", code, code)}
}

// ClassOf is the class of an error of this package; Unknown for any other.
func ClassOf(err error) Class {
	var failure *Error
	if errors.As(err, &failure) {
		return failure.Class
	}
	return Unknown
}

package server

import (
	"context"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/teller"
)

// Teller carries out what a request asks for. The server has checked the form of the request (see
// decode), who is asking (see keyring) and that the desk may speak for the store and terminal
// named; everything about points is the teller's.
//
// Every method obeys ctx and answers in one of four ways:
//
//   - A value and no error. A write's Answer may say applied, refused, cancelled or pending;
//     the server turns refused into a problem and pending into 202 with a Location.
//   - A *loyalty.Error, anywhere in the chain of wrapped errors: nothing was decided, and
//     loyalty.ClassOf its code gives the status.
//   - An error with a method Class() string in its chain: "busy" (too much work at once) or
//     "unavailable" (no peer or no orderer). Nothing reached the ledger; the same key may be
//     sent again. Context errors count as "unavailable".
//   - Any other error is internal. Its text goes to the log and never to the caller, so it may
//     name hosts and files, but no personal data.
//
// A write whose fate is not known is not an error: it is an Answer with status pending.
type Teller interface {
	// OperationID is the id of the operation that desk started, or would start, under key. It is
	// a pure function: no I/O, the same after a restart. A till that never heard an answer knows
	// only its key; this is how it finds out or cancels.
	OperationID(desk teller.Desk, key string) string

	Enrol(ctx context.Context, desk teller.Desk, key string, r teller.Enrolment) (teller.Answer, error)
	Earn(ctx context.Context, desk teller.Desk, key string, r teller.EarnRequest) (teller.Answer, error)
	Hold(ctx context.Context, desk teller.Desk, key string, r teller.HoldRequest) (teller.Answer, error)
	Capture(ctx context.Context, desk teller.Desk, key, hold string, r teller.CaptureRequest) (teller.Answer, error)
	Void(ctx context.Context, desk teller.Desk, key, hold string) (teller.Answer, error)
	Redeem(ctx context.Context, desk teller.Desk, key string, r teller.RedeemRequest) (teller.Answer, error)
	Return(ctx context.Context, desk teller.Desk, key string, r teller.ReturnRequest) (teller.Answer, error)
	Transfer(ctx context.Context, desk teller.Desk, key string, r teller.TransferRequest) (teller.Answer, error)
	// Cancel makes sure that operation never happens, or says what became of it. It takes no key:
	// the operation is its own key, and cancelling twice is cancelling once.
	Cancel(ctx context.Context, desk teller.Desk, operation string) (teller.Answer, error)

	// Find answers CodeMemberUnknown when nobody has that phone number or e-mail address.
	Find(ctx context.Context, desk teller.Desk, r teller.Lookup) (teller.Member, error)
	Quote(ctx context.Context, desk teller.Desk, r teller.QuoteRequest) (teller.Quote, error)
	Account(ctx context.Context, desk teller.Desk, member string) (teller.Account, error)
	// Entries is a page of at most limit entries (1 to 200), newest first, from cursor on; an empty
	// cursor is the newest. A cursor that the teller did not make is CodeMalformedCommand.
	Entries(ctx context.Context, desk teller.Desk, member, cursor string, limit int) (teller.Entries, error)
	Operation(ctx context.Context, desk teller.Desk, operation string) (teller.Answer, error)

	// Profile is the personal data of one of the chain's own members.
	Profile(ctx context.Context, desk teller.Desk, member string) (teller.Profile, error)
	// Erase destroys it for good; erasing again answers CodeProfileUnknown.
	Erase(ctx context.Context, desk teller.Desk, member string) (teller.Erasure, error)

	// Terms is every version of an issuer's terms; an empty issuer is the teller's own chain.
	Terms(ctx context.Context, issuer string) (loyalty.TermsBook, error)
	Programme(ctx context.Context) (loyalty.Programme, error)
}

package loyalty

import "fmt"

// Code is the stable name of a refusal. This file is the only list of them; docs/errors.md
// explains each and a test compares the two.
type Code string

// Class says who has to do something about a refusal; the gateway derives the HTTP status from it.
type Class string

// The classes of refusal.
const (
	ClassInvalid   Class = "invalid"   // the request can never succeed as it is
	ClassForbidden Class = "forbidden" // the caller may not
	ClassNotFound  Class = "not_found" // what it names does not exist
	ClassConflict  Class = "conflict"  // it contradicts what is on the ledger
	ClassRefused   Class = "refused"   // a rule says no
	ClassRetry     Class = "retry"     // try the same again: nothing was decided
)

// The codes, by class.
const (
	CodeMalformedCommand   Code = "malformed_command"
	CodePointsNotPositive  Code = "points_must_be_positive"
	CodePointsTooLarge     Code = "points_too_large"
	CodeAmountNotPositive  Code = "amount_must_be_positive"
	CodeAmountTooLarge     Code = "amount_too_large"
	CodeBasketMissing      Code = "basket_missing"
	CodeBasketMalformed    Code = "basket_malformed"
	CodeLinesTotal         Code = "lines_must_sum_to_total"
	CodeHoldTooLong        Code = "hold_too_long"
	CodeMalformedTerms     Code = "malformed_terms"
	CodeMalformedProgramme Code = "malformed_programme"
	CodeMalformedProfile   Code = "malformed_profile"

	CodeNotAuthorised   Code = "not_authorised"
	CodeNotSellingChain Code = "not_the_selling_chain"
	CodeNotHoldingChain Code = "not_the_holding_chain"
	CodeNotEnroller     Code = "not_the_enrolling_chain"

	CodeMemberUnknown    Code = "member_unknown"
	CodeReceiptUnknown   Code = "receipt_unknown"
	CodeHoldUnknown      Code = "hold_unknown"
	CodeTermsUnknown     Code = "terms_unknown"
	CodeOperationUnknown Code = "operation_unknown"
	CodeProfileUnknown   Code = "profile_unknown"
	CodeProposalUnknown  Code = "proposal_unknown"
	CodeProgrammeUnknown Code = "programme_unknown"

	CodeOperationReused    Code = "operation_reused"
	CodeOperationCancelled Code = "operation_cancelled"
	CodeMemberEnrolled     Code = "member_already_enrolled"
	CodeReceiptUsed        Code = "receipt_already_used"
	CodeHoldCaptured       Code = "hold_already_captured"
	CodeHoldVoided         Code = "hold_already_voided"
	CodeHoldExpired        Code = "hold_expired"
	CodeIdentifierTaken    Code = "identifier_taken"
	CodeAlreadyApproved    Code = "already_approved"
	CodeVersionNotNext     Code = "version_must_be_next"
	CodeSaleReturned       Code = "sale_already_returned"

	CodeInsufficientPoints Code = "insufficient_points"
	CodeExceedsHold        Code = "exceeds_hold"
	CodeReturnExceedsSale  Code = "return_exceeds_sale"
	CodeLineUnknown        Code = "line_unknown"
	CodeNothingToReturn    Code = "nothing_to_return"
	CodeCurrencyMismatch   Code = "currency_mismatch"
	CodeTimeInFuture       Code = "business_time_in_future"
	CodeTimeTooOld         Code = "business_time_too_old"
	CodeTransferToSelf     Code = "transfer_to_self"
	CodeTransfersOff       Code = "transfers_not_allowed"
	CodeTransferTooLarge   Code = "transfer_too_large"
	CodePaidMoreThanTotal  Code = "paid_more_than_total"
	CodeEarnTooLarge       Code = "earn_too_large"
	CodeRedemptionTooLarge Code = "redemption_too_large"
	CodeBalanceLimit       Code = "balance_limit"
	CodeTooManyHolds       Code = "too_many_holds"
	CodeTooManyLots        Code = "too_many_lots"
	CodeWrongMember        Code = "receipt_of_another_member"
	CodeTermsRetroactive   Code = "terms_must_not_be_retroactive"

	CodeOpeningStale Code = "opening_stale"
	CodeClockOff     Code = "clock_off"
	CodeClockBehind  Code = "clock_behind"
)

// Error is a refusal: a code for programs, a sentence for people. The sentence never holds
// personal data, an amount of money, or the name of a store or till.
type Error struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
}

// Error is the code and the sentence.
func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

// Refuse makes a refusal.
func Refuse(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

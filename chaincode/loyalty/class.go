package loyalty

// classes gives every code its class. A code without a class would reach a till as an internal
// error, so a test compares this map with the constants.
var classes = map[Code]Class{
	CodeMalformedCommand:   ClassInvalid,
	CodePointsNotPositive:  ClassInvalid,
	CodePointsTooLarge:     ClassInvalid,
	CodeAmountNotPositive:  ClassInvalid,
	CodeAmountTooLarge:     ClassInvalid,
	CodeBasketMissing:      ClassInvalid,
	CodeBasketMalformed:    ClassInvalid,
	CodeLinesTotal:         ClassInvalid,
	CodeHoldTooLong:        ClassInvalid,
	CodeMalformedTerms:     ClassInvalid,
	CodeMalformedProgramme: ClassInvalid,
	CodeMalformedProfile:   ClassInvalid,

	CodeNotAuthorised:   ClassForbidden,
	CodeNotSellingChain: ClassForbidden,
	CodeNotHoldingChain: ClassForbidden,
	CodeNotEnroller:     ClassForbidden,

	CodeMemberUnknown:    ClassNotFound,
	CodeReceiptUnknown:   ClassNotFound,
	CodeHoldUnknown:      ClassNotFound,
	CodeTermsUnknown:     ClassNotFound,
	CodeOperationUnknown: ClassNotFound,
	CodeProfileUnknown:   ClassNotFound,
	CodeProposalUnknown:  ClassNotFound,
	CodeProgrammeUnknown: ClassNotFound,

	CodeOperationReused:    ClassConflict,
	CodeOperationCancelled: ClassConflict,
	CodeMemberEnrolled:     ClassConflict,
	CodeReceiptUsed:        ClassConflict,
	CodeHoldCaptured:       ClassConflict,
	CodeHoldVoided:         ClassConflict,
	CodeHoldExpired:        ClassConflict,
	CodeIdentifierTaken:    ClassConflict,
	CodeAlreadyApproved:    ClassConflict,
	CodeVersionNotNext:     ClassConflict,
	CodeSaleReturned:       ClassConflict,

	CodeInsufficientPoints: ClassRefused,
	CodeExceedsHold:        ClassRefused,
	CodeReturnExceedsSale:  ClassRefused,
	CodeLineUnknown:        ClassRefused,
	CodeNothingToReturn:    ClassRefused,
	CodeCurrencyMismatch:   ClassRefused,
	CodeTimeInFuture:       ClassRefused,
	CodeTimeTooOld:         ClassRefused,
	CodeTransferToSelf:     ClassRefused,
	CodeTransfersOff:       ClassRefused,
	CodeTransferTooLarge:   ClassRefused,
	CodePaidMoreThanTotal:  ClassRefused,
	CodeEarnTooLarge:       ClassRefused,
	CodeRedemptionTooLarge: ClassRefused,
	CodeBalanceLimit:       ClassRefused,
	CodeTooManyHolds:       ClassRefused,
	CodeTooManyLots:        ClassRefused,
	CodeWrongMember:        ClassRefused,
	CodeTermsRetroactive:   ClassRefused,

	CodeOpeningStale: ClassRetry,
	CodeClockOff:     ClassRetry,
	CodeClockBehind:  ClassRetry,
}

// ClassOf is the class of c; it is empty for a code that this version does not know.
func ClassOf(c Code) Class { return classes[c] }

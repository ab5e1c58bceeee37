package server

import (
	"net/http"
	"strings"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// The server's own codes. A refusal of the rules has a code of loyalty; these are for what goes
// wrong before and around the rules.
const (
	codeInvalidRequest   loyalty.Code = "invalid_request"
	codeKeyMissing       loyalty.Code = "idempotency_key_missing"
	codeKeyMalformed     loyalty.Code = "idempotency_key_malformed"
	codeUnauthenticated  loyalty.Code = "unauthenticated"
	codeNotPermitted     loyalty.Code = "not_permitted"
	codeNoSuchRoute      loyalty.Code = "no_such_route"
	codeMethodNotAllowed loyalty.Code = "method_not_allowed"
	codeKeyInUse         loyalty.Code = "idempotency_key_in_use"
	codeBodyTooLarge     loyalty.Code = "body_too_large"
	codeUnsupportedMedia loyalty.Code = "unsupported_media_type"
	codeRateLimited      loyalty.Code = "rate_limited"
	codeInternal         loyalty.Code = "internal"
	codeBusy             loyalty.Code = "busy"
	codeUnavailable      loyalty.Code = "ledger_unavailable"
)

// verdict is what HTTP makes of a code. Retryable means: the very same request, under the same
// key, is worth sending again after a pause.
type verdict struct {
	status    int
	retryable bool
}

// ownVerdicts is for the server's own codes.
var ownVerdicts = map[loyalty.Code]verdict{
	codeInvalidRequest:   {http.StatusBadRequest, false},
	codeKeyMissing:       {http.StatusBadRequest, false},
	codeKeyMalformed:     {http.StatusBadRequest, false},
	codeUnauthenticated:  {http.StatusUnauthorized, false},
	codeNotPermitted:     {http.StatusForbidden, false},
	codeNoSuchRoute:      {http.StatusNotFound, false},
	codeMethodNotAllowed: {http.StatusMethodNotAllowed, false},
	codeKeyInUse:         {http.StatusConflict, true},
	codeBodyTooLarge:     {http.StatusRequestEntityTooLarge, false},
	codeUnsupportedMedia: {http.StatusUnsupportedMediaType, false},
	codeRateLimited:      {http.StatusTooManyRequests, true},
	codeInternal:         {http.StatusInternalServerError, false},
	codeBusy:             {http.StatusServiceUnavailable, true},
	codeUnavailable:      {http.StatusServiceUnavailable, true},
}

// classVerdicts is for refusals of the rules: a new rule needs no change here.
var classVerdicts = map[loyalty.Class]verdict{
	loyalty.ClassInvalid:   {http.StatusBadRequest, false},
	loyalty.ClassForbidden: {http.StatusForbidden, false},
	loyalty.ClassNotFound:  {http.StatusNotFound, false},
	loyalty.ClassConflict:  {http.StatusConflict, false},
	loyalty.ClassRefused:   {http.StatusUnprocessableEntity, false},
	loyalty.ClassRetry:     {http.StatusServiceUnavailable, true},
}

// verdictOf is the one place where a code becomes a status. ok is false for a code that neither
// the server nor the rules declare.
func verdictOf(code loyalty.Code) (v verdict, ok bool) {
	if v, ok = ownVerdicts[code]; ok {
		return v, true
	}
	v, ok = classVerdicts[loyalty.ClassOf(code)]
	return v, ok
}

// titleOf is the code in words: "insufficient_points" is "Insufficient points". A title never
// varies with the occurrence, so it can be the code itself.
func titleOf(code loyalty.Code) string {
	words := strings.ReplaceAll(string(code), "_", " ")
	if words == "" {
		return ""
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

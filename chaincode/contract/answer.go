package contract

import (
	"encoding/json"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
)

// answer is v as JSON, or err in the form that survives the way to the client.
func answer(v any, err error) (string, error) {
	if err != nil {
		return "", api.EncodeError(err)
	}
	text, err := json.Marshal(v)
	return string(text), err
}

// found is v, or a refusal where there is no v.
func found[T any](v *T, err error, absent loyalty.Code, message string) (*T, error) {
	if err == nil && v == nil {
		return nil, loyalty.Refuse(absent, "%s", message)
	}
	return v, err
}

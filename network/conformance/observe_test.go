package conformance_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"google.golang.org/grpc/status"
)

// show makes an answer readable: as it is where that is plain, otherwise quoted.
func show(answer []byte) string {
	text := string(answer)
	plain := func(r rune) bool { return unicode.IsPrint(r) && r != unicode.ReplacementChar }
	if text == "" || strings.TrimSpace(text) != text || strings.ContainsFunc(text, func(r rune) bool { return !plain(r) }) {
		return strconv.Quote(text)
	}
	return text
}

// showError is the call that failed, the status, and a line for each detail, in the order of their text: which
// endorser answers first is chance.
func showError(call string, err error) string {
	var endorse *client.EndorseError
	var submit *client.SubmitError
	var commit *client.CommitStatusError
	switch {
	case errors.As(err, &endorse):
		call = "endorse"
	case errors.As(err, &submit):
		call = "submit"
	case errors.As(err, &commit):
		call = "commit status"
	}
	s := status.Convert(err)
	var wrapped interface{ GRPCStatus() *status.Status }
	if errors.As(err, &wrapped) {
		s = wrapped.GRPCStatus()
	}
	var lines []string
	for _, detail := range s.Details() {
		if d, ok := detail.(*gateway.ErrorDetail); ok {
			lines = append(lines, fmt.Sprintf("%s %s: %s", d.GetMspId(), d.GetAddress(), d.GetMessage()))
		}
	}
	slices.Sort(lines)
	return strings.Join(append([]string{fmt.Sprintf("%s %s: %s", call, s.Code(), s.Message())}, lines...), "\n")
}

var volatile = []struct {
	pattern *regexp.Regexp
	name    string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)`), "<time>"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? \+0000 UTC`), "<time>"},
	{regexp.MustCompile(`Creator \[[0-9a-f]+\]`), "Creator [<hex>]"},
	{regexp.MustCompile(`payload is \d+ bytes`), "payload is <size> bytes"},
	{regexp.MustCompile(`chaincode panicked \(.*\): `), ""}, // the devnet says what a real peer cannot know
}

// unprintable is what a script should not contain as it is.
var unprintable = regexp.MustCompile(`[^\n[:print:]\p{L}]`)

// normalise replaces what is never the same twice: the case's prefix, transaction identifiers, addresses, times.
func (r *runner) normalise(text string) string {
	text = strings.ReplaceAll(text, r.prefix, "~")
	for _, txid := range r.txids {
		text = strings.ReplaceAll(text, txid, "<tx>")
	}
	text = r.addresses.Replace(text)
	for _, v := range volatile {
		text = v.pattern.ReplaceAllString(text, v.name)
	}
	return unprintable.ReplaceAllStringFunc(text, func(odd string) string { return strings.Trim(strconv.Quote(odd), `"`) })
}

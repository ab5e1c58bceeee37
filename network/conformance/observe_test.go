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
	s := statusOf(err)
	var lines []string
	for _, detail := range s.Details() {
		if d, ok := detail.(*gateway.ErrorDetail); ok {
			text := d.GetMessage()
			if text != "" && strings.HasSuffix(s.Message(), ": "+text) {
				text = "the same"
			}
			lines = append(lines, fmt.Sprintf("%s %s: %s", d.GetMspId(), d.GetAddress(), text))
		}
	}
	slices.Sort(lines)
	return strings.Join(append([]string{fmt.Sprintf("%s %s: %s", call, s.Code(), s.Message())}, lines...), "\n")
}

// statusOf finds the gRPC status in an error of the client.
func statusOf(err error) *status.Status {
	var wrapped interface{ GRPCStatus() *status.Status }
	if errors.As(err, &wrapped) {
		return wrapped.GRPCStatus()
	}
	return status.Convert(err)
}

// volatile is what is never the same twice.
var volatile = []struct {
	pattern *regexp.Regexp
	name    string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)`), "<time>"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? \+0000 UTC`), "<time>"},
	{regexp.MustCompile(`block number \d+, error no such block number \[\d+\]`), "block number <n>, error no such block number [<n>]"},
	{regexp.MustCompile(`BlockNum: \d+`), "BlockNum: <n>"},
	{regexp.MustCompile(`Creator \[[0-9a-f]+\]`), "Creator [<hex>]"},
	{regexp.MustCompile(`payload is \d+ bytes`), "payload is <size> bytes"},
	{regexp.MustCompile(`chaincode panicked \(.*\): `), ""}, // the devnet says what a real peer cannot know
}

// sentences are Fabric's, and so frequent that scripts have short names for them.
var sentences = strings.NewReplacer(
	"failed to endorse transaction, see attached details for more info", "<not endorsed>",
	"failed to collect enough transaction endorsements, see attached details for more info", "<not enough endorsed>",
	"failed to evaluate transaction, see attached details for more info", "<nobody evaluated>",
	"evaluate call to endorser returned error", "<endorser>",
	"implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy requires 1 of the 'Writers' sub-policies to be satisfied", "<no Writers>",
	"Failed evaluating policy on signed data during check policy on channel [trial] with policy [/Channel/Application/Readers]: [implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy requires 1 of the 'Readers' sub-policies to be satisfied]", "<no Readers>",
	"error validating proposal: access denied: channel [trial] creator org unknown, creator is malformed", "<malformed>",
)

// unprintable is what a script should not contain as it is.
var unprintable = regexp.MustCompile(`[^\n[:print:]\p{L}]`)

// trailing is what would be invisible in a script.
var trailing = regexp.MustCompile(`(?m) +$`)

// normalise replaces what is never the same twice: the case's prefix, transaction identifiers, addresses, times.
func (r *runner) normalise(text string) string {
	text = strings.ReplaceAll(text, r.prefix, "~")
	for _, txid := range r.txids {
		text = strings.ReplaceAll(text, txid, "<tx>")
	}
	text = strings.ReplaceAll(r.addresses.Replace(text), "\u00a0", " ") // which protobuf puts in by chance
	for _, v := range volatile {
		text = v.pattern.ReplaceAllString(text, v.name)
	}
	text = sentences.Replace(text)
	text = trailing.ReplaceAllString(text, "")
	return unprintable.ReplaceAllStringFunc(text, func(odd string) string { return strings.Trim(strconv.Quote(odd), `"`) })
}

package fabric_test

import (
	"context"
	"strings"
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"github.com/zegel/zegel/gateway/fabric"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// endorserTable is what Fabric says before anything is ordered, and what it means. A line: class,
// stage, gRPC code, what the peer says, and after each | what an endorser says.
const endorserTable = `
refused     evaluate Unknown            evaluate call to endorser returned error: chaincode response 500, loyalty-error:{"code":"member_unknown","message":"no"}
refused     endorse  Aborted            failed to collect enough transaction endorsements, see attached details for more info | chaincode response 500, loyalty-error:{"code":"not_authorised","message":"no"}
refused     endorse  Aborted            failed to collect enough transaction endorsements, see attached details for more info | rpc error: code = Unavailable desc = connection refused | chaincode response 500, loyalty-error:{"code":"clock_off","message":"no"}
internal    endorse  Aborted            failed to endorse transaction, see attached details for more info | chaincode response 500, Error managing parameter param0
internal    evaluate Unknown            evaluate call to endorser returned error: chaincode response 500, Function nonsense not found
conflict    endorse  Aborted            failed to collect enough transaction endorsements, see attached details for more info | ProposalResponsePayloads do not match
conflict    endorse  Aborted            failed to endorse transaction, see attached details for more info | make sure the chaincode loyalty has been successfully defined on channel loyalty and try again: chaincode cache at sequence 1 but current sequence is 2, chaincode definition for 'loyalty' changed during invoke
unknown     endorse  Aborted            failed to endorse transaction, see attached details for more info | duplicate transaction found [6f14]. Creator [0a06]
unavailable endorse  Aborted            failed to collect enough transaction endorsements, see attached details for more info | rpc error: code = Unavailable desc = connection error
unavailable endorse  Aborted            failed to endorse transaction, see attached details for more info | error in simulation: failed to execute transaction 6f14: could not launch chaincode loyalty_1:ab: connection to loyalty_1:ab failed
unavailable endorse  Aborted            failed to endorse transaction, see attached details for more info | error in simulation: failed to execute transaction 6f14: timeout expired while executing transaction
unavailable endorse  FailedPrecondition no combination of peers can be derived which satisfy the endorsement policy: No metadata was found for chaincode loyalty in channel loyalty
unavailable endorse  Unavailable        failed to find any endorsing peers for org(s): ClearingMSP
unavailable endorse  Unavailable        connection error: desc = "transport: Error while dialing: connect: connection refused"
unavailable endorse  DeadlineExceeded   endorsement timeout expired while collecting endorsements
unavailable endorse  Unknown            too many requests for /gateway.Gateway, exceeding concurrency limit (500)
unavailable evaluate FailedPrecondition no peers available to evaluate chaincode loyalty in channel loyalty
unavailable evaluate DeadlineExceeded   evaluate timeout expired
internal    endorse  FailedPrecondition error validating proposal: access denied: channel [loyalty] creator org [AuditorMSP]
internal    endorse  Aborted            failed to endorse transaction, see attached details for more info | error validating proposal: access denied: channel [loyalty] creator org [AuditorMSP]
internal    evaluate InvalidArgument    failed to unpack transaction proposal: no channel id provided
internal    endorse  Unimplemented      unknown service gateway.Gateway
`

func TestWhatFabricSaysBeforeOrdering(t *testing.T) {
	for _, line := range strings.Split(strings.TrimSpace(endorserTable), "\n") {
		fields := strings.Fields(line)
		class, stage, code := fields[0], fabric.Stage(fields[1]), codeOf(t, fields[2])
		says := strings.Split(strings.TrimSpace(line[36:]), " | ")
		state := status.New(code, says[0])
		for _, detail := range says[1:] {
			var err error
			state, err = state.WithDetails(&gateway.ErrorDetail{Address: "peer0", MspId: "ClearingMSP", Message: detail})
			must(err)
		}
		failure := fabric.ClassifyCall(stage, "tx", state.Err())
		if failure.Class.String() != class || (failure.Refusal != nil) != (class == "refused") {
			t.Errorf("%s\n\tis %s (%v), want %s", line, failure.Class, failure.Refusal, class)
		}
	}
	for _, err := range []error{context.DeadlineExceeded, context.Canceled} {
		if class := fabric.ClassifyCall(fabric.StageEndorse, "", err).Class; class != fabric.Unavailable {
			t.Errorf("%v before ordering is %s", err, class)
		}
	}
}

func codeOf(t *testing.T, name string) codes.Code {
	t.Helper()
	for code := codes.OK; code <= codes.Unauthenticated; code++ {
		if code.String() == name {
			return code
		}
	}
	t.Fatalf("no gRPC code %q", name)
	return 0
}

// TestEveryValidationCode says for each code that Fabric knows what it means; a code that is added
// is internal.
func TestEveryValidationCode(t *testing.T) {
	want := map[peer.TxValidationCode]string{
		peer.TxValidationCode_VALID:                      "valid",
		peer.TxValidationCode_DUPLICATE_TXID:             "unknown",
		peer.TxValidationCode_NOT_VALIDATED:              "unknown",
		peer.TxValidationCode_MVCC_READ_CONFLICT:         "conflict",
		peer.TxValidationCode_PHANTOM_READ_CONFLICT:      "conflict",
		peer.TxValidationCode_EXPIRED_CHAINCODE:          "conflict",
		peer.TxValidationCode_CHAINCODE_VERSION_CONFLICT: "conflict",
	}
	for number := range peer.TxValidationCode_name {
		code := peer.TxValidationCode(number)
		got := "valid"
		if err := fabric.ClassifyCode("tx", code); err != nil {
			got = fabric.ClassOf(err).String()
			if !strings.Contains(err.Error(), code.String()) {
				t.Errorf("%s is not named in %q", code, err)
			}
		}
		expected, listed := want[code]
		if !listed {
			expected = "internal"
		}
		if got != expected {
			t.Errorf("%s is %s, want %s", code, got, expected)
		}
	}
}

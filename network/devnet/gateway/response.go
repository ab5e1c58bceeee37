package gateway

import (
	"fmt"
	"strings"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc/codes"

	"github.com/zegel/zegel/network/devnet/host"
)

// verdict is what a gateway makes of an endorser's answer.
type verdict struct {
	code    codes.Code // OK where the proposal was executed
	message string
	retry   bool // another peer might do better
}

// judge tells a fault of the peer from one of the proposal, and both from a refusal by the chaincode.
func judge(response *peer.ProposalResponse, err error) verdict {
	switch {
	case err != nil && response == nil:
		return verdict{codes.Unavailable, err.Error(), true}
	case err != nil:
		return verdict{codes.FailedPrecondition, err.Error(), false}
	}
	answer := response.GetResponse()
	if answer.GetStatus() >= 200 && answer.GetStatus() < 400 {
		return verdict{code: codes.OK}
	}
	if response.GetPayload() == nil && answer.GetStatus() == 500 {
		return verdict{codes.Aborted, answer.GetMessage(), true} // from the peer, not from the chaincode
	}
	return verdict{codes.Unknown, fmt.Sprintf("chaincode response %d, %s", answer.GetStatus(), answer.GetMessage()), false}
}

// terminated says whether the chaincode itself went away.
func terminated(message string) bool {
	return strings.HasSuffix(message, host.ErrStreamTerminated.Error())
}

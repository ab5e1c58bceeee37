package assembly

import (
	"fmt"
	"strings"

	"github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"google.golang.org/grpc/status"
)

// causes turns what Fabric says into what an operator can do about it, first match first.
var causes = []struct{ says, means string }{
	{"No metadata was found for chaincode", "the chaincode is not committed on the channel"},
	{"no combination of peers can be derived", "too few peers are known to run the chaincode: it is not installed and approved for enough organisations, or gossip has not found their peers yet (anchor peers, ports)"},
	{"failed to find any endorsing peers", "gossip has not found the peers of an organisation yet (anchor peers, ports), or they do not run the chaincode"},
	{"changed during invoke", "the chaincode is being upgraded: repeat it"},
	{"chaincode definition for", "the organisation has not approved this definition with an installed package"},
	{"connection refused", "nothing listens at that address: the process is down or still starting"},
	{"no Raft leader", "the orderers have not elected a leader"},
	{"could not launch chaincode", "the peer cannot reach its chaincode service"},
	{"error in simulation: failed to execute transaction", "the chaincode service ended or does not answer"},
	{"access denied", "the channel's policies refuse this identity"},
	{"certificate signed by unknown authority", "the keys are not those of the channel: they were made anew after the genesis block"},
}

// explain adds a cause in plain words, and what each endorser answered.
func explain(err error) error {
	text := err.Error()
	for _, detail := range status.Convert(err).Details() {
		if d, ok := detail.(*gateway.ErrorDetail); ok {
			text += "; " + d.GetMspId() + " at " + d.GetAddress() + ": " + d.GetMessage()
		}
	}
	for _, cause := range causes {
		if strings.Contains(text, cause.says) {
			return fmt.Errorf("%s (%s)", cause.means, text)
		}
	}
	return fmt.Errorf("%s", text)
}

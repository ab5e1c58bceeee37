package assembly_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/zegel/zegel/network/consortium/assembly"
)

// TestFabricsWordsAreExplained pairs what Fabric 3.1 says with what an operator reads first.
func TestFabricsWordsAreExplained(t *testing.T) {
	for says, means := range map[string]string{
		`rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:7300: connect: connection refused"`:                                                              "nothing listens",
		"no combination of peers can be derived which satisfy the endorsement policy: required chaincodes are not installed on sufficient peers":                                                                            "too few peers",
		"no combination of peers can be derived which satisfy the endorsement policy: No metadata was found for chaincode loyalty in channel loyalty":                                                                       "the chaincode is not committed",
		"error validating proposal: access denied: channel [loyalty] creator org [AuditorMSP]":                                                                                                                              "policies refuse",
		"transport: authentication handshake failed: tls: failed to verify certificate: x509: certificate signed by unknown authority":                                                                                      "not those of the channel",
		"could not launch chaincode loyalty_1.0.0:ab12: connection to loyalty_1.0.0:ab12 failed: error cannot create connection for loyalty_1.0.0:ab12: error creating grpc connection to 127.0.0.1:7302: context deadline": "cannot reach its chaincode service",
		"received unsuccessful response from orderer: status=SERVICE_UNAVAILABLE, info=no Raft leader":                                                                                                                      "not elected a leader",
		"rpc error: code = Unavailable desc = failed to find any endorsing peers for org(s): ClearingMSP":                                                                                                                   "gossip has not found",
		"something new": "something new",
	} {
		got := assembly.Explain(errors.New(says)).Error()
		if !strings.HasPrefix(got, means) && !strings.Contains(got, means) || !strings.Contains(got, says) {
			t.Errorf("%q is explained as %q, want %q and the words themselves", says, got, means)
		}
	}
}

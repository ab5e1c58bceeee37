// Package conformance proves that the devnet behaves as Hyperledger Fabric does. It has one corpus of cases, each a
// few lines of text that say what is sent to a network and what it answers. The devnet runs it in every test run, real
// peers and an orderer wherever their binaries are found:
//
//	go test ./network/conformance            # Fabric too, if peer and orderer are on PATH or in FABRIC_BIN
//	go test ./network/conformance -short     # the devnet alone
//	go test ./network/conformance -fabric    # fails where Fabric is missing
//
// On Fabric the very proposals that the devnet was sent are sent again, and what the endorsers signed has to be the
// same, byte for byte. A new case is one entry in a slice of a cases_*_test.go file; see script_test.go for its
// language.
package conformance

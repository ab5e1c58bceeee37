// Command chaincode runs the loyalty chaincode: as a service that peers dial, if
// CHAINCODE_SERVER_ADDRESS says where to listen; otherwise as the process that a peer started.
package main

import (
	"cmp"
	"log"
	"os"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"

	"github.com/zegel/zegel/chaincode/contract"
)

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	chaincode, err := contract.New()
	if err != nil {
		return err
	}
	address := os.Getenv("CHAINCODE_SERVER_ADDRESS")
	if address == "" {
		return shim.Start(chaincode)
	}
	id := cmp.Or(os.Getenv("CHAINCODE_ID"), os.Getenv("CORE_CHAINCODE_ID_NAME"))
	tls, err := readTLS(os.Getenv("CHAINCODE_TLS_CERT"), os.Getenv("CHAINCODE_TLS_KEY"), os.Getenv("CHAINCODE_TLS_CLIENT_CA"))
	if err != nil {
		return err
	}
	server := shim.ChaincodeServer{CCID: id, Address: address, CC: chaincode, TLSProps: tls}
	return server.Start()
}

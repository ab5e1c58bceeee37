package ccaas

import (
	"fmt"
	"os"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
)

// The environment of a chaincode service. The first two are what Fabric's contract API reads too; the others
// name PEM files.
const (
	EnvAddress     = "CHAINCODE_SERVER_ADDRESS"
	EnvPackage     = "CORE_CHAINCODE_ID_NAME"
	EnvCertificate = "CHAINCODE_TLS_CERT"
	EnvKey         = "CHAINCODE_TLS_KEY"
	EnvClientRoot  = "CHAINCODE_TLS_CLIENT_CA"
)

// Serve runs any chaincode as a service where and as its environment says, always over TLS. It returns
// only with an error.
func Serve(chaincode shim.Chaincode) error {
	server := shim.ChaincodeServer{CCID: os.Getenv(EnvPackage), Address: os.Getenv(EnvAddress), CC: chaincode}
	for name, into := range map[string]*[]byte{
		EnvCertificate: &server.TLSProps.Cert,
		EnvKey:         &server.TLSProps.Key,
		EnvClientRoot:  &server.TLSProps.ClientCACerts,
	} {
		text, err := os.ReadFile(os.Getenv(name))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		*into = text
	}
	return server.Start()
}

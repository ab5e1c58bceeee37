package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
)

// The files with which the service proves who it is to the peers. Without the first two it speaks
// plain text, which is for a network namespace that only the peer shares.
const (
	tlsCertificate = "CHAINCODE_TLS_CERT"      // PEM certificate of the service
	tlsKey         = "CHAINCODE_TLS_KEY"       // PEM private key of the service
	tlsClientCA    = "CHAINCODE_TLS_CLIENT_CA" // PEM certificates that issue the peers' client certificates
)

// tlsFromFiles reads the files that the environment names. With tlsClientCA only a peer with a
// certificate of that authority may connect.
func tlsFromFiles() (shim.TLSProperties, error) {
	var tls shim.TLSProperties
	for _, file := range []struct {
		variable string
		content  *[]byte
	}{{tlsCertificate, &tls.Cert}, {tlsKey, &tls.Key}, {tlsClientCA, &tls.ClientCACerts}} {
		name := os.Getenv(file.variable)
		if name == "" {
			continue
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return shim.TLSProperties{}, fmt.Errorf("%s: %w", file.variable, err)
		}
		*file.content = content
	}
	if (tls.Cert == nil) != (tls.Key == nil) || tls.Cert == nil && tls.ClientCACerts != nil {
		return shim.TLSProperties{}, errors.New(tlsCertificate + " and " + tlsKey + " are needed together, and before " + tlsClientCA)
	}
	tls.Disabled = tls.Cert == nil
	return tls, nil
}

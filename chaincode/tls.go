package main

import (
	"errors"
	"os"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
)

// readTLS reads the PEM files with which the service proves to peers who it is: its certificate
// and its private key. With clientCA only a peer whose certificate that authority issued may
// connect. Without any of them the service speaks plain text, which is for a network that only
// the chain's own peer shares.
func readTLS(certificate, key, clientCA string) (shim.TLSProperties, error) {
	if certificate == "" && key == "" && clientCA == "" {
		return shim.TLSProperties{Disabled: true}, nil
	}
	if certificate == "" || key == "" {
		return shim.TLSProperties{}, errors.New("TLS needs both a certificate and a key")
	}
	var tls shim.TLSProperties
	var err error
	if tls.Cert, err = os.ReadFile(certificate); err != nil {
		return shim.TLSProperties{}, err
	}
	if tls.Key, err = os.ReadFile(key); err != nil {
		return shim.TLSProperties{}, err
	}
	if clientCA != "" {
		tls.ClientCACerts, err = os.ReadFile(clientCA)
	}
	return tls, err
}

// Package ccaas packages a chaincode that runs as a service (CCaaS) and is the external builder by
// which a peer accepts such a package. The package carries no code: only the address, as a
// template that each peer fills in with its own.
package ccaas

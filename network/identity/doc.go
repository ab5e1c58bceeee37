// Package identity is a small certificate authority for sample and test networks. For each
// organisation it mints a signing root, a TLS root, and the certificates of peers, orderers,
// administrators and clients, with the organisational units and the role attribute by which
// Fabric and the chaincode tell them apart. It keeps them in the folders that Fabric's own tools
// expect, or in memory.
//
// The danger it accepts: whoever can read an organisation's folder holds its root key. That is
// right on one machine and for a demonstration. In production a Fabric CA issues the same
// certificates and the root key never meets a file system that a peer can read.
package identity

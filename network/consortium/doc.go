// Package consortium reads consortium.yaml, the one description of the organisations, peers,
// orderers, channel and chaincode, and derives from it what has to agree everywhere: policies,
// private data collections, members and their certificates, the genesis block and the connection
// profiles. It starts nothing: network/native and docker-compose do.
package consortium

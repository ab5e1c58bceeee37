// Package devnet is a Hyperledger Fabric network in one process: several organisations' peers and an orderer behind
// the real gRPC services, so that an unmodified gateway client, the peer command line and chaincode of any kind work
// with it. It is for development and tests, and it is not kinder than Fabric: chaincode runs at every endorser by
// itself and the results are compared byte for byte, signatures and endorsement policies are verified, nothing reads
// its own writes, conflicts invalidate transactions, private data stays with its members, and errors carry Fabric's
// codes and texts.
//
//	network, err := devnet.Start(ctx, devnet.Config{...})
//	defer network.Stop()
//	connection, err := grpc.NewClient(network.Peer("peer0.example").Address, ...)
//
// What it leaves out: changing the channel's configuration, gossip, discovery, CouchDB queries, snapshots, more than
// one channel and more than one orderer.
package devnet

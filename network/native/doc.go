// Package native runs the consortium as real Fabric processes on this machine: orderers, peers and
// one chaincode service for each peer, without containers. It makes what they need, starts them,
// joins the channel, takes the chaincode through the lifecycle of all organisations, and calls the
// network ready only when a transaction has really been endorsed by each organisation's peer.
//
// Everything lives below one folder, so that status, logs and down need nothing but its name.
package native

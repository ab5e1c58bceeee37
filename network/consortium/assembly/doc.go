// Package assembly turns running Fabric nodes into the consortium's network, whoever started them: it
// makes keys and genesis block beforehand, then joins the channel, takes the chaincode through the
// lifecycle of all organisations, and calls the network ready only when a transaction has really
// been endorsed through each peer. It can be repeated at any time: what is done is left alone.
package assembly

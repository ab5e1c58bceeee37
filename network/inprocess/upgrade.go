package inprocess

import (
	"context"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"

	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/devnet"
)

// Upgrade commits the next definition of the chaincode, with the policy and the collections of the consortium that
// runs. What was endorsed before and is ordered after it becomes invalid.
func (n *Network) Upgrade(ctx context.Context, next consortium.Chaincode, chaincode func() shim.Chaincode) error {
	n.Consortium.Chaincode = next
	return n.Devnet.Upgrade(ctx, definition(n.Consortium, chaincode))
}

// definition is the chaincode as the devnet needs it.
func definition(c consortium.Consortium, chaincode func() shim.Chaincode) devnet.Chaincode {
	return devnet.Chaincode{
		Name: c.Chaincode.Name, Version: c.Chaincode.Version, Sequence: c.Chaincode.Sequence,
		New: chaincode, Endorsement: c.EndorsementPolicy(), Collections: collections(c),
	}
}

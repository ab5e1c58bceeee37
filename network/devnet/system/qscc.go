// Package system is the chaincode that belongs to a peer: it answers questions about blocks (qscc), the channel's
// configuration (cscc) and chaincode definitions (_lifecycle), for auditors and for the peer command line.
package system

import (
	"fmt"
	"math"
	"strconv"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/channel"
	"github.com/zegel/zegel/network/devnet/ledger"
	"github.com/zegel/zegel/network/devnet/transaction"
)

// Blocks answers about blocks and transactions: qscc.
type Blocks struct {
	Channel *channel.Channel
	Ledger  *ledger.Ledger
}

// NeedsSimulator implements endorser.System.
func (Blocks) NeedsSimulator() bool { return false }

// Invoke implements endorser.System.
func (b Blocks) Invoke(p *transaction.Proposal, input *peer.ChaincodeInput, _ *ledger.Simulator) *peer.Response {
	args := input.GetArgs()
	if len(args) < 2 {
		return shim.Error(fmt.Sprintf("Incorrect number of arguments, %d", len(args)))
	}
	function, id := string(args[0]), string(args[1])
	if p.Chaincode != "qscc" {
		return shim.Error(fmt.Sprintf("Rejecting invoke of QSCC from another chaincode because of potential for deadlocks, original invocation for '%s'", p.Chaincode))
	}
	if function != "GetChainInfo" && len(args) < 3 {
		return shim.Error("missing 3rd argument for " + function)
	}
	if id != b.Channel.ID() {
		return shim.Error("Invalid chain ID, " + id)
	}
	if err := b.Channel.CheckAccess("qscc/"+function, p.SignedBy()); err != nil {
		return shim.Error(fmt.Sprintf("access denied for [%s][%s]: [%s]", function, id, err))
	}
	if function == "GetChainInfo" {
		return encoded(b.Ledger.ChainInfo(), nil)
	}
	return b.find(function, args[2])
}

func (b Blocks) find(function string, argument []byte) *peer.Response {
	switch function {
	case "GetBlockByNumber":
		number, err := strconv.ParseUint(string(argument), 10, 64)
		if err != nil {
			return shim.Error(fmt.Sprintf("Failed to parse block number with error %s", err))
		}
		if number == math.MaxUint64 {
			number = b.Ledger.Height() - 1 // the newest
		}
		block, err := b.Ledger.Block(number)
		return encoded(block, describe(err, "Failed to get block number %d, error %s", number))
	case "GetBlockByHash":
		block, err := b.Ledger.BlockByHash(argument)
		return encoded(block, describe(err, "Failed to get block hash %s, error %s", string(argument)))
	case "GetBlockByTxID":
		block, err := b.Ledger.BlockByTxID(string(argument))
		return encoded(block, describe(err, "Failed to get block for txID %s, error %s", string(argument)))
	case "GetTransactionByID":
		found, err := b.Ledger.Transaction(string(argument))
		return encoded(found, describe(err, "Failed to get transaction with id %s, error %s", string(argument)))
	default:
		return shim.Error(fmt.Sprintf("Requested function %s not found.", function))
	}
}

// describe puts an error into Fabric's words; nil stays nil.
func describe(err error, format string, subject any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format, subject, err)
}

// encoded is the response that carries a message, or the error instead of it.
func encoded(message proto.Message, err error) *peer.Response {
	if err != nil {
		return shim.Error(err.Error())
	}
	payload, err := proto.Marshal(message)
	if err != nil {
		return shim.Error(err.Error())
	}
	return shim.Success(payload)
}

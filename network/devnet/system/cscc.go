package system

import (
	"fmt"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"github.com/zegel/zegel/network/devnet/channel"
	"github.com/zegel/zegel/network/devnet/ledger"
	"github.com/zegel/zegel/network/devnet/policy"
	"github.com/zegel/zegel/network/devnet/transaction"
)

// Configuration answers about the channel's configuration: cscc.
type Configuration struct {
	Channel *channel.Channel
	Ledger  *ledger.Ledger
	// MSPID is the organisation of the peer: its members may ask which channels the peer has joined.
	MSPID string
}

// NeedsSimulator implements endorser.System.
func (Configuration) NeedsSimulator() bool { return false }

// Invoke implements endorser.System.
func (c Configuration) Invoke(p *transaction.Proposal, input *peer.ChaincodeInput, _ *ledger.Simulator) *peer.Response {
	args := input.GetArgs()
	if len(args) < 1 {
		return shim.Error(fmt.Sprintf("Incorrect number of arguments, %d", len(args)))
	}
	function := string(args[0])
	if function != "GetChannels" && len(args) < 2 {
		return shim.Error(fmt.Sprintf("Incorrect number of arguments, %d", len(args)))
	}
	if p.Chaincode != "cscc" {
		return shim.Error(fmt.Sprintf("Rejecting invoke of CSCC from another chaincode, original invocation for '%s'", p.Chaincode))
	}
	if function == "GetChannels" {
		return c.channels(p)
	}
	id := string(args[1])
	switch function {
	case "GetConfigBlock", "GetChannelConfig":
		if id != c.Channel.ID() {
			return shim.Error(fmt.Sprintf("access denied for [%s][%s]: Failed to get policy manager for channel [%s]", function, id, id))
		}
		if err := c.Channel.CheckAccess("cscc/"+function, p.SignedBy()); err != nil {
			return shim.Error(fmt.Sprintf("access denied for [%s][%s]: %s", function, id, err))
		}
		if function == "GetChannelConfig" {
			return encoded(c.Channel.Config(), nil)
		}
		return encoded(c.Ledger.Block(0)) // the configuration never changes after the first block
	default:
		return shim.Error(fmt.Sprintf("Requested function %s not found.", function))
	}
}

func (c Configuration) channels(p *transaction.Proposal) *peer.Response {
	if err := local(c.Channel, c.MSPID, "Members", msp.MSPRole_MEMBER, p); err != nil {
		return shim.Error(fmt.Sprintf("access denied for [GetChannels]: %s", err))
	}
	return encoded(&peer.ChannelQueryResponse{Channels: []*peer.ChannelInfo{{ChannelId: c.Channel.ID()}}}, nil)
}

// local checks that a proposal comes from the peer's own organisation.
func local(c *channel.Channel, mspID, name string, role msp.MSPRole_MSPRoleType, p *transaction.Proposal) error {
	identity, err := c.Directory().Identify(p.Signature.GetCreator())
	if err != nil {
		return fmt.Errorf("Failed deserializing proposal creator during channelless check policy with policy [%s]: [%s]", name, err)
	}
	if identity.MSPID() != mspID {
		return fmt.Errorf("Failed deserializing proposal creator during channelless check policy with policy [%s]: [expected MSP ID %s, received %s]", name, mspID, identity.MSPID())
	}
	if err := identity.Satisfies(policy.Role(mspID, role)); err != nil {
		return fmt.Errorf("Failed verifying that proposal's creator satisfies local MSP principal during channelless check policy with policy [%s]: [%s]", name, err)
	}
	return identity.Verify(p.Signed.GetProposalBytes(), p.Signed.GetSignature())
}

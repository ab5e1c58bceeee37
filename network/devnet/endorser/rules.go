package endorser

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/channel"
	"github.com/zegel/zegel/network/devnet/host"
	"github.com/zegel/zegel/network/devnet/lifecycle"
	"github.com/zegel/zegel/network/devnet/policy"
	"github.com/zegel/zegel/network/devnet/transaction"
)

// The endorser is what chaincode hosts ask about access and about other chaincodes.
var _ host.Rules = (*Endorser)(nil)

// collection reads a collection's configuration through the simulation, so that the definition is in the read set.
func (e *Endorser) collection(tx *host.Transaction, namespace, name string) (*peer.StaticCollectionConfig, error) {
	definition, found, err := lifecycle.Read(tx.Simulator, namespace)
	if err != nil {
		return nil, err
	}
	if found {
		if collection, ok := definition.Collection(name); ok {
			return collection, nil
		}
	}
	return nil, fmt.Errorf("collection %s/%s/%s could not be found", tx.Channel, namespace, name)
}

// CheckCollection implements host.Rules. The simulation itself refuses a collection that does not exist.
func (e *Endorser) CheckCollection(tx *host.Transaction, namespace, _ string) error {
	_, _, err := lifecycle.Read(tx.Simulator, namespace)
	return err
}

// MayAccess implements host.Rules: members may do everything, others what the member-only flags leave them.
func (e *Endorser) MayAccess(tx *host.Transaction, namespace, name string) (read, write bool, err error) {
	collection, err := e.collection(tx, namespace, name)
	if err != nil {
		return false, false, err
	}
	if !collection.GetMemberOnlyRead() && !collection.GetMemberOnlyWrite() {
		return true, true, nil
	}
	proposal, err := transaction.UnpackProposal(tx.Proposal)
	if err != nil {
		return false, false, err
	}
	members, err := policy.Compile(collection.GetMemberOrgsPolicy().GetSignaturePolicy())
	if err != nil {
		return false, false, fmt.Errorf("error setting up collection for collection criteria %s/%s: %w", namespace, name, err)
	}
	if members.Evaluate(policy.Signers(e.Channel.Directory(), proposal.SignedBy())) == nil {
		return true, true, nil
	}
	return !collection.GetMemberOnlyRead(), !collection.GetMemberOnlyWrite(), nil
}

// Call implements host.Rules: chaincode calls chaincode, name:version/channel, within one transaction.
func (e *Endorser) Call(tx *host.Transaction, target string, input *peer.ChaincodeInput) (*peer.ChaincodeMessage, error) {
	name, channelID, _ := strings.Cut(target, "/")
	name, _, _ = strings.Cut(name, ":")
	if channelID == "" {
		channelID = tx.Channel
	}
	proposal, err := transaction.UnpackProposal(tx.Proposal)
	if err != nil {
		return nil, err
	}
	if system, ok := e.System[name]; ok {
		return completed(tx, system.Invoke(proposal, input, tx.Simulator))
	}
	if channelID != e.Channel.ID() {
		return nil, fmt.Errorf("Failed to get policy manager for channel [%s]", channelID)
	}
	if err := e.Channel.CheckAccess(channel.ResourceCallChaincode, proposal.SignedBy()); err != nil {
		return nil, err
	}
	definition, err := e.defined(tx.Simulator, name)
	if err != nil {
		return nil, fmt.Errorf("execute failed: invalid invocation: [channel %s] failed to get chaincode container info for %s: %w", channelID, name, err)
	}
	answer, err := e.Host(name, definition.Sequence).Execute(tx, name, input)
	if err != nil {
		return nil, fmt.Errorf("execute failed: %w", err)
	}
	return answer, nil
}

// completed is a system chaincode's response as other chaincode hears it.
func completed(tx *host.Transaction, response *peer.Response) (*peer.ChaincodeMessage, error) {
	payload, err := proto.Marshal(response)
	return &peer.ChaincodeMessage{Type: peer.ChaincodeMessage_COMPLETED, Payload: payload, Txid: tx.ID, ChannelId: tx.Channel}, err
}

// MayHold says whether an organisation's peers may hold the data of a collection.
func MayHold(collection *peer.StaticCollectionConfig, mspID string) bool {
	return slices.Contains(policy.Members(collection.GetMemberOrgsPolicy().GetSignaturePolicy()), mspID)
}

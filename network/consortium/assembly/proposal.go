package assembly

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	cb "github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// nonceSize is how many random bytes make a transaction ID unique.
const nonceSize = 24

// marshal collects the errors of many marshallings, of which in practice none fails.
type marshal struct{ trouble error }

func (m *marshal) bytes(message proto.Message) []byte {
	text, err := proto.Marshal(message)
	m.trouble = errors.Join(m.trouble, err)
	return text
}

// propose signs a proposal to call a function without arguments, and says its transaction ID.
func (a *administrator) propose(channel, chaincode, function string) (string, *peer.SignedProposal, error) {
	nonce := make([]byte, nonceSize)
	if _, err := rand.Read(nonce); err != nil {
		return "", nil, fmt.Errorf("draw a nonce: %w", err)
	}
	var m marshal
	creator := m.bytes(&msp.SerializedIdentity{Mspid: a.id.MspID(), IdBytes: a.id.Credentials()})
	sum := sha256.Sum256(append(append([]byte{}, nonce...), creator...))
	txID := hex.EncodeToString(sum[:])
	name := &peer.ChaincodeID{Name: chaincode}
	header := &cb.Header{
		ChannelHeader: m.bytes(&cb.ChannelHeader{
			Type: int32(cb.HeaderType_ENDORSER_TRANSACTION), ChannelId: channel, TxId: txID,
			Timestamp: timestamppb.Now(), Extension: m.bytes(&peer.ChaincodeHeaderExtension{ChaincodeId: name}),
		}),
		SignatureHeader: m.bytes(&cb.SignatureHeader{Creator: creator, Nonce: nonce}),
	}
	input := &peer.ChaincodeInput{Args: [][]byte{[]byte(function)}}
	payload := &peer.ChaincodeProposalPayload{Input: m.bytes(&peer.ChaincodeInvocationSpec{
		ChaincodeSpec: &peer.ChaincodeSpec{ChaincodeId: name, Input: input},
	})}
	proposal := m.bytes(&peer.Proposal{Header: m.bytes(header), Payload: m.bytes(payload)})
	if m.trouble != nil {
		return "", nil, fmt.Errorf("write a proposal: %w", m.trouble)
	}
	signature, err := a.id.Sign(proposal)
	if err != nil {
		return "", nil, fmt.Errorf("sign a proposal: %w", err)
	}
	return txID, &peer.SignedProposal{ProposalBytes: proposal, Signature: signature}, nil
}

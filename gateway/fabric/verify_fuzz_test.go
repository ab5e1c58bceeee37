package fabric_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/gateway/fabric"
)

// newTransaction is a proposal and what an honest peer prepares of it.
func newTransaction() (proposed, payload []byte) {
	input := marshal(&peer.ChaincodeInvocationSpec{ChaincodeSpec: &peer.ChaincodeSpec{
		ChaincodeId: &peer.ChaincodeID{Name: api.Chaincode}, Input: &peer.ChaincodeInput{Args: [][]byte{[]byte("Apply"), []byte("{}")}},
	}})
	channelHeader := marshal(&common.ChannelHeader{Type: 3, ChannelId: api.Channel, TxId: "tx"})
	signatureHeader := marshal(&common.SignatureHeader{Creator: []byte("till"), Nonce: []byte("nonce")})
	public := &peer.ChaincodeProposalPayload{Input: input}
	hash := sha256.Sum256(join(channelHeader, signatureHeader, marshal(public)))
	p := &prepared{
		channelHeader: channelHeader, signatureHeader: signatureHeader, actionHeader: signatureHeader, payload: public,
		proposalHash: hash[:], endorsers: []string{"AMSP", "BMSP"}, actions: 1,
		action: &peer.ChaincodeAction{Response: &peer.Response{Status: 200}, ChaincodeId: &peer.ChaincodeID{Name: api.Chaincode}},
	}
	proposal := marshal(&peer.Proposal{
		Header:  marshal(&common.Header{ChannelHeader: channelHeader, SignatureHeader: signatureHeader}),
		Payload: marshal(&peer.ChaincodeProposalPayload{Input: input, TransientMap: map[string][]byte{"details": []byte("basket")}}),
	})
	proposed = marshal(&gateway.ProposedTransaction{TransactionId: "tx", Proposal: &peer.SignedProposal{ProposalBytes: proposal}})
	return proposed, p.marshal()
}

// FuzzVerify gives verify what a hostile peer might send. Whatever it accepts must hold the arguments
// of the proposal, and none of its private bytes.
func FuzzVerify(f *testing.F) {
	proposed, honest := newTransaction()
	prepare := func(payload []byte) []byte {
		return marshal(&gateway.PreparedTransaction{TransactionId: "tx", Envelope: &common.Envelope{Payload: payload}})
	}
	if err := fabric.Verify(proposed, prepare(honest), []string{"BMSP", "AMSP"}); err != nil {
		f.Fatalf("what an honest peer prepared is refused: %v", err)
	}
	f.Add(honest)
	f.Fuzz(func(t *testing.T, payload []byte) {
		err := fabric.Verify(proposed, prepare(payload), []string{"AMSP", "BMSP"})
		if err != nil && !errors.Is(err, fabric.ErrAltered) {
			t.Errorf("refused for another reason: %v", err)
		}
		if err == nil && (bytes.Contains(payload, []byte("basket")) || !bytes.Contains(payload, []byte("Apply"))) {
			t.Errorf("accepted %q", payload)
		}
	})
}

package transaction_test

import (
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/transaction"
)

func encode(t testing.TB, message proto.Message) []byte {
	t.Helper()
	encoded, err := proto.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// wellFormed is a proposal and the transaction made of it.
func wellFormed(t testing.TB) (proposal, envelope []byte) {
	t.Helper()
	id := &peer.ChaincodeID{Name: "basic"}
	header := &common.Header{
		ChannelHeader:   encode(t, &common.ChannelHeader{Type: 3, ChannelId: "trade", Extension: encode(t, &peer.ChaincodeHeaderExtension{ChaincodeId: id})}),
		SignatureHeader: encode(t, &common.SignatureHeader{Creator: []byte("c"), Nonce: []byte("n")}),
	}
	spec := &peer.ChaincodeInvocationSpec{ChaincodeSpec: &peer.ChaincodeSpec{ChaincodeId: id, Input: &peer.ChaincodeInput{Args: [][]byte{[]byte("f")}}}}
	payload := &peer.ChaincodeProposalPayload{Input: encode(t, spec), TransientMap: map[string][]byte{"secret": []byte("s")}}
	proposal = encode(t, &peer.Proposal{Header: encode(t, header), Payload: encode(t, payload)})
	made, err := transaction.Endorsed(header, payload, &peer.ChaincodeEndorsedAction{ProposalResponsePayload: encode(t, &peer.ProposalResponsePayload{})})
	if err != nil {
		t.Fatal(err)
	}
	return proposal, encode(t, made)
}

func TestTransientDataStaysBehind(t *testing.T) {
	_, encoded := wellFormed(t)
	envelope := &common.Envelope{}
	if err := proto.Unmarshal(encoded, envelope); err != nil {
		t.Fatal(err)
	}
	unpacked, err := transaction.UnpackEnvelope(envelope)
	if err != nil {
		t.Fatal(err)
	}
	action, err := unpacked.Action()
	if err != nil {
		t.Fatal(err)
	}
	public := &peer.ChaincodeProposalPayload{}
	if err := proto.Unmarshal(action.Payload.GetChaincodeProposalPayload(), public); err != nil || len(public.GetTransientMap()) != 0 {
		t.Errorf("the transaction carries %v: %v", public.GetTransientMap(), err)
	}
}

func TestIncompleteProposals(t *testing.T) {
	proposal, _ := wellFormed(t)
	for _, test := range []struct {
		name   string
		change func(*common.ChannelHeader, *peer.ChaincodeInvocationSpec)
		want   string
	}{
		{"no chaincode", func(h *common.ChannelHeader, _ *peer.ChaincodeInvocationSpec) { h.Extension = nil }, "ChaincodeHeaderExtension.ChaincodeId is nil"},
		{"a nameless chaincode", func(h *common.ChannelHeader, _ *peer.ChaincodeInvocationSpec) {
			h.Extension = encode(t, &peer.ChaincodeHeaderExtension{ChaincodeId: &peer.ChaincodeID{}})
		}, "ChaincodeHeaderExtension.ChaincodeId.Name is empty"},
		{"no specification", func(_ *common.ChannelHeader, s *peer.ChaincodeInvocationSpec) { s.ChaincodeSpec = nil }, "chaincode invocation spec did not contain chaincode spec"},
		{"no input", func(_ *common.ChannelHeader, s *peer.ChaincodeInvocationSpec) { s.ChaincodeSpec.Input = nil }, "chaincode input did not contain any input"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := transaction.UnpackProposal(&peer.SignedProposal{ProposalBytes: proposal})
			if err != nil {
				t.Fatal(err)
			}
			test.change(p.Channel, p.Spec)
			p.Header.ChannelHeader = encode(t, p.Channel)
			p.Payload.Input = encode(t, p.Spec)
			changed := encode(t, &peer.Proposal{Header: encode(t, p.Header), Payload: encode(t, p.Payload)})
			if _, err := transaction.UnpackProposal(&peer.SignedProposal{ProposalBytes: changed}); err == nil || err.Error() != test.want {
				t.Errorf("error %v", err)
			}
		})
	}
}

func FuzzUnpackProposal(f *testing.F) {
	proposal, _ := wellFormed(f)
	f.Add(proposal)
	f.Fuzz(func(t *testing.T, encoded []byte) {
		p, err := transaction.UnpackProposal(&peer.SignedProposal{ProposalBytes: encoded})
		if err == nil && (p.Chaincode == "" || p.Input() == nil || len(p.Hash) == 0) {
			t.Errorf("incomplete: %+v", p)
		}
	})
}

func FuzzUnpackEnvelope(f *testing.F) {
	_, envelope := wellFormed(f)
	f.Add(envelope)
	f.Fuzz(func(t *testing.T, encoded []byte) {
		envelope := &common.Envelope{}
		if proto.Unmarshal(encoded, envelope) != nil {
			return
		}
		unpacked, err := transaction.UnpackEnvelope(envelope)
		if err != nil {
			return
		}
		if action, err := unpacked.Action(); err == nil {
			if _, err := action.Event(); err == nil && action.Payload.GetAction() == nil {
				t.Error("an action without endorsements")
			}
		}
	})
}

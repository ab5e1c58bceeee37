package conformance_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// draft is a proposal taken apart, to be made wrong.
type draft struct {
	outer     *gateway.ProposedTransaction
	channel   *common.ChannelHeader
	signature *common.SignatureHeader
	extension *peer.ChaincodeHeaderExtension
}

// flaws are what can be wrong with a proposal before it is signed.
var flaws = map[string]func(*draft){
	"late":           func(d *draft) { d.shift(-20 * time.Minute) },
	"early":          func(d *draft) { d.shift(20 * time.Minute) },
	"somewhat-late":  func(d *draft) { d.shift(-10 * time.Minute) },
	"somewhat-early": func(d *draft) { d.shift(10 * time.Minute) },
	"no-time":        func(d *draft) { d.channel.Timestamp = nil },
	"epoch":          func(d *draft) { d.channel.Epoch = 1 },
	"type":           func(d *draft) { d.channel.Type = int32(common.HeaderType_MESSAGE) },
	"config-type":    func(d *draft) { d.channel.Type = int32(common.HeaderType_CONFIG) },
	"txid":           func(d *draft) { d.channel.TxId = "0123456789abcdef" },
	"no-nonce":       func(d *draft) { d.signature.Nonce = nil },
	"no-creator":     func(d *draft) { d.signature.Creator = nil },
	"creator-not-a-cert": func(d *draft) {
		d.signature.Creator = encode(&msp.SerializedIdentity{Mspid: "AlphaMSP", IdBytes: []byte("nobody")})
		txid := sha256.Sum256(append(append([]byte{}, d.signature.GetNonce()...), d.signature.GetCreator()...))
		d.channel.TxId = hex.EncodeToString(txid[:])
	},
	"other-chaincode": func(d *draft) { d.extension.ChaincodeId.Name = "other" },
	"no-chaincode":    func(d *draft) { d.extension.ChaincodeId = nil },
}

// signatureFlaws are what can be wrong with the signature of a proposal.
var signatureFlaws = map[string]func([]byte) []byte{
	"bad-signature": func([]byte) []byte { return []byte("signed, me") },
	"high-s":        highS,
}

func (d *draft) shift(by time.Duration) {
	d.channel.Timestamp = timestamppb.New(d.channel.GetTimestamp().AsTime().Add(by))
}

// mar makes a proposal wrong. Its hash and its transaction identifier stay as they were.
func mar(encoded []byte, flaw string) ([]byte, error) {
	spoil, known := flaws[flaw]
	if !known {
		return encoded, nil
	}
	d := &draft{outer: &gateway.ProposedTransaction{}, channel: &common.ChannelHeader{}, signature: &common.SignatureHeader{},
		extension: &peer.ChaincodeHeaderExtension{}}
	proposal, header := &peer.Proposal{}, &common.Header{}
	u := &unpacker{}
	u.unpack(encoded, d.outer)
	u.unpack(d.outer.GetProposal().GetProposalBytes(), proposal)
	u.unpack(proposal.GetHeader(), header)
	u.unpack(header.GetChannelHeader(), d.channel)
	u.unpack(header.GetSignatureHeader(), d.signature)
	u.unpack(d.channel.GetExtension(), d.extension)
	if u.err != nil {
		return nil, u.err
	}
	spoil(d)
	d.channel.Extension = encode(d.extension)
	header.ChannelHeader, header.SignatureHeader = encode(d.channel), encode(d.signature)
	proposal.Header = encode(header)
	d.outer.Proposal.ProposalBytes = encode(proposal)
	return encode(d.outer), nil
}

// signProposal makes a proposal that the gateway's identity signs, or one with a signature that is wrong.
func signProposal(g *client.Gateway, sign func([]byte) ([]byte, error), encoded []byte, flaw string) (*client.Proposal, error) {
	proposal, err := g.NewProposal(encoded)
	spoil, known := signatureFlaws[flaw]
	if err != nil || !known {
		return proposal, err
	}
	signature, err := sign(proposal.Digest())
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return g.NewSignedProposal(encoded, spoil(signature))
}

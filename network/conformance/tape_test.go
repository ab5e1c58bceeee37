package conformance_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
)

// tape is what happened in one case: proposals as they were made, what each step observed, and what was endorsed.
type tape struct {
	// proposals are played back on the second network. Nobody has signed them yet.
	proposals [][]byte
	observed  []string
	// answers are those of queries, as they came: identifiers and times in them are the proposals', and so the same.
	answers  []string
	endorsed []endorsed
	// blocks is what the case put on the chain: its transactions and their codes, block by block.
	blocks []string
}

// endorsed is one transaction as its endorsers left it.
type endorsed struct {
	step string
	// signed is the SHA-256 of everything in the prepared transaction but the endorsements themselves, which
	// are never the same twice, and the versions of the chaincode's definition, which depend on how it was deployed.
	signed string
	// text shows what was endorsed, for people.
	text string
}

func newEndorsed(step string, prepared []byte) (endorsed, error) {
	message, err := unpackPrepared(prepared)
	if err != nil {
		return endorsed{}, err
	}
	hash := sha256.New()
	for _, part := range [][]byte{message.payload.GetHeader().GetChannelHeader(), message.payload.GetHeader().GetSignatureHeader(),
		message.tx.GetActions()[0].GetHeader(), message.action.GetChaincodeProposalPayload(), message.encodeResponse()} {
		hash.Write(fmt.Appendf(nil, "%d ", len(part)))
		hash.Write(part)
	}
	return endorsed{step: step, signed: hex.EncodeToString(hash.Sum(nil)), text: message.text()}, nil
}

// prepared is a prepared transaction, taken apart.
type prepared struct {
	outer    *gateway.PreparedTransaction
	payload  *common.Payload
	tx       *peer.Transaction
	action   *peer.ChaincodeActionPayload
	response *peer.ProposalResponsePayload
	result   *peer.ChaincodeAction
	set      *rwset.TxReadWriteSet
	parts    []*kvrwset.KVRWSet // of the namespaces, in their order
	// twice repeats the action, and garbled leaves the results as they are, when a forged transaction is packed.
	twice, garbled bool
}

// unpacker unmarshals and keeps the first error.
type unpacker struct{ err error }

func (u *unpacker) unpack(encoded []byte, into proto.Message) {
	if u.err == nil {
		u.err = proto.Unmarshal(encoded, into)
	}
}

func unpackPrepared(encoded []byte) (*prepared, error) {
	p := &prepared{outer: &gateway.PreparedTransaction{}, payload: &common.Payload{}, tx: &peer.Transaction{},
		action: &peer.ChaincodeActionPayload{}, response: &peer.ProposalResponsePayload{}, result: &peer.ChaincodeAction{}, set: &rwset.TxReadWriteSet{}}
	u := &unpacker{}
	u.unpack(encoded, p.outer)
	u.unpack(p.outer.GetEnvelope().GetPayload(), p.payload)
	u.unpack(p.payload.GetData(), p.tx)
	if len(p.tx.GetActions()) != 1 {
		return nil, fmt.Errorf("%d actions", len(p.tx.GetActions()))
	}
	u.unpack(p.tx.GetActions()[0].GetPayload(), p.action)
	u.unpack(p.action.GetAction().GetProposalResponsePayload(), p.response)
	u.unpack(p.response.GetExtension(), p.result)
	u.unpack(p.result.GetResults(), p.set)
	for _, one := range p.set.GetNsRwset() {
		part := &kvrwset.KVRWSet{}
		u.unpack(one.GetRwset(), part)
		p.parts = append(p.parts, part)
	}
	if u.err != nil {
		return nil, u.err
	}
	return p, nil
}

// encodeResponse is what the endorsers signed, without the versions of the chaincode's definition.
func (p *prepared) encodeResponse() []byte {
	set := proto.CloneOf(p.set)
	for i, one := range set.GetNsRwset() {
		if one.GetNamespace() != "_lifecycle" {
			continue
		}
		part := proto.CloneOf(p.parts[i])
		for _, read := range part.GetReads() {
			read.Version = nil
		}
		one.Rwset = encode(part)
	}
	result := proto.CloneOf(p.result)
	result.Results = encode(set)
	return encode(&peer.ProposalResponsePayload{ProposalHash: p.response.GetProposalHash(), Extension: encode(result)})
}

func (p *prepared) text() string {
	text := prototext.Format(&peer.ChaincodeAction{Events: p.result.GetEvents(), Response: p.result.GetResponse(), ChaincodeId: p.result.GetChaincodeId()})
	for i, one := range p.set.GetNsRwset() {
		text += "namespace " + one.GetNamespace() + "\n" + prototext.Format(p.parts[i])
		for _, collection := range one.GetCollectionHashedRwset() {
			hashed := &kvrwset.HashedRWSet{}
			if err := proto.Unmarshal(collection.GetHashedRwset(), hashed); err != nil {
				text += err.Error()
			}
			text += fmt.Sprintf("collection %s, private set %x\n", collection.GetCollectionName(), collection.GetPvtRwsetHash()) + prototext.Format(hashed)
		}
	}
	return text
}

// encode marshals a message that was unmarshalled before, which cannot fail.
func encode(message proto.Message) []byte {
	encoded, err := proto.Marshal(message)
	if err != nil {
		panic(err)
	}
	return encoded
}

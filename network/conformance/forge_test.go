package conformance_test

import (
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"
)

// forgeries are what can be done to a transaction between its endorsement and the orderer. The client signs it
// afterwards, so the orderer sees nothing wrong.
var forgeries = map[string]func(*world, *prepared) error{
	"txid": func(_ *world, p *prepared) error {
		return p.header(func(h *common.ChannelHeader) { h.TxId = "0123456789abcdef" })
	},
	"epoch": func(_ *world, p *prepared) error { return p.header(func(h *common.ChannelHeader) { h.Epoch = 1 }) },
	"type": func(_ *world, p *prepared) error {
		return p.header(func(h *common.ChannelHeader) { h.Type = int32(common.HeaderType_MESSAGE) })
	},
	"no-extension": func(_ *world, p *prepared) error {
		return p.header(func(h *common.ChannelHeader) { h.Extension = nil })
	},
	"proposal": func(_ *world, p *prepared) error {
		p.action.ChaincodeProposalPayload = append(p.action.ChaincodeProposalPayload, 0x1a, 0x00) // a field that says nothing
		return nil
	},
	"result": func(_ *world, p *prepared) error {
		p.part().Writes[0].Value = []byte("forged")
		p.seal()
		return nil
	},
	"response": func(_ *world, p *prepared) error {
		p.result.Response.Payload = []byte("forged")
		p.seal()
		return nil
	},
	"unendorsed": func(_ *world, p *prepared) error { p.action.Action.Endorsements = nil; return nil },
	"endorsed-once": func(_ *world, p *prepared) error {
		p.action.Action.Endorsements = p.action.GetAction().GetEndorsements()[:1]
		return nil
	},
	"endorsed-twice": func(_ *world, p *prepared) error {
		one := p.action.GetAction().GetEndorsements()[0]
		p.action.Action.Endorsements = []*peer.Endorsement{one, one}
		return nil
	},
	"high-s": func(_ *world, p *prepared) error {
		for _, one := range p.action.GetAction().GetEndorsements() {
			one.Signature = highS(one.GetSignature())
		}
		return nil
	},
	"two-actions": func(_ *world, p *prepared) error {
		p.twice = true
		return nil
	},
	// From here on the endorsers are in it: two peers' keys sign what no chaincode ever answered.
	"namespace-twice": conspire(func(p *prepared) {
		p.set.NsRwset = append(p.set.NsRwset, p.set.GetNsRwset()[len(p.set.GetNsRwset())-1])
	}),
	"unknown-namespace": conspire(func(p *prepared) { p.write("nobody", "k") }),
	"definition":        conspire(func(p *prepared) { p.write("_lifecycle", "namespaces/fields/probe/Sequence") }),
	"system":            conspire(func(p *prepared) { p.write("qscc", "k") }),
	"other-chaincode":   conspire(func(p *prepared) { p.result.ChaincodeId.Name = "other" }),
	"no-version":        conspire(func(p *prepared) { p.result.ChaincodeId.Version = "" }),
	"other-version":     conspire(func(p *prepared) { p.result.ChaincodeId.Version = "7.7" }),
	"garbage":           conspire(func(p *prepared) { p.result.Results = []byte("garbage"); p.garbled = true }),
	"other-event": conspire(func(p *prepared) {
		p.result.Events = encode(&peer.ChaincodeEvent{ChaincodeId: "other", EventName: "e"})
	}),
	"refusal":          conspire(func(p *prepared) { p.result.Response.Status = 500 }),
	"no-proposal-hash": conspire(func(p *prepared) { p.response.ProposalHash = nil }),
}

// part is what the transaction has read and written in the chaincode itself.
func (p *prepared) part() *kvrwset.KVRWSet { return p.parts[len(p.parts)-1] }

// write adds a write in a namespace.
func (p *prepared) write(namespace, key string) {
	set := encode(&kvrwset.KVRWSet{Writes: []*kvrwset.KVWrite{{Key: key, Value: []byte("forged")}}})
	for i, one := range p.set.GetNsRwset() {
		if one.GetNamespace() == namespace {
			p.parts[i].Writes = append(p.parts[i].Writes, &kvrwset.KVWrite{Key: key, Value: []byte("forged")})
			return
		}
	}
	p.set.NsRwset = append(p.set.NsRwset, &rwset.NsReadWriteSet{Namespace: namespace, Rwset: set})
	p.parts = append(p.parts, nil)
}

// header changes the channel header.
func (p *prepared) header(change func(*common.ChannelHeader)) error {
	header := &common.ChannelHeader{}
	if err := proto.Unmarshal(p.payload.GetHeader().GetChannelHeader(), header); err != nil {
		return err
	}
	change(header)
	p.payload.Header.ChannelHeader = encode(header)
	return nil
}

// seal puts the parts of the result together again.
func (p *prepared) seal() {
	for i, one := range p.set.GetNsRwset() {
		if i < len(p.parts) && p.parts[i] != nil {
			one.Rwset = encode(p.parts[i])
		}
	}
	if !p.garbled {
		p.result.Results = encode(p.set)
	}
	p.response.Extension = encode(p.result)
	p.action.Action.ProposalResponsePayload = encode(p.response)
}

// conspire changes the result and has it endorsed by the first two organisations' peers, which is enough for the probe.
// All together could do anything, such as defining away the channel's chaincode.
func conspire(change func(*prepared)) func(*world, *prepared) error {
	return func(w *world, p *prepared) error {
		change(p)
		p.seal()
		p.action.Action.Endorsements = nil
		for _, name := range w.peers[:2] {
			s, err := w.signer(name + ".peer0")
			if err != nil {
				return err
			}
			creator := s.serialised()
			signature, err := s.signMessage(append(append([]byte{}, p.action.GetAction().GetProposalResponsePayload()...), creator...))
			if err != nil {
				return err
			}
			p.action.Action.Endorsements = append(p.action.Action.Endorsements, &peer.Endorsement{Endorser: creator, Signature: signature})
		}
		return nil
	}
}

// pack puts a prepared transaction together again, without a signature.
func (p *prepared) pack() []byte {
	p.tx.Actions[0].Payload = encode(p.action)
	if p.twice {
		p.tx.Actions = append(p.tx.Actions, p.tx.GetActions()[0])
	}
	p.payload.Data = encode(p.tx)
	p.outer.Envelope.Payload = encode(p.payload)
	p.outer.Envelope.Signature = nil
	return encode(p.outer)
}

// forge makes a kept transaction wrong in a way and keeps the result: b = forge a txid.
func forge(r *runner, s *step) outcome {
	if len(s.words) != 2 {
		return bad("forge what, and how?")
	}
	k, err := r.find(s.words[0])
	if err != nil {
		return bad(err.Error())
	}
	how, known := forgeries[s.words[1]]
	if !known {
		return bad("no forgery " + s.words[1])
	}
	bytes, err := k.tx.Bytes()
	if err != nil {
		return bad(err.Error())
	}
	p, err := unpackPrepared(bytes)
	if err != nil {
		return bad(err.Error())
	}
	if err := how(r.world, p); err != nil {
		return bad(err.Error())
	}
	tx, err := k.gateway.NewTransaction(p.pack()) // which signs it
	if err != nil {
		return bad(fmt.Sprintf("the client does not take it: %v", err))
	}
	r.kept[s.keep] = &kept{proposal: k.proposal, tx: tx, gateway: k.gateway}
	return good("")
}

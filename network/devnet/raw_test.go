package devnet_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"testing"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-gateway/pkg/identity"
	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"github.com/hyperledger/fabric-protos-go-apiv2/orderer"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zegel/zegel/network/devnet"
)

// member signs messages of any kind, well formed or not.
type member struct {
	t       testing.TB
	pair    devnet.KeyPair
	creator []byte
	sign    identity.Sign
}

func (c *consortium) member(mspID string) *member {
	c.t.Helper()
	pair := c.authorities[mspID].issue("raw", "client")
	_, sign := signer(c.t, mspID, pair)
	creator, err := proto.Marshal(&msp.SerializedIdentity{Mspid: mspID, IdBytes: pair.Certificate})
	must(c.t, err)
	return &member{t: c.t, pair: pair, creator: creator, sign: sign}
}

func (m *member) signature(message []byte) []byte {
	digest := sha256.Sum256(message)
	signature, err := m.sign(digest[:])
	must(m.t, err)
	return signature
}

func (m *member) encode(message proto.Message) []byte {
	m.t.Helper()
	encoded, err := proto.Marshal(message)
	must(m.t, err)
	return encoded
}

// envelope is a signed envelope of any type, with the channel header changed at will.
func (m *member) envelope(kind common.HeaderType, data proto.Message, change ...func(*common.ChannelHeader)) *common.Envelope {
	m.t.Helper()
	nonce := make([]byte, 24)
	_, err := rand.Read(nonce)
	must(m.t, err)
	header := &common.ChannelHeader{Type: int32(kind), ChannelId: channelName, Timestamp: timestamppb.Now()}
	for _, f := range change {
		f(header)
	}
	payload := m.encode(&common.Payload{Data: m.encode(data), Header: &common.Header{ChannelHeader: m.encode(header),
		SignatureHeader: m.encode(&common.SignatureHeader{Creator: m.creator, Nonce: nonce})}})
	return &common.Envelope{Payload: payload, Signature: m.signature(payload)}
}

func (c *consortium) ordererConnection() *grpc.ClientConn {
	c.t.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(c.authorities["AMSP"].pem)
	connection, err := grpc.NewClient("passthrough:///"+c.network.OrdererAddress(), grpc.WithTransportCredentials(credentials.NewClientTLSFromCert(roots, "")))
	must(c.t, err)
	c.t.Cleanup(func() { _ = connection.Close() })
	return connection
}

func (c *consortium) broadcast(envelope *common.Envelope) *orderer.BroadcastResponse {
	c.t.Helper()
	ctx, cancel := contextFor(5 * time.Second)
	defer cancel()
	stream, err := orderer.NewAtomicBroadcastClient(c.ordererConnection()).Broadcast(ctx)
	must(c.t, err)
	must(c.t, stream.Send(envelope))
	response, err := stream.Recv()
	must(c.t, err)
	return response
}

func TestBroadcast(t *testing.T) {
	c := newConsortium(t, func(config *devnet.Config) { config.Orderer.AbsoluteMaxBytes = 10000 }).start()
	a, auditor := c.member("AMSP"), c.member("AuditorMSP")
	forged := a.envelope(common.HeaderType_ENDORSER_TRANSACTION, &peer.Transaction{})
	forged.Signature = auditor.signature(forged.GetPayload())
	large := &peer.Transaction{Actions: []*peer.TransactionAction{{Payload: make([]byte, 10001)}}}
	for _, test := range []struct {
		name     string
		envelope *common.Envelope
		status   common.Status
		info     string
	}{
		{"a member", a.envelope(common.HeaderType_ENDORSER_TRANSACTION, &peer.Transaction{}), common.Status_SUCCESS, ""},
		{"the auditor", auditor.envelope(common.HeaderType_ENDORSER_TRANSACTION, &peer.Transaction{}), common.Status_FORBIDDEN, "permission denied"},
		{"a forged signature", forged, common.Status_FORBIDDEN, "permission denied"},
		{"another channel", a.envelope(common.HeaderType_MESSAGE, &peer.Transaction{}, func(h *common.ChannelHeader) { h.ChannelId = "nowhere" }), common.Status_BAD_REQUEST, "channel does not exist"},
		{"too large", a.envelope(common.HeaderType_ENDORSER_TRANSACTION, large), common.Status_BAD_REQUEST, "exceeds maximum allowed 10000 bytes"},
		{"a configuration", a.envelope(common.HeaderType_CONFIG, &common.ConfigEnvelope{}), common.Status_BAD_REQUEST, "message is of type that cannot be processed directly"},
		{"nothing", &common.Envelope{}, common.Status_BAD_REQUEST, "could not determine channel ID"},
		{"garbage", &common.Envelope{Payload: []byte("garbage")}, common.Status_BAD_REQUEST, "could not determine channel ID"},
	} {
		t.Run(test.name, func(t *testing.T) {
			response := c.broadcast(test.envelope)
			if response.GetStatus() != test.status {
				t.Errorf("status %s: %s", response.GetStatus(), response.GetInfo())
			}
			contains(t, errorOf(response.GetInfo()), test.info)
		})
	}
}

type errorOf string

func (e errorOf) Error() string { return string(e) }

// tampered changes an endorsed transaction and signs it again, as a dishonest client would.
func tampered(t *testing.T, m *member, c *client.Contract, change func(*common.Payload, *peer.Transaction, *peer.ChaincodeActionPayload)) *common.Envelope {
	t.Helper()
	bytes, err := endorse(t, c, nil, "put", "k", "honest").Bytes()
	must(t, err)
	prepared, payload, tx, action := &gateway.PreparedTransaction{}, &common.Payload{}, &peer.Transaction{}, &peer.ChaincodeActionPayload{}
	must(t, proto.Unmarshal(bytes, prepared))
	must(t, proto.Unmarshal(prepared.GetEnvelope().GetPayload(), payload))
	must(t, proto.Unmarshal(payload.GetData(), tx))
	must(t, proto.Unmarshal(tx.GetActions()[0].GetPayload(), action))
	before := len(tx.GetActions())
	change(payload, tx, action)
	if len(tx.GetActions()) == before {
		tx.GetActions()[0].Payload = m.encode(action)
	}
	payload.Data = m.encode(tx)
	encoded := m.encode(payload)
	return &common.Envelope{Payload: encoded, Signature: m.signature(encoded)}
}

// dishonesty calls do with an envelope for each way to tamper with a transaction, and what has to become of it.
func (c *consortium) dishonesty(t *testing.T, do func(name string, envelope *common.Envelope, want peer.TxValidationCode)) {
	t.Helper()
	pair := c.authorities["AMSP"].issue("dishonest", "client")
	_, sign := signer(t, "AMSP", pair)
	creator, err := proto.Marshal(&msp.SerializedIdentity{Mspid: "AMSP", IdBytes: pair.Certificate})
	must(t, err)
	m := &member{t: t, creator: creator, sign: sign}
	a := contract(c.with("AMSP", pair, ""))
	for _, test := range []struct {
		name   string
		change func(*common.Payload, *peer.Transaction, *peer.ChaincodeActionPayload)
		want   peer.TxValidationCode
	}{
		{"untouched", func(*common.Payload, *peer.Transaction, *peer.ChaincodeActionPayload) {}, peer.TxValidationCode_VALID},
		{"another identifier", func(p *common.Payload, _ *peer.Transaction, _ *peer.ChaincodeActionPayload) {
			header := &common.ChannelHeader{}
			must(t, proto.Unmarshal(p.GetHeader().GetChannelHeader(), header))
			header.TxId = "0000"
			p.Header.ChannelHeader = m.encode(header)
		}, peer.TxValidationCode_BAD_PROPOSAL_TXID},
		{"an epoch", func(p *common.Payload, _ *peer.Transaction, _ *peer.ChaincodeActionPayload) {
			header := &common.ChannelHeader{}
			must(t, proto.Unmarshal(p.GetHeader().GetChannelHeader(), header))
			header.Epoch = 1
			p.Header.ChannelHeader = m.encode(header)
		}, peer.TxValidationCode_BAD_COMMON_HEADER},
		{"other arguments", func(_ *common.Payload, _ *peer.Transaction, action *peer.ChaincodeActionPayload) {
			action.ChaincodeProposalPayload = m.encode(&peer.ChaincodeProposalPayload{Input: []byte("other")})
		}, peer.TxValidationCode_INVALID_ENDORSER_TRANSACTION},
		{"two actions", func(_ *common.Payload, tx *peer.Transaction, _ *peer.ChaincodeActionPayload) {
			tx.Actions = append(tx.Actions, tx.Actions[0])
		}, peer.TxValidationCode_INVALID_ENDORSER_TRANSACTION},
		{"an endorsement less", func(_ *common.Payload, _ *peer.Transaction, action *peer.ChaincodeActionPayload) {
			action.Action.Endorsements = action.Action.Endorsements[:1]
		}, peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE},
		{"one endorsement twice", func(_ *common.Payload, _ *peer.Transaction, action *peer.ChaincodeActionPayload) {
			action.Action.Endorsements[1] = action.Action.Endorsements[0]
		}, peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE},
		{"another result", func(_ *common.Payload, _ *peer.Transaction, action *peer.ChaincodeActionPayload) {
			response, result := &peer.ProposalResponsePayload{}, &peer.ChaincodeAction{}
			must(t, proto.Unmarshal(action.GetAction().GetProposalResponsePayload(), response))
			must(t, proto.Unmarshal(response.GetExtension(), result))
			result.Response.Payload = []byte("forged")
			response.Extension = m.encode(result)
			action.Action.ProposalResponsePayload = m.encode(response)
		}, peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE},
		{"a read/write set that does not decode", func(_ *common.Payload, _ *peer.Transaction, action *peer.ChaincodeActionPayload) {
			response, result := &peer.ProposalResponsePayload{}, &peer.ChaincodeAction{}
			must(t, proto.Unmarshal(action.GetAction().GetProposalResponsePayload(), response))
			must(t, proto.Unmarshal(response.GetExtension(), result))
			result.Results = []byte("garbage")
			response.Extension = m.encode(result)
			action.Action.ProposalResponsePayload = m.encode(response)
		}, peer.TxValidationCode_BAD_RWSET},
		{"another chaincode in the result", func(_ *common.Payload, _ *peer.Transaction, action *peer.ChaincodeActionPayload) {
			response, result := &peer.ProposalResponsePayload{}, &peer.ChaincodeAction{}
			must(t, proto.Unmarshal(action.GetAction().GetProposalResponsePayload(), response))
			must(t, proto.Unmarshal(response.GetExtension(), result))
			result.ChaincodeId.Name = "other"
			response.Extension = m.encode(result)
			action.Action.ProposalResponsePayload = m.encode(response)
		}, peer.TxValidationCode_INVALID_CHAINCODE},
	} {
		do(test.name, tampered(t, m, a, test.change), test.want)
	}
}

func TestValidation(t *testing.T) {
	c := newConsortium(t).start()
	c.dishonesty(t, func(name string, envelope *common.Envelope, want peer.TxValidationCode) {
		t.Run(name, func(t *testing.T) {
			height := c.network.Height("peer0.CMSP")
			if response := c.broadcast(envelope); response.GetStatus() != common.Status_SUCCESS {
				t.Fatalf("refused: %s", response.GetInfo())
			}
			eventually(t, "it is in a block", func() bool { return c.network.Height("peer0.CMSP") > height })
			if code := c.codeIn("CMSP", height); code != want {
				t.Errorf("code %s, not %s", code, want)
			}
		})
	})
}

// codeIn is the code of the first transaction in a block of an organisation's peer.
func (c *consortium) codeIn(mspID string, number uint64) peer.TxValidationCode {
	c.t.Helper()
	ctx, cancel := contextFor(5 * time.Second)
	defer cancel()
	blocks, err := c.as(mspID).GetNetwork(channelName).FilteredBlockEvents(ctx, client.WithStartBlock(number))
	must(c.t, err)
	block := <-blocks
	drain(cancel, blocks)
	return block.GetFilteredTransactions()[0].GetTxValidationCode()
}

func TestDeliver(t *testing.T) {
	c := newConsortium(t).start() // two blocks
	a, stranger := c.member("AMSP"), c.member("BMSP")
	stranger.creator = a.creator
	at := func(n uint64) *orderer.SeekPosition {
		return &orderer.SeekPosition{Type: &orderer.SeekPosition_Specified{Specified: &orderer.SeekSpecified{Number: n}}}
	}
	oldest := &orderer.SeekPosition{Type: &orderer.SeekPosition_Oldest{Oldest: &orderer.SeekOldest{}}}
	newest := &orderer.SeekPosition{Type: &orderer.SeekPosition_Newest{Newest: &orderer.SeekNewest{}}}
	ready := orderer.SeekInfo_FAIL_IF_NOT_READY
	late := func(h *common.ChannelHeader) { h.Timestamp = timestamppb.New(time.Now().Add(-time.Hour)) }
	elsewhere := func(h *common.ChannelHeader) { h.ChannelId = "nowhere" }
	for _, test := range []struct {
		name   string
		from   *member
		seek   *orderer.SeekInfo
		change func(*common.ChannelHeader)
		blocks []uint64
		status common.Status
	}{
		{"all there is", a, &orderer.SeekInfo{Start: oldest, Stop: newest}, nil, []uint64{0, 1}, common.Status_SUCCESS},
		{"the newest", a, &orderer.SeekInfo{Start: newest, Stop: newest}, nil, []uint64{1}, common.Status_SUCCESS},
		{"one", a, &orderer.SeekInfo{Start: at(1), Stop: at(1)}, nil, []uint64{1}, common.Status_SUCCESS},
		{"backwards", a, &orderer.SeekInfo{Start: at(1), Stop: at(0)}, nil, nil, common.Status_BAD_REQUEST},
		{"beyond the next", a, &orderer.SeekInfo{Start: at(9), Stop: at(9)}, nil, nil, common.Status_NOT_FOUND},
		{"not ready", a, &orderer.SeekInfo{Start: at(1), Stop: at(5), Behavior: ready}, nil, []uint64{1}, common.Status_NOT_FOUND},
		{"without a start", a, &orderer.SeekInfo{Stop: newest}, nil, nil, common.Status_BAD_REQUEST},
		{"an old request", a, &orderer.SeekInfo{Start: oldest, Stop: newest}, late, nil, common.Status_BAD_REQUEST},
		{"another channel", a, &orderer.SeekInfo{Start: oldest, Stop: newest}, elsewhere, nil, common.Status_NOT_FOUND},
		{"a stranger", stranger, &orderer.SeekInfo{Start: oldest, Stop: newest}, nil, nil, common.Status_FORBIDDEN},
	} {
		t.Run(test.name, func(t *testing.T) {
			change := func(*common.ChannelHeader) {}
			if test.change != nil {
				change = test.change
			}
			request := test.from.envelope(common.HeaderType_DELIVER_SEEK_INFO, test.seek, change)
			for place, deliver := range map[string]func(*testing.T, *common.Envelope) ([]uint64, common.Status){"peer": c.deliverFromPeer, "orderer": c.deliverFromOrderer} {
				blocks, status := deliver(t, request)
				if status != test.status || len(blocks) != len(test.blocks) || (len(blocks) > 0 && blocks[0] != test.blocks[0]) {
					t.Errorf("%s: blocks %v and %s", place, blocks, status)
				}
			}
		})
	}
}

func (c *consortium) deliverFromPeer(t *testing.T, request *common.Envelope) (numbers []uint64, status common.Status) {
	t.Helper()
	ctx, cancel := contextFor(5 * time.Second)
	defer cancel()
	stream, err := peer.NewDeliverClient(c.dial("AMSP")).Deliver(ctx)
	must(t, err)
	must(t, stream.Send(request))
	for {
		response, err := stream.Recv()
		must(t, err)
		if response.GetBlock() == nil {
			return numbers, response.GetStatus()
		}
		numbers = append(numbers, response.GetBlock().GetHeader().GetNumber())
	}
}

func (c *consortium) deliverFromOrderer(t *testing.T, request *common.Envelope) (numbers []uint64, status common.Status) {
	t.Helper()
	ctx, cancel := contextFor(5 * time.Second)
	defer cancel()
	stream, err := orderer.NewAtomicBroadcastClient(c.ordererConnection()).Deliver(ctx)
	must(t, err)
	must(t, stream.Send(request))
	for {
		response, err := stream.Recv()
		must(t, err)
		if response.GetBlock() == nil {
			return numbers, response.GetStatus()
		}
		numbers = append(numbers, response.GetBlock().GetHeader().GetNumber())
	}
}

func TestGatewayArguments(t *testing.T) {
	c := newConsortium(t).start()
	g := gateway.NewGatewayClient(c.dial("AMSP"))
	ctx := context.Background()
	m := c.member("AMSP")
	commitStatus := func(request *gateway.CommitStatusRequest) error {
		_, err := g.CommitStatus(ctx, &gateway.SignedCommitStatusRequest{Request: m.encode(request)})
		return err
	}
	garbage := &peer.SignedProposal{ProposalBytes: []byte("garbage")}
	for name, test := range map[string]struct {
		call func() error
		text string
	}{
		"endorse nothing": {func() error { _, err := g.Endorse(ctx, &gateway.EndorseRequest{}); return err }, "the proposed transaction must contain a signed proposal"},
		"endorse garbage": {func() error {
			_, err := g.Endorse(ctx, &gateway.EndorseRequest{ProposedTransaction: garbage})
			return err
		}, "error unmarshalling Proposal"},
		"evaluate nothing": {func() error { _, err := g.Evaluate(ctx, &gateway.EvaluateRequest{}); return err }, "failed to unpack transaction proposal: a signed proposal is required"},
		"evaluate garbage": {func() error {
			_, err := g.Evaluate(ctx, &gateway.EvaluateRequest{ProposedTransaction: garbage})
			return err
		}, "failed to unpack transaction proposal: error unmarshalling Proposal"},
		"submit nothing": {func() error { _, err := g.Submit(ctx, &gateway.SubmitRequest{}); return err }, "a prepared transaction is required"},
		"submit without signature": {func() error {
			_, err := g.Submit(ctx, &gateway.SubmitRequest{PreparedTransaction: &common.Envelope{}})
			return err
		}, "prepared transaction must be signed"},
		"status of nothing":      {func() error { return commitStatus(&gateway.CommitStatusRequest{}) }, "a commit status request is required"},
		"status for nobody":      {func() error { return commitStatus(&gateway.CommitStatusRequest{ChannelId: channelName}) }, "no identity provided"},
		"status without channel": {func() error { return commitStatus(&gateway.CommitStatusRequest{Identity: m.creator}) }, "no channel ID provided"},
		"status without id": {func() error {
			return commitStatus(&gateway.CommitStatusRequest{Identity: m.creator, ChannelId: channelName})
		}, "transaction ID should not be empty"},
	} {
		t.Run(name, func(t *testing.T) { expect(t, test.call(), codes.InvalidArgument, test.text) })
	}
}

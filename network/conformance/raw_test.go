package conformance_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/orderer"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// rawCalls are requests to the gateway service that the client never makes.
var rawCalls = map[string]func(context.Context, gateway.GatewayClient, *world) error{
	"evaluate-nothing": func(ctx context.Context, g gateway.GatewayClient, _ *world) error {
		_, err := g.Evaluate(ctx, &gateway.EvaluateRequest{})
		return err
	},
	"endorse-nothing": func(ctx context.Context, g gateway.GatewayClient, _ *world) error {
		_, err := g.Endorse(ctx, &gateway.EndorseRequest{})
		return err
	},
	"endorse-garbage": func(ctx context.Context, g gateway.GatewayClient, _ *world) error {
		_, err := g.Endorse(ctx, &gateway.EndorseRequest{ProposedTransaction: &peer.SignedProposal{ProposalBytes: []byte("garbage")}})
		return err
	},
	"submit-nothing": func(ctx context.Context, g gateway.GatewayClient, _ *world) error {
		_, err := g.Submit(ctx, &gateway.SubmitRequest{})
		return err
	},
	"submit-unsigned": func(ctx context.Context, g gateway.GatewayClient, w *world) error {
		_, err := g.Submit(ctx, &gateway.SubmitRequest{ChannelId: w.consortium.Channel, PreparedTransaction: &common.Envelope{Payload: []byte("p")}})
		return err
	},
	"submit-elsewhere": func(ctx context.Context, g gateway.GatewayClient, _ *world) error {
		_, err := g.Submit(ctx, &gateway.SubmitRequest{ChannelId: "nowhere", PreparedTransaction: &common.Envelope{Payload: []byte("p"), Signature: []byte("s")}})
		return err
	},
	"submit-garbage": func(ctx context.Context, g gateway.GatewayClient, w *world) error {
		_, err := g.Submit(ctx, &gateway.SubmitRequest{ChannelId: w.consortium.Channel, PreparedTransaction: &common.Envelope{Payload: []byte("p"), Signature: []byte("s")}})
		return err
	},
	"status-nothing":     commitStatus(func(*gateway.CommitStatusRequest) *gateway.CommitStatusRequest { return nil }),
	"status-no-identity": commitStatus(func(r *gateway.CommitStatusRequest) *gateway.CommitStatusRequest { r.Identity = nil; return r }),
	"status-no-channel":  commitStatus(func(r *gateway.CommitStatusRequest) *gateway.CommitStatusRequest { r.ChannelId = ""; return r }),
	"status-no-txid":     commitStatus(func(r *gateway.CommitStatusRequest) *gateway.CommitStatusRequest { r.TransactionId = ""; return r }),
	"status-elsewhere":   commitStatus(func(r *gateway.CommitStatusRequest) *gateway.CommitStatusRequest { r.ChannelId = "nowhere"; return r }),
	"status-unsigned":    commitStatus(func(r *gateway.CommitStatusRequest) *gateway.CommitStatusRequest { return r }),
	"events-nothing":     chaincodeEvents(func(*gateway.ChaincodeEventsRequest) *gateway.ChaincodeEventsRequest { return nil }),
	"events-elsewhere": chaincodeEvents(func(r *gateway.ChaincodeEventsRequest) *gateway.ChaincodeEventsRequest {
		r.ChannelId = "nowhere"
		return r
	}),
	"events-unsigned": chaincodeEvents(func(r *gateway.ChaincodeEventsRequest) *gateway.ChaincodeEventsRequest { return r }),
}

func commitStatus(change func(*gateway.CommitStatusRequest) *gateway.CommitStatusRequest) func(context.Context, gateway.GatewayClient, *world) error {
	return func(ctx context.Context, g gateway.GatewayClient, w *world) error {
		s, err := w.signer("alpha")
		if err != nil {
			return err
		}
		request := &gateway.SignedCommitStatusRequest{Signature: []byte("signed, me")}
		if inner := change(&gateway.CommitStatusRequest{TransactionId: "tx", ChannelId: w.consortium.Channel, Identity: s.serialised()}); inner != nil {
			request.Request = encode(inner)
		}
		_, err = g.CommitStatus(ctx, request)
		return err
	}
}

func chaincodeEvents(change func(*gateway.ChaincodeEventsRequest) *gateway.ChaincodeEventsRequest) func(context.Context, gateway.GatewayClient, *world) error {
	return func(ctx context.Context, g gateway.GatewayClient, w *world) error {
		s, err := w.signer("alpha")
		if err != nil {
			return err
		}
		request := &gateway.SignedChaincodeEventsRequest{Signature: []byte("signed, me")}
		if inner := change(&gateway.ChaincodeEventsRequest{ChannelId: w.consortium.Channel, ChaincodeId: "probe", Identity: s.serialised()}); inner != nil {
			request.Request = encode(inner)
		}
		stream, err := g.ChaincodeEvents(ctx, request)
		if err == nil {
			_, err = stream.Recv()
		}
		return err
	}
}

func raw(r *runner, s *step) outcome {
	call, known := rawCalls[s.words[0]]
	if !known {
		return bad("no call " + s.words[0])
	}
	ctx, cancel := context.WithTimeout(r.ctx, patience)
	defer cancel()
	if err := call(ctx, gateway.NewGatewayClient(r.dialled[r.peers[0]]), r.world); err != nil {
		return bad(showError(s.words[0], err))
	}
	return good("")
}

// broadcast sends a kept transaction to the orderer itself, as it is or spoilt.
func broadcast(r *runner, s *step) outcome {
	transactions, err := r.transactions(&step{words: s.words[:1]})
	if err != nil {
		return bad(err.Error())
	}
	bytes, err := transactions[0].Bytes()
	if err != nil {
		return bad(err.Error())
	}
	p, err := unpackPrepared(bytes)
	if err != nil {
		return bad(err.Error())
	}
	envelope, err := r.spoil(s, p)
	if err != nil {
		return bad(err.Error())
	}
	ctx, cancel := context.WithTimeout(r.ctx, patience)
	defer cancel()
	from := r.height()
	stream, err := orderer.NewAtomicBroadcastClient(r.dialled[ordererName]).Broadcast(ctx)
	if err == nil {
		err = stream.Send(envelope)
	}
	if err != nil {
		return bad(showError("broadcast", err))
	}
	response, err := stream.Recv()
	if err != nil {
		return bad(showError("broadcast", err))
	}
	if response.GetStatus() != common.Status_SUCCESS {
		return bad(strings.TrimSpace(fmt.Sprintf("%s %s", response.GetStatus(), response.GetInfo())))
	}
	if _, err := r.filler.SubmitWithContext(ctx); err != nil {
		return bad(showError("submit", err))
	}
	blocks, err := r.await(ctx, from, 2)
	if err != nil {
		return bad(err.Error())
	}
	return good("SUCCESS %s", showBlocks(blocks, r.filler.TransactionID()))
}

// spoil signs a transaction for the step's signer, and makes it wrong as the step's second word says.
func (r *runner) spoil(s *step, p *prepared) (*common.Envelope, error) {
	how := ""
	if len(s.words) > 1 {
		how = s.words[1]
	}
	switch how {
	case "elsewhere":
		if err := p.header(func(h *common.ChannelHeader) { h.ChannelId = "nowhere" }); err != nil {
			return nil, err
		}
	case "no-header":
		p.payload.Header = nil
	case "no-channel-header":
		p.payload.Header.ChannelHeader = nil
	case "config":
		if err := p.header(func(h *common.ChannelHeader) { h.Type = int32(common.HeaderType_CONFIG) }); err != nil {
			return nil, err
		}
	case "config-update":
		if err := p.header(func(h *common.ChannelHeader) { h.Type = int32(common.HeaderType_CONFIG_UPDATE) }); err != nil {
			return nil, err
		}
	}
	signer, err := r.signer(s.who())
	if err != nil {
		return nil, err
	}
	envelope := &common.Envelope{Payload: encode(p.payload)}
	switch how {
	case "garbage":
		envelope.Payload = []byte("garbage")
	case "empty":
		envelope.Payload = nil
	}
	if envelope.Signature, err = signer.signMessage(envelope.GetPayload()); err != nil {
		return nil, err
	}
	switch how {
	case "unsigned":
		envelope.Signature = nil
	case "high-s":
		envelope.Signature = highS(envelope.GetSignature())
	}
	return envelope, nil
}

// seek asks a deliver service for blocks: seek KIND FROM TO. KIND is block, filtered, private or orderer; FROM and TO are
// oldest, newest, next, none, the number of a block counted from the case's first, or head+N, counted from the height.
// Further words change the request. It shows the numbers of the blocks that come, counted likewise, and the status.
func seek(r *runner, s *step) outcome {
	if len(s.words) < 3 {
		return bad("seek what, from where, to where?")
	}
	envelope, err := r.seekRequest(s)
	if err != nil {
		return bad(err.Error())
	}
	ctx, cancel := context.WithTimeout(r.ctx, patience)
	defer cancel()
	at := s.at
	if at == "" {
		at = r.peers[0]
	}
	receive, err := openDeliver(ctx, s.words[0], r.dialled[at], r.dialled[ordererName])
	if err != nil {
		return bad(showError("seek", err))
	}
	if err := receive.send(envelope); err != nil {
		return bad(showError("seek", err))
	}
	var texts []string
	for {
		block, found, err := receive.next()
		if err != nil {
			return bad(showError("seek", err))
		}
		if found != nil {
			return outcome{text: strings.TrimSpace(strings.Join(texts, " ") + " " + found.String()), well: *found == common.Status_SUCCESS}
		}
		texts = append(texts, strconv.FormatInt(int64(block-r.start), 10))
	}
}

func (r *runner) seekRequest(s *step) (*common.Envelope, error) {
	signer, err := r.signer(s.who())
	if err != nil {
		return nil, err
	}
	from, err := r.position(s.words[1])
	if err != nil {
		return nil, err
	}
	to, err := r.position(s.words[2])
	if err != nil {
		return nil, err
	}
	changes := s.words[3:]
	with := func(change string) bool { return slices.Contains(changes, change) }
	info := &orderer.SeekInfo{Start: from, Stop: to}
	if with("now") {
		info.Behavior = orderer.SeekInfo_FAIL_IF_NOT_READY
	}
	header := &common.ChannelHeader{Type: int32(common.HeaderType_DELIVER_SEEK_INFO), ChannelId: r.consortium.Channel, Timestamp: timestamppb.Now()}
	if with("elsewhere") {
		header.ChannelId = "nowhere"
	}
	if with("late") {
		header.Timestamp = timestamppb.New(time.Now().Add(-20 * time.Minute))
	}
	if with("no-time") {
		header.Timestamp = nil
	}
	payload := &common.Payload{Header: &common.Header{ChannelHeader: encode(header),
		SignatureHeader: encode(&common.SignatureHeader{Creator: signer.serialised()})}, Data: encode(info)}
	if with("garbage") {
		payload.Data = []byte("garbage")
	}
	envelope := &common.Envelope{Payload: encode(payload)}
	if envelope.Signature, err = signer.signMessage(envelope.GetPayload()); err != nil {
		return nil, err
	}
	if with("unsigned") {
		envelope.Signature = nil
	}
	return envelope, nil
}

func (r *runner) position(text string) (*orderer.SeekPosition, error) {
	switch text {
	case "oldest":
		return &orderer.SeekPosition{Type: &orderer.SeekPosition_Oldest{Oldest: &orderer.SeekOldest{}}}, nil
	case "newest":
		return &orderer.SeekPosition{Type: &orderer.SeekPosition_Newest{Newest: &orderer.SeekNewest{}}}, nil
	case "next":
		return &orderer.SeekPosition{Type: &orderer.SeekPosition_NextCommit{NextCommit: &orderer.SeekNextCommit{}}}, nil
	case "none":
		return nil, nil
	}
	base := r.start
	if beyond, ok := strings.CutPrefix(text, "head+"); ok {
		base, text = r.height(), beyond
	}
	n, err := strconv.ParseUint(text, 10, 32)
	return &orderer.SeekPosition{Type: &orderer.SeekPosition_Specified{Specified: &orderer.SeekSpecified{Number: base + n}}}, err
}

// deliverStream is one of the four streams that blocks come from.
type deliverStream struct {
	send func(*common.Envelope) error
	// next is the number of a block, or the status that ends the answer.
	next func() (uint64, *common.Status, error)
}

func openDeliver(ctx context.Context, kind string, atPeer, atOrderer *grpc.ClientConn) (*deliverStream, error) {
	if kind == "orderer" {
		stream, err := orderer.NewAtomicBroadcastClient(atOrderer).Deliver(ctx)
		if err != nil {
			return nil, err
		}
		return &deliverStream{send: stream.Send, next: func() (uint64, *common.Status, error) {
			response, err := stream.Recv()
			if t, ok := response.GetType().(*orderer.DeliverResponse_Status); ok {
				return 0, &t.Status, err
			}
			return response.GetBlock().GetHeader().GetNumber(), nil, err
		}}, nil
	}
	open := map[string]func(context.Context, ...grpc.CallOption) (peer.Deliver_DeliverClient, error){
		"block": peer.NewDeliverClient(atPeer).Deliver, "filtered": peer.NewDeliverClient(atPeer).DeliverFiltered,
		"private": peer.NewDeliverClient(atPeer).DeliverWithPrivateData,
	}[kind]
	if open == nil {
		return nil, fmt.Errorf("no stream %s", kind)
	}
	stream, err := open(ctx)
	if err != nil {
		return nil, err
	}
	return &deliverStream{send: stream.Send, next: func() (uint64, *common.Status, error) {
		response, err := stream.Recv()
		switch t := response.GetType().(type) {
		case *peer.DeliverResponse_Status:
			return 0, &t.Status, err
		case *peer.DeliverResponse_FilteredBlock:
			return t.FilteredBlock.GetNumber(), nil, err
		case *peer.DeliverResponse_BlockAndPrivateData:
			return t.BlockAndPrivateData.GetBlock().GetHeader().GetNumber(), nil, err
		default:
			return response.GetBlock().GetHeader().GetNumber(), nil, err
		}
	}}, nil
}

package fabric_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"github.com/hyperledger/fabric-protos-go-apiv2/orderer"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/fabric"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"
)

// fake is a peer with a gateway and a block stream, and a ledger that takes every transaction into
// a block of its own. Its hooks break it.
type fake struct {
	gateway.UnimplementedGatewayServer
	peer.UnimplementedDeliverServer

	// The hooks are set before the client connects. nil means that nothing is broken.
	endorse func(orgs []string) error
	alter   func(*prepared)
	submit  func(attempt int) (lands bool, err error)
	status  func(attempt int) error
	code    func(txID string) peer.TxValidationCode
	deliver func(attempt int) error
	mute    bool // the block stream tells of the first block and then nothing more

	mu       sync.Mutex
	blocks   []*peer.FilteredBlock
	grown    chan struct{} // closed and replaced when a block is added
	asked    [][]string    // endorsing organisations, by proposal
	private  [][]byte      // transient details, by proposal
	sent     []string      // transaction ids, by submission
	statuses int
	delivers int
}

func newFake() *fake {
	f := &fake{grown: make(chan struct{})}
	f.add("genesis", peer.TxValidationCode_VALID)
	return f
}

// prepared is a prepared transaction in parts, so that a hook can alter each.
type prepared struct {
	channelHeader, signatureHeader, actionHeader []byte
	payload                                      *peer.ChaincodeProposalPayload
	proposalHash                                 []byte
	action                                       *peer.ChaincodeAction
	endorsers                                    []string
	actions                                      int
	junk                                         []byte // added to the transaction
}

func (f *fake) add(txID string, code peer.TxValidationCode) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, block := range f.blocks {
		if block.FilteredTransactions[0].Txid == txID {
			code = peer.TxValidationCode_DUPLICATE_TXID
		}
	}
	f.blocks = append(f.blocks, &peer.FilteredBlock{
		ChannelId: api.Channel, Number: uint64(len(f.blocks)),
		FilteredTransactions: []*peer.FilteredTransaction{{Txid: txID, TxValidationCode: code}},
	})
	close(f.grown)
	f.grown = make(chan struct{})
}

// state is the blocks so far, and what is closed when there are more.
func (f *fake) state() ([]*peer.FilteredBlock, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.blocks, f.grown
}

func (f *fake) Endorse(_ context.Context, request *gateway.EndorseRequest) (*gateway.EndorseResponse, error) {
	proposed, header, payload := &peer.Proposal{}, &common.Header{}, &peer.ChaincodeProposalPayload{}
	must(proto.Unmarshal(request.GetProposedTransaction().GetProposalBytes(), proposed))
	must(proto.Unmarshal(proposed.GetHeader(), header))
	must(proto.Unmarshal(proposed.GetPayload(), payload))
	f.mu.Lock()
	f.asked = append(f.asked, request.GetEndorsingOrganizations())
	f.private = append(f.private, payload.TransientMap[api.TransientDetails])
	f.mu.Unlock()
	if f.endorse != nil {
		if err := f.endorse(request.GetEndorsingOrganizations()); err != nil {
			return nil, err
		}
	}
	payload.TransientMap = nil
	hash := sha256.Sum256(join(header.ChannelHeader, header.SignatureHeader, marshal(payload)))
	p := &prepared{
		channelHeader: header.ChannelHeader, signatureHeader: header.SignatureHeader, actionHeader: header.SignatureHeader,
		payload: payload, proposalHash: hash[:], endorsers: request.GetEndorsingOrganizations(), actions: 1,
		action: &peer.ChaincodeAction{
			Response:    &peer.Response{Status: 200, Payload: replyTo(payload)},
			ChaincodeId: &peer.ChaincodeID{Name: api.Chaincode, Version: "1"},
		},
	}
	if f.alter != nil {
		f.alter(p)
	}
	return &gateway.EndorseResponse{PreparedTransaction: &common.Envelope{Payload: p.marshal()}}, nil
}

// replyTo is what the chaincode answers: every command is applied.
func replyTo(payload *peer.ChaincodeProposalPayload) []byte {
	spec, batch := &peer.ChaincodeInvocationSpec{}, api.Batch{}
	must(proto.Unmarshal(payload.Input, spec))
	args := spec.ChaincodeSpec.Input.Args
	if string(args[0]) != api.Apply {
		return []byte("done")
	}
	must(json.Unmarshal(args[1], &batch))
	reply := api.Reply{Version: 1}
	for _, command := range batch.Commands {
		reply.Outcomes = append(reply.Outcomes, loyalty.Outcome{Op: command.Op, Kind: command.Kind, Status: loyalty.StatusApplied})
	}
	text, err := json.Marshal(reply)
	must(err)
	return text
}

func (p *prepared) marshal() []byte {
	var endorsements []*peer.Endorsement
	for _, org := range p.endorsers {
		endorsements = append(endorsements, &peer.Endorsement{
			Endorser: marshal(&msp.SerializedIdentity{Mspid: org, IdBytes: []byte("certificate")}), Signature: []byte("signature"),
		})
	}
	action := &peer.TransactionAction{Header: p.actionHeader, Payload: marshal(&peer.ChaincodeActionPayload{
		ChaincodeProposalPayload: marshal(p.payload),
		Action: &peer.ChaincodeEndorsedAction{
			ProposalResponsePayload: marshal(&peer.ProposalResponsePayload{ProposalHash: p.proposalHash, Extension: marshal(p.action)}),
			Endorsements:            endorsements,
		},
	})}
	transaction := &peer.Transaction{}
	for range p.actions {
		transaction.Actions = append(transaction.Actions, action)
	}
	return marshal(&common.Payload{
		Header: &common.Header{ChannelHeader: p.channelHeader, SignatureHeader: p.signatureHeader},
		Data:   join(marshal(transaction), p.junk),
	})
}

func (f *fake) Evaluate(_ context.Context, request *gateway.EvaluateRequest) (*gateway.EvaluateResponse, error) {
	if f.endorse != nil {
		if err := f.endorse(request.GetTargetOrganizations()); err != nil {
			return nil, err
		}
	}
	return &gateway.EvaluateResponse{Result: &peer.Response{Status: 200, Payload: []byte("answer of " + request.GetTargetOrganizations()[0])}}, nil
}

func (f *fake) Submit(_ context.Context, request *gateway.SubmitRequest) (*gateway.SubmitResponse, error) {
	if len(request.GetPreparedTransaction().GetSignature()) == 0 {
		return nil, status.Error(codes.InvalidArgument, "prepared transaction must be signed")
	}
	txID := request.GetTransactionId()
	f.mu.Lock()
	f.sent = append(f.sent, txID)
	attempt := len(f.sent)
	f.mu.Unlock()
	lands, err := true, error(nil)
	if f.submit != nil {
		lands, err = f.submit(attempt)
	}
	if lands {
		code := peer.TxValidationCode_VALID
		if f.code != nil {
			code = f.code(txID)
		}
		f.add(txID, code)
	}
	return &gateway.SubmitResponse{}, err
}

func (f *fake) CommitStatus(ctx context.Context, signed *gateway.SignedCommitStatusRequest) (*gateway.CommitStatusResponse, error) {
	request := &gateway.CommitStatusRequest{}
	must(proto.Unmarshal(signed.GetRequest(), request))
	f.mu.Lock()
	f.statuses++
	attempt := f.statuses
	f.mu.Unlock()
	if f.status != nil {
		if err := f.status(attempt); err != nil {
			return nil, err
		}
	}
	for {
		blocks, grown := f.state()
		for _, block := range blocks {
			if transaction := block.FilteredTransactions[0]; transaction.Txid == request.GetTransactionId() {
				return &gateway.CommitStatusResponse{Result: transaction.TxValidationCode, BlockNumber: block.Number}, nil
			}
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return nil, status.FromContextError(ctx.Err()).Err()
		}
	}
}

func (f *fake) DeliverFiltered(stream peer.Deliver_DeliverFilteredServer) error {
	return f.serve(stream, func(block *peer.FilteredBlock) *peer.DeliverResponse {
		return &peer.DeliverResponse{Type: &peer.DeliverResponse_FilteredBlock{FilteredBlock: block}}
	})
}

func (f *fake) Deliver(stream peer.Deliver_DeliverServer) error {
	return f.serve(stream, func(block *peer.FilteredBlock) *peer.DeliverResponse {
		return &peer.DeliverResponse{Type: &peer.DeliverResponse_Block{Block: &common.Block{Header: &common.BlockHeader{Number: block.Number}}}}
	})
}

func (f *fake) serve(stream peer.Deliver_DeliverServer, response func(*peer.FilteredBlock) *peer.DeliverResponse) error {
	f.mu.Lock()
	f.delivers++
	attempt := f.delivers
	f.mu.Unlock()
	request, err := stream.Recv()
	if err != nil {
		return err
	}
	payload, seek := &common.Payload{}, &orderer.SeekInfo{}
	must(proto.Unmarshal(request.GetPayload(), payload))
	must(proto.Unmarshal(payload.GetData(), seek))
	blocks, grown := f.state()
	next := seek.GetStart().GetSpecified().GetNumber()
	if seek.GetStart().GetNewest() != nil {
		next = uint64(len(blocks) - 1)
	}
	for {
		for ; next < uint64(len(blocks)); next++ {
			if err := stream.Send(response(blocks[next])); err != nil {
				return err
			}
			if f.mute {
				<-stream.Context().Done()
				return nil
			}
		}
		if f.deliver != nil {
			if err := f.deliver(attempt); err != nil {
				return err
			}
		}
		select {
		case <-grown:
			blocks, grown = f.state()
		case <-stream.Context().Done():
			return nil
		}
	}
}

// connect starts the fake peer and connects a client of Korenaar to it.
func connect(t *testing.T, f *fake, change func(*fabric.Options)) *fabric.Client {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer()
	gateway.RegisterGatewayServer(server, f)
	peer.RegisterDeliverServer(server, f)
	go server.Serve(listener) //nolint:errcheck // it ends with Stop
	options := fabric.Options{
		Endorsers: []string{"KorenaarMSP", "ClearingMSP"},
		Endorse:   time.Second, Submit: time.Second, Commit: time.Second, Resolve: 6 * time.Second, Evaluate: time.Second,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Dial: []grpc.DialOption{
			grpc.WithContextDialer(func(context.Context, string) (net.Conn, error) { return listener.Dial() }),
			grpc.WithTransportCredentials(insecure.NewCredentials()),
		},
	}
	if change != nil {
		change(&options)
	}
	profile := &fabric.Profile{MSP: "KorenaarMSP", Peers: []fabric.Endpoint{{Name: "peer0", MSP: "KorenaarMSP", Address: "passthrough:///fake"}}}
	c, err := fabric.Connect(profile, newIdentity(t, "KorenaarMSP"), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		server.Stop()
	})
	if _, err := c.Height(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

// newPair makes a certificate of its own and its key, both PEM.
func newPair(t *testing.T) (certificate, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "till"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	must(err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	must(err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
}

func newIdentity(t *testing.T, mspID string) fabric.Identity {
	t.Helper()
	certificate, key := newPair(t)
	id, err := fabric.NewIdentity(mspID, certificate, key)
	must(err)
	return id
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func marshal(message proto.Message) []byte {
	data, err := proto.Marshal(message)
	must(err)
	return data
}

func join(parts ...[]byte) []byte {
	var all []byte
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

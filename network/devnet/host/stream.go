// Package host is the peer's side of the chaincode protocol: it runs unmodified chaincode, in this process or as a
// service, and answers what the chaincode asks of the ledger.
package host

import (
	"context"
	"io"
	"sync"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
)

// Stream is one end of a conversation with chaincode.
type Stream interface {
	Send(*peer.ChaincodeMessage) error
	Recv() (*peer.ChaincodeMessage, error)
}

// pipeDepth is how many messages may wait in one direction. The protocol has one question open per transaction, so
// this only smooths bursts.
const pipeDepth = 64

// pipe is a conversation inside the process, without a network: what goes in at one end comes out at the other.
type pipe struct {
	toChaincode chan *peer.ChaincodeMessage
	toPeer      chan *peer.ChaincodeMessage
	closed      chan struct{}
	once        sync.Once
}

func newPipe() *pipe {
	return &pipe{toChaincode: make(chan *peer.ChaincodeMessage, pipeDepth), toPeer: make(chan *peer.ChaincodeMessage, pipeDepth),
		closed: make(chan struct{})}
}

func (p *pipe) close() { p.once.Do(func() { close(p.closed) }) }

// peerEnd is the end the host talks to.
type peerEnd struct{ *pipe }

func (e peerEnd) Send(message *peer.ChaincodeMessage) error { return e.send(e.toChaincode, message) }

func (e peerEnd) Recv() (*peer.ChaincodeMessage, error) { return e.receive(e.toPeer) }

// chaincodeEnd is the end the shim talks to. Of a gRPC stream the shim uses Send and Recv only.
type chaincodeEnd struct {
	*pipe
	grpc.ServerStream
}

func (e chaincodeEnd) Send(message *peer.ChaincodeMessage) error { return e.send(e.toPeer, message) }

func (e chaincodeEnd) Recv() (*peer.ChaincodeMessage, error) { return e.receive(e.toChaincode) }

func (e chaincodeEnd) Context() context.Context { return context.Background() }

func (p *pipe) send(queue chan<- *peer.ChaincodeMessage, message *peer.ChaincodeMessage) error {
	select {
	case queue <- message:
		return nil
	case <-p.closed:
		return io.EOF
	}
}

func (p *pipe) receive(queue <-chan *peer.ChaincodeMessage) (*peer.ChaincodeMessage, error) {
	select {
	case message := <-queue:
		return message, nil
	case <-p.closed:
		return nil, io.EOF
	}
}

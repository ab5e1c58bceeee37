package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
)

// ErrStreamTerminated ends every call that was open when the chaincode went away.
var ErrStreamTerminated = errors.New("chaincode stream terminated")

// errExecuteTimeout ends a call that took longer than the execute timeout.
var errExecuteTimeout = errors.New("timeout expired while executing transaction")

const (
	maxMessageBytes = 100 << 20 // gRPC's limit between peer and chaincode
	batchLimit      = 1000      // keys in one batch of reads or writes, as in Fabric's sample configuration
	// shimGrace is how long a conversation stays open after its last answer. The shim hands the result of a send to
	// its loop; a stream closed before that leaves the sending goroutine behind for ever.
	shimGrace = 5 * time.Millisecond
	// stopPatience is how long Stop waits for chaincode that is still running.
	stopPatience = 2 * time.Second
)

// Options describe one chaincode on one peer.
type Options struct {
	// ID is the package identifier under which the chaincode registers.
	ID string
	// Chaincode runs in this process; where it is nil, Address is a chaincode service.
	Chaincode shim.Chaincode
	Address   string
	// ExecuteTimeout bounds one call.
	ExecuteTimeout time.Duration
	Rules          Rules
	Logger         *slog.Logger
}

// Rules is what the host asks of the peer it belongs to.
type Rules interface {
	// MayAccess says whether the proposal's creator may read and write a collection. It records the reads of the
	// definition that it takes.
	MayAccess(tx *Transaction, namespace, collection string) (read, write bool, err error)
	// CheckCollection fails where a collection is not defined, and records the same reads.
	CheckCollection(tx *Transaction, namespace, collection string) error
	// Call runs another chaincode for the same transaction.
	Call(tx *Transaction, target string, input *peer.ChaincodeInput) (*peer.ChaincodeMessage, error)
}

// Host runs one chaincode for one peer.
type Host struct {
	options    Options
	guard      *guard
	stream     Stream
	disconnect func()
	ready      chan struct{}
	done       chan struct{} // closed when the stream has ended

	// sending keeps messages whole: a stream takes one sender at a time.
	sending sync.Mutex

	// mu guards calls, the calls that are open, by transaction identifier.
	mu    sync.Mutex
	calls map[string]*call
}

// Start connects to the chaincode and waits until it has registered.
func Start(ctx context.Context, options Options) (*Host, error) {
	h := &Host{options: options, ready: make(chan struct{}), done: make(chan struct{}), calls: map[string]*call{}}
	var err error
	if options.Chaincode != nil {
		h.connectInside()
	} else if err = h.connectService(); err != nil {
		return nil, err
	}
	go h.listen()
	select {
	case <-h.ready:
		return h, nil
	case <-h.done:
		err = ErrStreamTerminated
	case <-ctx.Done():
		err = ctx.Err()
	}
	h.Stop()
	return nil, fmt.Errorf("could not launch chaincode %s: %w", options.ID, err)
}

// connectInside runs the chaincode in this process, over a pipe.
func (h *Host) connectInside() {
	h.guard = newGuard(h.options.Chaincode)
	server := &shim.ChaincodeServer{CCID: h.options.ID, CC: h.guard}
	p, ended := newPipe(), make(chan struct{})
	go func() {
		defer close(ended)
		defer p.close()
		_ = server.Connect(chaincodeEnd{pipe: p}) // it returns when the pipe closes, always with an error
	}()
	h.stream = peerEnd{p}
	h.disconnect = func() {
		h.guard.rest(stopPatience)
		time.Sleep(shimGrace)
		p.close()
		<-ended
	}
}

// connectService connects to chaincode as a service.
func (h *Host) connectService() error {
	connection, err := grpc.NewClient(h.options.Address, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessageBytes), grpc.MaxCallSendMsgSize(maxMessageBytes)))
	if err != nil {
		return fmt.Errorf("chaincode service %s: %w", h.options.Address, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	stream, err := peer.NewChaincodeClient(connection).Connect(ctx)
	if err != nil {
		cancel()
		return errors.Join(fmt.Errorf("chaincode service %s: %w", h.options.Address, err), connection.Close())
	}
	h.stream = stream
	h.disconnect = func() {
		cancel()
		_ = connection.Close() // nothing is left to lose
	}
	return nil
}

// Stop lets chaincode that is running finish, within limits. Calls still open then end with ErrStreamTerminated.
func (h *Host) Stop() {
	h.disconnect()
	<-h.done
}

// listen reads what the chaincode says until the stream ends.
func (h *Host) listen() {
	defer close(h.done)
	for {
		message, err := h.stream.Recv()
		if err != nil {
			return
		}
		if err := h.dispatch(message); err != nil {
			h.options.Logger.Error("chaincode conversation ends", "chaincode", h.options.ID, "err", err)
			return
		}
	}
}

func (h *Host) dispatch(message *peer.ChaincodeMessage) error {
	switch message.GetType() {
	case peer.ChaincodeMessage_REGISTER:
		return h.register()
	case peer.ChaincodeMessage_KEEPALIVE:
		return nil
	case peer.ChaincodeMessage_COMPLETED, peer.ChaincodeMessage_ERROR:
		h.finish(message)
		return nil
	}
	if _, known := questions[message.GetType()]; !known {
		return fmt.Errorf("[%s] Fabric side handler cannot handle message (%s) while in ready state", message.GetTxid(), message.GetType())
	}
	go h.answer(message)
	return nil
}

// register welcomes the chaincode and tells it that it may read and write in batches.
func (h *Host) register() error {
	parameters, err := proto.Marshal(&peer.ChaincodeAdditionalParams{UseWriteBatch: true, MaxSizeWriteBatch: batchLimit,
		UseGetMultipleKeys: true, MaxSizeGetMultipleKeys: batchLimit})
	if err != nil {
		return err
	}
	if err := h.send(&peer.ChaincodeMessage{Type: peer.ChaincodeMessage_REGISTERED}); err != nil {
		return err
	}
	if err := h.send(&peer.ChaincodeMessage{Type: peer.ChaincodeMessage_READY, Payload: parameters}); err != nil {
		return err
	}
	close(h.ready)
	return nil
}

func (h *Host) send(message *peer.ChaincodeMessage) error {
	h.sending.Lock()
	defer h.sending.Unlock()
	return h.stream.Send(message)
}

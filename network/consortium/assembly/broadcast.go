package assembly

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"

	cb "github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/orderer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/zegel/zegel/network/consortium"
)

// broadcast hands a transaction to the first orderer that takes it. That it was taken does not mean
// that it will be valid.
func (n *Network) broadcast(ctx context.Context, envelope *cb.Envelope) error {
	var trouble []error
	for _, o := range n.Consortium.WithOrderers() {
		for _, node := range o.Orderers {
			err := n.send(ctx, o, node, envelope)
			if err == nil {
				return nil
			}
			trouble = append(trouble, fmt.Errorf("%s: %w", node.Host, explain(err)))
		}
	}
	return errors.Join(trouble...)
}

func (n *Network) send(ctx context.Context, o consortium.Organisation, node consortium.Orderer, envelope *cb.Envelope) (err error) {
	authority, err := o.Folder(n.Layout.Material()).Open()
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority.TLSRoot())
	conn, err := grpc.NewClient(n.Place.Address(node.Host, node.Port),
		grpc.WithTransportCredentials(credentials.NewClientTLSFromCert(roots, node.Host)))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	stream, err := orderer.NewAtomicBroadcastClient(conn).Broadcast(ctx)
	if err != nil {
		return err
	}
	if err := stream.Send(envelope); err != nil {
		return err
	}
	answer, err := stream.Recv()
	if err != nil {
		return err
	}
	if answer.GetStatus() != cb.Status_SUCCESS {
		return fmt.Errorf("%s: %s", answer.GetStatus(), answer.GetInfo())
	}
	return nil
}

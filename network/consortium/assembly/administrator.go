package assembly

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/hyperledger/fabric-admin-sdk/pkg/chaincode"
	"github.com/hyperledger/fabric-admin-sdk/pkg/channel"
	sdk "github.com/hyperledger/fabric-admin-sdk/pkg/identity"
	cb "github.com/hyperledger/fabric-protos-go-apiv2/common"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/zegel/zegel/network/consortium"
)

// maxMessage is the largest gRPC message taken from a peer, Fabric's own bound.
const maxMessage = 100 << 20

// administrator acts for one organisation on one of its peers.
type administrator struct {
	organisation consortium.Organisation
	peer         consortium.Peer
	id           sdk.SigningIdentity
	conn         *grpc.ClientConn
}

// administrators connects to every peer as its organisation's administrator. Connecting is lazy:
// the peers need not run yet. The caller closes them.
func (n *Network) administrators() ([]*administrator, error) {
	var all []*administrator
	for _, o := range n.Consortium.WithPeers() {
		for _, p := range o.Peers {
			a, err := n.administrator(o, p)
			if err != nil {
				return nil, errors.Join(err, closeAll(all))
			}
			all = append(all, a)
		}
	}
	return all, nil
}

func (n *Network) administrator(o consortium.Organisation, p consortium.Peer) (*administrator, error) {
	folder := o.Folder(n.Layout.Material())
	authority, err := folder.Open()
	if err != nil {
		return nil, err
	}
	credential, err := folder.Credential(o.Admin())
	if err != nil {
		return nil, err
	}
	certificate, key, err := credential.Sign.Parse()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", credential.Name, err)
	}
	id, err := sdk.NewPrivateKeySigningIdentity(o.MSPID, certificate, key)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", credential.Name, err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority.TLSRoot())
	conn, err := grpc.NewClient(n.Place.Address(p.Host, p.Port),
		grpc.WithTransportCredentials(credentials.NewClientTLSFromCert(roots, p.Host)),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage)))
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", p.Host, err)
	}
	return &administrator{organisation: o, peer: p, id: id, conn: conn}, nil
}

func closeAll(all []*administrator) error {
	var trouble []error
	for _, a := range all {
		trouble = append(trouble, a.conn.Close())
	}
	return errors.Join(trouble...)
}

// join makes the peer part of the channel, unless it is already.
func (a *administrator) join(ctx context.Context, name string, genesis *cb.Block) error {
	channels, err := channel.ListChannelOnPeer(ctx, a.conn, a.id)
	if err != nil {
		return err
	}
	for _, c := range channels {
		if c.GetChannelId() == name {
			return nil
		}
	}
	return channel.JoinChannel(ctx, a.conn, a.id, genesis)
}

// height is how many blocks of the channel the peer has.
func (a *administrator) height(ctx context.Context, name string) (uint64, error) {
	info, err := channel.GetBlockChainInfo(ctx, a.conn, a.id, name)
	if err != nil {
		return 0, err
	}
	return info.GetHeight(), nil
}

func (a *administrator) node() *chaincode.Peer { return chaincode.NewPeer(a.conn, a.id) }

func (a *administrator) gateway() *chaincode.Gateway { return chaincode.NewGateway(a.conn, a.id) }

package devnet

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
)

// maxMessageBytes is the gRPC limit of peers and orderers.
const maxMessageBytes = 100 << 20

// serviceLimits are how many calls of a service one peer serves at once; the gateway's comes from the Config.
var serviceLimits = map[string]int{"/protos.Endorser": 2500, "/protos.Deliver": 2500}

// listen opens a TCP listener and returns the address that others reach it by: the host of the configuration, unless
// that is empty, with the port that was taken.
func listen(address string) (net.Listener, string, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, "", err
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil || host == "" {
		host = "localhost"
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return nil, "", errors.Join(err, listener.Close())
	}
	return listener, net.JoinHostPort(host, port), nil
}

// newServer makes a gRPC server with TLS. Clients need no certificate; one they show must be from a member.
func newServer(pair KeyPair, organisations []Organisation, limits map[string]int) (*grpc.Server, error) {
	certificate, err := tls.X509KeyPair(pair.Certificate, pair.Key)
	if err != nil {
		return nil, fmt.Errorf("TLS certificate: %w", err)
	}
	clients := x509.NewCertPool()
	for _, organisation := range organisations {
		clients.AppendCertsFromPEM(organisation.TLSCA)
	}
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, ClientCAs: clients,
		ClientAuth: tls.VerifyClientCertIfGiven, MinVersion: tls.VersionTLS12}
	l := newLimiter(limits)
	return grpc.NewServer(grpc.Creds(credentials.NewTLS(config)),
		grpc.MaxRecvMsgSize(maxMessageBytes), grpc.MaxSendMsgSize(maxMessageBytes),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Minute, PermitWithoutStream: true}),
		grpc.UnaryInterceptor(l.unary), grpc.StreamInterceptor(l.stream)), nil
}

// limiter refuses calls beyond a service's limit. Calls that wait count, as they do on a real peer.
type limiter struct{ slots map[string]chan struct{} }

func newLimiter(limits map[string]int) *limiter {
	l := &limiter{slots: map[string]chan struct{}{}}
	for service, limit := range limits {
		l.slots[service] = make(chan struct{}, limit)
	}
	return l
}

// take takes a slot for a call and returns what gives it back.
func (l *limiter) take(method string) (func(), error) {
	service := method[:strings.LastIndex(method, "/")]
	slots, limited := l.slots[service]
	if !limited {
		return func() {}, nil
	}
	select {
	case slots <- struct{}{}:
		return func() { <-slots }, nil
	default:
		return nil, fmt.Errorf("too many requests for %s, exceeding concurrency limit (%d)", service, cap(slots))
	}
}

func (l *limiter) unary(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	giveBack, err := l.take(info.FullMethod)
	if err != nil {
		return nil, err
	}
	defer giveBack()
	return handle(ctx, request)
}

func (l *limiter) stream(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	giveBack, err := l.take(info.FullMethod)
	if err != nil {
		return err
	}
	defer giveBack()
	return handle(server, stream)
}

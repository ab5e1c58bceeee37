package native_test

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/consortium/assembly"
	"github.com/zegel/zegel/network/consortium/ccaas"
	"github.com/zegel/zegel/network/identity"
	"github.com/zegel/zegel/network/native"
)

// testChaincodeTLS has to come last: it takes a chaincode service away from its peer.
func testChaincodeTLS(t *testing.T, n *native.Network) {
	own, other := n.Consortium.Organisations[0], n.Consortium.Organisations[1]
	service := own.Peers[0].Chaincode(n.Consortium.Chaincode)
	address := consortium.Native.Address(service.Host, service.Port)
	for _, c := range []struct {
		who    string
		trust  credentials.TransportCredentials
		served bool
	}{
		{"its own peer", dialling(t, n.Layout, own, own.Peers[0].Member()), true},
		{"a caller without a certificate", dialling(t, n.Layout, own, identity.Member{}), false},
		{"another chain's peer", dialling(t, n.Layout, own, other.Peers[0].Member(), other), false},
		{"a caller without TLS", insecure.NewCredentials(), false},
	} {
		t.Run(c.who, func(t *testing.T) {
			if err := greet(t, address, c.trust); (err == nil) != c.served {
				t.Errorf("the chaincode service answered: %v", err)
			}
		})
	}
	t.Run("a service with another chain's certificate", func(t *testing.T) {
		mustKill(t, n.Layout.Root, service.Host)
		impersonate(t, n, other, service)
		_, err := contract(t, n, own.Name, "pos").EvaluateTransaction("WhoAmI")
		if err == nil {
			t.Error("the peer believed it")
		}
		log, err := os.ReadFile(native.Log(n.Layout, own.Peers[0].Host))
		if err != nil || !strings.Contains(string(log), "certificate signed by unknown authority") {
			t.Errorf("%v: the peer does not say why", err)
		}
	})
}

// dialling is how member dials a service of own. Another organisation's member brings that organisation.
func dialling(t *testing.T, l assembly.Layout, own consortium.Organisation, member identity.Member, of ...consortium.Organisation) credentials.TransportCredentials {
	t.Helper()
	authority, err := own.Folder(l.Material()).Open()
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	config.RootCAs.AppendCertsFromPEM(authority.TLSRoot())
	if member.Name != "" {
		pair, err := tls.LoadX509KeyPair(append(of, own)[0].Folder(l.Material()).TLSFiles(member))
		if err != nil {
			t.Fatal(err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return credentials.NewTLS(config)
}

// greet connects as a peer does and waits for the service's first word.
func greet(t *testing.T, address string, trust credentials.TransportCredentials) error {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(trust))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	stream, err := peer.NewChaincodeClient(conn).Connect(t.Context())
	if err != nil {
		return err
	}
	_, err = stream.Recv()
	return err
}

// impersonate runs the chaincode at the service's address with a certificate of that organisation.
func impersonate(t *testing.T, n *native.Network, as consortium.Organisation, service consortium.Service) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := as.Folder(n.Layout.Material())
	certificate, key := folder.TLSFiles(as.Peers[0].Chaincode(n.Consortium.Chaincode).Member())
	address := consortium.Native.Address(service.Host, service.Port)
	c := exec.CommandContext(t.Context(), self, "chaincode")
	c.Env = append(os.Environ(),
		ccaas.EnvAddress+"="+address, ccaas.EnvPackage+"="+n.Package.ID(),
		ccaas.EnvCertificate+"="+certificate, ccaas.EnvKey+"="+key,
		ccaas.EnvClientRoot+"="+n.Consortium.Organisations[0].Folder(n.Layout.Material()).TLSRoot())
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill() // it may have ended
		_ = c.Wait()         // it was killed
	})
	listening := func() bool {
		return greet(t, address, dialling(t, n.Layout, as, n.Consortium.Organisations[0].Peers[0].Member(), n.Consortium.Organisations[0])) == nil
	}
	for deadline := time.Now().Add(10 * time.Second); !listening(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the impostor does not listen")
		}
	}
}

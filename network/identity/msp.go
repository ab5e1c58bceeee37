package identity

import (
	"fmt"
	"path"
	"strings"
)

// The names inside an MSP folder and a TLS folder, as Fabric wants or as its tools are used to.
const (
	folderRoots    = "cacerts"
	folderTLSRoots = "tlscacerts"
	folderCert     = "signcerts"
	folderKeys     = "keystore"
	fileConfig     = "config.yaml"
	fileKey        = "priv_sk"
	fileTLSRoot    = "ca.crt"
)

// Files maps a path below some folder, written with slashes, to its content.
type Files map[string][]byte

// VerifyingMSP is the public MSP folder of the organisation: what every other organisation needs
// to check its members' signatures, and what goes into a channel's configuration.
func (o *Organisation) VerifyingMSP() Files {
	return Files{
		path.Join(folderRoots, o.rootName()):                     o.SigningRoot(),
		path.Join(folderTLSRoots, "tlsca."+o.Domain+"-cert.pem"): o.TLSRoot(),
		fileConfig: []byte(o.nodeUnits()),
	}
}

func (o *Organisation) rootName() string { return "ca." + o.Domain + "-cert.pem" }

// nodeUnits is the config.yaml that makes a member's organisational unit decide its kind.
func (o *Organisation) nodeUnits() string {
	var b strings.Builder
	b.WriteString("NodeOUs:\n  Enable: true\n")
	for _, unit := range []struct {
		key  string
		kind Kind
	}{{"Client", Client}, {"Peer", Peer}, {"Admin", Admin}, {"Orderer", Orderer}} {
		fmt.Fprintf(&b, "  %sOUIdentifier:\n    Certificate: %s/%s\n    OrganizationalUnitIdentifier: %s\n",
			unit.key, folderRoots, o.rootName(), unit.kind)
	}
	return b.String()
}

// memberFiles is everything one member keeps: "msp/..." and "tls/...", as far as it has them.
func (o *Organisation) memberFiles(m Member, c Credential) Files {
	files := Files{}
	if m.signs() {
		for name, content := range o.VerifyingMSP() {
			files["msp/"+name] = content
		}
		files[path.Join("msp", folderCert, c.Name+"-cert.pem")] = c.Sign.Certificate
		files[path.Join("msp", folderKeys, fileKey)] = c.Sign.Key
	}
	if m.hasTLS() {
		certificate, key := tlsNames(m.Kind)
		files["tls/"+fileTLSRoot] = o.TLSRoot()
		files["tls/"+certificate] = c.TLS.Certificate
		files["tls/"+key] = c.TLS.Key
	}
	return files
}

func tlsNames(k Kind) (certificate, key string) {
	if k.isNode() {
		return "server.crt", "server.key"
	}
	return "client.crt", "client.key"
}

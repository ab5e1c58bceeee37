package render

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/zegel/zegel/network/consortium"
)

// listen is where native nodes listen: this machine alone.
const listen = "127.0.0.1"

// node is what both kinds of node need.
type node struct {
	Channel string
	MSPID   string
	Listen  string
	MSP     string
	TLS     string
	Data    string
}

// Peer writes the core.yaml of a native peer. material is the folder with all organisations' keys,
// data where the ledger lives, builder the folder whose bin holds the CCaaS builder; all three
// absolute, without quotes or line breaks.
func Peer(c consortium.Consortium, o consortium.Organisation, p consortium.Peer, material, data, builder string) ([]byte, error) {
	if err := checkPaths(material, data, builder); err != nil {
		return nil, err
	}
	folder := o.Folder(material)
	bootstrap := o.Peers[0]
	return execute("core.yaml.tmpl", struct {
		node
		Peer      consortium.Peer
		Address   string
		Bootstrap string
		Builder   string
	}{
		node:      node{c.Channel, o.MSPID, listen, folder.MemberMSP(p.Member()), folder.MemberTLS(p.Member()), data},
		Peer:      p,
		Address:   consortium.Native.Address(p.Host, p.Port),
		Bootstrap: consortium.Native.Address(bootstrap.Host, bootstrap.Port),
		Builder:   builder,
	})
}

// Orderer writes the orderer.yaml of a native orderer. The folders are as for Peer.
func Orderer(c consortium.Consortium, o consortium.Organisation, n consortium.Orderer, material, data string) ([]byte, error) {
	if err := checkPaths(material, data); err != nil {
		return nil, err
	}
	folder := o.Folder(material)
	return execute("orderer.yaml.tmpl", struct {
		node
		Orderer consortium.Orderer
	}{
		node:    node{c.Channel, o.MSPID, listen, folder.MemberMSP(n.Member()), folder.MemberTLS(n.Member()), data},
		Orderer: n,
	})
}

// checkPaths refuses what would be read as something else inside a YAML file.
func checkPaths(paths ...string) error {
	for _, p := range paths {
		if !filepath.IsAbs(p) {
			return fmt.Errorf("folder %q: want an absolute path", p)
		}
		if strings.ContainsAny(p, "\"'\\\n\r\t:#{}[],&*!|>%@`") {
			return fmt.Errorf("folder %q: a character in it has a meaning in YAML", p)
		}
	}
	return nil
}

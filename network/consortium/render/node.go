package render

import (
	"github.com/zegel/zegel/network/consortium"
)

// node is what both kinds of node need.
type node struct {
	consortium.Consortium
	Site
	MSPID  string
	Listen string
}

// Peer writes the core.yaml of a peer at site.
func Peer(c consortium.Consortium, o consortium.Organisation, p consortium.Peer, site Site) ([]byte, error) {
	if err := site.check(); err != nil {
		return nil, err
	}
	bootstrap := o.Peers[0]
	return execute("core.yaml.tmpl", struct {
		node
		Peer      consortium.Peer
		Address   string
		Bootstrap string
	}{
		node:      node{c, site, o.MSPID, site.listen()},
		Peer:      p,
		Address:   site.Place.Address(p.Host, p.Port),
		Bootstrap: site.Place.Address(bootstrap.Host, bootstrap.Port),
	})
}

// Orderer writes the orderer.yaml of an orderer at site.
func Orderer(c consortium.Consortium, o consortium.Organisation, n consortium.Orderer, site Site) ([]byte, error) {
	if err := site.check(); err != nil {
		return nil, err
	}
	return execute("orderer.yaml.tmpl", struct {
		node
		Orderer consortium.Orderer
	}{
		node:    node{c, site, o.MSPID, site.listen()},
		Orderer: n,
	})
}

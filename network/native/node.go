package native

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/consortium/assembly"
	"github.com/zegel/zegel/network/consortium/ccaas"
	"github.com/zegel/zegel/network/consortium/render"
)

// logging is how much the nodes say. Gossip between peers that have not all joined yet is full of
// warnings that mean nothing, so it speaks up for errors only.
const logging = "FABRIC_LOGGING_SPEC=warning:gossip=error:comm.grpc.server=error:peer.chaincode=error"

// nodes writes the configuration of every process, and says how to start it.
type nodes struct {
	consortium consortium.Consortium
	layout     assembly.Layout
	binaries   Binaries
	packageID  string
	chaincode  []string
	builder    []string
}

// commands are those of all processes, in the order of the description.
func (n *nodes) commands() ([]command, error) {
	var all []command
	var trouble []error
	add := func(c command, err error) { all, trouble = append(all, c), append(trouble, err) }
	for _, o := range n.consortium.Organisations {
		for _, node := range o.Orderers {
			add(n.ordererCommand(o, node))
		}
		for _, p := range o.Peers {
			add(n.peerCommand(o, p))
			add(n.chaincodeCommand(o, p))
		}
	}
	return all, errors.Join(trouble...)
}

// ordererCommand writes the configuration of an orderer and says how to start it.
func (n *nodes) ordererCommand(o consortium.Organisation, node consortium.Orderer) (command, error) {
	dir := n.layout.Node(node.Host)
	site := render.Native(o, node.Member(), n.layout.Material(), dir)
	if err := n.layout.ConfigureOrderer(n.consortium, o, node, site); err != nil {
		return command{}, err
	}
	return command{
		Name: node.Host, Dir: dir, Args: []string{n.binaries.Orderer},
		Env: []string{"FABRIC_CFG_PATH=" + dir, logging},
	}, nil
}

// peerCommand writes the configuration of a peer and says how to start it. What its external builder
// made of packages before is forgotten: the peer builds again, with the certificates of today.
func (n *nodes) peerCommand(o consortium.Organisation, p consortium.Peer) (command, error) {
	if len(n.builder) == 0 {
		return command{}, errors.New("a peer needs a builder command")
	}
	dir := n.layout.Node(p.Host)
	site := render.Native(o, p.Member(), n.layout.Material(), dir)
	step := func(name string) []string { return append(slices.Clone(n.builder), name) }
	if err := n.layout.ConfigurePeer(n.consortium, o, p, site, step); err != nil {
		return command{}, err
	}
	if err := os.RemoveAll(filepath.Join(site.Data, "externalbuilder", "builds")); err != nil {
		return command{}, fmt.Errorf("forget what the builder of %s made: %w", p.Host, err)
	}
	return command{
		Name: p.Host, Dir: dir, Args: []string{n.binaries.Peer, "node", "start"},
		Env: []string{"FABRIC_CFG_PATH=" + dir, logging},
	}, nil
}

// chaincodeCommand says how to start the chaincode service of a peer. It takes connections from its
// own organisation alone.
func (n *nodes) chaincodeCommand(o consortium.Organisation, p consortium.Peer) (command, error) {
	service := p.Chaincode(n.consortium.Chaincode)
	dir := n.layout.Node(service.Host)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return command{}, fmt.Errorf("make %s: %w", dir, err)
	}
	folder := o.Folder(n.layout.Material())
	certificate, key := folder.TLSFiles(service.Member())
	return command{
		Name: service.Host, Dir: dir, Args: n.chaincode,
		Env: []string{
			ccaas.EnvAddress + "=" + consortium.Native.Address(service.Host, service.Port),
			ccaas.EnvPackage + "=" + n.packageID,
			ccaas.EnvCertificate + "=" + certificate,
			ccaas.EnvKey + "=" + key,
			ccaas.EnvClientRoot + "=" + folder.TLSRoot(),
		},
	}, nil
}

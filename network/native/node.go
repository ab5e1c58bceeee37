package native

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

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

func dataOf(l assembly.Layout, host string) string { return filepath.Join(l.Root, "nodes", host) }

func builderOf(l assembly.Layout) string { return filepath.Join(l.Root, "builder") }

// commands are those of all processes, in the order of the description.
func (n *nodes) commands() ([]command, error) {
	if err := n.writeBuilder(); err != nil {
		return nil, err
	}
	var all []command
	var trouble []error
	add := func(c command, err error) { all, trouble = append(all, c), append(trouble, err) }
	for _, o := range n.consortium.Organisations {
		for _, node := range o.Orderers {
			add(n.ordererCommand(o, node))
		}
		for _, p := range o.Peers {
			add(n.peerCommand(o, p))
			add(n.chaincodeCommand(p))
		}
	}
	return all, errors.Join(trouble...)
}

// ordererCommand writes the configuration of an orderer and says how to start it.
func (n *nodes) ordererCommand(o consortium.Organisation, node consortium.Orderer) (command, error) {
	dir := dataOf(n.layout, node.Host)
	text, err := render.Orderer(n.consortium, o, node, n.layout.Material(), filepath.Join(dir, "data"))
	if err != nil {
		return command{}, err
	}
	if err := assembly.Replace(filepath.Join(dir, "orderer.yaml"), text); err != nil {
		return command{}, err
	}
	return command{
		Name: node.Host, Dir: dir, Args: []string{n.binaries.Orderer},
		Env: []string{"FABRIC_CFG_PATH=" + dir, logging},
	}, nil
}

// peerCommand writes the configuration of a peer and says how to start it.
func (n *nodes) peerCommand(o consortium.Organisation, p consortium.Peer) (command, error) {
	dir := dataOf(n.layout, p.Host)
	text, err := render.Peer(n.consortium, o, p, n.layout.Material(), filepath.Join(dir, "data"), builderOf(n.layout))
	if err != nil {
		return command{}, err
	}
	if err := assembly.Replace(filepath.Join(dir, "core.yaml"), text); err != nil {
		return command{}, err
	}
	return command{
		Name: p.Host, Dir: dir, Args: []string{n.binaries.Peer, "node", "start"},
		Env: []string{"FABRIC_CFG_PATH=" + dir, logging, ccaas.BuilderConfig + "=" + ccaas.BuilderEnvironment(p.ChaincodeAddresses(consortium.Native))},
	}, nil
}

// chaincodeCommand says how to start the chaincode service of a peer. The two variables are what
// Fabric's contract API reads.
func (n *nodes) chaincodeCommand(p consortium.Peer) (command, error) {
	service := p.Chaincode(n.consortium.Chaincode)
	dir := dataOf(n.layout, service.Host)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return command{}, fmt.Errorf("make %s: %w", dir, err)
	}
	return command{
		Name: service.Host, Dir: dir, Args: n.chaincode,
		Env: []string{
			"CHAINCODE_SERVER_ADDRESS=" + consortium.Native.Address(service.Host, service.Port),
			"CORE_CHAINCODE_ID_NAME=" + n.packageID,
		},
	}, nil
}

// writeBuilder makes the three programs that a peer expects of an external builder. Each is one
// line that calls the builder command of the options.
func (n *nodes) writeBuilder() error {
	quoted := make([]string, len(n.builder))
	for i, part := range n.builder {
		quoted[i] = "'" + strings.ReplaceAll(part, "'", `'\''`) + "'"
	}
	for _, step := range []string{"detect", "build", "release"} {
		name := filepath.Join(builderOf(n.layout), "bin", step)
		script := fmt.Sprintf("#!/bin/sh\nexec %s %s \"$@\"\n", strings.Join(quoted, " "), step)
		if err := assembly.Replace(name, []byte(script)); err != nil {
			return err
		}
		if err := os.Chmod(name, 0o755); err != nil {
			return fmt.Errorf("make %s executable: %w", name, err)
		}
	}
	return nil
}

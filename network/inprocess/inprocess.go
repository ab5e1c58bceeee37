// Package inprocess runs the described consortium in this process: keys from network/identity,
// peers and orderer from network/devnet. Everything outside sees real Fabric services.
package inprocess

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"

	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/devnet"
)

// Network is the consortium at work.
type Network struct {
	// Consortium is the description with the ports as they are.
	Consortium consortium.Consortium
	// Crypto is the folder of all organisations' keys and certificates.
	Crypto string
	// Devnet is the network itself, for faults and for reading its peers.
	Devnet *devnet.Network
}

// Start mints what keys are missing and starts everything. It returns when transactions can be endorsed.
func Start(ctx context.Context, o Options) (*Network, error) {
	if err := o.Consortium.Ensure(o.crypto()); err != nil {
		return nil, err
	}
	config, err := o.config()
	if err != nil {
		return nil, err
	}
	running, err := devnet.Start(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("%w (is another consortium running? --port-shift moves all ports)", err)
	}
	n := &Network{Consortium: o.Consortium, Crypto: o.crypto(), Devnet: running}
	if err := n.notePorts(); err != nil {
		return nil, errors.Join(err, running.Stop())
	}
	return n, nil
}

// Stop stops everything. What was committed is on disk.
func (n *Network) Stop() error { return n.Devnet.Stop() }

// Ledger is the folder of a peer's ledger, by the peer's host name.
func Ledger(dir, host string) string { return filepath.Join(dir, ledgerDir, "peers", host) }

// notePorts writes the ports in use into a copy of the description.
func (n *Network) notePorts() error {
	ports := map[string]int{}
	for _, p := range n.Devnet.Peers() {
		port, err := portOf(p.Address)
		if err != nil {
			return err
		}
		ports[p.Name] = port
	}
	orderer, err := portOf(n.Devnet.OrdererAddress())
	if err != nil {
		return err
	}
	n.Consortium.Organisations = append([]consortium.Organisation(nil), n.Consortium.Organisations...)
	for i := range n.Consortium.Organisations {
		organisation := &n.Consortium.Organisations[i]
		organisation.Peers = append([]consortium.Peer(nil), organisation.Peers...)
		for j := range organisation.Peers {
			organisation.Peers[j].Port = ports[organisation.Peers[j].Host]
		}
		organisation.Orderers = append([]consortium.Orderer(nil), organisation.Orderers...)
		if len(organisation.Orderers) > 0 {
			organisation.Orderers = organisation.Orderers[:1]
			organisation.Orderers[0].Port = orderer
		}
	}
	return nil
}

func portOf(address string) (int, error) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(port)
}

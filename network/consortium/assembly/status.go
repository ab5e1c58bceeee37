package assembly

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/zegel/zegel/network/consortium"
)

// Report is the state of a network as its nodes tell it, in the order of the description.
type Report struct {
	// Leader is the orderer that leads; empty when none does, and Missing says why.
	Leader   string
	Orderers []Node
	Peers    []Node
	// Missing is what keeps the network from being ready, one sentence each. Empty means ready.
	Missing []string
}

// Ready tells whether nothing is missing.
func (r Report) Ready() bool { return len(r.Missing) == 0 }

// Node is what one node says of itself.
type Node struct {
	Host         string
	Organisation string
	Address      string
	Up           bool
	Height       uint64        // blocks of the channel; 0 for orderers and for peers that have not joined
	Probe        time.Duration // how long a query and an endorsement took; 0 when they failed
}

// examineTime bounds one examination, whatever ctx allows.
const examineTime = 10 * time.Second

// Examine asks all nodes, once, and changes nothing.
func (n *Network) Examine(ctx context.Context) (report Report, err error) {
	ctx, cancel := context.WithTimeout(ctx, examineTime)
	defer cancel()
	n.examineOrderers(ctx, &report)
	admins, err := n.administrators()
	if err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, closeAll(admins)) }()
	report.Peers = make([]Node, len(admins))
	missing := make([]error, len(admins))
	var each errgroup.Group
	for i, a := range admins {
		each.Go(func() error {
			report.Peers[i], missing[i] = n.examinePeer(ctx, a)
			return nil
		})
	}
	_ = each.Wait() // the errors are in missing, one for each peer
	for _, m := range missing {
		if m != nil {
			report.Missing = append(report.Missing, m.Error())
		}
	}
	return report, nil
}

func (n *Network) examineOrderers(ctx context.Context, report *Report) {
	for _, o := range n.Consortium.WithOrderers() {
		for _, orderer := range o.Orderers {
			node := n.node(o, orderer.Host, orderer.Port)
			if err := n.healthy(ctx, orderer.Host, orderer.OperationsPort); err != nil {
				report.Missing = append(report.Missing, fmt.Sprintf("%s is not up: %v", orderer.Host, explain(err)))
			} else {
				node.Up = true
			}
			report.Orderers = append(report.Orderers, node)
		}
	}
	var err error
	if report.Leader, err = n.leader(ctx); err != nil {
		report.Missing = append(report.Missing, fmt.Sprintf("no orderer leads the channel %s", n.Consortium.Channel))
	}
}

func (n *Network) examinePeer(ctx context.Context, a *administrator) (Node, error) {
	node := n.node(a.organisation, a.peer.Host, a.peer.Port)
	if err := n.healthy(ctx, a.peer.Host, a.peer.OperationsPort); err != nil {
		return node, fmt.Errorf("%s is not up: %w", a.peer.Host, explain(err))
	}
	node.Up = true
	height, err := a.height(ctx, n.Consortium.Channel)
	if err != nil {
		return node, fmt.Errorf("%s has not joined the channel %s: %w", a.peer.Host, n.Consortium.Channel, explain(err))
	}
	node.Height = height
	begun := time.Now()
	if err := n.probe(ctx, a); err != nil {
		return node, fmt.Errorf("through %s no transaction is possible: %w", a.peer.Host, err)
	}
	node.Probe = time.Since(begun)
	return node, nil
}

func (n *Network) node(o consortium.Organisation, host string, port int) Node {
	return Node{Host: host, Organisation: o.Name, Address: n.Place.Address(host, port)}
}

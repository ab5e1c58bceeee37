package native

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/consortium/assembly"
)

// Stop ends single processes of the network in dir, by their names, and keeps what they wrote. A name
// under which nothing was started is an error, and then nothing is stopped.
func Stop(dir string, names ...string) error {
	layout, err := assembly.NewLayout(dir)
	if err != nil {
		return err
	}
	all, err := remembered(layout)
	if err != nil {
		return err
	}
	these := slices.DeleteFunc(slices.Clone(all), func(p process) bool { return !slices.Contains(names, p.Name) })
	for _, name := range names {
		if !slices.ContainsFunc(these, func(p process) bool { return p.Name == name }) {
			return fmt.Errorf("%s does not run in %s", name, layout.Root)
		}
	}
	return stopThese(layout, these)
}

// Start starts single peers, orderers and chaincode services of the network in options.Dir, by the
// names of their hosts, with the configuration and the certificates of today. Chaincode services are
// those of the definition in the network's description; options.Consortium is not looked at. Start
// does not wait until they are ready.
func Start(options Options, names ...string) error {
	layout, err := assembly.NewLayout(options.Dir)
	if err != nil {
		return err
	}
	alive, err := running(layout)
	if err != nil {
		return err
	}
	for _, p := range alive {
		if slices.Contains(names, p.Name) {
			return fmt.Errorf("%s runs already, as process %d", p.Name, p.PID)
		}
	}
	commands, err := some(options, layout, names)
	if err != nil {
		return err
	}
	s := newSupervisor(layout, options.Detach)
	for _, c := range commands {
		if err := s.start(c); err != nil {
			return err
		}
	}
	return nil
}

// some are the commands of the nodes called names. The configuration of no other node is touched: it
// may be running.
func some(options Options, layout assembly.Layout, names []string) ([]command, error) {
	network, err := assembly.Open(layout, consortium.Native)
	if err != nil {
		return nil, err
	}
	binaries, err := FindBinaries()
	if err != nil {
		return nil, err
	}
	n := nodes{
		consortium: network.Consortium, layout: layout, binaries: binaries, packageID: network.Package.ID(),
		chaincode: options.ChaincodeCommand, builder: options.BuilderCommand,
	}
	var commands []command
	var trouble []error
	add := func(host string, make func() (command, error)) {
		if slices.Contains(names, host) {
			c, err := make()
			commands, trouble = append(commands, c), append(trouble, err)
		}
	}
	for _, o := range network.Consortium.Organisations {
		for _, node := range o.Orderers {
			add(node.Host, func() (command, error) { return n.ordererCommand(o, node) })
		}
		for _, p := range o.Peers {
			add(p.Host, func() (command, error) { return n.peerCommand(o, p) })
			add(p.Chaincode(network.Consortium.Chaincode).Host, func() (command, error) { return n.chaincodeCommand(o, p) })
		}
	}
	if err := errors.Join(trouble...); err != nil {
		return nil, err
	}
	if len(commands) != len(names) {
		return nil, fmt.Errorf("not all of %s are nodes of the network in %s", strings.Join(names, ", "), layout.Root)
	}
	return commands, nil
}

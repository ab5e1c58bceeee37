package consortium

import (
	"net"
	"strconv"
)

// Place says under which names the nodes of a running consortium find each other. The keys are the
// same in both: a node's certificate carries both its names.
type Place string

const (
	// Native is one machine: every node is a process on 127.0.0.1.
	Native Place = "native"
	// Compose is a container network: every node answers to its own host name.
	Compose Place = "compose"
)

// Host is the name or address under which the node called host is reached.
func (p Place) Host(host string) string {
	if p == Native {
		return "127.0.0.1"
	}
	return host
}

// Address is Host and port, as dialled.
func (p Place) Address(host string, port int) string {
	return net.JoinHostPort(p.Host(host), strconv.Itoa(port))
}

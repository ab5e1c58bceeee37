package native

import (
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/zegel/zegel/network/consortium"
)

// checkFree tells before anything starts which ports are taken, and what they are wanted for. A
// gateway is another program's, and checks its port itself.
func checkFree(c consortium.Consortium) error {
	var taken []error
	for _, p := range c.Ports() {
		if err := tryPort(p.Number); err != nil {
			taken = append(taken, fmt.Errorf("port %d, wanted by %s, is taken", p.Number, p.Owner))
		}
	}
	return errors.Join(taken...)
}

// tryPort listens for a moment.
func tryPort(number int) error {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(number)))
	if err != nil {
		return err
	}
	return l.Close()
}

// The shifts that FreePorts tries stay below the ports that systems hand out by themselves.
const (
	shiftStep = 1000
	maxShift  = 22_000
)

// FreePorts moves the consortium to ports that nothing listens on now, in the order of the sample:
// its own, then 1000 higher, and so on. Another program can still be faster.
func FreePorts(c consortium.Consortium) (consortium.Consortium, error) {
	for delta := 0; delta <= maxShift; delta += shiftStep {
		moved, err := c.Shift(delta)
		if err != nil {
			return consortium.Consortium{}, err
		}
		if checkFree(moved) == nil {
			return moved, nil
		}
	}
	return consortium.Consortium{}, errors.New("no free block of ports for the network")
}

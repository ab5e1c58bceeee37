package native

import (
	"context"
	"fmt"

	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/consortium/assembly"
)

// Status is what the processes and the nodes of a network say.
type Status struct {
	assembly.Report
	// Processes are all that were started and not taken down, with whether they still run.
	Processes []Process
}

// Process is one process of the network.
type Process struct {
	Name    string
	PID     int
	Running bool
}

// Examine tells the state of the network in dir and changes nothing. Where no network was ever
// started, the error is assembly.ErrNoNetwork.
func Examine(ctx context.Context, dir string) (Status, error) {
	layout, err := assembly.NewLayout(dir)
	if err != nil {
		return Status{}, err
	}
	n, err := assembly.Open(layout, consortium.Native)
	if err != nil {
		return Status{}, err
	}
	all, err := remembered(layout)
	if err != nil {
		return Status{}, err
	}
	report, err := n.Examine(ctx)
	if err != nil {
		return Status{}, err
	}
	s := Status{Report: report}
	for _, p := range all {
		s.Processes = append(s.Processes, Process{Name: p.Name, PID: p.PID, Running: p.alive()})
		if !p.alive() {
			s.Missing = append(s.Missing, fmt.Sprintf("%s has ended: %s", p.Name, lastWords(Log(layout, p.Name))))
		}
	}
	return s, nil
}

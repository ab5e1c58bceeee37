package bench

import (
	"os"
	"strconv"
	"strings"

	"github.com/zegel/zegel/gateway/directory"
)

// Usage is the processor time that one group of processes used during the measurement.
type Usage struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
}

// usage reads processor time from /proc; elsewhere it finds nothing and says nothing.
type usage struct {
	processes []directory.Process
	before    map[int]float64
}

func newUsage(processes []directory.Process) *usage {
	return &usage{processes: append(processes, directory.Process{Name: "load generator", PID: os.Getpid()})}
}

func (u *usage) start() {
	before := make(map[int]float64)
	for _, p := range u.processes {
		before[p.PID] = cpuSeconds(p.PID)
	}
	u.before = before
}

// stop sums what was used since start by the first part of a process's name: all peers together.
func (u *usage) stop() []Usage {
	var groups []Usage
	at := make(map[string]int)
	for _, p := range u.processes {
		name, _, _ := strings.Cut(p.Name, ".")
		name = strings.TrimRight(strings.TrimSuffix(strings.TrimSuffix(name, "-blue"), "-green"), "0123456789")
		used := cpuSeconds(p.PID) - u.before[p.PID]
		if used <= 0 {
			continue
		}
		i, known := at[name]
		if !known {
			i = len(groups)
			at[name] = i
			groups = append(groups, Usage{Name: name})
		}
		groups[i].Seconds += used
	}
	return groups
}

// ticksPerSecond is what Linux counts processor time in, on every architecture it runs on today.
const ticksPerSecond = 100

func cpuSeconds(pid int) float64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	// The program's name stands in parentheses and may hold anything: count from its end.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	const user, system = 11, 12
	if len(fields) <= system {
		return 0
	}
	u, _ := strconv.ParseFloat(fields[user], 64)
	s, _ := strconv.ParseFloat(fields[system], 64)
	return (u + s) / ticksPerSecond
}

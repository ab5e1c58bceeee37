package dev

import (
	"net"
	"path/filepath"
	"strconv"

	"github.com/zegel/zegel/gateway/directory"
)

// Process is one chain's gateway as a program of its own: `zegel serve` with these arguments.
type Process struct {
	Name  string // gateway.korenaar.example
	Args  []string
	Entry directory.Chain
}

// Processes says how to run each chain's gateway in a process of its own, with its demo keys, and
// where all of them will answer.
func (o Options) Processes() ([]Process, *directory.Directory, error) {
	found := o.directory()
	var processes []Process
	for _, chain := range o.Consortium.Chains() {
		dir := filepath.Join(o.Dir, chain.Domain)
		keys, err := demoKeys(dir)
		if err != nil {
			return nil, nil, err
		}
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(chain.GatewayPort))
		args := []string{
			"--profile", o.profilePath(chain), "--dir", dir, "--listen", address, "--name", chain.Name, "--drain", "0s",
			"--endorsers", chain.MSPID + "," + o.clearing(),
		}
		for _, other := range o.standby(chain) {
			args = append(args, "--standby", other)
		}
		entry := directory.Chain{Name: chain.Name, MSP: chain.MSPID, URL: "http://" + address, Keys: keys, Profile: o.profilePath(chain)}
		processes = append(processes, Process{Name: "gateway." + chain.Domain, Args: args, Entry: entry})
		found.Chains = append(found.Chains, entry)
	}
	return processes, found, nil
}

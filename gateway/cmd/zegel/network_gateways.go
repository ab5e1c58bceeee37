package main

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"github.com/zegel/zegel/gateway/dev"
	"github.com/zegel/zegel/gateway/directory"
	"github.com/zegel/zegel/network/native"
)

func everyGateway(dev.Process) bool { return true }

// startGateways runs those gateways that are wanted, each as a process of its own, waits until they are
// ready, and writes down where all gateways answer.
func startGateways(ctx context.Context, data string, o dev.Options, wanted func(dev.Process) bool) (*directory.Directory, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	processes, found, err := o.Processes()
	if err != nil {
		return nil, err
	}
	var started []dev.Process
	for _, p := range processes {
		if !wanted(p) {
			continue
		}
		args := append([]string{self, "serve"}, p.Args...)
		if err := native.Add(data, true, p.Name, args...); err != nil {
			return nil, err
		}
		started = append(started, p)
	}
	for _, p := range started {
		if err := awaitOK(ctx, http.DefaultClient, p.Entry.URL+"/readyz"); err != nil {
			return nil, fmt.Errorf("%s: %w; see: zegel network logs %s", p.Name, err, p.Name)
		}
	}
	status, err := native.Examine(ctx, data)
	if err != nil {
		return nil, err
	}
	for _, p := range status.Processes {
		found.Processes = append(found.Processes, directory.Process{Name: p.Name, PID: p.PID})
	}
	return found, directory.Save(data, found)
}

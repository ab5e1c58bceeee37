package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/spf13/cobra"

	"github.com/zegel/zegel/chaincode/contract"
	"github.com/zegel/zegel/gateway/dev"
	"github.com/zegel/zegel/gateway/directory"
	"github.com/zegel/zegel/gateway/server"
	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/inprocess"
)

const aboutDev = `Start the whole consortium in this process: the peers of three chains and of the clearing house,
the orderer, the auditor's identity, and a gateway for each chain.

The rules are the same chaincode, the gateways the same client over Fabric's own gRPC services:
what works here works on real peers. Ledgers, keys and addresses stay in the data folder; other
commands find the consortium by the same --data. Ctrl-C stops it, starting again goes on.`

type devFlags struct {
	data, description string
	ephemeral         bool
	portShift         int
	verbose           bool
}

func newDev() *cobra.Command {
	var f devFlags
	c := &cobra.Command{
		Use:   "dev",
		Short: "Start a whole consortium in this process",
		Long:  aboutDev,
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runDev(c, f) },
	}
	flags := c.Flags()
	flags.StringVar(&f.data, "data", defaultData, "data folder: ledgers, keys, addresses")
	flags.BoolVar(&f.ephemeral, "ephemeral", false, "use a new folder and remove it at the end")
	flags.StringVar(&f.description, "consortium", "", "description of the consortium; empty means the built-in sample")
	flags.IntVar(&f.portShift, "port-shift", 0, "add this to every port")
	flags.BoolVar(&f.verbose, "verbose", false, "log every request")
	return c
}

func runDev(c *cobra.Command, f devFlags) (err error) {
	started := time.Now()
	if f.ephemeral {
		if f.data, err = os.MkdirTemp("", "zegel-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(f.data)) }()
	}
	description, err := consortium.Load(f.description)
	if err == nil {
		description, err = description.Shift(f.portShift)
	}
	if err != nil {
		return &exitError{exitUsage, err}
	}
	log := newLog(c.ErrOrStderr(), f.verbose)
	network, err := inprocess.Start(c.Context(), inprocess.Options{
		Consortium: description, Dir: f.data, Chaincode: newChaincode, Logger: log,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, network.Stop()) }()
	gateways, err := dev.Start(c.Context(), dev.Options{
		Backend: "devnet", Consortium: network.Consortium, Crypto: network.Crypto, Dir: f.data,
		Version: version, Log: log, Limits: localLimits(),
	})
	if err != nil {
		return err
	}
	printReady(c.OutOrStdout(), gateways.Directory, f.data, "Ctrl-C", time.Since(started))
	return waitAndStop(c.Context(), gateways)
}

// newChaincode makes one instance of the rules. It fails only if the contract's methods do not
// match its declaration, which its tests would have seen.
func newChaincode() shim.Chaincode {
	rules, err := contract.New()
	if err != nil {
		panic("the chaincode cannot be built: " + err.Error())
	}
	return rules
}

// waitAndStop serves until it is interrupted or a gateway fails.
func waitAndStop(ctx context.Context, gateways *dev.Gateways) error {
	failed := make(chan error, 1)
	go func() { failed <- gateways.Wait() }()
	select {
	case err := <-failed:
		return errors.Join(err, gateways.Stop())
	case <-ctx.Done():
		return gateways.Stop()
	}
}

// localLimits are for one machine: no load balancer has to notice that a gateway stops.
func localLimits() *server.Limits {
	limits := server.DefaultLimits()
	limits.DrainFor = 0
	limits.AtOnce = 2048
	return &limits
}

// newLog writes for people to the terminal: warnings, or everything.
func newLog(w io.Writer, verbose bool) *slog.Logger {
	level := slog.LevelWarn
	if verbose {
		level = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}

func printReady(w io.Writer, d *directory.Directory, data, stop string, took time.Duration) {
	p := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }
	p("\nThe consortium is ready (%s, %s).\n\n", d.Backend, took.Round(10*time.Millisecond))
	for _, chain := range d.Chains {
		p("  %-10s %s/#key=%s\n", chain.Name, chain.URL, chain.Keys.Till)
	}
	first := d.Chains[0]
	p("\nOpen a page above, or be a till:\n\n")
	p("  curl -s %s/v1/members -H 'Authorization: Bearer %s' \\\n", first.URL, first.Keys.Till)
	p("    -H 'Content-Type: application/json' -H 'Idempotency-Key: my-first-member-01' \\\n")
	p("    -d '{\"name\": \"Noor de Wit\", \"phone\": \"+31612345678\"}'\n\n")
	p("Data, ledgers and keys: %s. Stop with: %s\n", data, stop)
}

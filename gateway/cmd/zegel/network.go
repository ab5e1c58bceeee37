package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/zegel/zegel/gateway/directory"
	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/consortium/assembly"
	"github.com/zegel/zegel/network/consortium/ccaas"
	"github.com/zegel/zegel/network/consortium/render"
	"github.com/zegel/zegel/network/native"
)

const aboutNetwork = `Run the consortium on real Hyperledger Fabric, on this machine.

The programs peer and orderer are found on PATH or in FABRIC_BIN, as Fabric's own install script
leaves them. Keys, blocks, logs and addresses stay in the data folder.`

// networkFlags are shared by all network commands.
type networkFlags struct {
	data, description string
	portShift         int
}

// defaultNetwork is the data folder that the committed connection profiles point into.
const defaultNetwork = ".zegel/network"

func newNetwork() *cobra.Command {
	var f networkFlags
	c := &cobra.Command{Use: "network", Short: "Run the consortium on real Hyperledger Fabric", Long: aboutNetwork}
	flags := c.PersistentFlags()
	flags.StringVar(&f.data, "data", defaultNetwork, "data folder of the network")
	flags.StringVar(&f.description, "consortium", "", "description of the consortium; empty means the built-in sample")
	flags.IntVar(&f.portShift, "port-shift", 0, "add this to every port")
	c.AddCommand(newNetworkUp(&f), newNetworkDown(&f), newNetworkStatus(&f), newNetworkLogs(&f),
		newNetworkStop(&f), newNetworkStart(&f), newNetworkAddChain(&f), newNetworkUpgrade(&f), newNetworkGenerate(&f), newNetworkMaterial(&f), newNetworkSetup(&f), newNetworkProbe(), newBuilder())
	return c
}

func (f *networkFlags) consortium() (consortium.Consortium, error) {
	c, err := consortium.Load(f.description)
	if err == nil {
		c, err = c.Shift(f.portShift)
	}
	if err != nil {
		return consortium.Consortium{}, &exitError{exitUsage, err}
	}
	return c, nil
}

func newNetworkDown(f *networkFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "down",
		Short: "Stop every process; keep what they wrote",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := errors.Join(native.Down(f.data), directory.Remove(f.data)); err != nil {
				return err
			}
			c.Printf("The network in %s is down. Its ledgers and keys stay; zegel network up goes on.\n", f.data)
			return nil
		},
	}
}

func newNetworkStatus(f *networkFlags) *cobra.Command {
	var patience time.Duration
	c := &cobra.Command{
		Use:   "status",
		Short: "Say what runs, how high each peer is, and what is missing",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			status, err := examine(c.Context(), f.data, patience)
			if err != nil {
				return err
			}
			printStatus(c.OutOrStdout(), status)
			if len(status.Missing) > 0 {
				return &exitError{exitFailed, fmt.Errorf("%d things are missing", len(status.Missing))}
			}
			return nil
		},
	}
	c.Flags().DurationVar(&patience, "wait", 0, "ask again until nothing is missing, but no longer than this")
	return c
}

// examine asks until nothing is missing or patience is at its end, and once in any case.
func examine(ctx context.Context, data string, patience time.Duration) (native.Status, error) {
	deadline := time.Now().Add(patience)
	for {
		status, err := native.Examine(ctx, data)
		if err != nil || status.Ready() || time.Now().After(deadline) {
			return status, err
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			return status, ctx.Err()
		}
	}
}

func printStatus(w io.Writer, status native.Status) {
	p := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }
	for _, process := range status.Processes {
		state := "ended"
		if process.Running {
			state = "runs"
		}
		p("%-34s %-6s pid %d\n", process.Name, state, process.PID)
	}
	if status.Leader != "" {
		p("\n%s leads the orderers\n", status.Leader)
	}
	for _, peer := range status.Peers {
		p("%-34s %d blocks, a query and an endorsement in %s\n", peer.Host, peer.Height, peer.Probe.Round(time.Millisecond))
	}
	for _, missing := range status.Missing {
		p("missing: %s\n", missing)
	}
	if status.Ready() {
		p("\nThe network is ready.\n")
	}
}

func newNetworkLogs(f *networkFlags) *cobra.Command {
	var bytes int64
	c := &cobra.Command{
		Use:     "logs [NAME]",
		Short:   "Show the end of the logs of all processes, or of those whose name begins so",
		Example: "  zegel network logs peer0.korenaar",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return native.Logs(c.OutOrStdout(), f.data, strings.Join(args, ""), bytes)
		},
	}
	c.Flags().Int64Var(&bytes, "bytes", 4096, "how much of each log")
	return c
}

func newNetworkGenerate(f *networkFlags) *cobra.Command {
	var into string
	c := &cobra.Command{
		Use:   "generate",
		Short: "Write docker-compose.yaml, configtx.yaml and connection profiles from the description, and mint keys",
		Args:  cobra.NoArgs,
		RunE: func(_ *cobra.Command, _ []string) error {
			description, err := f.consortium()
			if err != nil {
				return err
			}
			if err := writeTree(into, description); err != nil {
				return err
			}
			layout, err := assembly.NewLayout(f.data)
			if err != nil {
				return err
			}
			return description.Ensure(layout.Material())
		},
	}
	c.Flags().StringVar(&into, "into", ".", "root of the project")
	return c
}

// writeTree writes the generated files that people read.
func writeTree(into string, description consortium.Consortium) error {
	tree, err := render.Tree(description)
	if err != nil {
		return err
	}
	for _, file := range tree {
		path := filepath.Join(into, filepath.FromSlash(file.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, file.Content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// builderWord is what a peer calls this program with when it looks for a chaincode service.
const builderWord = "ccaas-builder"

// newBuilder is the external builder of the peers that this program starts.
func newBuilder() *cobra.Command {
	return &cobra.Command{
		Use:                builderWord,
		Short:              "Detect, build or release a chaincode-as-a-service package, for a peer",
		Hidden:             true,
		DisableFlagParsing: true,
		RunE:               func(_ *cobra.Command, args []string) error { return ccaas.Run(os.Getenv(ccaas.BuilderConfig), args...) },
	}
}

package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

const about = `Zegel is the loyalty system of a consortium of retail chains on Hyperledger Fabric.

Members earn points at any chain and redeem them at any other. The rules run as chaincode on
every organisation's peer, so no chain moves points alone and all agree, to the point, on who
owes whom. Tills talk HTTP to their own chain's gateway.

Start here:
  zegel dev                          a whole consortium in this process, ready in a second
  zegel import --sample              replay the shipped journal through it
`

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "zegel",
		Short:         "Loyalty points of competing chains on one ledger",
		Long:          about,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetOut(os.Stdout) // without this, what commands print is taken for messages and goes to standard error
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return &exitError{exitUsage, fmt.Errorf("%w\ntry: %s --help", err, c.CommandPath())}
	})
	root.AddCommand(newDev(), newServe(), newKeys(), newImport(), newAudit(), newBench(), newNetwork(), newVersion())
	return root
}

// version is set by the release build; a build from a checkout says what the toolchain knows.
var version = "development"

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which build this is",
		Args:  cobra.NoArgs,
		Run: func(c *cobra.Command, _ []string) {
			c.Printf("zegel %s, %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			if info, ok := debug.ReadBuildInfo(); ok {
				printLibraries(c, info)
			}
		},
	}
}

// printLibraries lists the libraries that decide how this build talks to Fabric.
func printLibraries(c *cobra.Command, info *debug.BuildInfo) {
	for _, d := range info.Deps {
		switch d.Path {
		case "github.com/hyperledger/fabric-gateway", "github.com/hyperledger/fabric-contract-api-go/v2",
			"github.com/hyperledger/fabric-chaincode-go/v2", "github.com/hyperledger/fabric-protos-go-apiv2":
			c.Printf("  %s %s\n", d.Path, d.Version)
		}
	}
}

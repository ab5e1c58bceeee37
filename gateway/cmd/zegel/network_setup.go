package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/consortium/assembly"
)

// placeFlag adds the flag that says where the nodes find each other.
func placeFlag(c *cobra.Command, place *string) {
	c.Flags().StringVar(place, "place", string(consortium.Native), "native (one machine) or compose (a container network)")
}

func placeOf(name string) (consortium.Place, error) {
	switch p := consortium.Place(name); p {
	case consortium.Native, consortium.Compose:
		return p, nil
	}
	return "", &exitError{exitUsage, fmt.Errorf("place %q is neither native nor compose", name)}
}

// newNetworkMaterial makes what the nodes need before they can start.
func newNetworkMaterial(f *networkFlags) *cobra.Command {
	var name string
	c := &cobra.Command{
		Use:   "material",
		Short: "Make keys, certificates, genesis block, chaincode package and profiles; start nothing",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			place, err := placeOf(name)
			if err != nil {
				return err
			}
			description, err := f.consortium()
			if err != nil {
				return err
			}
			layout, err := assembly.NewLayout(f.data)
			if err != nil {
				return err
			}
			if _, err := assembly.Prepare(layout, description, place); err != nil {
				return err
			}
			c.Printf("Everything the nodes need is in %s.\n", layout.Root)
			return nil
		},
	}
	placeFlag(c, &name)
	return c
}

// newNetworkSetup makes a consortium of nodes that somebody else has started.
func newNetworkSetup(f *networkFlags) *cobra.Command {
	var name string
	c := &cobra.Command{
		Use:   "setup",
		Short: "Bring running nodes into the channel, deploy the chaincode, found the programme",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			place, err := placeOf(name)
			if err != nil {
				return err
			}
			return setUp(c, f, place)
		},
	}
	placeFlag(c, &name)
	return c
}

func setUp(c *cobra.Command, f *networkFlags, place consortium.Place) error {
	layout, err := assembly.NewLayout(f.data)
	if err != nil {
		return err
	}
	network, err := assembly.Open(layout, place)
	if err != nil {
		return err
	}
	network.Tell = func(done string) { c.PrintErrln(done) }
	if err := network.Assemble(c.Context()); err != nil {
		return err
	}
	options := networkOptions(f.data, network.Consortium, layout, place)
	if err := options.Found(c.Context()); err != nil {
		return err
	}
	c.PrintErrln("programme founded")
	return nil
}

package main

import (
	"github.com/spf13/cobra"

	"github.com/zegel/zegel/gateway/dev"
	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/consortium/assembly"
	"github.com/zegel/zegel/network/native"
)

const aboutAdd = `Bring one chain more into the running network, while it serves.

A majority of the members' administrators signs it into the channel. Its peer starts, joins and catches up. All
organisations take the chaincode to the next definition, which has the chain's two collections and
counts its peer among those that endorse. The chains and the clearing house agree on the next version of the
programme, the chain publishes its terms, and its gateway starts. The others' gateways need no restart.

It can be repeated if it fails: what is done is left alone. Here one program holds everybody's keys;
docs/operations/add-a-chain.md is the same with the standard tools, each organisation for itself.`

const addExamples = `  zegel network add-chain --name Boterbloem --msp BoterbloemMSP --domain boterbloem.example --port 7600`

func newNetworkAddChain(f *networkFlags) *cobra.Command {
	var chain consortium.Newcomer
	var service, next string
	c := &cobra.Command{
		Use:     "add-chain",
		Short:   "Bring one chain more into the running network",
		Long:    aboutAdd,
		Example: addExamples,
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return addChain(c, f, chain, next, service) },
	}
	flags := c.Flags()
	flags.StringVar(&chain.Name, "name", "", "name of the chain, as on a receipt (required)")
	flags.StringVar(&chain.MSPID, "msp", "", "its MSP ID (required)")
	flags.StringVar(&chain.Domain, "domain", "", "its domain (required)")
	flags.IntVar(&chain.Port, "port", 0, "the first of the four ports of its peer (required)")
	flags.IntVar(&chain.GatewayPort, "gateway", 0, "port of its gateway; 0 means one above the last chain's")
	flags.StringVar(&next, "version", "", "version of the next definition of the chaincode; empty keeps the present")
	chaincodeFlag(c, &service)
	for _, name := range []string{"name", "msp", "domain", "port"} {
		_ = c.MarkFlagRequired(name) // the flag exists
	}
	return c
}

func addChain(c *cobra.Command, f *networkFlags, chain consortium.Newcomer, next, service string) error {
	layout, description, err := f.running()
	if err != nil {
		return err
	}
	// A second attempt finds the channel extended and goes on with the programme.
	if _, err := description.Organisation(chain.MSPID); err != nil {
		if description, err = description.Admit(chain, next); err != nil {
			return &exitError{exitUsage, err}
		}
		options, err := nativeOptions(c, f, description, service)
		if err != nil {
			return err
		}
		if err := native.Extend(c.Context(), options); err != nil {
			return err
		}
	}
	options := networkOptions(f.data, description, layout, consortium.Native)
	if err := options.Admit(c.Context()); err != nil {
		return err
	}
	c.PrintErrln("programme agreed, terms published")
	found, err := startGateways(c.Context(), f.data, options, func(p dev.Process) bool { return p.Entry.MSP == chain.MSPID })
	if err != nil {
		return err
	}
	for _, entry := range found.Chains {
		if entry.Name == chain.Name {
			c.Printf("%s is a member; its tills call %s\n", entry.Name, entry.URL)
		}
	}
	return nil
}

// running is the description by which the network in the data folder runs.
func (f *networkFlags) running() (assembly.Layout, consortium.Consortium, error) {
	layout, err := assembly.NewLayout(f.data)
	if err != nil {
		return layout, consortium.Consortium{}, err
	}
	description, err := layout.Consortium()
	return layout, description, err
}

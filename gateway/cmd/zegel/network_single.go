package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zegel/zegel/gateway/dev"
	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/native"
)

func newNetworkStop(f *networkFlags) *cobra.Command {
	return &cobra.Command{
		Use:     "stop NAME...",
		Short:   "Stop single processes, by the names that status shows",
		Example: "  zegel network stop peer0.lindeboom.example",
		Args:    cobra.MinimumNArgs(1),
		RunE:    func(_ *cobra.Command, names []string) error { return native.Stop(f.data, names...) },
	}
}

const aboutStart = `Start single processes of the network: peers, orderers, chaincode services and gateways, by the names of
their hosts. They read their configuration and certificates anew.

Gateways are awaited until they are ready. For all others: zegel network status --wait 60s.`

func newNetworkStart(f *networkFlags) *cobra.Command {
	var service string
	c := &cobra.Command{
		Use:     "start NAME...",
		Short:   "Start single processes again, or those of a new member",
		Long:    aboutStart,
		Example: "  zegel network start peer0.lindeboom.example",
		Args:    cobra.MinimumNArgs(1),
		RunE:    func(c *cobra.Command, names []string) error { return startSingle(c, f, names, service) },
	}
	chaincodeFlag(c, &service)
	return c
}

func startSingle(c *cobra.Command, f *networkFlags, names []string, service string) error {
	layout, description, err := f.running()
	if err != nil {
		return err
	}
	gateways := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !strings.HasPrefix(name, "gateway.") })
	if nodes := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(gateways, name) }); len(nodes) > 0 {
		options, err := nativeOptions(c, f, description, service)
		if err != nil {
			return err
		}
		if err := native.Start(options, nodes...); err != nil {
			return err
		}
	}
	if len(gateways) == 0 {
		return nil
	}
	options := networkOptions(f.data, description, layout, consortium.Native)
	if err := options.WriteProfiles(); err != nil {
		return err
	}
	for _, name := range gateways {
		if !slices.ContainsFunc(description.Chains(), func(o consortium.Organisation) bool { return "gateway."+o.Domain == name }) {
			return &exitError{exitUsage, fmt.Errorf("%s is the gateway of no chain", name)}
		}
	}
	_, err = startGateways(c.Context(), f.data, options, func(p dev.Process) bool { return slices.Contains(gateways, p.Name) })
	return err
}

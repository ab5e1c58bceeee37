package main

import (
	"github.com/spf13/cobra"

	"github.com/zegel/zegel/network/native"
)

const aboutUpgrade = `Take the running network to the next definition of the chaincode, while it serves.

The new chaincode services start beside the old. All organisations approve the definition, one
commits it, and when every peer has changed over the old services stop. What was endorsed before
and ordered after the commit is invalid; the gateways repeat it by themselves.`

func newNetworkUpgrade(f *networkFlags) *cobra.Command {
	var service, next string
	c := &cobra.Command{
		Use:     "upgrade",
		Short:   "Take the chaincode to a new version",
		Long:    aboutUpgrade,
		Example: "  zegel network upgrade --version 1.1.0 --chaincode bin/chaincode",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, description, err := f.running()
			if err != nil {
				return err
			}
			description.Chaincode.Version = next
			description.Chaincode.Sequence++
			options, err := nativeOptions(c, f, description, service)
			if err != nil {
				return err
			}
			if err := native.Upgrade(c.Context(), options); err != nil {
				return err
			}
			c.Printf("The chaincode is at version %s, sequence %d.\n", next, description.Chaincode.Sequence)
			return nil
		},
	}
	c.Flags().StringVar(&next, "version", "", "the new version (required)")
	_ = c.MarkFlagRequired("version") // the flag exists
	chaincodeFlag(c, &service)
	return c
}

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/node"
	"github.com/zegel/zegel/gateway/server"
)

const aboutKeys = `Issue, list and revoke the API keys of one gateway. A running gateway takes a change up within a
second. Only a hash of each key is kept: what issue prints is the one time that the key is seen.`

func newKeys() *cobra.Command {
	var dir string
	c := &cobra.Command{Use: "keys", Short: "Issue, list and revoke a gateway's API keys", Long: aboutKeys}
	c.PersistentFlags().StringVar(&dir, "dir", "", "folder of the gateway (required)")
	_ = c.MarkPersistentFlagRequired("dir") // the flag exists
	c.AddCommand(newKeysIssue(&dir), newKeysList(&dir), newKeysRevoke(&dir))
	return c
}

func newKeysIssue(dir *string) *cobra.Command {
	var key server.Key
	var role string
	c := &cobra.Command{
		Use:     "issue ID",
		Short:   "Make a key and print it, once",
		Example: "  zegel keys issue till-101-3 --dir /var/lib/zegel --role pos --store 101 --terminal 3",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			token, fresh, err := server.NewKey(args[0], nil)
			if err != nil {
				return &exitError{exitUsage, err}
			}
			key.ID, key.Hash, key.Role = fresh.ID, fresh.Hash, loyalty.Role(role)
			err = changeKeys(*dir, func(keys []server.Key) ([]server.Key, error) { return append(keys, key), nil })
			if err == nil {
				c.Println(token)
			}
			return err
		},
	}
	flags := c.Flags()
	flags.StringVar(&role, "role", string(loyalty.RolePOS), "pos, agent, manager or auditor")
	flags.StringVar(&key.Store, "store", "", "tie the key to this store")
	flags.StringVar(&key.Terminal, "terminal", "", "tie the key to this till of the store")
	flags.StringVar(&key.Label, "label", "", "for people")
	flags.IntVar(&key.PerSecond, "per-second", 0, "requests a second; 0 means 100")
	return c
}

func newKeysList(dir *string) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the keys, without their secrets",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			keys, err := readKeys(*dir)
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			_, _ = fmt.Fprintln(w, "ID\tROLE\tSTORE\tTERMINAL\tLABEL\tSTATE")
			for _, k := range keys {
				state := "in force"
				if k.Disabled {
					state = "revoked"
				}
				_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Role, k.Store, k.Terminal, k.Label, state)
			}
			return w.Flush()
		},
	}
}

func newKeysRevoke(dir *string) *cobra.Command {
	return &cobra.Command{
		Use:   "revoke ID",
		Short: "Put a key out of force",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return changeKeys(*dir, func(keys []server.Key) ([]server.Key, error) {
				for i := range keys {
					if keys[i].ID == args[0] {
						keys[i].Disabled = true
						return keys, nil
					}
				}
				return nil, fmt.Errorf("there is no key %q", args[0])
			})
		},
	}
}

func changeKeys(dir string, change func([]server.Key) ([]server.Key, error)) error {
	keys, err := readKeys(dir)
	if err != nil {
		return err
	}
	if keys, err = change(keys); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return server.WriteKeys(node.KeysPath(dir), keys)
}

// readKeys reads a gateway's keys; a gateway that has none yet has an empty list.
func readKeys(dir string) ([]server.Key, error) {
	keys, err := server.ReadKeys(node.KeysPath(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return keys, err
}

package main

import (
	"encoding/json"
	"errors"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/zegel/zegel/gateway/bench"
	"github.com/zegel/zegel/gateway/directory"
)

const aboutBench = `Press a running consortium with many tills over HTTP and measure: operations a second, and how long
a till waits for a committed answer. The mix is a supermarket's: 70 % sales, 15 % holds with their
captures, 5 % returns, 2 % transfers, 8 % reads, on members that all tills share.

By default each till begins the next operation when the last is answered. With --rate customers come
at that pace, whether or not the tills keep up, and waiting for a till counts.`

func newBench() *cobra.Command {
	var data, file string
	o := bench.Options{Mix: bench.ShopMix}
	c := &cobra.Command{
		Use:     "bench",
		Short:   "Measure a running consortium under the load of many tills",
		Long:    aboutBench,
		Example: "  zegel bench --tills 256 --duration 30s --json result.json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if o.Directory, err = directory.Load(data); err != nil {
				return err
			}
			result, err := bench.Run(c.Context(), o)
			if err != nil {
				return err
			}
			if file != "" {
				text, err := json.MarshalIndent(result, "", "  ")
				if err = errors.Join(err, os.WriteFile(file, append(text, '\n'), 0o644)); err != nil {
					return err
				}
			}
			return result.Print(c.OutOrStdout())
		},
	}
	flags := c.Flags()
	flags.StringVar(&data, "data", defaultData, "data folder of the running consortium")
	flags.IntVar(&o.Tills, "tills", 64, "tills at work at once")
	flags.IntVar(&o.Members, "members", 1000, "members, enrolled first")
	flags.DurationVar(&o.Warmup, "warmup", 3*time.Second, "not counted")
	flags.DurationVar(&o.Duration, "duration", 10*time.Second, "how long to measure")
	flags.Float64Var(&o.Rate, "rate", 0, "operations a second that arrive; 0 lets each till set its own pace")
	flags.Uint64Var(&o.Seed, "seed", 1, "of what the tills do")
	flags.StringVar(&file, "json", "", "also write the result to this file")
	return c
}

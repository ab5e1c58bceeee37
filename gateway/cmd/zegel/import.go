package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/zegel/zegel/gateway/directory"
	"github.com/zegel/zegel/gateway/importer"
	"github.com/zegel/zegel/gateway/journal"
)

const aboutImport = `Replay what tills have written down through the chains' gateways, as if the tills had sent it.

A journal has one event a line: a sale, a return or a redemption. Members are enrolled at the chain
of their first event. Old dates count as today's, so that nothing is too late or expired.

Every event has an Idempotency-Key of its own, so nothing happens twice: an import that was
interrupted goes on where it was, and a finished one that is run again changes nothing.`

const importExamples = `  zegel import --sample
  zegel import --concurrency 64 march.jsonl.gz
  zegel import --format online-retail --report report.csv DIR`

type importFlags struct {
	data, format, report string
	sample, apart        bool
	concurrency          int
	shuffle              uint64
	patience             time.Duration
}

const defaultData = ".zegel"

func newImport() *cobra.Command {
	var f importFlags
	c := &cobra.Command{
		Use:     "import [JOURNAL]",
		Short:   "Replay a journal of sales, returns and redemptions over HTTP",
		Long:    aboutImport,
		Example: importExamples,
		Args:    cobra.MaximumNArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return runImport(c, f, args) },
	}
	flags := c.Flags()
	flags.StringVar(&f.data, "data", defaultData, "data folder of the running consortium")
	flags.BoolVar(&f.sample, "sample", false, "import the journal that ships with this program")
	flags.StringVar(&f.format, "format", "journal", "journal (JSON Lines, gzipped or not) or online-retail (a folder)")
	flags.IntVar(&f.concurrency, "concurrency", 32, "requests in flight, 1 to 1024")
	flags.Uint64Var(&f.shuffle, "shuffle", 0, "shuffle the members with this seed; 0 keeps the journal's order")
	flags.BoolVar(&f.apart, "apart", false, "let one member's events at different chains overtake each other")
	flags.DurationVar(&f.patience, "patience", 2*time.Minute, "how long to repeat a request while its gateway is away")
	flags.StringVar(&f.report, "report", "", "afterwards write customer_id,issuer,earned,clawed,net of every member to this file")
	return c
}

func runImport(c *cobra.Command, f importFlags, args []string) error {
	found, err := directory.Load(f.data)
	if err != nil {
		return err
	}
	o := importer.Options{
		StateDir: filepath.Join(f.data, "import"), Concurrency: f.concurrency, ShuffleSeed: f.shuffle,
		Apart: f.apart, Patience: f.patience, Now: time.Now(),
	}
	for _, chain := range found.Chains {
		o.Chains = append(o.Chains, importer.Chain{Name: chain.Name, MSP: chain.MSP, URL: chain.URL, Key: chain.Keys.Journal})
	}
	if o.Events, err = readJournal(f, args, len(o.Chains)); err != nil {
		return err
	}
	bar := newBar(c.ErrOrStderr(), len(o.Events))
	o.Progress = bar.show
	result, err := importer.Run(c.Context(), o)
	bar.end()
	if err != nil {
		return err
	}
	printResult(c.OutOrStdout(), result, bar.elapsed())
	if f.report != "" {
		if err := writeReport(c, o, result, f.report); err != nil {
			return err
		}
	}
	if result.Refused > 0 {
		return &exitError{exitRefused, fmt.Errorf("%d events were refused", result.Refused)}
	}
	return nil
}

func readJournal(f importFlags, args []string, chains int) ([]journal.Event, error) {
	switch {
	case f.sample && len(args) > 0:
		return nil, &exitError{exitUsage, errors.New("give a journal or --sample, not both")}
	case f.sample:
		return journal.Sample()
	case len(args) == 0:
		return nil, &exitError{exitUsage, errors.New("name a journal, or use --sample")}
	case f.format == "online-retail":
		return journal.OnlineRetail(args[0], chains)
	case f.format == "journal":
		return journal.ReadFile(args[0])
	}
	return nil, &exitError{exitUsage, fmt.Errorf("format %q is neither journal nor online-retail", f.format)}
}

func printResult(w io.Writer, r importer.Result, took time.Duration) {
	rate := float64(r.Done()) / max(took.Seconds(), 0.001)
	_, _ = fmt.Fprintf(w, "%d events in %s (%.0f/s): %d applied, %d known already, %d skipped, %d refused; %d members\n",
		r.Done(), took.Round(10*time.Millisecond), rate, r.Applied, r.Replayed, r.Skipped, r.Refused, len(r.Members))
	for _, refusal := range r.Refusals {
		_, _ = fmt.Fprintln(w, "  refused:", refusal)
	}
}

func writeReport(c *cobra.Command, o importer.Options, r importer.Result, path string) error {
	lines, err := importer.Report(c.Context(), o, r.Members)
	if err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := errors.Join(importer.WriteReport(f, lines), f.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%d lines in %s\n", len(lines), path)
	return err
}

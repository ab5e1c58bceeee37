package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/zegel/zegel/audit"
	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
)

const aboutAudit = `Recompute every balance from the blocks, trusting nobody: hashes, signatures, endorsement policies
and validation codes are checked, the rules are carried out again, and points are counted a second
time by a program that shares nothing with the rules.

Blocks come from a data folder of zegel (every peer's copy, compared), from a folder of block files
of any Fabric peer or of files that "peer channel fetch" wrote, or from a peer over the network with
the auditor's read-only identity. The exit code is 1 if anything was found.`

const auditExamples = `  zegel audit                                    the consortium of zegel dev
  zegel audit --files /var/hyperledger/production --openings baskets/
  zegel audit --profile auditor.yaml --identity auditor/msp --state audit.db
  zegel audit evidence --operation 5f1c… --out operation.json
  zegel audit verify operation.json`

type auditFlags struct {
	data, files, profile, identity, msp string
	compare                             []string
	channel, chaincode                  string
	genesis, openings, state, csv, key  string
	out                                 string
	height                              uint64
	json                                bool
}

func newAudit() *cobra.Command {
	f := &auditFlags{}
	c := &cobra.Command{
		Use: "audit", Short: "Recompute every balance from the blocks", Long: aboutAudit, Example: auditExamples,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runAudit(c, f) },
	}
	shared := c.PersistentFlags()
	shared.StringVar(&f.data, "data", defaultData, "data folder of a consortium on this machine")
	shared.StringVar(&f.files, "files", "", "folder of a peer's block files, or of fetched blocks (*.block)")
	shared.StringVar(&f.profile, "profile", "", "connection profile: read from a peer")
	shared.StringVar(&f.identity, "identity", "", "MSP folder of the identity to read with")
	shared.StringVar(&f.msp, "msp", "AuditorMSP", "MSP ID of that identity; of evidence, the operation's organisation")
	shared.StringVar(&f.channel, "channel", api.Channel, "channel")
	shared.StringVar(&f.chaincode, "chaincode", api.Chaincode, "chaincode")
	flags := c.Flags()
	flags.StringSliceVar(&f.compare, "compare", nil, "folders of other peers' blocks to compare with")
	flags.StringVar(&f.genesis, "genesis", "", "hash of the first block, as it is known from elsewhere")
	flags.Uint64Var(&f.height, "height", 0, "how many blocks there must be at least")
	flags.StringVar(&f.openings, "openings", "", "folder of baskets: <MSP>/<receipt>.json")
	flags.StringVar(&f.state, "state", "", "file to keep the audit's state in; the next audit goes on from it")
	flags.StringVar(&f.csv, "csv", "", "folder to export entries, lots and movements to")
	flags.StringVar(&f.key, "sign", "", "key (PEM, PKCS 8) to sign the report with")
	flags.StringVar(&f.out, "out", "", "file to write the report to, signed if there is a key")
	flags.BoolVar(&f.json, "json", false, "print the report as JSON")
	c.AddCommand(newAuditEvidence(f), newAuditVerify())
	return c
}

func (f *auditFlags) options() (audit.Options, error) {
	genesis, err := hex.DecodeString(f.genesis)
	if err != nil {
		return audit.Options{}, &exitError{exitUsage, fmt.Errorf("--genesis is not hexadecimal: %w", err)}
	}
	o := audit.Options{Channel: f.channel, Chaincode: f.chaincode, Genesis: genesis, Height: f.height, State: f.state}
	if f.openings != "" {
		o.Openings = audit.OpeningFolder(f.openings)
	}
	return o, nil
}

func runAudit(c *cobra.Command, f *auditFlags) (err error) {
	blocks, err := f.open(c.Context())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, blocks.close()) }()
	o, err := f.options()
	if err != nil {
		return err
	}
	var table *audit.CSV
	if f.csv != "" {
		if table, err = audit.NewCSV(f.csv); err != nil {
			return err
		}
		o.Export = table
	}
	a, err := audit.New(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	started := time.Now()
	if err := a.Compare(blocks.source, blocks.others, progressOf(c.ErrOrStderr(), a)); err != nil && !errors.Is(err, audit.ErrBroken) {
		return err
	}
	r, err := a.Finish()
	if err != nil {
		return err
	}
	if table != nil {
		if err := table.Finish(a); err != nil {
			return err
		}
	}
	return f.tell(c, r, time.Since(started))
}

// progressOf says every few seconds how far the audit is.
func progressOf(w io.Writer, a *audit.Auditor) func() {
	last := time.Now()
	return func() {
		if time.Since(last) < lineEvery {
			return
		}
		last = time.Now()
		counts := a.Counts()
		_, _ = fmt.Fprintf(w, "block %d: %d transactions, %d operations, %d findings\n", a.Next(), counts.Transactions, counts.Operations, a.Findings())
	}
}

// tell prints the report and writes it where it is wanted.
func (f *auditFlags) tell(c *cobra.Command, r *audit.Report, took time.Duration) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if f.json {
		c.Println(string(text))
	} else {
		audit.WriteText(c.OutOrStdout(), r)
		_, _ = fmt.Fprintf(c.OutOrStdout(), "\n%d operations in %s\n", r.Counts.Operations, took.Round(time.Millisecond))
	}
	if f.key != "" {
		key, err := os.ReadFile(f.key)
		if err != nil {
			return err
		}
		signed, err := audit.Sign(r, key)
		if err != nil {
			return err
		}
		if text, err = json.Marshal(signed); err != nil {
			return err
		}
	}
	if f.out != "" {
		if err := os.WriteFile(f.out, append(text, '\n'), 0o600); err != nil {
			return err
		}
	}
	if !r.Clean {
		return fmt.Errorf("%d findings", len(r.Findings)+r.FindingsOmitted)
	}
	return nil
}

func newAuditEvidence(f *auditFlags) *cobra.Command {
	var operation, out string
	c := &cobra.Command{
		Use: "evidence", Short: "Write all that proves one operation into one file", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			op := loyalty.OpID(operation)
			if !op.Valid() {
				return &exitError{exitUsage, errors.New("--operation is the 32 hexadecimal digits of an operation")}
			}
			blocks, err := f.open(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, blocks.close()) }()
			msp := ""
			if c.Flags().Changed("msp") {
				msp = f.msp
			}
			e, err := audit.Collect(blocks.source, f.channel, f.chaincode, msp, op)
			if err != nil {
				return err
			}
			text, err := json.Marshal(e)
			if err != nil {
				return err
			}
			if err := os.WriteFile(out, append(text, '\n'), 0o600); err != nil {
				return err
			}
			c.Printf("%s: operation %s of %s, block %d, with %d blocks of configuration and definition\n", out, op, e.MSP, e.Block, len(e.Blocks)-1)
			return nil
		},
	}
	c.Flags().StringVar(&operation, "operation", "", "the operation, 32 hexadecimal digits")
	c.Flags().StringVar(&out, "out", "evidence.json", "file to write")
	return c
}

func newAuditVerify() *cobra.Command {
	return &cobra.Command{
		Use: "verify FILE", Short: "Check evidence or a signed report, without any network", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			text, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			var signed audit.SignedReport
			if json.Unmarshal(text, &signed) == nil && len(signed.Signature) > 0 {
				return verifyReport(c, &signed)
			}
			e, err := audit.ReadEvidence(text)
			if err != nil {
				return err
			}
			p, err := e.Verify()
			if err != nil {
				return err
			}
			shown, err := json.MarshalIndent(p, "", "  ")
			if err != nil {
				return err
			}
			c.Println(string(shown))
			if len(p.Findings) > 0 {
				return fmt.Errorf("%d things about the evidence do not hold", len(p.Findings))
			}
			return nil
		},
	}
}

func verifyReport(c *cobra.Command, s *audit.SignedReport) error {
	r, err := s.Verify()
	if err != nil {
		return err
	}
	audit.WriteText(c.OutOrStdout(), r)
	c.Printf("\nsigned by the key with the fingerprint %s\n", s.Fingerprint())
	return nil
}

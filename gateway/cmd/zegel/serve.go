package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"time"
	_ "time/tzdata" // an image of nothing but this binary has no table of time zones

	"github.com/spf13/cobra"

	"github.com/zegel/zegel/gateway/fabric"
	"github.com/zegel/zegel/gateway/node"
	"github.com/zegel/zegel/gateway/server"
)

const aboutServe = `Run one chain's gateway on a connection profile.

The profile says where the peers are and whose gateway this is; its users are the identities that
sign, one for each role: pos, agent, manager. The folder keeps the chain's secret, the members'
keys, the API keys (see: zegel keys) and the statement. Back it up: without the secret and the
members' keys the chain cannot find or read its own members.

The time zone is part of what makes a receipt the same receipt: choose it once and keep it.

The gateway stops on SIGTERM: it says "not ready", lets requests finish, and ends.`

const serveExamples = `  zegel serve --profile connection-profiles/korenaar.yaml --dir /var/lib/zegel --listen :8443 \
    --tls-cert gateway.crt --tls-key gateway.key --time-zone Europe/Amsterdam`

type serveFlags struct {
	profile, dir, listen, name string
	endorsers, standby         []string
	certificate, key           string
	zone                       string
	drain                      time.Duration
	verbose                    bool
}

func newServe() *cobra.Command {
	var f serveFlags
	c := &cobra.Command{
		Use:     "serve",
		Short:   "Run one chain's gateway",
		Long:    aboutServe,
		Example: serveExamples,
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return runServe(c, f) },
	}
	flags := c.Flags()
	flags.StringVar(&f.profile, "profile", "", "connection profile of the chain (required)")
	flags.StringVar(&f.dir, "dir", "", "folder of this gateway (required)")
	flags.StringVar(&f.listen, "listen", "127.0.0.1:8081", "address to listen on; TLS is required outside loopback")
	flags.StringVar(&f.name, "name", "", "the chain's name on receipts; empty means the organisation's name in the profile")
	flags.StringSliceVar(&f.endorsers, "endorsers", nil, "MSP IDs that endorse; empty means the own organisation and ClearingMSP")
	flags.StringSliceVar(&f.standby, "standby", nil, "MSP IDs that stand in for another endorser where no basket is shown")
	flags.StringVar(&f.certificate, "tls-cert", "", "certificate file for HTTPS")
	flags.StringVar(&f.key, "tls-key", "", "key file for HTTPS")
	flags.StringVar(&f.zone, "time-zone", "UTC", "where the shops close their books: it makes a business time a business date")
	flags.DurationVar(&f.drain, "drain", 5*time.Second, "how long to say \"not ready\" before lines are refused at the end")
	flags.BoolVar(&f.verbose, "verbose", false, "log every request")
	_ = c.MarkFlagRequired("profile") // the flag exists
	_ = c.MarkFlagRequired("dir")
	return c
}

func runServe(c *cobra.Command, f serveFlags) error {
	config, err := f.node(newLog(c.ErrOrStderr(), f.verbose))
	if err != nil {
		return err
	}
	listener, err := f.listener(c)
	if err != nil {
		return err
	}
	n, err := node.Open(config)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	c.Printf("%s listens on %s\n", config.Name, listener.Addr())
	ctx, stop := context.WithCancel(c.Context())
	announced := make(chan struct{})
	go func() {
		defer close(announced)
		announce(ctx, n.Ready, config, c)
	}()
	defer func() {
		stop()
		<-announced
	}()
	return n.Serve(c.Context(), listener)
}

// askAgain is the pause before the peers are asked again whether a sale would go through.
const askAgain = 2 * time.Second

// announce says when the gateway is ready and, until then, whenever something else is missing.
func announce(ctx context.Context, ready func(context.Context) fabric.Readiness, config node.Config, c *cobra.Command) {
	told := ""
	for {
		readiness := ready(ctx)
		if ctx.Err() != nil {
			return
		}
		if readiness.OK() {
			c.Printf("%s is ready\n", config.Name)
			return
		}
		if missing := whatIsMissing(readiness); missing != told {
			c.Printf("%s is not ready: %s\n", config.Name, missing)
			told = missing
		}
		select {
		case <-time.After(askAgain):
		case <-ctx.Done():
			return
		}
	}
}

func whatIsMissing(readiness fabric.Readiness) string {
	var missing []string
	for _, check := range readiness {
		if !check.OK {
			missing = append(missing, check.Name+": "+check.Advice)
		}
	}
	return strings.Join(missing, "; ")
}

func (f serveFlags) node(log *slog.Logger) (node.Config, error) {
	profile, err := fabric.LoadProfile(f.profile)
	if err != nil {
		return node.Config{}, err
	}
	identities, err := node.ProfileIdentities(f.profile, filepath.Dir(f.profile))
	if err != nil {
		return node.Config{}, err
	}
	zone, err := time.LoadLocation(f.zone)
	if err != nil {
		return node.Config{}, &exitError{exitUsage, fmt.Errorf("--time-zone: %w", err)}
	}
	limits := server.DefaultLimits()
	limits.DrainFor = f.drain
	config := node.Config{
		Name: f.name, Profile: profile, Identities: identities, Endorsers: f.endorsers, Standby: f.standby,
		Dir: f.dir, Zone: zone, Version: version, Log: log, Limits: &limits,
	}
	if config.Name == "" {
		config.Name = profile.Organisation
	}
	if len(config.Endorsers) == 0 {
		config.Endorsers = []string{profile.MSP, "ClearingMSP"}
	}
	return config, nil
}

// listener opens the address. API keys and personal data do not travel in the clear between machines.
func (f serveFlags) listener(c *cobra.Command) (net.Listener, error) {
	secure := f.certificate != "" && f.key != ""
	if !secure && !isLoopback(f.listen) {
		return nil, &exitError{exitUsage, fmt.Errorf("%s is not a loopback address: give --tls-cert and --tls-key", f.listen)}
	}
	listener, err := new(net.ListenConfig).Listen(c.Context(), "tcp", f.listen)
	if err != nil || !secure {
		return listener, err
	}
	pair, err := tls.LoadX509KeyPair(f.certificate, f.key)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return tls.NewListener(listener, &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, NextProtos: []string{"http/1.1"}}), nil
}

func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/zegel/zegel/gateway/fabric"
	"github.com/zegel/zegel/gateway/node"
)

const aboutServe = `Run one chain's gateway on a connection profile.

The profile says where the peers are and whose gateway this is; its users are the identities that
sign, one for each role: pos, agent, manager. The folder keeps the chain's secret, the members'
keys, the API keys (see: zegel keys) and the statement. Back it up: without the secret and the
members' keys the chain cannot find or read its own members.

The gateway stops on SIGTERM: it says "not ready", lets requests finish, and ends.`

const serveExamples = `  zegel serve --profile connection-profiles/korenaar.yaml --dir /var/lib/zegel --listen :8443 \
    --tls-cert gateway.crt --tls-key gateway.key`

type serveFlags struct {
	profile, dir, listen, name string
	endorsers, standby         []string
	certificate, key           string
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
	for _, check := range n.Ready(c.Context()) {
		if !check.OK {
			config.Log.Warn("not ready yet", "check", check.Name, "detail", check.Detail)
		}
	}
	c.Printf("%s is ready on %s\n", config.Name, listener.Addr())
	return n.Serve(c.Context(), listener)
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
	limits := localLimits()
	limits.DrainFor = f.drain
	config := node.Config{
		Name: f.name, Profile: profile, Identities: identities, Endorsers: f.endorsers, Standby: f.standby,
		Dir: f.dir, Version: version, Log: log, Limits: limits,
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

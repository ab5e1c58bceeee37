package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/zegel/zegel/gateway/dev"
	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/consortium/assembly"
	"github.com/zegel/zegel/network/native"
)

const aboutUp = `Start real peers and orderers, bring them into the channel, deploy the chaincode as a service by the
lifecycle of all organisations, found the programme, and start a gateway for each chain.

It returns when a sale would go through, and otherwise says what is missing. Everything goes on in
the background until: zegel network down.`

func newNetworkUp(f *networkFlags) *cobra.Command {
	var service string
	c := &cobra.Command{
		Use:   "up",
		Short: "Start the consortium on real Fabric, in the background",
		Long:  aboutUp,
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runUp(c, f, service) },
	}
	chaincodeFlag(c, &service)
	return c
}

func chaincodeFlag(c *cobra.Command, service *string) {
	c.Flags().StringVar(service, "chaincode", "", "the chaincode program; empty means the one beside this program")
}

func runUp(c *cobra.Command, f *networkFlags, service string) (err error) {
	description, err := f.known()
	if err != nil {
		return err
	}
	started := time.Now()
	programs, err := nativeOptions(c, f, description, service)
	if err != nil {
		return err
	}
	network, err := native.Up(c.Context(), programs)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, network.Down())
		}
	}()
	options := networkOptions(f.data, description, network.Layout, consortium.Native)
	if err := options.Found(c.Context()); err != nil {
		return err
	}
	found, err := startGateways(c.Context(), f.data, options, everyGateway)
	if err != nil {
		return err
	}
	printReady(c.OutOrStdout(), found, f.data, "zegel network down --data "+f.data, time.Since(started))
	return nil
}

// known is the description by which the network in the data folder runs, unless another is given: a chain
// that was added stays when the network goes down and up.
func (f *networkFlags) known() (consortium.Consortium, error) {
	layout, err := assembly.NewLayout(f.data)
	if err != nil {
		return consortium.Consortium{}, err
	}
	if f.description == "" && f.portShift == 0 {
		c, err := layout.Consortium()
		if !errors.Is(err, assembly.ErrNoNetwork) {
			return c, err
		}
	}
	return f.consortium()
}

// nativeOptions are those of every command that starts processes in the background. An empty service is
// the chaincode beside this program.
func nativeOptions(c *cobra.Command, f *networkFlags, description consortium.Consortium, service string) (native.Options, error) {
	self, err := os.Executable()
	if err != nil {
		return native.Options{}, err
	}
	if service == "" {
		service = filepath.Join(filepath.Dir(self), "chaincode")
	}
	if service, err = filepath.Abs(service); err != nil {
		return native.Options{}, err
	}
	if _, err := os.Stat(service); err != nil {
		return native.Options{}, &exitError{exitUsage, fmt.Errorf("the chaincode program is not at %s: build it (make build), or name it with --chaincode", service)}
	}
	return native.Options{
		Dir: f.data, Consortium: description, ChaincodeCommand: []string{service},
		BuilderCommand: []string{self, "network", builderWord}, Detach: true,
		Progress: func(s native.Step) { c.PrintErrf("%6.1fs  %s\n", s.Elapsed.Seconds(), s.Done) },
	}, nil
}

func networkOptions(data string, c consortium.Consortium, layout assembly.Layout, place consortium.Place) dev.Options {
	return dev.Options{
		Backend: "fabric", Consortium: c, Place: place, Crypto: layout.Material(), Dir: filepath.Join(data, "gateways"),
		Version: version, Log: newLog(os.Stderr, false),
	}
}

const okWithin = 30 * time.Second

// awaitOK asks url until it answers 200.
func awaitOK(ctx context.Context, client *http.Client, url string) error {
	ctx, cancel := context.WithTimeout(ctx, okWithin)
	defer cancel()
	for {
		err := askOnce(ctx, client, url)
		if err == nil {
			return nil
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return err
		}
	}
}

func askOnce(ctx context.Context, client *http.Client, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	if err := response.Body.Close(); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, response.Status)
	}
	return nil
}

// newNetworkProbe asks a gateway how it is, for health checks in images that hold nothing else.
func newNetworkProbe() *cobra.Command {
	var ca string
	c := &cobra.Command{
		Use:   "probe URL",
		Short: "Succeed if URL answers 200",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			client, err := probeClient(ca)
			if err != nil {
				return err
			}
			return askOnce(c.Context(), client, args[0])
		},
	}
	c.Flags().StringVar(&ca, "ca", "", "root certificate of the server")
	return c
}

func probeClient(ca string) (*http.Client, error) {
	client := &http.Client{Timeout: 5 * time.Second}
	if ca == "" {
		return client, nil
	}
	text, err := os.ReadFile(ca)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate", ca)
	}
	client.Transport = &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}}
	return client, nil
}

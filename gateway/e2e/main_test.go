package e2e_test

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"

	"github.com/zegel/zegel/chaincode/contract"
	"github.com/zegel/zegel/gateway/dev"
	"github.com/zegel/zegel/gateway/server"
	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/consortium/ccaas"
	"github.com/zegel/zegel/network/inprocess"
	"github.com/zegel/zegel/network/native"
)

var (
	onFabric    = flag.Bool("fabric", false, "run on real Fabric: peer and orderer on PATH or in FABRIC_BIN")
	description = flag.String("consortium", "", "description of the consortium; empty means the built-in sample")
)

// world is the running consortium that all tests share. Each test uses members of its own.
var world struct {
	*dev.Gateways
	consortium consortium.Consortium
	crypto     string
	dir        string
}

// TestMain starts the consortium once. The test binary is also the external builder that a real
// peer calls to find the chaincode service.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == builderWord {
		exitOn(ccaas.Run(os.Getenv(ccaas.BuilderConfig), os.Args[2:]...))
		os.Exit(0)
	}
	flag.Parse()
	os.Exit(run(m))
}

const builderWord = "ccaas-builder"

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "zegel-e2e-")
	exitOn(err)
	defer func() { _ = os.RemoveAll(dir) }()
	world.dir = dir
	start := startDevnet
	if *onFabric {
		start = startFabric
	}
	stop, err := start(dir)
	exitOn(err)
	defer stop()
	world.Gateways, err = dev.Start(context.Background(), dev.Options{
		Backend: "test", Consortium: world.consortium, Crypto: world.crypto, Dir: filepath.Join(dir, "gateways"),
		FreePorts: true, Log: quiet(), Limits: limits(),
	})
	if err != nil {
		stop()
		exitOn(err)
	}
	defer func() { exitOn(world.Stop()) }()
	return max(m.Run(), auditEverything())
}

func startDevnet(dir string) (stop func(), err error) {
	sample, err := consortium.Load(*description)
	if err != nil {
		return nil, err
	}
	n, err := inprocess.Start(context.Background(), inprocess.Options{
		Consortium: sample, Dir: dir, Chaincode: rules, FreePorts: true, Logger: quiet(),
	})
	if err != nil {
		return nil, err
	}
	world.consortium, world.crypto = n.Consortium, n.Crypto
	return func() { exitOn(n.Stop()) }, nil
}

func startFabric(dir string) (stop func(), err error) {
	started := time.Now()
	n, options, err := upFabric(dir)
	if err != nil {
		return nil, err
	}
	fmt.Printf("real Fabric is ready after %s\n", time.Since(started).Round(10*time.Millisecond))
	world.consortium, world.crypto = options.Consortium, n.Layout.Material()
	return func() { exitOn(n.Down()) }, nil
}

// upFabric builds the chaincode and runs it on real Fabric below dir.
func upFabric(dir string) (*native.Network, native.Options, error) {
	sample, err := consortium.Load(*description)
	if err == nil {
		sample, err = native.FreePorts(sample)
	}
	if err != nil {
		return nil, native.Options{}, err
	}
	service := filepath.Join(dir, "chaincode")
	build := exec.Command("go", "build", "-o", service, "github.com/zegel/zegel/chaincode")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := build.CombinedOutput(); err != nil {
		return nil, native.Options{}, fmt.Errorf("build the chaincode: %w\n%s", err, text)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, native.Options{}, err
	}
	options := native.Options{
		Dir: filepath.Join(dir, "fabric"), Consortium: sample,
		ChaincodeCommand: []string{service}, BuilderCommand: []string{self, builderWord},
	}
	n, err := native.Up(context.Background(), options)
	return n, options, err
}

func rules() shim.Chaincode {
	c, err := contract.New()
	exitOn(err)
	return c
}

func limits() *server.Limits {
	l := server.DefaultLimits()
	l.DrainFor, l.AtOnce = 0, 2048
	return &l
}

func quiet() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

package conformance_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"

	"github.com/zegel/zegel/network/conformance/probe"
	"github.com/zegel/zegel/network/consortium/ccaas"
)

// needFabric turns "Fabric is not here" from a reason to skip into a failure.
var needFabric = flag.Bool("fabric", false, "fail where Fabric's peer and orderer are not found")

// TestMain lets the test binary also be the two programs that real peers need: the external builder and the probe as a
// service.
func TestMain(m *testing.M) {
	if len(os.Args) < 2 {
		os.Exit(run(m))
	}
	var err error
	switch os.Args[1] {
	case "ccaas-builder":
		err = ccaas.Run(os.Getenv(ccaas.BuilderConfig), os.Args[2:]...)
	case "chaincode":
		err = revive()
	case "chaincode-once":
		err = serve()
	default:
		os.Exit(run(m))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// revive runs the probe again whenever it dies, as whoever runs chaincode as a service does: some cases let it panic.
func revive() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	for ctx.Err() == nil {
		child := exec.CommandContext(ctx, self, "chaincode-once")
		child.Stdout, child.Stderr = os.Stdout, os.Stderr
		if _, err := child.StdinPipe(); err != nil { // it ends with this process
			return err
		}
		_ = child.Run() // how it died is on its standard error
	}
	return nil
}

// serve runs the probe until whoever holds the other end of its standard input has gone.
func serve() error {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	return ccaas.Serve(probe.New())
}

func run(m *testing.M) int {
	code := m.Run()
	for _, dir := range folders {
		if err := os.RemoveAll(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	return code
}

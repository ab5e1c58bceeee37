package native_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/native"
)

// needFabric skips where there is no Fabric to run.
func needFabric(t *testing.T) {
	t.Helper()
	if _, err := native.FindBinaries(); err != nil {
		t.Skipf("real Fabric is not tested here: %v", err)
	}
	if testing.Short() {
		t.Skip("real Fabric is not tested with -short")
	}
}

// sample is the sample consortium on free ports.
func sample(t *testing.T) consortium.Consortium {
	t.Helper()
	c, err := consortium.Default()
	if err != nil {
		t.Fatal(err)
	}
	if c, err = native.FreePorts(c); err != nil {
		t.Fatal(err)
	}
	return c
}

func options(t *testing.T, c consortium.Consortium) native.Options {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return native.Options{
		Dir: t.TempDir(), Consortium: c,
		ChaincodeCommand: []string{self, "chaincode"}, BuilderCommand: []string{self, "ccaas-builder"},
		Progress: func(s native.Step) { t.Logf("%6.2fs  %s", s.Elapsed.Seconds(), s.Done) },
	}
}

func mustUp(t *testing.T, o native.Options) *native.Network {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	n, err := native.Up(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Down(); err != nil {
			t.Error(err)
		}
	})
	return n
}

func TestFromNothingToReadyInHalfAMinute(t *testing.T) {
	needFabric(t)
	o := options(t, sample(t))
	n := mustUp(t, o)
	if n.Ready > 30*time.Second {
		t.Errorf("ready after %v", n.Ready)
	}
}

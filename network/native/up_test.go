package native_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/consortium/assembly"
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

func options(t *testing.T, dir string, c consortium.Consortium) native.Options {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return native.Options{
		Dir: dir, Consortium: c,
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

func mustExamine(t *testing.T, dir string) native.Status {
	t.Helper()
	s, err := native.Examine(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestANetworkFromNothing(t *testing.T) {
	needFabric(t)
	t.Setenv("CORE_PEER_LOCALMSPID", "NobodyMSP") // as the shell of somebody who has used the peer command
	o := options(t, t.TempDir(), sample(t))
	n := mustUp(t, o)
	if n.Ready > 30*time.Second {
		t.Errorf("ready after %v, want half a minute", n.Ready)
	}
	t.Run("says so itself", func(t *testing.T) {
		s := mustExamine(t, o.Dir)
		if !s.Ready() || s.Leader != "orderer0.clearing.example" || len(s.Peers) != 4 || len(s.Processes) != 9 {
			t.Errorf("%+v", s)
		}
	})
	t.Run("refuses to start twice", func(t *testing.T) {
		if _, err := native.Up(t.Context(), o); err == nil || !strings.Contains(err.Error(), "still run") {
			t.Error(err)
		}
	})
	t.Run("commits what two organisations endorse", func(t *testing.T) { testCommits(t, n) })
	t.Run("lets the auditor read and not write", func(t *testing.T) { testAuditor(t, n) })
	t.Run("keeps private data with its chain, and purges it", func(t *testing.T) { testPrivate(t, n) })
	t.Run("shows logs", func(t *testing.T) {
		var b bytes.Buffer
		if err := native.Logs(&b, o.Dir, "orderer", 1000); err != nil || !strings.HasPrefix(b.String(), "== orderer0.clearing.example\n") {
			t.Errorf("%v: %q", err, b.String())
		}
	})
	if err := n.Down(); err != nil {
		t.Fatal(err)
	}
	t.Run("is known to be down", func(t *testing.T) {
		if s := mustExamine(t, o.Dir); s.Ready() || len(s.Processes) != 0 {
			t.Errorf("after down: %+v", s)
		}
	})
	n = mustUp(t, o)
	t.Run("goes on after down and up", func(t *testing.T) {
		if got := evaluate(t, n, "Duinmarkt", "agent", "Get", "member"); got != "12 points" {
			t.Errorf("after a restart the ledger says %q", got)
		}
	})
	t.Run("says which process is missing", func(t *testing.T) { testMissing(t, n) })
	t.Run("lets peer and chaincode service know each other", func(t *testing.T) { testChaincodeTLS(t, n) })
}

func testMissing(t *testing.T, n *native.Network) {
	const victim = "peer0.lindeboom.example"
	mustKill(t, n.Layout.Root, victim)
	select {
	case e := <-n.Ended:
		if e.Name != victim {
			t.Errorf("%s ended", e.Name)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("nobody was told")
	}
	s := mustExamine(t, n.Layout.Root)
	text := strings.Join(s.Missing, "\n")
	if s.Ready() || !strings.Contains(text, victim+" is not up: nothing listens") || !strings.Contains(text, victim+" has ended") {
		t.Errorf("missing: %s", text)
	}
}

// mustKill ends a process of the network as a crash would.
func mustKill(t *testing.T, dir, name string) {
	t.Helper()
	for _, process := range mustExamine(t, dir).Processes {
		if process.Name != name {
			continue
		}
		p, err := os.FindProcess(process.PID)
		if err == nil {
			err = p.Kill()
		}
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatalf("%s does not run", name)
}

func TestWhatIsMissingIsSaidBeforeAnythingStarts(t *testing.T) {
	c := sample(t)
	t.Run("binaries", func(t *testing.T) {
		t.Setenv(native.EnvFabricBin, t.TempDir())
		_, err := native.Up(t.Context(), options(t, t.TempDir(), c))
		if err == nil || !strings.Contains(err.Error(), "no peer and no orderer in FABRIC_BIN") {
			t.Error(err)
		}
	})
	t.Run("release", func(t *testing.T) {
		t.Setenv(native.EnvFabricBin, longTermBinaries(t))
		_, err := native.Up(t.Context(), options(t, t.TempDir(), c))
		if err == nil || !strings.Contains(err.Error(), "fabric: 2.5.16") {
			t.Error(err)
		}
	})
	t.Run("network", func(t *testing.T) {
		if _, err := native.Examine(t.Context(), t.TempDir()); !errors.Is(err, assembly.ErrNoNetwork) {
			t.Error(err)
		}
		if err := native.Down(t.TempDir()); err != nil {
			t.Error(err)
		}
	})
	t.Run("port", func(t *testing.T) {
		needFabric(t)
		l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(c.Organisations[1].Peers[0].Port))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		_, err = native.Up(t.Context(), options(t, t.TempDir(), c))
		if err == nil || !strings.Contains(err.Error(), "peer0.duinmarkt.example") {
			t.Error(err)
		}
	})
}

// longTermBinaries is a folder with programs that call themselves Fabric 2.5.16 and do nothing.
func longTermBinaries(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"peer", "orderer"} {
		script := "#!/bin/sh\nprintf '" + name + ":\\n Version: v2.5.16\\n Commit SHA: 0\\n'\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestAProcessThatEndsIsNotWaitedFor(t *testing.T) {
	needFabric(t)
	o := options(t, t.TempDir(), sample(t))
	o.ChaincodeCommand = []string{"sh", "-c", "echo no rules today; exit 3"}
	begun := time.Now()
	_, err := native.Up(t.Context(), o)
	if err == nil || !strings.Contains(err.Error(), "no rules today") || !strings.Contains(err.Error(), "chaincode0-blue.") {
		t.Error(err)
	}
	if time.Since(begun) > 20*time.Second {
		t.Errorf("it took %v to notice", time.Since(begun))
	}
	if s, err := native.Examine(t.Context(), o.Dir); err != nil || len(s.Processes) != 0 {
		t.Errorf("%v: something still runs: %+v", err, s.Processes)
	}
}

package e2e_test

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/zegel/zegel/gateway/journal"
)

// TestKilledHalfWay runs the real program, imports into it, kills the consortium with -9 half-way
// and starts it again; then the importer is killed with -9 and started again; then everything is
// sent once more. Nothing may be lost, and nothing happen twice.
func TestKilledHalfWay(t *testing.T) {
	if *onFabric {
		t.Skip("this test starts its own devnet")
	}
	program := filepath.Join(t.TempDir(), "zegel")
	build := exec.Command("go", "build", "-o", program, "github.com/zegel/zegel/gateway/cmd/zegel")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	events := journal.Generate(99, 400)
	data, file, table := t.TempDir(), filepath.Join(t.TempDir(), "journal.jsonl"), filepath.Join(t.TempDir(), "report.csv")
	var text bytes.Buffer
	if err := journal.Write(&text, events); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	shift := freeShift(t)
	consortium := startProgram(t, program, "dev", "--data", data, "--port-shift", shift)
	consortium.awaitLine(t, "is ready")
	arguments := []string{"import", "--data", data, "--concurrency", "8", "--report", table, file}

	importing := startProgram(t, program, arguments...)
	await(t, "a third of the import", func() bool { return progressOf(data) > len(events)/3 })
	consortium.kill(t)
	consortium = startProgram(t, program, "dev", "--data", data, "--port-shift", shift)
	consortium.awaitLine(t, "is ready")
	await(t, "two thirds of the import", func() bool { return progressOf(data) > 2*len(events)/3 })
	importing.kill(t)

	for _, again := range []string{"the importer was killed", "everything is repeated"} {
		importing = startProgram(t, program, arguments...)
		importing.awaitEnd(t)
		got := golden(t, table)
		compare(t, got, fold(events))
		t.Logf("%s: %d lines as they should be", again, len(got))
	}
}

// program is a running program.
type program struct {
	cmd    *exec.Cmd
	lines  chan string
	ended  chan error
	output *bytes.Buffer
}

func startProgram(t *testing.T, path string, args ...string) *program {
	t.Helper()
	p := &program{cmd: exec.Command(path, args...), lines: make(chan string, 1000), ended: make(chan error, 1), output: &bytes.Buffer{}}
	p.cmd.Stderr = p.output
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for s := bufio.NewScanner(out); s.Scan(); {
			p.lines <- s.Text()
		}
		close(p.lines)
		p.ended <- p.cmd.Wait()
	}()
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	return p
}

func (p *program) awaitLine(t *testing.T, wanted string) {
	t.Helper()
	deadline := time.After(60 * time.Second)
	for {
		select {
		case line, more := <-p.lines:
			if strings.Contains(line, wanted) {
				return
			}
			if !more {
				t.Fatalf("%v ended: %v\n%s", p.cmd.Args, <-p.ended, p.output)
			}
		case <-deadline:
			t.Fatalf("%v never said %q", p.cmd.Args, wanted)
		}
	}
}

func (p *program) awaitEnd(t *testing.T) {
	t.Helper()
	select {
	case err := <-p.ended:
		if err != nil {
			t.Fatalf("%v: %v\n%s", p.cmd.Args, err, p.output)
		}
	case <-time.After(3 * time.Minute):
		t.Fatalf("%v does not end", p.cmd.Args)
	}
}

// kill is kill -9: no handler runs, nothing is flushed.
func (p *program) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(10 * time.Second):
		t.Fatal("a killed program lives on")
	}
}

// progressOf counts what the importer has noted as answered.
func progressOf(data string) int {
	logs, _ := filepath.Glob(filepath.Join(data, "import", "*.log"))
	if len(logs) == 0 {
		return 0
	}
	text, _ := os.ReadFile(logs[0])
	return bytes.Count(text, []byte("\ndone "))
}

// freeShift finds a port shift at which the first gateway's port is free; the others are near it.
func freeShift(t *testing.T) string {
	t.Helper()
	for range 20 {
		shift := 10_000 + rand.IntN(20_000)
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 8081+shift))
		if err == nil {
			_ = listener.Close()
			return strconv.Itoa(shift)
		}
	}
	t.Fatal("no free port found")
	return ""
}

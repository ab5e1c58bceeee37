package zegel_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// What the pages tell a reader to type is typed here, against a consortium of our own, and what
// comes back is compared with what the pages show. A block that follows
//
//	<!-- run -->        is run with bash
//	<!-- run: peer -->  is run where Fabric's peer command is at hand
//
// and the block behind it, if there is one, is its output. The blocks of a page share one shell.

// runPages are the pages whose blocks are run, in this order: state.md asks for the member of the README.
var runPages = []string{"README.md", "docs/reference/http.md", "docs/reference/state.md"}

func TestThePagesSayWhatHappens(t *testing.T) {
	need(t, "bash", "curl")
	world := startDev(t)
	for _, page := range runPages {
		t.Run(page, func(t *testing.T) {
			blocks := blocksOf(t, page)
			if slices.ContainsFunc(blocks, func(b block) bool { return b.needs == "peer" }) {
				world.findPeer(t)
			}
			outputs := world.run(t, blocks)
			for i, b := range blocks {
				if want, got := settled(b.output), settled(outputs[i]); b.shown && want != got {
					t.Errorf("%s:%d prints\n%s\nand the page says\n%s\ncompared as\n%s\n%s", page, b.line, outputs[i], b.output, got, want)
				}
			}
		})
	}
}

func need(t *testing.T, programs ...string) {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("there is no %s: the commands of the pages are not run", program)
		}
	}
}

// block is something to run, and what it prints.
type block struct {
	line         int
	needs        string // "", or a program that not everybody has
	text, output string
	shown        bool
}

var runMark = regexp.MustCompile(`^<!-- run(?:: (\w+))? -->$`)

// blocksOf reads the marked blocks of a page.
func blocksOf(t *testing.T, page string) []block {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []block
	var into *string // the block being read
	expecting := ""  // what a fence that opens now begins
	for n, line := range strings.Split(string(text), "\n") {
		mark := runMark.FindStringSubmatch(line)
		switch {
		case mark != nil:
			blocks = append(blocks, block{line: n + 2, needs: mark[1]})
			expecting = "text"
		case into != nil && line == "```":
			into = nil
		case into != nil:
			*into += line + "\n"
		case strings.HasPrefix(line, "```") && expecting == "text":
			into, expecting = &blocks[len(blocks)-1].text, "output"
		case strings.HasPrefix(line, "```") && expecting == "output":
			last := &blocks[len(blocks)-1]
			into, expecting, last.shown = &last.output, "", true
		case strings.HasPrefix(line, "#"):
			expecting = "" // an output stands under the same heading
		}
	}
	if len(blocks) == 0 {
		t.Fatalf("%s has nothing to run", page)
	}
	return blocks
}

// world is a running consortium.
type world struct {
	dir   string
	shift int
	env   []string
}

var (
	address  = regexp.MustCompile(`127\.0\.0\.1:(\d+)`)
	coreYAML = "peer:\n  BCCSP:\n    Default: SW\n    SW:\n      Hash: SHA2\n      Security: 256\n  client:\n    connTimeout: 3s\n"
)

// here is a command with the folder and the ports of this consortium in place of the reader's.
func (w world) here(command string) string {
	command = strings.NewReplacer("$PWD/.zegel", w.dir, ".zegel", w.dir, "$HOME/fabric-samples/config", w.dir).Replace(command)
	return address.ReplaceAllStringFunc(command, func(a string) string {
		port, _ := strconv.Atoi(address.FindStringSubmatch(a)[1]) // the expression matches digits alone
		return "127.0.0.1:" + strconv.Itoa(port+w.shift)
	})
}

const marker = "=== end of block ==="

// run runs all blocks of a page in one shell.
func (w world) run(t *testing.T, blocks []block) []string {
	t.Helper()
	var script strings.Builder
	for _, b := range blocks {
		fmt.Fprintf(&script, "%s\necho '%s'\n", w.here(b.text), marker)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	shell := exec.CommandContext(ctx, "bash", "-s")
	shell.Stdin, shell.Env = strings.NewReader(script.String()), append(os.Environ(), w.env...)
	var errs bytes.Buffer
	shell.Stderr = &errs
	out, err := shell.Output()
	if err != nil && ctx.Err() != nil {
		t.Fatalf("%v: %s%s", err, out, errs.String())
	}
	outputs := strings.Split(string(out), marker+"\n")
	if len(outputs) != len(blocks)+1 {
		t.Fatalf("the shell ended early: %v\n%s%s", err, out, errs.String())
	}
	if errs.Len() > 0 {
		t.Errorf("the shell complains: %s", errs.String())
	}
	return outputs
}

// findPeer puts Fabric's peer command on the path, with the little configuration that it insists on.
func (w *world) findPeer(t *testing.T) {
	t.Helper()
	dir := os.Getenv("FABRIC_BIN")
	if _, err := os.Stat(filepath.Join(dir, "peer")); dir == "" || err != nil {
		if _, err := exec.LookPath("peer"); err != nil {
			t.Skip("peer is neither on PATH nor in FABRIC_BIN: its commands are not run")
		}
	}
	if err := os.WriteFile(filepath.Join(w.dir, "core.yaml"), []byte(coreYAML), 0o600); err != nil {
		t.Fatal(err)
	}
	w.env = append(w.env, "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// unsettled is what differs from one run to the next, and what stands for it.
var unsettled = []struct {
	seen *regexp.Regexp
	told string
}{
	{regexp.MustCompile(`\s+`), ""},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`), "TIME"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d`), "DAY"},
	{regexp.MustCompile(`"\d{4}-\d\d"`), `"MONTH"`},
	{regexp.MustCompile(`\b(Transaction)?[0-9a-f]{8,}`), "HEX"},
	{regexp.MustCompile(`("block":|"Block)\d+`), "BLOCK"},
	{regexp.MustCompile(`"version":"[^"]*"`), "VERSION"},
}

// settled is an output as it is every time: white space, names, days and block numbers told away.
// Points, balances, codes and sentences stay.
func settled(output string) string {
	for _, u := range unsettled {
		output = u.seen.ReplaceAllString(output, u.told)
	}
	return output
}

// startDev builds the command and starts a consortium on ports that nobody has.
func startDev(t *testing.T) world {
	t.Helper()
	binary := build(t)
	for shift := 1100; shift < 20_000; shift += 1100 {
		if !free(shift) {
			continue
		}
		w := world{dir: t.TempDir(), shift: shift, env: []string{"NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1"}}
		if w.start(t, binary) {
			return w
		}
	}
	t.Fatal("there are no free ports for a consortium")
	return world{}
}

// samplePorts are those of network/consortium.yaml that would clash first.
var samplePorts = []int{7100, 7101, 7200, 7300, 7400, 7500, 8081, 8082, 8083}

func free(shift int) bool {
	for _, port := range samplePorts {
		listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port+shift)))
		if err != nil {
			return false
		}
		_ = listener.Close()
	}
	return true
}

// start starts `zegel dev` and waits until it says ready; false if the ports were taken meanwhile.
func (w world) start(t *testing.T, binary string) bool {
	t.Helper()
	out := &journal{ready: make(chan struct{})}
	dev := exec.Command(binary, "dev", "--data", w.dir, "--port-shift", strconv.Itoa(w.shift))
	dev.Stdout, dev.Stderr = out, out
	if err := dev.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- dev.Wait() }()
	stop := func() {
		_ = dev.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			_ = dev.Process.Kill()
			<-ended
		}
	}
	select {
	case <-out.ready:
		t.Cleanup(stop)
		return true
	case err := <-ended:
		if strings.Contains(out.String(), "address already in use") {
			return false
		}
		t.Fatalf("zegel dev ended: %v\n%s", err, out.String())
	case <-time.After(time.Minute):
		stop()
		t.Fatalf("zegel dev is not ready after a minute:\n%s", out.String())
	}
	return false
}

// journal is what a process prints, and when it has said "ready".
type journal struct {
	mu    sync.Mutex // guards text
	text  bytes.Buffer
	once  sync.Once
	ready chan struct{}
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	n, err := j.text.Write(p)
	if strings.Contains(j.text.String(), "is ready") {
		j.once.Do(func() { close(j.ready) })
	}
	return n, err
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// build builds the command line.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "zegel")
	if out, err := exec.Command("go", "build", "-o", binary, "./gateway/cmd/zegel").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

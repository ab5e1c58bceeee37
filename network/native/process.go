package native

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/zegel/zegel/network/consortium/assembly"
)

// process is one running program, as its file below run/ remembers it. Born tells it from a later
// process that was given the same number: without it, down could kill a stranger.
type process struct {
	Name string `json:"name"`
	PID  int    `json:"pid"`
	Born string `json:"born"`
}

// command is what to start.
type command struct {
	Name string // of the process, its log and its file
	Args []string
	Env  []string // added to this program's own environment
	Dir  string
}

// Exit says that a process ended, and how.
type Exit struct {
	Name string
	Err  error
}

// supervisor starts and stops processes and remembers them on disk.
type supervisor struct {
	layout assembly.Layout
	// detach lets the processes outlive this program. Otherwise the kernel kills them with it,
	// however it ends.
	detach bool
	exits  chan Exit
}

func newSupervisor(l assembly.Layout, detach bool) *supervisor {
	return &supervisor{layout: l, detach: detach, exits: make(chan Exit, 256)}
}

// start runs one command. Its end is told on exits, also when it is stopped on purpose.
func (s *supervisor) start(c command) error {
	log, err := openLog(Log(s.layout, c.Name))
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // the process has its own handle
	cmd := exec.Command(c.Args[0], c.Args[1:]...)
	cmd.Dir, cmd.Env = c.Dir, append(surroundings(), c.Env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = attributes(s.detach)
	if err := s.launch(c.Name, cmd); err != nil {
		return fmt.Errorf("start %s: %w", c.Name, err)
	}
	p := process{Name: c.Name, PID: cmd.Process.Pid, Born: born(cmd.Process.Pid)}
	text, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("remember %s: %w", c.Name, err)
	}
	return assembly.Replace(processFile(s.layout, c.Name), text)
}

// surroundings is this program's environment without what would change the configuration of a node. Whoever has
// used the peer command before has CORE_PEER_MSPCONFIGPATH and its like in the shell: a peer that is
// started there would take a person's certificate for its own.
func surroundings() []string {
	return slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return slices.ContainsFunc([]string{"CORE_", "ORDERER_", "CHAINCODE_", "FABRIC_CFG_PATH="}, func(prefix string) bool {
			return strings.HasPrefix(variable, prefix)
		})
	})
}

// launch starts and awaits cmd on a thread of its own: the kernel's promise to kill a child with
// its parent is a promise about the parent's thread.
func (s *supervisor) launch(name string, cmd *exec.Cmd) error {
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		err = cmd.Wait()
		select {
		case s.exits <- Exit{Name: name, Err: err}:
		default: // nobody listens any more
		}
	}()
	return <-started
}

func openLog(name string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of %s: %w", name, err)
	}
	return os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
}

// Log is the file to which a process of the network writes what it has to say. Processes have the
// names of their hosts.
func Log(l assembly.Layout, process string) string {
	return filepath.Join(l.Root, "logs", process+".log")
}

func processes(l assembly.Layout) string { return filepath.Join(l.Root, "run") }

func processFile(l assembly.Layout, name string) string {
	return filepath.Join(processes(l), name+".json")
}

// remembered lists the processes that were started and not stopped, in order of name.
func remembered(l assembly.Layout) ([]process, error) {
	entries, err := os.ReadDir(processes(l))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []process
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".json") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(processes(l), entry.Name()))
		if err != nil {
			return nil, err
		}
		var p process
		if err := json.Unmarshal(text, &p); err != nil {
			return nil, fmt.Errorf("read %s: %w", entry.Name(), err)
		}
		all = append(all, p)
	}
	return all, nil
}

// running are those of the remembered processes that still run.
func running(l assembly.Layout) ([]process, error) {
	all, err := remembered(l)
	return slices.DeleteFunc(all, func(p process) bool { return !p.alive() }), err
}

func (p process) alive() bool { return p.Born != "" && born(p.PID) == p.Born }

// grace is how long processes may take to close their databases before they are killed, and how
// long the kernel may take to be done with the killed.
const grace = 10 * time.Second

// stop ends all remembered processes and returns when their ports are free.
func stop(l assembly.Layout) error {
	all, err := remembered(l)
	if err != nil {
		return err
	}
	return stopThese(l, all)
}

// stopThese ends some of them, politely, then not.
func stopThese(l assembly.Layout, these []process) error {
	for _, end := range []func(pid int) error{interrupt, kill} {
		for _, p := range these {
			if p.alive() {
				_ = end(p.PID) // it may have ended meanwhile
			}
		}
		deadline := time.Now().Add(grace)
		for slices.ContainsFunc(these, process.alive) && time.Now().Before(deadline) {
			time.Sleep(20 * time.Millisecond)
		}
	}
	for _, p := range these {
		if p.alive() {
			return fmt.Errorf("%s, process %d, cannot be ended", p.Name, p.PID)
		}
		if err := os.Remove(processFile(l, p.Name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("forget %s: %w", p.Name, err)
		}
	}
	return nil
}

package outbox_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/rpc"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/outbox"
	"github.com/zegel/zegel/gateway/teller"
)

// The gateway of these tests is a process of its own: the test binary again, with a store, an outbox
// and the batcher. The ledger and the tills live in the test. The gateway kills itself with -9 when
// it has come by a named point so many times; the test starts it again and, at the end, holds what
// the tills were told against the ledger.

var killings = flag.Int("lives", 10, "how many lives a gateway has at each point where it is killed")

const (
	envStore  = "OUTBOX_TEST_STORE"
	envLedger = "OUTBOX_TEST_LEDGER"
	envPoint  = "OUTBOX_TEST_POINT" // name:count
)

// crashPoints are the places at which the outbox can be stopped, and the mishaps that lead there.
var crashPoints = []struct {
	name    string
	weather []mishap // drawn nine times in ten
}{
	{"put", []mishap{none, unreachable, lostOnTheBack}},
	{"kept", []mishap{none, lostOnTheWay, held, collided}},
	{"heard found", []mishap{none, lostOnTheBack, held}},
	{"heard lost", []mishap{none, lostOnTheWay, lostOnTheBack, held}},
	{"heard given_up", []mishap{collided}},
	{"heard absent", []mishap{none, lostOnTheWay}},
	{"decided", []mishap{none, lostOnTheBack, full}},
	{"withdrawing", []mishap{collided}},
	{"withdrawn", []mishap{collided, collided, collided, held}},
}

func TestMain(m *testing.M) {
	if os.Getenv(envStore) != "" {
		do := gatewayProcess
		if os.Getenv(envPuts) != "" {
			do = putProcess
		}
		if err := do(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// gatewayProcess carries out what it reads, one line for each request: the number of an operation, with
// a minus in front to cancel it.
func gatewayProcess() error {
	store, err := outbox.OpenStore(os.Getenv(envStore), testKey, nobodyLooks)
	if err != nil {
		return err
	}
	ledger, err := rpc.Dial("unix", os.Getenv(envLedger))
	if err != nil {
		return err
	}
	way := newRoad(nil)
	way.remote = ledger
	config := outbox.Config{
		Store: store, Road: way, MSP: "KorenaarMSP", Transactions: way,
		Pause: time.Millisecond, Longest: 4 * time.Millisecond, Answer: 2 * time.Second,
	}
	outbox.Reaching(&config, killer(os.Getenv(envPoint)))
	box, err := outbox.New(config)
	if err != nil {
		return err
	}
	way.keep = box.Keep
	box.Start()
	fmt.Println("ready")
	var out sync.Mutex
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		go serve(box, lines.Text(), &out)
	}
	return nil
}

// killer ends the process for good when it comes by a point for the nth time.
func killer(at string) func(string) {
	name, count, _ := strings.Cut(at, ":")
	left, _ := strconv.Atoi(count)
	var mu sync.Mutex
	return func(point string) {
		mu.Lock()
		defer mu.Unlock()
		if point != name {
			return
		}
		if left--; left == 0 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
}

func serve(box *outbox.Outbox, line string, out *sync.Mutex) {
	n, _ := strconv.Atoi(strings.TrimPrefix(line, "-"))
	c := command(n, kindOf(n))
	if strings.HasPrefix(line, "-") {
		c = loyalty.Command{Kind: loyalty.KindCancel, Op: opID(n)}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	a, err := box.Do(ctx, "pos", []string{"member:" + string(memberID(n))}, c, loyalty.Details{})
	word := string(a.Outcome.Status)
	switch {
	case errors.Is(err, outbox.ErrAccepted), errors.Is(err, teller.ErrUnknown):
		word = "pending"
	case err != nil, !a.Outcome.Recorded:
		word = "undone"
	}
	out.Lock()
	defer out.Unlock()
	fmt.Println(line, word)
}

// LedgerServer is the chain for another process. Only what befalls transactions is decided here.
type LedgerServer struct{ road *road }

// Endorse answers for a batch.
func (l *LedgerServer) Endorse(commands []loyalty.Command, reply *Endorsed) error {
	*reply = Endorsed{l.road.chain.endorse(commands), l.road.next()}
	return nil
}

// Submit answers whether a transaction is in a block, and valid.
func (l *LedgerServer) Submit(e Endorsed, valid *bool) error {
	*valid = l.road.deliver(e)
	return nil
}

// Resume answers whether a transaction is in a block, and whether it is valid there.
func (l *LedgerServer) Resume(envelope []byte, reply *[2]bool) error {
	var t cargo
	if err := json.Unmarshal(envelope, &t); err != nil {
		return err
	}
	outcomes, _, known, err := l.road.Resume(context.Background(), "", t.TxID, envelope, true)
	*reply = [2]bool{known, outcomes != nil}
	return err
}

// Record answers with what the ledger holds of an operation; empty if nothing.
func (l *LedgerServer) Record(op loyalty.OpID, reply *[]byte) error {
	if r, found := l.road.chain.record(op); found {
		*reply, _ = json.Marshal(r)
	}
	return nil
}

// shop is the world around a gateway process.
type shop struct {
	t      *testing.T
	road   *road
	socket string
	path   string
	killed int

	mu     sync.Mutex // guards the rest
	told   map[int]string
	undone map[int]bool
}

func newShop(t *testing.T) *shop {
	t.Helper()
	dir, err := os.MkdirTemp("", "outbox") // t.TempDir may be too long a name for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := &shop{
		t: t, road: newRoad(newChain()), path: filepath.Join(dir, "outbox.db"), socket: filepath.Join(dir, "ledger"),
		told: map[int]string{}, undone: map[int]bool{},
	}
	listener, err := net.Listen("unix", s.socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	server := rpc.NewServer()
	if err := server.RegisterName("Ledger", &LedgerServer{s.road}); err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go server.ServeConn(conn)
		}
	}()
	return s
}

// process is one life of the gateway.
type process struct {
	cmd   *exec.Cmd
	in    *bufio.Writer
	ready chan struct{}
	ended chan struct{}
}

func (s *shop) start(point string) *process {
	s.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envStore+"="+s.path, envLedger+"="+s.socket, envPoint+"="+point)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	p := &process{cmd: cmd, in: bufio.NewWriter(in), ready: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if lines.Text() == "ready" {
				close(p.ready)
				continue
			}
			s.hear(lines.Text())
		}
		_ = cmd.Wait()
		close(p.ended)
	}()
	s.t.Cleanup(func() { _ = cmd.Process.Kill() })
	select {
	case <-p.ready:
	case <-p.ended:
	case <-time.After(30 * time.Second):
		s.t.Fatal("the gateway does not start")
	}
	return p
}

// hear is a till that hears an answer.
func (s *shop) hear(line string) {
	request, word, _ := strings.Cut(line, " ")
	n, _ := strconv.Atoi(strings.TrimPrefix(request, "-"))
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.told[n]
	switch {
	case word == "undone":
		s.undone[n] = !strings.HasPrefix(request, "-") && before == ""
	case word == "pending" && before == "":
		s.told[n] = word
	case word != "pending" && before != "" && before != "pending" && before != word:
		s.t.Errorf("operation %d was %s and is %s", n, before, word)
	case word != "pending":
		s.told[n] = word
	}
}

// send sends what has no answer yet; what was said not to have happened is not sent again.
func (s *shop) send(p *process, ops []int) {
	for _, n := range ops {
		if s.answered(n) {
			continue
		}
		if n%9 == 8 {
			fmt.Fprintf(p.in, "-%d\n", n)
		}
		fmt.Fprintln(p.in, n)
	}
	_ = p.in.Flush() // a gateway that is dead hears nothing
}

func (s *shop) answered(ops ...int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range ops {
		if s.told[n] == "" && !s.undone[n] {
			return false
		}
	}
	return true
}

// live is one life: it ends at the point, or when every till has an answer.
func (s *shop) live(point string, ops []int) {
	p := s.start(point)
	s.send(p, ops)
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline) && !s.answered(ops...); time.Sleep(time.Millisecond) {
		select {
		case <-p.ended:
			s.killed++
			return
		default:
		}
	}
	_ = p.cmd.Process.Kill() // it must not mind
	<-p.ended
}

// decided reports whether every operation is, or was said not to have happened.
func (s *shop) decided(ops []int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range ops {
		if _, recorded := s.road.chain.record(opID(n)); !recorded && !s.undone[n] {
			return false
		}
	}
	return true
}

// finish ends all mishaps, lets everything be decided, and checks.
func (s *shop) finish(ops []int) {
	s.road.befalls(none)
	p := s.start("")
	s.send(p, ops)
	eventually(s.t, "every operation is decided", func() bool { return s.decided(ops) })
	_ = p.cmd.Process.Kill()
	<-p.ended
	s.road.chain.release()
	for _, n := range ops {
		effects := s.road.chain.effect(opID(n))
		record, _ := s.road.chain.record(opID(n))
		switch told := s.told[n]; {
		case effects > 1:
			s.t.Errorf("operation %d took effect %d times", n, effects)
		case s.undone[n] && effects > 0:
			s.t.Errorf("operation %d was said not to have happened", n)
		case told != "" && told != "pending" && told != string(record.Outcome.Status):
			s.t.Errorf("operation %d was said to be %s and is %s", n, told, record.Outcome.Status)
		}
	}
}

func TestKilledAtEveryPoint(t *testing.T) {
	lives := *killings
	if testing.Short() || raceEnabled {
		lives = min(lives, 4)
	}
	for _, point := range crashPoints {
		t.Run(point.name, func(t *testing.T) {
			s := newShop(t)
			rnd := rand.New(rand.NewPCG(1, 6))
			s.road.befallsBy(func() mishap {
				if rnd.IntN(10) == 0 {
					return none
				}
				return point.weather[rnd.IntN(len(point.weather))]
			})
			var ops []int
			for life := range lives {
				for n := range 24 {
					ops = append(ops, life*24+n)
				}
				s.live(fmt.Sprint(point.name, ":", 1+life%5*2), ops)
			}
			s.finish(ops)
			if s.killed == 0 {
				t.Errorf("the gateway never came by %q", point.name)
			}
			t.Logf("killed in %d of %d lives", s.killed, lives)
		})
	}
}

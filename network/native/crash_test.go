package native_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/consortium/assembly"
	"github.com/zegel/zegel/network/native"
)

// child is what the test binary does when it is started as "up": it starts the network that was
// described in the folder and then waits for its end.
func child(dir string, detach bool) error {
	layout, err := assembly.NewLayout(dir)
	if err != nil {
		return err
	}
	c, err := layout.Consortium()
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	_, err = native.Up(context.Background(), native.Options{
		Dir: dir, Consortium: c, Detach: detach,
		ChaincodeCommand: []string{self, "chaincode"}, BuilderCommand: []string{self, "ccaas-builder"},
	})
	if err != nil {
		return err
	}
	fmt.Println("ready")
	if !detach {
		select {}
	}
	return nil
}

// startChild runs the test binary as child and returns when its network is ready.
func startChild(t *testing.T, dir, mode string, c consortium.Consortium) *exec.Cmd {
	t.Helper()
	layout, err := assembly.NewLayout(dir)
	if err == nil {
		err = layout.Save(c)
	}
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "up", mode, dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = native.Down(dir) })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.Contains(line, "ready") {
		_ = cmd.Process.Kill()
		t.Fatalf("%q %v", line, err)
	}
	return cmd
}

// listening are the owners of those ports of the consortium on which somebody listens.
func listening(c consortium.Consortium) []string {
	var owners []string
	for _, p := range c.Ports() {
		conn, err := net.DialTimeout("tcp", "127.0.0.1:"+strconv.Itoa(p.Number), time.Second)
		if err == nil {
			owners = append(owners, p.Owner)
			_ = conn.Close()
		}
	}
	return owners
}

func TestACrashLeavesNoOrphans(t *testing.T) {
	needFabric(t)
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ends children with their parent")
	}
	dir, c := t.TempDir(), sample(t)
	cmd := startChild(t, dir, "tied", c)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	for deadline := time.Now().Add(10 * time.Second); len(listening(c)) > 0; {
		if time.Now().After(deadline) {
			t.Fatalf("still served: %v", listening(c))
		}
	}
	if err := native.Down(dir); err != nil { // and what was remembered of them is no obstacle
		t.Error(err)
	}
}

func TestADetachedNetworkOutlivesItsStarterUntilDown(t *testing.T) {
	needFabric(t)
	dir, c := t.TempDir(), sample(t)
	if err := startChild(t, dir, "detached", c).Wait(); err != nil {
		t.Fatal(err)
	}
	if s := mustExamine(t, dir); !s.Ready() {
		t.Errorf("it did not survive: %v", s.Missing)
	}
	if err := native.Down(dir); err != nil {
		t.Fatal(err)
	}
	if left := listening(c); len(left) > 0 {
		t.Errorf("still served: %v", left)
	}
}

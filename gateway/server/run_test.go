package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zegel/zegel/gateway/server"
)

// running is a world that listens.
type running struct {
	*world
	address string
	stop    context.CancelFunc
	ended   chan error
}

func start(t *testing.T, change func(*server.Limits)) *running {
	t.Helper()
	limits := server.DefaultLimits()
	limits.DrainFor = 0
	change(&limits)
	r := &running{world: newWorld(t, func(c *server.Config) { c.Limits = &limits }), ended: make(chan error, 1)}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.address = listener.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	go func() { r.ended <- r.server.Serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		<-r.ended
	})
	return r
}

func (r *running) dial(t *testing.T) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", r.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestAHeaderThatNeverEndsIsCutOff(t *testing.T) {
	r := start(t, func(l *server.Limits) { l.HeaderWithin = 50 * time.Millisecond })
	conn := r.dial(t)
	_, _ = io.WriteString(conn, "GET /livez HTTP/1.1\r\nHost: a\r\nX-Slow: ")
	if _, err := io.ReadAll(conn); err != nil {
		t.Errorf("the line was not closed: %v", err)
	}
}

func TestABodyThatNeverEndsIsCutOff(t *testing.T) {
	r := start(t, func(l *server.Limits) { l.BodyWithin = 100 * time.Millisecond })
	conn := r.dial(t)
	_, _ = fmt.Fprintf(conn, "POST /v1/redemptions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nIdempotency-Key: key-0000-0000-0000\r\n"+
		"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{", r.tokens["till"])
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.Contains(string(answer), "400 Bad Request") || !strings.Contains(string(answer), "invalid_request") {
		t.Errorf("answered %q, %v", answer, err)
	}
	if len(r.teller.all()) != 0 {
		t.Error("the teller heard of it")
	}
}

func TestAHugeBodyIsRefusedBeforeItIsSent(t *testing.T) {
	r := start(t, func(*server.Limits) {})
	conn := r.dial(t)
	_, _ = fmt.Fprintf(conn, "POST /v1/redemptions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nIdempotency-Key: key-0000-0000-0000\r\n"+
		"Content-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n", r.tokens["till"])
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusRequestEntityTooLarge || !response.Close {
		t.Errorf("answered %s, close %v", response.Status, response.Close)
	}
}

func TestAHugeBodyWithoutALengthIsRefusedAtTheLimit(t *testing.T) {
	r := start(t, func(*server.Limits) {})
	body := &counted{}
	request, err := http.NewRequest(http.MethodPost, "http://"+r.address+"/v1/redemptions", body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+r.tokens["till"])
	request.Header.Set("Idempotency-Key", "key-0000-0000-0000")
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("answered %s", response.Status)
	}
}

// counted is a body of spaces without an end.
type counted struct{ sent int }

func (c *counted) Read(b []byte) (int, error) {
	if c.sent += len(b); c.sent > 64<<20 {
		return 0, io.EOF
	}
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

func TestAHeaderTooLargeIsRefused(t *testing.T) {
	r := start(t, func(*server.Limits) {})
	conn := r.dial(t)
	_, _ = io.WriteString(conn, "GET /livez HTTP/1.1\r\nHost: a\r\nX-Large: "+strings.Repeat("a", 64<<10)+"\r\n\r\n")
	line, _ := bufio.NewReader(conn).ReadString('\n')
	if !strings.Contains(line, "431") {
		t.Errorf("answered %q", line)
	}
}

func TestStoppingFinishesWhatIsUnderWay(t *testing.T) {
	r := start(t, func(l *server.Limits) { l.DrainFor = 300 * time.Millisecond })
	entered, release := held(r.world)
	answered := make(chan int, 1)
	go func() {
		answered <- r.post(t)
	}()
	<-entered
	r.stop()
	r.waitNotReady(t)
	release()
	if got := <-answered; got != http.StatusCreated {
		t.Errorf("the request under way was answered %d", got)
	}
	err := <-r.ended
	r.ended <- err
	if err != nil {
		t.Errorf("it did not stop in peace: %v", err)
	}
	if _, err := net.Dial("tcp", r.address); err == nil {
		t.Error("it still takes lines")
	}
}

func (r *running) post(t *testing.T) int {
	request, err := http.NewRequest(http.MethodPost, "http://"+r.address+"/v1/redemptions", strings.NewReader(aRedemption))
	if err != nil {
		t.Error(err)
		return 0
	}
	request.Header.Set("Authorization", "Bearer "+r.tokens["till"])
	request.Header.Set("Idempotency-Key", "key-0000-0000-0000")
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Error(err)
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// waitNotReady asks until readiness says that the gateway is stopping.
func (r *running) waitNotReady(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); {
		response, err := http.Get("http://" + r.address + "/readyz")
		if err != nil {
			t.Fatalf("it took no lines before it was found not ready: %v", err)
		}
		text, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if response.StatusCode == http.StatusServiceUnavailable && strings.Contains(string(text), "stopping") {
			return
		}
	}
	t.Fatal("it stayed ready")
}

func TestStoppingCutsOffWhatDoesNotFinish(t *testing.T) {
	r := start(t, func(l *server.Limits) { l.FinishWithin = 20 * time.Millisecond })
	entered, release := held(r.world)
	defer release()
	go func() {
		request, _ := http.NewRequest(http.MethodPost, "http://"+r.address+"/v1/redemptions", strings.NewReader(aRedemption))
		request.Header.Set("Authorization", "Bearer "+r.tokens["till"])
		request.Header.Set("Idempotency-Key", "key-0000-0000-0000")
		request.Header.Set("Content-Type", "application/json")
		if response, err := http.DefaultTransport.RoundTrip(request); err == nil {
			_ = response.Body.Close()
		}
	}()
	<-entered
	r.stop()
	err := <-r.ended
	r.ended <- err
	if err == nil {
		t.Error("it says that everything finished")
	}
}

package node_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/zegel/zegel/gateway/fabric"
	"github.com/zegel/zegel/gateway/node"
	"github.com/zegel/zegel/gateway/projection"
)

func TestThePublicHearsAdviceAndTheLogHearsDetails(t *testing.T) {
	var log bytes.Buffer
	readiness := fabric.Readiness{
		{Name: "connection", OK: true, Detail: "peer0.korenaar.example at 10.1.2.3:7051"},
		{Name: "chaincode at ClearingMSP", Detail: "dial tcp 10.1.2.4:7051: connection refused", Advice: "nothing listens at the peer's address"},
	}
	check := node.ProbeLedger(func(context.Context) fabric.Readiness { return readiness }, slog.New(slog.NewTextHandler(&log, nil)))
	for range 3 {
		err := check(t.Context())
		if err == nil || err.Error() != "chaincode at ClearingMSP: nothing listens at the peer's address" {
			t.Errorf("the public hears %v", err)
		}
	}
	if n := strings.Count(log.String(), "10.1.2.4:7051"); n != 1 {
		t.Errorf("the log heard it %d times: %s", n, &log)
	}
	readiness[1].OK = true
	if err := check(t.Context()); err != nil || !strings.Contains(log.String(), "again") {
		t.Errorf("%v; the log has %s", err, &log)
	}
}

func TestWhatStoppedAStatementIsTold(t *testing.T) {
	for _, row := range []struct {
		status projection.Status
		tells  string
	}{
		{projection.Status{Following: true}, ""},
		{projection.Status{}, "not begun"},
		{projection.Status{Err: errors.New("dial tcp 10.1.2.3:7051")}, "stand still"},
		{projection.Status{Err: fmt.Errorf("block 7: %w", projection.ErrForked)}, "another ledger"},
		{projection.Status{Err: fmt.Errorf("block 7: %w", projection.ErrBroken)}, "cannot be read"},
	} {
		err := node.ProbeStatement(row.status)
		if (err == nil) != (row.tells == "") || err != nil && (!strings.Contains(err.Error(), row.tells) || strings.Contains(err.Error(), "10.1")) {
			t.Errorf("%+v: %v", row.status, err)
		}
	}
}

func TestAFolderThatOthersMaySeeIsClosedToThem(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := node.Private(dir); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

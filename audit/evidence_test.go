package audit_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/zegel/zegel/audit"
	"github.com/zegel/zegel/audit/chain"
	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
)

// TestWhatAnAuditorHandsOn collects evidence of an operation, signs a report, and goes on with an
// audit that was interrupted.
func TestWhatAnAuditorHandsOn(t *testing.T) {
	m := openMarket(t, honest)
	op := loyalty.OpID(hexID())
	member := loyalty.MemberID(hexID())
	m.do(korenaar, loyalty.Command{Kind: loyalty.KindEnrol, Member: member, Op: op})
	m.trade()
	source := sourceOf(t, m.ledger(korenaar))

	t.Run("evidence holds, and evidence that was changed does not", func(t *testing.T) {
		e, err := audit.Collect(source, api.Channel, api.Chaincode, "", op)
		must(t, err)
		p, err := e.Verify()
		must(t, err)
		if len(p.Findings) > 0 || p.Command.Member != member || p.Operation.Outcome.Status != loyalty.StatusApplied || len(p.Endorsers) != 2 {
			t.Errorf("proved %+v", p)
		}
		text, err := json.Marshal(e)
		must(t, err)
		read, err := audit.ReadEvidence(text)
		must(t, err)
		whole := read.Blocks[len(read.Blocks)-1]
		whole[len(whole)/2] ^= 1
		if p, err := read.Verify(); err == nil && len(p.Findings) == 0 {
			t.Error("a changed byte was not noticed")
		}
		read.Blocks = read.Blocks[:1]
		if _, err := read.Verify(); err == nil {
			t.Error("evidence without its block was taken")
		}
	})
	t.Run("there is no evidence of what did not happen", func(t *testing.T) {
		if _, err := audit.Collect(source, api.Channel, api.Chaincode, "", loyalty.OpID(hexID())); !errors.Is(err, audit.ErrNoOperation) {
			t.Errorf("heard %v", err)
		}
	})
	t.Run("a signed report is the auditor's", func(t *testing.T) {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		must(t, err)
		der, err := x509.MarshalPKCS8PrivateKey(key)
		must(t, err)
		s, err := audit.Sign(auditOf(t, source, nil), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
		must(t, err)
		if r, err := s.Verify(); err != nil || !r.Clean {
			t.Errorf("heard %v", err)
		}
		s.Report[len(s.Report)/2] ^= 1
		if _, err := s.Verify(); err == nil {
			t.Error("a changed report was taken")
		}
	})
	t.Run("an audit goes on where it ended, with little in memory", func(t *testing.T) { resumed(t, source) })
}

// resumed audits in three parts and compares with an audit in one.
func resumed(t *testing.T, source chain.Source) {
	whole := auditOf(t, source, nil)
	blocks, err := chain.Collect(source)
	must(t, err)
	var last *audit.Report
	path := filepath.Join(t.TempDir(), "state.db")
	for _, end := range []int{len(blocks) / 3, len(blocks) / 2, len(blocks)} {
		last = auditOf(t, chain.Blocks(blocks[:end]), func(o *audit.Options) { o.State, o.InMemory = path, 20 })
	}
	clean(t, last)
	if !reflect.DeepEqual(last.Issuers, whole.Issuers) || !reflect.DeepEqual(last.Movements, whole.Movements) ||
		last.Counts != whole.Counts || last.CommitHash != whole.CommitHash {
		t.Errorf("in parts %+v %+v, at once %+v %+v", last.Counts, last.Issuers, whole.Counts, whole.Issuers)
	}
}

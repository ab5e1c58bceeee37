package ledger_test

import (
	"testing"

	"github.com/zegel/zegel/network/devnet/ledger"
)

func TestStateMetadataIsAReadOfTheKey(t *testing.T) {
	c := inMemory(t)
	c.put("seed", "k", "1")
	tag := c.endorse("tag", func(s *ledger.Simulator) error {
		return s.PutStateMetadata("cc", "k", map[string][]byte{"p": []byte("policy")})
	})
	ask := c.endorse("ask", func(s *ledger.Simulator) error {
		m, err := s.GetStateMetadata("cc", "k")
		if m != nil {
			t.Fatalf("metadata is %v", m)
		}
		return err
	})
	c.expect(c.commit(tag, ask), valid, conflict)
	if m := must[map[string][]byte](t)(simulate(c).GetStateMetadata("cc", "k")); string(m["p"]) != "policy" {
		t.Fatalf("metadata is %v", m)
	}
	c.run("untag", func(s *ledger.Simulator) error { return s.PutStateMetadata("cc", "k", nil) })
	if m := must[map[string][]byte](t)(c.Snapshot().Metadata("cc", "k")); m != nil {
		t.Fatalf("metadata is %v", m)
	}
}

// A real peer stops on this one: metadata written blindly for a key that the same block deleted.
func TestBlindMetadataOfAKeyDeletedInTheBlockIsDropped(t *testing.T) {
	c := inMemory(t)
	c.put("seed", "k", "1")
	remove := c.endorse("remove", writes("k", ""))
	tag := c.endorse("tag", func(s *ledger.Simulator) error {
		return s.PutStateMetadata("cc", "k", map[string][]byte{"p": {1}})
	})
	c.expect(c.commit(remove, tag), valid, valid)
	c.holds("k", "")
}

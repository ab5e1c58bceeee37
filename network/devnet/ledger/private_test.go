package ledger_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"

	"github.com/zegel/zegel/network/devnet/ledger"
)

func hide(collection, key, value string) func(*ledger.Simulator) error {
	return func(s *ledger.Simulator) error { return s.PutPrivate("cc", collection, key, []byte(value)) }
}

func purge(collection, key string) func(*ledger.Simulator) error {
	return func(s *ledger.Simulator) error { return s.PurgePrivate("cc", collection, key) }
}

func hashRead(collection, key string, pairs ...string) func(*ledger.Simulator) error {
	return func(s *ledger.Simulator) error {
		_, err := s.GetPrivateHash("cc", collection, key)
		return errors.Join(err, writes(pairs...)(s))
	}
}

// private reads a committed private value or the error of trying.
func (c *chain) readPrivate(collection, key string) string {
	c.Helper()
	value, err := simulate(c).GetPrivate("cc", collection, key)
	if err != nil {
		return err.Error()
	}
	return string(value)
}

func (c *chain) hashOf(collection, key string) string {
	c.Helper()
	return string(must[[]byte](c)(simulate(c).GetPrivateHash("cc", collection, key)))
}

// leaks tells which files below dir hold the text.
func leaks(t testing.TB, dir, text string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if strings.Contains(string(b), text) {
			found = append(found, filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestMemberHoldsTheValueAndEverybodyTheHash(t *testing.T) {
	c := inMemory(t)
	c.run("ours", hide("ours", "k", "value"))
	c.run("theirs", hide("theirs", "k", "value"))
	if got := c.readPrivate("ours", "k"); got != "value" {
		t.Fatalf("a member reads %q", got)
	}
	const want = "private data matching public hash version is not available. " +
		"Public hash version = {BlockNum: 2, TxNum: 0}, Private data version = <nil>"
	if got := c.readPrivate("theirs", "k"); got != want {
		t.Fatalf("a stranger reads %q", got)
	}
	for _, collection := range []string{"ours", "theirs"} {
		if got := c.hashOf(collection, "k"); got != string(sha([]byte("value"))) {
			t.Fatalf("hash in %s is %x", collection, got)
		}
	}
	if got := must[[][]byte](t)(simulate(c).GetPrivates("cc", "theirs", []string{"k"})); got[0] != nil {
		t.Fatalf("several at once read %q", got)
	}
	if got := c.readPrivate("ours", "absent"); got != "" {
		t.Fatalf("an absent key reads %q", got)
	}
	sets := must[map[uint64]*rwset.TxPvtReadWriteSet](t)(c.Private(1))
	if len(sets) != 1 || len(must[map[uint64]*rwset.TxPvtReadWriteSet](t)(c.Private(2))) != 0 {
		t.Fatal("the peer keeps what it may not, or loses what it may")
	}
}

func TestMissingAndForgedPrivateDataDoNotStopTheCommit(t *testing.T) {
	c := inMemory(t)
	lost := c.endorse("lost", hide("ours", "k", "value"))
	delete(c.private, "lost")
	c.expect(c.commit(lost), valid)
	if got := c.readPrivate("ours", "k"); !strings.Contains(got, "is not available") {
		t.Fatalf("missing data reads %q", got)
	}
	forged := c.endorse("forged", hide("ours", "m", "value"))
	c.endorse("other", hide("ours", "m", "another value"))
	c.private["forged"] = c.private["other"]
	c.expect(c.commit(forged), valid)
	if got := c.readPrivate("ours", "m"); !strings.Contains(got, "is not available") {
		t.Fatalf("forged data reads %q", got)
	}
}

func TestStaleReplicaIsNotServed(t *testing.T) {
	c := inMemory(t)
	c.run("one", hide("ours", "k", "1"))
	two := c.endorse("two", hide("ours", "k", "2"))
	delete(c.private, "two")
	c.expect(c.commit(two), valid)
	if got := c.readPrivate("ours", "k"); !strings.Contains(got, "Public hash version = {BlockNum: 2, TxNum: 0}, Private data version = {BlockNum: 1, TxNum: 0}") {
		t.Fatalf("a stale value reads %q", got)
	}
}

func TestHashedReadsConflict(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(*ledger.Simulator) error
		key    string
		clash  bool
	}{
		{"with a write of the key", hide("theirs", "k", "2"), "k", true},
		{"with its creation", hide("theirs", "new", "2"), "new", true},
		{"with its deletion", hide("theirs", "k", ""), "k", true},
		{"with its purge", purge("theirs", "k"), "k", true},
		{"not with another key", hide("theirs", "m", "2"), "k", false},
		{"not with the same key of another collection", hide("ours", "k", "2"), "k", false},
		{"not with the public key of that name", writes("k", "2"), "k", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			want := valid
			if row.clash {
				want = conflict
			}
			for _, together := range []bool{true, false} {
				c := inMemory(t)
				c.run("seed", hide("theirs", "k", "1"))
				change, read := c.endorse("change", row.change), c.endorse("read", hashRead("theirs", row.key, "x", "1"))
				if together {
					c.expect(c.commit(change, read), valid, want)
					continue
				}
				c.expect(c.commit(change), valid)
				c.expect(c.commit(read), want)
			}
		})
	}
}

func TestBlindPrivateWriteOfAStrangerIsTakenByTheMember(t *testing.T) {
	stranger, member := inMemory(t), inMemory(t)
	env := stranger.endorse("t", hide("ours", "k", "v"))
	member.private = stranger.private
	member.expect(member.commit(env), valid)
	if got := member.readPrivate("ours", "k"); got != "v" {
		t.Fatalf("member reads %q", got)
	}
}

func TestTransientStoreServesTheCommitAndForgets(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, options())
	env := c.endorse("t", hide("ours", "k", "waiting-value"))
	again := c.private["t"]
	c.private = map[string]*rwset.TxPvtReadWriteSet{}
	if err := c.StorePrivate("t", c.Height(), again); err != nil {
		t.Fatal(err)
	}
	c = c.reopen(dir, options())
	if got := leaks(t, dir, "waiting-value"); fmt.Sprint(got) != "[transient]" {
		t.Fatalf("before the commit the value is in %v", got)
	}
	c.expect(c.commit(env), valid)
	if got := c.readPrivate("ours", "k"); got != "waiting-value" {
		t.Fatalf("read %q", got)
	}
	if got := leaks(t, dir, "waiting-value"); fmt.Sprint(got) != "[private_000000]" {
		t.Fatalf("after the commit the value is in %v", got)
	}
}

func TestTransientStoreDropsWhatIsTooOld(t *testing.T) {
	opts := options()
	opts.TransientBlocks = 5
	dir := t.TempDir()
	c := open(t, dir, opts)
	c.endorse("never", hide("ours", "k", "waiting-value"))
	if err := c.StorePrivate("never", c.Height(), c.private["never"]); err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		c.put(fmt.Sprint("t", i), "x", fmt.Sprint(i))
	}
	c.reopen(dir, opts)
	if got := leaks(t, dir, "waiting-value"); got != nil {
		t.Fatalf("the value is still in %v", got)
	}
}

func TestPurgeLeavesNoTrace(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, options())
	c.run("one", hide("ours", "person", "first-value"))
	c.run("two", hide("ours", "person", "second-value"))
	c.run("keep", hide("ours", "other", "kept-value"))
	stranger := c.endorse("later", hide("ours", "person", "third-value"))
	c.run("purge", purge("ours", "person"))
	if got := c.readPrivate("ours", "person"); got != "" {
		t.Fatalf("read %q after the purge", got)
	}
	if got := c.hashOf("ours", "person"); got != "" {
		t.Fatalf("hash %x after the purge", got)
	}
	for _, text := range []string{"first-value", "second-value", "person"} {
		if got := leaks(t, dir, text); got != nil {
			t.Errorf("%s is still in %v", text, got)
		}
	}
	if got := c.readPrivate("ours", "other"); got != "kept-value" {
		t.Fatalf("the neighbour reads %q", got)
	}
	c.expect(c.commit(stranger), valid)
	before := c.Snapshot()
	c = c.reopen(dir, options())
	if got := c.readPrivate("ours", "person"); got != "third-value" {
		t.Fatalf("a write after the purge reads %q", got)
	}
	same(t, "private state", before.PrivateDigest(), c.Snapshot().PrivateDigest())
}

func TestPurgeWithoutItsPrivateSetStillDeletes(t *testing.T) {
	c := inMemory(t)
	c.run("one", hide("ours", "k", "v"))
	env := c.endorse("purge", purge("ours", "k"))
	delete(c.private, "purge")
	c.expect(c.commit(env), valid)
	if got := c.readPrivate("ours", "k"); got != "" {
		t.Fatalf("read %q", got)
	}
}

func TestPurgeAndWritesInOneBlock(t *testing.T) {
	c := inMemory(t)
	c.run("seed", hide("ours", "k", "0"))
	before, gone, after := c.endorse("before", hide("ours", "k", "1")), c.endorse("gone", purge("ours", "k")), c.endorse("after", hide("ours", "k", "2"))
	c.expect(c.commit(before, gone, after), valid, valid, valid)
	if got := c.readPrivate("ours", "k"); got != "2" {
		t.Fatalf("read %q", got)
	}
	sets := must[map[uint64]*rwset.TxPvtReadWriteSet](t)(c.Private(2))
	if sets[0] != nil || sets[2] == nil {
		t.Fatalf("the block holds %v", sets)
	}
}

func TestPrivateDataExpires(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, options())
	c.run("one", hide("brief", "k", "brief-value")) // block 1 lives through 3, block 4 drops it
	for block := 2; block <= 4; block++ {
		if got := c.readPrivate("brief", "k"); got != "brief-value" {
			t.Fatalf("at height %d read %q", block, got)
		}
		c.put(fmt.Sprint("t", block), "x", fmt.Sprint(block))
	}
	if got, hash := c.readPrivate("brief", "k"), c.hashOf("brief", "k"); got != "" || hash != "" {
		t.Fatalf("after its time read %q, hash %x", got, hash)
	}
	if sets := must[map[uint64]*rwset.TxPvtReadWriteSet](t)(c.Private(1)); len(sets) != 0 {
		t.Fatalf("the block still gives %v", sets)
	}
	c.reopen(dir, options())
	if got := leaks(t, dir, "brief-value"); got != nil {
		t.Fatalf("the value is still in %v", got)
	}
}

func TestRewrittenPrivateDataExpiresLater(t *testing.T) {
	c := inMemory(t)
	c.run("one", hide("brief", "k", "1"))
	c.put("t2", "x", "2")
	c.run("two", hide("brief", "k", "2")) // block 3
	for n := 4; n <= 5; n++ {
		c.put(fmt.Sprint("t", n), "x", "y")
		if got := c.readPrivate("brief", "k"); got != "2" {
			t.Fatalf("after block %d read %q", n, got)
		}
	}
	c.put("t6", "x", "z")
	if got := c.readPrivate("brief", "k"); got != "" {
		t.Fatalf("after its time read %q", got)
	}
}

func TestMetadataOfAPrivateKeyKeepsItsValueReadable(t *testing.T) {
	c := inMemory(t)
	c.run("one", hide("ours", "k", "v"))
	c.run("tag", func(s *ledger.Simulator) error {
		return s.PutPrivateMetadata("cc", "ours", "k", map[string][]byte{"p": []byte("policy")})
	})
	if got := c.readPrivate("ours", "k"); got != "v" {
		t.Fatalf("read %q", got)
	}
	byKey := must[map[string][]byte](t)(simulate(c).GetPrivateMetadata("cc", "ours", "k"))
	byHash := must[map[string][]byte](t)(c.Snapshot().PrivateMetadata("cc", "ours", sha([]byte("k"))))
	if string(byKey["p"]) != "policy" || string(byHash["p"]) != "policy" {
		t.Fatalf("metadata is %v and %v", byKey, byHash)
	}
}

func TestStateDigestIsTheSameOnMemberAndStranger(t *testing.T) {
	opts := options()
	opts.Collections = func(*ledger.Snapshot, string, string) (ledger.Collection, bool) { return ledger.Collection{}, true }
	member, stranger := inMemory(t), open(t, "", opts)
	for i := range 5 {
		env := member.endorse(fmt.Sprint("t", i), hide("ours", fmt.Sprint("k", i), "v"))
		member.expect(member.commit(env), valid)
		stranger.expect(stranger.commit(env), valid)
	}
	same(t, "digest", member.Snapshot().Digest(), stranger.Snapshot().Digest())
	same(t, "commit hash", member.CommitHash(), stranger.CommitHash())
	if string(member.Snapshot().PrivateDigest()) == string(stranger.Snapshot().PrivateDigest()) {
		t.Fatal("the stranger holds the member's data")
	}
}

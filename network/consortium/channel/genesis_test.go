package channel_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	cb "github.com/hyperledger/fabric-protos-go-apiv2/common"
	pb "github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/consortium/channel"
	"github.com/zegel/zegel/network/consortium/render"
)

func configOf(t *testing.T, block *cb.Block) *cb.Config {
	t.Helper()
	config, err := channel.Config(block)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// TestTheGenesisBlockIsWhatConfigtxgenMakes compares with the stock tool, given configtx.yaml.
func TestTheGenesisBlockIsWhatConfigtxgenMakes(t *testing.T) {
	tool := "configtxgen"
	if dir := os.Getenv("FABRIC_BIN"); dir != "" {
		tool = filepath.Join(dir, tool)
	}
	if _, err := exec.LookPath(tool); err != nil {
		t.Skipf("not compared with Fabric's own tool: %v", err)
	}
	for _, place := range []consortium.Place{consortium.Native, consortium.Compose} {
		t.Run(string(place), func(t *testing.T) {
			c, root := sample(t)
			ours, err := channel.Genesis(c, place, root)
			if err != nil {
				t.Fatal(err)
			}
			text, err := render.Configtx(c, place, root)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "configtx.yaml"), text, 0o600); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(dir, "genesis.block")
			out, err := exec.Command(tool, "-configPath", dir, "-profile", "Channel", "-channelID", c.Channel, "-outputBlock", file).CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			theirs := &cb.Block{}
			if err := proto.Unmarshal(content, theirs); err != nil {
				t.Fatal(err)
			}
			compare(t, "Channel", configOf(t, ours).GetChannelGroup(), configOf(t, theirs).GetChannelGroup())
		})
	}
}

func sample(t *testing.T) (consortium.Consortium, string) {
	t.Helper()
	c, err := consortium.Default()
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	if err := c.Ensure(root); err != nil {
		t.Fatal(err)
	}
	return c, root
}

// compare names each part of the configuration in which the two differ.
func compare(t *testing.T, path string, ours, theirs *cb.ConfigGroup) {
	t.Helper()
	if ours.GetModPolicy() != theirs.GetModPolicy() {
		t.Errorf("%s: mod policy %q, theirs %q", path, ours.GetModPolicy(), theirs.GetModPolicy())
	}
	for name := range union(ours.GetValues(), theirs.GetValues()) {
		if a, b := ours.GetValues()[name], theirs.GetValues()[name]; !equal(name, a, b) {
			t.Errorf("%s: value %s\n ours   %q\n theirs %q", path, name, a, b)
		}
	}
	for name := range union(ours.GetPolicies(), theirs.GetPolicies()) {
		if a, b := ours.GetPolicies()[name], theirs.GetPolicies()[name]; !proto.Equal(a, b) {
			t.Errorf("%s: policy %s\n ours   %q\n theirs %q", path, name, a, b)
		}
	}
	for name := range union(ours.GetGroups(), theirs.GetGroups()) {
		compare(t, path+"/"+name, ours.GetGroups()[name], theirs.GetGroups()[name])
	}
}

// equal looks into the access control list, a map whose order in bytes means nothing.
func equal(name string, a, b *cb.ConfigValue) bool {
	if name != "ACLs" {
		return proto.Equal(a, b)
	}
	ours, theirs := &pb.ACLs{}, &pb.ACLs{}
	if proto.Unmarshal(a.GetValue(), ours) != nil || proto.Unmarshal(b.GetValue(), theirs) != nil {
		return false
	}
	return proto.Equal(ours, theirs) && a.GetModPolicy() == b.GetModPolicy()
}

func union[V any](a, b map[string]V) map[string]bool {
	names := map[string]bool{}
	for name := range a {
		names[name] = true
	}
	for name := range b {
		names[name] = true
	}
	return names
}

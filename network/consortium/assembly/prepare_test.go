package assembly_test

import (
	"bytes"
	"errors"
	"os"
	"reflect"
	"testing"

	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/consortium/assembly"
)

func mustPrepare(t *testing.T, dir string, c consortium.Consortium) *assembly.Network {
	t.Helper()
	layout, err := assembly.NewLayout(dir)
	if err != nil {
		t.Fatal(err)
	}
	n, err := assembly.Prepare(layout, c, consortium.Native)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func mustRead(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestPreparingAgainKeepsTheChannel(t *testing.T) {
	c, err := consortium.Default()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	n := mustPrepare(t, dir, c)
	genesis := mustRead(t, n.Layout.Genesis(consortium.Native))
	again := mustPrepare(t, dir, c)
	if !bytes.Equal(genesis, mustRead(t, n.Layout.Genesis(consortium.Native))) {
		t.Error("a second genesis block replaced the first")
	}
	if n.Package.ID() != again.Package.ID() || !bytes.Equal(n.Package.Bytes, mustRead(t, n.Layout.Package())) {
		t.Error("the install package changed")
	}
	for _, o := range c.Organisations {
		mustRead(t, n.Layout.Profile(o))
	}
}

func TestANetworkRemembersItsDescription(t *testing.T) {
	c, err := consortium.Default()
	if err != nil {
		t.Fatal(err)
	}
	if c, err = c.Shift(1000); err != nil {
		t.Fatal(err)
	}
	n := mustPrepare(t, t.TempDir(), c)
	opened, err := assembly.Open(n.Layout, consortium.Native)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(opened.Consortium, c) || opened.Package.ID() != n.Package.ID() {
		t.Errorf("%+v, want %+v", opened.Consortium, c)
	}
	empty, err := assembly.NewLayout(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := assembly.Open(empty, consortium.Native); !errors.Is(err, assembly.ErrNoNetwork) {
		t.Error(err)
	}
}

func TestTheDefinitionSaysWhatTheDescriptionSays(t *testing.T) {
	c, err := consortium.Default()
	if err != nil {
		t.Fatal(err)
	}
	n := mustPrepare(t, t.TempDir(), c)
	d, err := assembly.Definition(c, n.Package)
	if err != nil {
		t.Fatal(err)
	}
	if d.Name != "loyalty" || d.ChannelName != "loyalty" || d.Version != "1.0.0" || d.Sequence != 1 || d.PackageID != n.Package.ID() || d.InitRequired {
		t.Errorf("%+v", d)
	}
	policy := d.ApplicationPolicy.GetSignaturePolicy()
	if len(policy.GetIdentities()) != 4 || policy.GetRule().GetNOutOf().GetN() != 2 {
		t.Errorf("policy %v", policy)
	}
	for i, config := range d.Collections.GetConfig() {
		wanted, got := c.Collections()[i], config.GetStaticCollectionConfig()
		if got.GetName() != wanted.Name || got.GetMaximumPeerCount() != wanted.MaxPeerCount || !got.GetMemberOnlyRead() || !got.GetMemberOnlyWrite() {
			t.Errorf("collection %v, want %+v", got, wanted)
		}
		if own := got.GetEndorsementPolicy() != nil; own != (wanted.EndorsementPolicy != nil) {
			t.Errorf("%s: own endorsement policy %v", wanted.Name, own)
		}
	}
}

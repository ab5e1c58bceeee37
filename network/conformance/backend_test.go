package conformance_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/zegel/zegel/network/conformance/probe"
	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/inprocess"
	"github.com/zegel/zegel/network/native"
)

// patience bounds every single wait. It is long: a machine that runs all tests at once is slow.
const patience = 30 * time.Second

// backend is a running network.
type backend struct {
	consortium consortium.Consortium
	// material is the folder with everybody's keys.
	material string
	// upgrade commits the same chaincode under the next sequence.
	upgrade func(context.Context) error
}

// description is the consortium of the cases, with collections for what one chain's own cannot show.
func description(t *testing.T) consortium.Consortium {
	t.Helper()
	c, err := consortium.Load(filepath.Join("testdata", "consortium.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	both := "OR('AlphaMSP.member', 'BetaMSP.member')"
	c.Shared = []consortium.Collection{
		{Name: "shared", Policy: both, MaxPeerCount: 2, MemberOnlyRead: true, MemberOnlyWrite: true},
		{Name: "brief", Policy: both, MaxPeerCount: 2, BlockToLive: 3},
		{Name: "open", Policy: "OR('AlphaMSP.member')", MaxPeerCount: 1},
		{Name: "readable", Policy: "OR('AlphaMSP.member')", MaxPeerCount: 1, MemberOnlyWrite: true},
	}
	return c
}

// startDevnet runs the consortium in this process, with the keys in material.
func startDevnet(t *testing.T, root string) backend {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c := description(t)
	n, err := inprocess.Start(ctx, inprocess.Options{Consortium: c, Dir: root, Chaincode: probe.New, FreePorts: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Stop(); err != nil {
			t.Error(err)
		}
	})
	next := c.Chaincode
	next.Version, next.Sequence = "1.1", next.Sequence+1
	return backend{consortium: n.Consortium, material: n.Crypto, upgrade: func(ctx context.Context) error { return n.Upgrade(ctx, next, probe.New) }}
}

// fabricHere says why real Fabric cannot be run here.
func fabricHere() error {
	if testing.Short() && !*needFabric {
		return errors.New("not with -short")
	}
	_, err := native.FindBinaries()
	return err
}

// startFabric runs the consortium as real processes, with a copy of the keys that the devnet has.
func startFabric(t *testing.T, root, material string) backend {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(root, "organisations"), os.DirFS(material)); err != nil {
		t.Fatal(err)
	}
	c, err := native.FreePorts(description(t))
	if err != nil {
		t.Fatal(err)
	}
	options := native.Options{Dir: root, Consortium: c,
		ChaincodeCommand: []string{self, "chaincode"}, BuilderCommand: []string{self, "ccaas-builder"}}
	n, err := native.Up(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("Fabric is ready after %.1f s", n.Ready.Seconds())
	t.Cleanup(func() {
		if err := n.Down(); err != nil {
			t.Error(err)
		}
	})
	options.Consortium.Chaincode.Version, options.Consortium.Chaincode.Sequence = "1.1", c.Chaincode.Sequence+1
	return backend{consortium: c, material: n.Layout.Material(), upgrade: func(ctx context.Context) error { return native.Upgrade(ctx, options) }}
}

package identity_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/zegel/zegel/network/identity"
)

var (
	peer0 = identity.Member{Name: "peer0", Kind: identity.Peer, Hosts: []string{"localhost"}}
	pos   = identity.Member{Name: "pos", Kind: identity.Client, Role: "pos"}
	admin = identity.Member{Name: "admin", Kind: identity.Admin, Role: "admin"}
)

func mustEnsure(t *testing.T, f identity.Folder, members ...identity.Member) *identity.Organisation {
	t.Helper()
	o, err := f.Ensure(members...)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// snapshot reads every file below dir.
func snapshot(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		files[strings.TrimPrefix(name, dir+"/")] = content
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestWhatWasIssuedIsNeverOverwritten(t *testing.T) {
	f := identity.In(t.TempDir(), "KorenaarMSP", "korenaar.example")
	mustEnsure(t, f, peer0, pos)
	before := snapshot(t, f.Path)

	mustEnsure(t, f, peer0, pos, admin)

	after := snapshot(t, f.Path)
	for name, content := range before {
		if !bytes.Equal(after[name], content) {
			t.Errorf("%s changed", name)
		}
	}
	if len(after) <= len(before) {
		t.Error("the new member got nothing")
	}
}

func TestAnMSPFolderIsCompleteAndReadsBack(t *testing.T) {
	f := identity.In(t.TempDir(), "KorenaarMSP", "korenaar.example")
	o := mustEnsure(t, f, peer0, pos, admin)
	for _, m := range []identity.Member{peer0, pos, admin} {
		c, err := f.Credential(m)
		if err != nil {
			t.Fatal(err)
		}
		certificate, _, err := c.Sign.Parse()
		if err != nil {
			t.Fatal(err)
		}
		verify(t, o.SigningRoot(), certificate, "")
		files := snapshot(t, f.MemberMSP(m))
		for _, want := range []string{"cacerts/ca.korenaar.example-cert.pem", "tlscacerts/tlsca.korenaar.example-cert.pem",
			"config.yaml", "keystore/priv_sk", "signcerts/" + c.Name + "-cert.pem"} {
			if files[want] == nil {
				t.Errorf("%s has no %s", c.Name, want)
			}
		}
		if len(files) != 5 {
			t.Errorf("%s has %d files, want 5", c.Name, len(files))
		}
	}
	if root, err := os.ReadFile(f.TLSRoot()); err != nil || !bytes.Equal(root, o.TLSRoot()) {
		t.Errorf("TLS root: %v", err)
	}
}

func TestKeysAreForTheirOwnerOnly(t *testing.T) {
	f := identity.In(t.TempDir(), "KorenaarMSP", "korenaar.example")
	mustEnsure(t, f, peer0, pos, admin)
	keys := 0
	for name, content := range snapshot(t, f.Path) {
		if !bytes.Contains(content, []byte("PRIVATE KEY")) {
			continue
		}
		keys++
		info, err := os.Stat(filepath.Join(f.Path, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
	if keys != 7 { // two roots, three members, two TLS
		t.Errorf("%d keys, want 7", keys)
	}
}

func TestTwoAtOnceAgreeOnOneRoot(t *testing.T) {
	f := identity.In(t.TempDir(), "KorenaarMSP", "korenaar.example")
	roots := make([][]byte, 4)
	var all sync.WaitGroup
	for i := range roots {
		all.Go(func() {
			if o, err := f.Ensure(peer0); err == nil {
				roots[i] = o.SigningRoot()
			}
		})
	}
	all.Wait()
	for _, root := range roots {
		if root == nil || !bytes.Equal(root, roots[0]) {
			t.Fatal("different roots")
		}
	}
	entries, err := os.ReadDir(f.Path)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".new-") {
			t.Errorf("%s was left behind", entry.Name())
		}
	}
}

func TestAServiceHasATLSCertificateAndNothingToSignWith(t *testing.T) {
	f := identity.In(t.TempDir(), "KorenaarMSP", "korenaar.example")
	gateway := identity.Member{Name: "gateway", Kind: identity.Service, Hosts: []string{"localhost"}}
	mustEnsure(t, f, gateway)
	c, err := f.Credential(gateway)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.TLS.Parse(); err != nil || c.Name != "gateway.korenaar.example" || c.Sign.Key != nil {
		t.Errorf("%s: %v", c.Name, err)
	}
	if _, err := os.Stat(f.MemberMSP(gateway)); err == nil {
		t.Error("a service has an MSP folder")
	}
}

func TestAnEmptyFolderMadeForAMountIsFilled(t *testing.T) {
	f := identity.In(t.TempDir(), "KorenaarMSP", "korenaar.example")
	if err := os.MkdirAll(filepath.Join(f.Path, "peers", "peer0.korenaar.example"), 0o755); err != nil {
		t.Fatal(err)
	}
	mustEnsure(t, f, peer0)
	if _, err := f.Credential(peer0); err != nil {
		t.Error(err)
	}
}

func TestABrokenFolderIsExplained(t *testing.T) {
	for name, breakIt := range map[string]func(f identity.Folder) error{
		"the key of another": func(f identity.Folder) error {
			content, err := os.ReadFile(filepath.Join(f.MemberMSP(admin), "keystore", "priv_sk"))
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(f.MemberMSP(pos), "keystore", "priv_sk"), content, 0o600)
		},
		"two keys": func(f identity.Folder) error {
			return os.WriteFile(filepath.Join(f.MemberMSP(pos), "keystore", "other_sk"), nil, 0o600)
		},
		"an empty certificate": func(f identity.Folder) error {
			return os.Truncate(filepath.Join(f.MemberMSP(pos), "signcerts", "pos@korenaar.example-cert.pem"), 0)
		},
		"no key": func(f identity.Folder) error {
			return os.Remove(filepath.Join(f.MemberMSP(pos), "keystore", "priv_sk"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := identity.In(t.TempDir(), "KorenaarMSP", "korenaar.example")
			mustEnsure(t, f, pos, admin)
			if err := breakIt(f); err != nil {
				t.Fatal(err)
			}
			if _, err := f.Credential(pos); err == nil {
				t.Error("it was accepted")
			}
		})
	}
}

func FuzzPairParse(f *testing.F) {
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"), []byte("-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n"))
	f.Add([]byte{}, []byte{})
	f.Fuzz(func(t *testing.T, certificate, key []byte) {
		if _, _, err := (identity.Pair{Certificate: certificate, Key: key}).Parse(); err == nil {
			t.Error("noise was accepted")
		}
	})
}

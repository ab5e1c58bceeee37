package consortium_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/zegel/zegel/network/consortium"
)

func mustProfile(t *testing.T, name string, place consortium.Place, roots consortium.Roots) consortium.Profile {
	t.Helper()
	p, err := sample(t).Profile(name, place, roots)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAProfileReachesNodesUnderTheNamesOfItsPlace(t *testing.T) {
	roots := consortium.Roots{Path: "../keys"}
	for place, want := range map[consortium.Place]string{
		consortium.Native:  "grpcs://127.0.0.1:7100",
		consortium.Compose: "grpcs://peer0.korenaar.example:7100",
	} {
		peer := mustProfile(t, "Korenaar", place, roots).Peers["peer0.korenaar.example"]
		if peer.URL != want {
			t.Errorf("%s: %s, want %s", place, peer.URL, want)
		}
		if got := peer.GRPCOptions["ssl-target-name-override"]; got != "peer0.korenaar.example" {
			t.Errorf("%s: its certificate is checked for %q", place, got)
		}
		if got := peer.TLSCACerts.Path; got != "../keys/korenaar.example/msp/tlscacerts/tlsca.korenaar.example-cert.pem" {
			t.Errorf("%s: TLS root %q", place, got)
		}
	}
}

func TestAProfileHoldsTheKeysOfItsOwnUsersAlone(t *testing.T) {
	p := mustProfile(t, "DuinmarktMSP", consortium.Native, consortium.Roots{Path: "keys"})
	for name, o := range p.Organizations {
		if own := name == "Duinmarkt"; own != (len(o.Users) > 0) {
			t.Errorf("%s has %d users", name, len(o.Users))
		}
	}
	user := p.Organizations["Duinmarkt"].Users["manager"]
	if want := "keys/duinmarkt.example/users/manager@duinmarkt.example/msp/keystore/priv_sk"; user.Key.Path != want || user.Key.PEM != "" {
		t.Errorf("key %+v, want the path %s and never the key itself", user.Key, want)
	}
}

func TestTheAuditorSeesAllPeersAndHasNone(t *testing.T) {
	p := mustProfile(t, "Auditor", consortium.Native, consortium.Roots{Path: "keys"})
	if len(p.Organizations["Auditor"].Peers) != 0 || len(p.Peers) != 4 || len(p.Channels["loyalty"].Peers) != 4 {
		t.Errorf("%+v", p)
	}
}

func TestAProfileIsTheSameInYAMLAndJSON(t *testing.T) {
	c, root := sample(t), t.TempDir()
	if err := c.Ensure(root); err != nil {
		t.Fatal(err)
	}
	p := mustProfile(t, "Clearing", consortium.Native, consortium.Roots{Path: root, Inline: true})
	asYAML, err := p.YAML()
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := p.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var fromYAML, fromJSON consortium.Profile
	if err := yaml.Unmarshal(asYAML, &fromYAML); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(asJSON, &fromJSON); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(fromYAML, p) || !reflect.DeepEqual(fromJSON, p) {
		t.Error("a profile does not read back as it was")
	}
	if pem := p.Peers["peer0.clearing.example"].TLSCACerts.PEM; !strings.HasPrefix(pem, "-----BEGIN CERTIFICATE-----") {
		t.Errorf("TLS root %q", pem)
	}
	if strings.Contains(string(asYAML), "PRIVATE KEY") {
		t.Error("a private key is in the profile")
	}
}

func TestEnsureMakesTheMaterialOfAll(t *testing.T) {
	c, root := sample(t), t.TempDir()
	if err := c.Ensure(root); err != nil {
		t.Fatal(err)
	}
	for _, o := range c.Organisations {
		for _, m := range o.Members() {
			if _, err := o.Folder(root).Credential(m); err != nil {
				t.Errorf("%s of %s: %v", m.Name, o.Name, err)
			}
		}
		if _, err := o.Credential(root, "cashier"); err == nil {
			t.Errorf("%s has a cashier", o.Name)
		}
	}
	p := mustProfile(t, "Korenaar", consortium.Native, consortium.Roots{Path: root})
	for name, u := range p.Organizations["Korenaar"].Users {
		for _, file := range []string{u.Cert.Path, u.Key.Path} {
			if _, err := os.Stat(filepath.FromSlash(file)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

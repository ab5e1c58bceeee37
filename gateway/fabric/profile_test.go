package fabric_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zegel/zegel/gateway/fabric"
)

const profileYAML = `
name: loyalty-korenaar
version: 1.0.0
client:
  organization: Korenaar
  connection: {timeout: {peer: {endorser: "300"}}}
organizations:
  Korenaar: {mspid: KorenaarMSP, peers: [peer1.korenaar.example, peer0.korenaar.example], certificateAuthorities: [ca]}
  Clearing: {mspid: ClearingMSP, peers: [peer0.clearing.example]}
peers:
  peer0.clearing.example:
    url: grpcs://clearing.example:7051
    tlsCACerts: {path: tls/ca.pem}
  peer0.korenaar.example:
    url: grpcs://localhost:7051
    tlsCACerts: {pem: "one"}
    grpcOptions: {ssl-target-name-override: peer0.korenaar.example, hostnameOverride: other}
  peer1.korenaar.example:
    url: grpc://localhost:7052
    tlsCACerts: {pem: [one, two]}
    grpcOptions: {hostnameOverride: peer1.korenaar.example}
  peer.of.nobody: {url: nonsense}
`

func TestAProfileNamesThePeersOnesOwnFirst(t *testing.T) {
	dir := t.TempDir()
	must(os.MkdirAll(filepath.Join(dir, "tls"), 0o700))
	must(os.WriteFile(filepath.Join(dir, "tls", "ca.pem"), []byte("root"), 0o600))
	must(os.WriteFile(filepath.Join(dir, "profile.yaml"), []byte(profileYAML), 0o600))
	profile, err := fabric.LoadProfile(filepath.Join(dir, "profile.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if profile.Name != "loyalty-korenaar" || profile.Organisation != "Korenaar" || profile.MSP != "KorenaarMSP" {
		t.Errorf("it is of %+v", profile)
	}
	var got []string
	for _, p := range profile.Peers {
		scheme := "grpc"
		if p.TLS {
			scheme = "grpcs"
		}
		got = append(got, strings.Join([]string{p.Name, p.MSP, scheme, p.Address, p.ServerName, string(p.Roots)}, " "))
	}
	want := []string{
		"peer1.korenaar.example KorenaarMSP grpc localhost:7052 peer1.korenaar.example one\ntwo",
		"peer0.korenaar.example KorenaarMSP grpcs localhost:7051 peer0.korenaar.example one",
		"peer0.clearing.example ClearingMSP grpcs clearing.example:7051  root",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("peers:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestAProfileThatCannotBeUsed(t *testing.T) {
	const head = `{"client":{"organization":"A"},"organizations":{"A":{"mspid":"AMSP","peers":["p"]}},"peers":{"p":`
	for name, text := range map[string]string{
		"not YAML":                  "\t{",
		"empty":                     "",
		"no client":                 `{"organizations":{"A":{"mspid":"AMSP"}}}`,
		"client of nobody":          `{"client":{"organization":"B"},"organizations":{"A":{"mspid":"AMSP"}}}`,
		"no MSP ID":                 `{"client":{"organization":"A"},"organizations":{"A":{"peers":["p"]}}}`,
		"no peers":                  `{"client":{"organization":"A"},"organizations":{"A":{"mspid":"AMSP"}}}`,
		"peer without URL":          head + `{}}}`,
		"peer with another scheme":  head + `{"url":"https://p:1"}}}`,
		"peer without port":         head + `{"url":"grpcs://p"}}}`,
		"peer without host":         head + `{"url":"grpcs://:7051"}}}`,
		"certificate that is not":   head + `{"url":"grpcs://p:1","tlsCACerts":{"path":"missing.pem"}}}}`,
		"certificate of wrong kind": head + `{"url":"grpcs://p:1","tlsCACerts":{"pem":{"a":1}}}}}`,
		"too large":                 strings.Repeat("#", fabric.MaxProfileSize+1),
	} {
		if _, err := fabric.ParseProfile([]byte(text), t.TempDir()); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := fabric.LoadProfile(filepath.Join(t.TempDir(), "missing.yaml")); err == nil {
		t.Error("a missing file was accepted")
	}
}

func FuzzParseProfile(f *testing.F) {
	f.Add([]byte(profileYAML))
	f.Add([]byte(`{"client":{"organization":"A"},"organizations":{"A":{"mspid":"AMSP","peers":["p"]}},"peers":{"p":{"url":"grpc://p:1"}}}`))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		profile, err := fabric.ParseProfile(text, dir)
		if err != nil {
			return
		}
		if profile.MSP == "" || len(profile.Peers) == 0 {
			t.Errorf("accepted a profile that says nothing: %+v", profile)
		}
		for _, peer := range profile.Peers {
			if peer.MSP == "" && peer.Name != "" && profile.MSP == "" || peer.Address == "" {
				t.Errorf("a peer of nobody or nowhere: %+v", peer)
			}
		}
	})
}

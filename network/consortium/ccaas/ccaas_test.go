package ccaas_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hyperledger/fabric-admin-sdk/pkg/chaincode"

	"github.com/zegel/zegel/network/consortium/ccaas"
)

const builderWord = "ccaas-builder"

// TestMain lets the test binary also be the external builder.
func TestMain(m *testing.M) {
	if len(os.Args) < 2 || os.Args[1] != builderWord {
		os.Exit(m.Run())
	}
	if err := ccaas.Run(os.Getenv(ccaas.BuilderConfig), os.Args[2:]...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func mustNew(t *testing.T, label string) ccaas.Package {
	t.Helper()
	p, err := ccaas.New(label, "blue")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAPackageIsTheSameByteForByteWhoeverMakesIt(t *testing.T) {
	p := mustNew(t, "loyalty_1.0.0")
	if q := mustNew(t, "loyalty_1.0.0"); !bytes.Equal(p.Bytes, q.Bytes) || p.ID() != q.ID() {
		t.Error("two packages of one label differ")
	}
	if q := mustNew(t, "loyalty_1.0.1"); p.ID() == q.ID() {
		t.Error("two labels have one package ID")
	}
	// The ID stands in docker-compose.yaml and in every organisation's approval.
	const want = "loyalty_1.0.0:"
	if !strings.HasPrefix(p.ID(), want) || len(p.ID()) != len(want)+64 {
		t.Errorf("package ID %s", p.ID())
	}
}

func TestAPackageIsWhatFabricReads(t *testing.T) {
	p := mustNew(t, "loyalty_1.0.0")
	id, err := chaincode.PackageID(bytes.NewReader(p.Bytes))
	if err != nil || id != p.ID() {
		t.Errorf("Fabric's package ID %s %v, ours %s", id, err, p.ID())
	}
}

// folder writes files below a new temporary folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// settings of a peer, with PEM blocks in their place.
func settings(t *testing.T) string {
	t.Helper()
	text, err := ccaas.Settings{
		Addresses: map[string]string{"blue": "127.0.0.1:7102", "green": "127.0.0.1:7103"},
		RootCert:  []byte("a\nroot\n"), ClientCert: []byte("a\ncertificate\n"), ClientKey: []byte("a\nkey\n"),
	}.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// code is what a package carries for the chaincode service.
func code(t *testing.T, p ccaas.Package) map[string]string {
	t.Helper()
	return untar(t, []byte(untar(t, p.Bytes)["code.tar.gz"]))
}

func untar(t *testing.T, zipped []byte) map[string]string {
	t.Helper()
	plain, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for archive := tar.NewReader(plain); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		files[header.Name] = string(content)
	}
}

// TestTheBuilderFillsInAddressAndCertificates uses the steps as scripts, as a peer does.
func TestTheBuilderFillsInAddressAndCertificates(t *testing.T) {
	source := folder(t, code(t, mustNew(t, "loyalty_1.0.0")))
	meta := folder(t, map[string]string{"metadata.json": `{"type":"CCaaS","label":"loyalty"}`})
	output, target := t.TempDir(), t.TempDir()
	for i, args := range [][]string{{source, meta}, {source, meta, output}, {output, target}} {
		step := ccaas.Steps()[i]
		config := filepath.Join(t.TempDir(), "it's settings.json")
		if err := os.WriteFile(config, []byte(settings(t)), 0o600); err != nil {
			t.Fatal(err)
		}
		script := filepath.Join(t.TempDir(), step)
		if err := os.WriteFile(script, ccaas.Script(config, os.Args[0], builderWord, step), 0o700); err != nil {
			t.Fatal(err)
		}
		if text, err := exec.Command(script, args...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", step, err, text)
		}
	}
	got, err := os.ReadFile(filepath.Join(target, "chaincode", "server", "connection.json"))
	const want = `{"address":"127.0.0.1:7102","dial_timeout":"10s","tls_required":true,"client_auth_required":true,` +
		`"root_cert":"a\nroot\n","client_key":"a\nkey\n","client_cert":"a\ncertificate\n"}`
	if err != nil || string(got) != want {
		t.Errorf("%s %v, want %s", got, err, want)
	}
}

func TestTheBuilderRefuses(t *testing.T) {
	config := settings(t)
	good := map[string]string{"connection.json": `{"address":"{{.blue}}"}`, "metadata.json": `{"type":"ccaas"}`}
	for name, c := range map[string]struct {
		file, content, config string
	}{
		"another type of package":       {"metadata.json", `{"type":"golang"}`, config},
		"metadata that is not JSON":     {"metadata.json", `type: ccaas`, config},
		"a connection without address":  {"connection.json", `{}`, config},
		"a template nobody fills in":    {"connection.json", `{"address":"{{.other}}"}`, config},
		"a key that nobody fills in":    {"connection.json", `{"address":"a:1","client_key":"{{.key}}"}`, config},
		"a template that does not end":  {"connection.json", `{"address":"{{"}`, config},
		"no configuration at all":       {"metadata.json", `{"type":"ccaas"}`, ""},
		"a configuration that is noise": {"metadata.json", `{"type":"ccaas"}`, "address"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, good)
			if err := os.WriteFile(filepath.Join(dir, c.file), []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := ccaas.Run(c.config, "build", dir, dir, t.TempDir()); err == nil {
				t.Error("it was accepted")
			}
		})
	}
	for _, args := range [][]string{nil, {"run", "a", "b"}, {"detect"}, {"build", "a", "b"}, {"release", "/nowhere", "/nowhere"}} {
		if ccaas.Run("", args...) == nil {
			t.Errorf("%q was accepted", args)
		}
	}
}

func FuzzBuild(f *testing.F) {
	f.Add(`{"address":"{{.blue}}"}`, `{"blue":"a:1"}`)
	f.Add(`{"address":"{{range .}}{{end}}"}`, `{}`)
	f.Fuzz(func(t *testing.T, connection, config string) {
		dir := folder(t, map[string]string{"connection.json": connection, "metadata.json": `{"type":"ccaas"}`})
		_ = ccaas.Run(config, "build", dir, dir, t.TempDir())
	})
}

package ccaas_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hyperledger/fabric-admin-sdk/pkg/chaincode"

	"github.com/zegel/zegel/network/consortium/ccaas"
)

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

func TestTheBuilderFillsInTheAddress(t *testing.T) {
	source := folder(t, map[string]string{"connection.json": `{"address":"{{.blue}}","dial_timeout":"10s","tls_required":false}`})
	meta := folder(t, map[string]string{"metadata.json": `{"type":"CCaaS","label":"loyalty"}`})
	output, target := t.TempDir(), t.TempDir()
	config := ccaas.BuilderEnvironment(map[string]string{"blue": "127.0.0.1:7102", "green": "127.0.0.1:7103"})
	for _, args := range [][]string{{"detect", source, meta}, {"build", source, meta, output}, {"release", output, target}} {
		if err := ccaas.Run(config, args...); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(filepath.Join(target, "chaincode", "server", "connection.json"))
	if want := `{"address":"127.0.0.1:7102","dial_timeout":"10s","tls_required":false}`; err != nil || string(got) != want {
		t.Errorf("%s %v, want %s", got, err, want)
	}
}

func TestTheBuilderRefuses(t *testing.T) {
	config := ccaas.BuilderEnvironment(map[string]string{"blue": "a:1"})
	good := map[string]string{"connection.json": `{"address":"{{.blue}}"}`, "metadata.json": `{"type":"ccaas"}`}
	for name, c := range map[string]struct {
		file, content, config string
	}{
		"another type of package":       {"metadata.json", `{"type":"golang"}`, config},
		"metadata that is not JSON":     {"metadata.json", `type: ccaas`, config},
		"a connection without address":  {"connection.json", `{}`, config},
		"a template nobody fills in":    {"connection.json", `{"address":"{{.other}}"}`, config},
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

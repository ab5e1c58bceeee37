package native_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zegel/zegel/network/native"
)

// What docs/operations tells an operator to type is a script, the scripts are run here, and the pages show
// pieces of them.
const (
	repository = "../.."
	operations = repository + "/docs/operations"
)

// procedures are all scripts, in an order in which each finds what it needs, since they share one network; then the
// commands that do the same at once; then the auditor, who has to find nothing wrong with what has been done.
var procedures = []struct {
	command string // in the folder of the scripts
	needs   string // a program beside those of Fabric and of every Unix
}{
	{"first-network.sh", ""},
	{"peer-cli.sh", ""},
	{"upgrade-the-chaincode.sh 1.1.0", ""},
	{"compare-snapshots.sh", "ledgerutil"},
	{"rotate-certificates.sh", "openssl"},
	{"backup-and-restore.sh", "curl"},
	{"add-a-chain.sh 1.2.0", "jq"},
	{`"$ZEGEL" network upgrade --data "$NETWORK" --version 1.3.0`, ""},
	{`"$ZEGEL" network add-chain --data "$NETWORK" --name Zonnebloem --msp ZonnebloemMSP --domain zonnebloem.example --port $((7700 + PORT_SHIFT))`, ""},
	{`"$ZEGEL" network status --data "$NETWORK" --wait 60s`, ""},
	{`"$ZEGEL" audit --profile "$NETWORK/connection-profiles/auditor.yaml" --identity "$NETWORK/organisations/auditor.example/users/auditor@auditor.example/msp"`, ""},
}

// procedureTime bounds one procedure: on a machine of its own none takes longer than 20 s.
const procedureTime = 3 * time.Minute

func TestTheProceduresOfTheOperationsPages(t *testing.T) {
	needFabric(t)
	for _, tool := range []string{"bash", "peer", "osnadmin", "configtxgen", "configtxlator"} {
		if _, err := exec.LookPath(tool); err != nil {
			if _, err := exec.LookPath(filepath.Join(os.Getenv(native.EnvFabricBin), tool)); err != nil {
				t.Skipf("the procedures are not run: %v", err)
			}
		}
	}
	bin, data := t.TempDir(), t.TempDir()
	build := exec.Command("go", "build", "-o", bin, "./gateway/cmd/zegel", "./chaincode")
	build.Dir, build.Env = repository, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	c := sample(t)
	shift := c.Organisations[0].Peers[0].Port - 7100
	environment := append(os.Environ(),
		"ZEGEL="+filepath.Join(bin, "zegel"), "NETWORK="+data, "PORT_SHIFT="+strconv.Itoa(shift), "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1")
	t.Cleanup(func() {
		if err := native.Down(data); err != nil {
			t.Error(err)
		}
	})
	for _, p := range procedures {
		carriedOut := t.Run(name.FindString(p.command), func(t *testing.T) {
			if _, err := exec.LookPath(p.needs); p.needs != "" && err != nil {
				if _, err := exec.LookPath(filepath.Join(os.Getenv(native.EnvFabricBin), p.needs)); err != nil {
					t.Skipf("not run: %v", err)
				}
			}
			carryOut(t, p.command, environment)
		})
		if !carriedOut {
			return // what follows would find another network than it needs
		}
	}
}

// name matches what a command is called by.
var name = regexp.MustCompile(`(network )?[a-z][a-z-]+`)

// carryOut runs one command from the root of the project, as its page says.
func carryOut(t *testing.T, command string, environment []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), procedureTime)
	defer cancel()
	run := exec.CommandContext(ctx, "bash", "-c", "PATH=$PWD/docs/operations/scripts:$PATH; exec "+command)
	run.Dir, run.Env = repository, environment
	output := filepath.Join(t.TempDir(), "output")
	file, err := os.Create(output) // not a pipe: what the command leaves running would keep it open
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	run.Stdout, run.Stderr = file, file
	begun := time.Now()
	if err := run.Run(); err != nil {
		text, _ := os.ReadFile(output)
		t.Fatalf("%v\n%s", err, text)
	}
	t.Logf("%v", time.Since(begun).Round(10*time.Millisecond))
}

// fromScript matches a block of a page that is taken from a script.
var fromScript = regexp.MustCompile("(?ms)^<!-- from (scripts/[a-z-]+\\.sh) -->\n```sh\n(.*?)^```$")

func TestTheOperationsPagesShowTheScripts(t *testing.T) {
	pages, err := filepath.Glob(operations + "/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	shown := map[string]string{}
	for _, page := range pages {
		text := string(mustReadFile(t, page))
		blocks := fromScript.FindAllStringSubmatch(text, -1)
		if marks := strings.Count(text, "<!-- from "); marks != len(blocks) {
			t.Errorf("%s: %d blocks are marked, %d can be read", filepath.Base(page), marks, len(blocks))
		}
		for _, b := range blocks {
			script, block := b[1], b[2]
			shown[script] += block
			if !strings.Contains("\n"+string(mustReadFile(t, filepath.Join(operations, script))), "\n"+block) {
				t.Errorf("%s shows what %s does not do:\n%s", filepath.Base(page), script, block)
			}
		}
	}
	scripts, err := filepath.Glob(operations + "/scripts/*.sh")
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		name := "scripts/" + filepath.Base(script)
		for line := range strings.Lines(string(mustReadFile(t, script))) {
			if strings.HasPrefix(line, "# --- ") && !strings.Contains(shown[name], line) {
				t.Errorf("no page shows %q of %s", strings.TrimSpace(line), name)
			}
		}
	}
}

// causes matches what assembly says of Fabric's errors.
var causes = regexp.MustCompile(`(?m)^\t\{"[^"]+", "([^"]+)"\},$`)

func TestEveryCauseIsExplainedToOperators(t *testing.T) {
	page := string(mustReadFile(t, operations+"/first-network.md"))
	found := causes.FindAllStringSubmatch(string(mustReadFile(t, "../consortium/assembly/explain.go")), -1)
	if len(found) == 0 {
		t.Fatal("no causes are found")
	}
	for _, cause := range found {
		if !strings.Contains(page, "| "+cause[1]+" |") {
			t.Errorf("first-network.md does not explain %q", cause[1])
		}
	}
}

func mustReadFile(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

package zegel_test

import (
	"bufio"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The style guide, executable: what docs/style.md says of sizes, imports, determinism and words
// is checked here, so that a review can be about the rest.

const (
	module          = "github.com/zegel/zegel/"
	maxFileLines    = 400
	maxTestLines    = 800
	maxFuncLines    = 70
	maxReadmeLines  = 160
	domainPackage   = "chaincode/loyalty"
	onlyFabricUser  = "gateway/fabric"
	fabricGatewayGo = "github.com/hyperledger/fabric-gateway"
)

// goFiles calls do for every Go file of the repository, path relative to its root.
func goFiles(t *testing.T, do func(path string, text []byte)) {
	t.Helper()
	eachFile(t, func(path string) bool { return strings.HasSuffix(path, ".go") }, do)
}

func eachFile(t *testing.T, want func(string) bool, do func(path string, text []byte)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (d.Name() == "bin" || (strings.HasPrefix(d.Name(), ".") && d.Name() != ".ci")) {
			return filepath.SkipDir
		}
		if d.IsDir() || !want(path) {
			return nil
		}
		text, err := os.ReadFile(path)
		if err == nil {
			do(path, text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFilesAndFunctionsStaySmall(t *testing.T) {
	goFiles(t, func(path string, text []byte) {
		limit := maxFileLines
		if strings.HasSuffix(path, "_test.go") {
			limit = maxTestLines
		}
		if n := strings.Count(string(text), "\n"); n > limit {
			t.Errorf("%s has %d lines; %d are allowed", path, n, limit)
		}
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := files.Position(f.End()).Line - files.Position(f.Pos()).Line + 1; n > maxFuncLines {
				t.Errorf("%s: %s has %d lines; %d are allowed", path, f.Name.Name, n, maxFuncLines)
			}
		}
	})
}

// mayImport says which of our packages a folder may import; a folder not listed may import all.
// The direction is loyalty <- api <- worldstate <- contract <- main.
var mayImport = map[string][]string{
	"chaincode/loyalty":    {},
	"chaincode/api":        {"chaincode/loyalty"},
	"chaincode/worldstate": {"chaincode/loyalty", "chaincode/api"},
	"chaincode/contract":   {"chaincode/loyalty", "chaincode/api", "chaincode/worldstate"},
	"gateway/batcher":      {},
	"gateway/journal":      {},
	"gateway/fabric":       {"chaincode/loyalty", "chaincode/api", "gateway/batcher"},
	"gateway/vault":        {"chaincode/loyalty", "chaincode/api"},
	"gateway/projection":   {"chaincode/loyalty", "chaincode/api", "chaincode/worldstate"},
	"gateway/importer":     {"gateway/journal", "gateway/teller"},
	"network/devnet":       {"network/devnet"},
	"network/identity":     {},
	"network/consortium":   {"network", "network/identity", "network/consortium"}, // network itself holds consortium.yaml
	"audit":                {"chaincode/loyalty", "chaincode/api", "chaincode/worldstate", "audit"},
	"audit/fold":           {}, // the second count shares no code with the rules
}

func TestImportsPointOneWay(t *testing.T) {
	goFiles(t, func(path string, text []byte) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, text, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		folder := filepath.ToSlash(filepath.Dir(path))
		for _, i := range file.Imports {
			name := strings.Trim(i.Path.Value, `"`)
			checkImport(t, folder, path, name)
		}
	})
}

func checkImport(t *testing.T, folder, path, name string) {
	t.Helper()
	if strings.HasPrefix(name, fabricGatewayGo) && folder != onlyFabricUser {
		t.Errorf("%s imports %s; only %s may", path, name, onlyFabricUser)
	}
	if folder == domainPackage && strings.Contains(name, ".") {
		t.Errorf("%s imports %s; the domain uses the standard library only", path, name)
	}
	ours, isOurs := strings.CutPrefix(name, module)
	if !isOurs {
		return
	}
	if strings.Contains(ours, "/cmd/") {
		t.Errorf("%s imports a command", path)
	}
	for rule, allowed := range mayImport {
		if folder != rule && !strings.HasPrefix(folder, rule+"/") {
			continue
		}
		if !slices.ContainsFunc(allowed, func(a string) bool { return ours == a || strings.HasPrefix(ours, a+"/") }) {
			t.Errorf("%s imports %s; %s may import only %v", path, ours, rule, allowed)
		}
	}
}

// bannedInChaincode is what would let two endorsers disagree.
var bannedInChaincode = []struct{ word, why string }{
	{"time.Now", "a peer's clock is its own"}, {"math/rand", "two endorsers would draw differently"},
	{"float32", "rounding differs"}, {"float64", "rounding differs"}, {"go func", "order is not defined"},
	{"os.Getenv", "a peer's environment is its own"},
}

// clockFile is the one place where an endorser looks at its own clock, only to refuse.
const clockFile = "chaincode/contract/clock.go"

func TestChaincodeIsDeterministic(t *testing.T) {
	goFiles(t, func(path string, text []byte) {
		if !strings.HasPrefix(path, "chaincode/") || strings.HasSuffix(path, "_test.go") || path == "chaincode/main.go" {
			return
		}
		for _, banned := range bannedInChaincode {
			if path == clockFile && banned.word == "time.Now" {
				continue
			}
			for n, line := range strings.Split(string(text), "\n") {
				code, _, _ := strings.Cut(line, "//")
				if strings.Contains(code, banned.word) {
					t.Errorf("%s:%d uses %s: %s", path, n+1, banned.word, banned.why)
				}
			}
		}
	})
}

var leftover = regexp.MustCompile(`\b(TODO|FIXME|XXX|HACK)\b`)

func TestNothingIsLeftOver(t *testing.T) {
	goFiles(t, func(path string, text []byte) {
		if path == "tidy_test.go" {
			return
		}
		if found := leftover.Find(text); found != nil {
			t.Errorf("%s has a leftover %s", path, found)
		}
	})
}

var bannedPackages = []string{"util", "utils", "common", "models", "helpers", "types", "service"}

func TestPackagesAreNamedForWhatTheyHold(t *testing.T) {
	goFiles(t, func(path string, _ []byte) {
		if name := filepath.Base(filepath.Dir(path)); slices.Contains(bannedPackages, name) {
			t.Errorf("%s: a package named %s says nothing", path, name)
		}
	})
}

var link = regexp.MustCompile(`\]\(([^)#\s]+)(#[^)]*)?\)`)

func TestLinksInDocsLeadSomewhere(t *testing.T) {
	eachFile(t, func(path string) bool { return strings.HasSuffix(path, ".md") }, func(path string, text []byte) {
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			target := m[1]
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") || strings.HasPrefix(target, "/") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), target)); err != nil {
				t.Errorf("%s links to %s, which is not there", path, target)
			}
		}
	})
}

var code = regexp.MustCompile(`Code = "([a-z_]+)"`)

func TestEveryRefusalIsExplained(t *testing.T) {
	text, err := os.ReadFile("chaincode/loyalty/errors.go")
	if err != nil {
		t.Fatal(err)
	}
	docs, err := os.ReadFile("docs/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range code.FindAllSubmatch(text, -1) {
		if !strings.Contains(string(docs), "`"+string(m[1])+"`") {
			t.Errorf("docs/errors.md does not explain %s", m[1])
		}
	}
}

func TestReadmeIsShort(t *testing.T) {
	f, err := os.Open("README.md")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	n := 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		n++
	}
	if n > maxReadmeLines {
		t.Errorf("README.md has %d lines; %d are allowed", n, maxReadmeLines)
	}
}

// bannedWords must not stand anywhere in what the project says of itself.
var bannedWords = regexp.MustCompile(`(?i)\b(chatgpt|copilot|proxy\.golang|/work/|helper session)\b|/root/`)

func TestTheProjectSpeaksOfItselfAlone(t *testing.T) {
	text := func(path string) bool {
		switch filepath.Ext(path) {
		case ".go", ".md", ".yaml", ".yml", ".html", ".js", ".css", ".txt", "":
			return path != "tidy_test.go"
		}
		return false
	}
	eachFile(t, text, func(path string, b []byte) {
		if found := bannedWords.Find(b); found != nil {
			t.Errorf("%s says %q", path, found)
		}
	})
}

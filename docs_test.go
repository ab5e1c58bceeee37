package zegel_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
)

// The pages that repeat what the code says are compared with it here. What they tell a reader to
// type is run in readme_test.go.

func page(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// section is what stands under the heading that begins with title, up to the next heading of its level.
func section(t *testing.T, path, title string) string {
	t.Helper()
	_, rest, found := strings.Cut("\n"+page(t, path), "\n"+title)
	if !found {
		t.Fatalf("%s has no heading %q", path, title)
	}
	level := title[:strings.IndexFunc(title, func(r rune) bool { return r != '#' })]
	text, _, _ := strings.Cut(rest, "\n"+level+" ")
	return text
}

// table is the body rows of the first table in text, cell by cell.
func table(text string) [][]string {
	var rows [][]string
	for _, line := range strings.Split(text, "\n") {
		inner, isRow := strings.CutPrefix(line, "|")
		switch {
		case isRow:
			cells := strings.Split(strings.TrimSuffix(inner, "|"), "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			rows = append(rows, cells)
		case len(rows) > 0:
			return rows[min(2, len(rows)):]
		}
	}
	return rows[min(2, len(rows)):]
}

var quoted = regexp.MustCompile("`([^`]+)`")

// words is what a cell names in backquotes.
func words(cell string) []string {
	var found []string
	for _, m := range quoted.FindAllStringSubmatch(cell, -1) {
		found = append(found, m[1])
	}
	return found
}

// rulePages says where the refusals of each function of the rules are listed.
var rulePages = []struct{ function, page, heading string }{
	{"enrol", "enrol.md", "## Refusals, in this order"},
	{"earn", "earn.md", "## Refusals, in this order"},
	{"hold", "hold.md", "## Refusals, in this order"},
	{"capture", "capture.md", "## Refusals, in this order"},
	{"void", "void.md", "## Refusals, in this order"},
	{"redeem", "redeem.md", "## Refusals, in this order"},
	{"takeBack", "return.md", "## Refusals, in this order"},
	{"transfer", "transfer.md", "## Refusals, in this order"},
	{"Propose", "programme.md", "### Refusals of ProposeProgramme, in this order"},
	{"Approve", "programme.md", "### Refusals of ApproveProgramme, in this order"},
	{"PublishTerms", "programme.md", "### Refusals of PublishTerms, in this order"},
}

func TestPagesListRefusalsInTheOrderOfTheCode(t *testing.T) {
	comments := commentsOf(t, "chaincode/loyalty")
	for _, rule := range rulePages {
		t.Run(rule.function, func(t *testing.T) {
			var listed []loyalty.Code
			for _, m := range listItem.FindAllStringSubmatch(section(t, "docs/reference/"+rule.page, rule.heading), -1) {
				listed = append(listed, loyalty.Code(m[1]))
			}
			if declared := refusalsIn(comments[rule.function]); len(declared) == 0 || !slices.Equal(listed, declared) {
				t.Errorf("docs/reference/%s lists\n%v\nand the code\n%v", rule.page, listed, declared)
			}
		})
	}
}

var (
	listItem   = regexp.MustCompile("(?m)^\\d+\\. `([a-z_]+)`")
	declared   = regexp.MustCompile(`Refusals, in\s+order: ([^.]*)`)
	remark     = regexp.MustCompile(`\([^)]*\)`)
	codeInText = regexp.MustCompile(`[a-z]+(_[a-z]+)+`)
	limitsOf   = regexp.MustCompile(`the limits of the (two )?accounts?`)
)

// refusalsIn is the list behind "Refusals, in order:" of a doc comment.
func refusalsIn(text string) []loyalty.Code {
	m := declared.FindStringSubmatch(strings.Join(strings.Fields(text), " "))
	if m == nil {
		return nil
	}
	list := limitsOf.ReplaceAllString(remark.ReplaceAllString(m[1], ""), "balance_limit too_many_lots")
	var codes []loyalty.Code
	for _, word := range codeInText.FindAllString(list, -1) {
		codes = append(codes, loyalty.Code(word))
	}
	return codes
}

// commentsOf is the doc comment of every function of a package, by its name.
func commentsOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	comments := map[string]string{}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		for _, d := range parse(t, path).Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				comments[f.Name.Name] = f.Doc.Text()
			}
		}
	}
	return comments
}

func parse(t *testing.T, path string) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// nameLink is a link whose text is a name in a Go file: [`name`](path.go).
var nameLink = regexp.MustCompile("\\[`([A-Za-z]+)`\\]\\(([^)#]+\\.go)\\)")

func TestNamesThatPagesLinkToAreThere(t *testing.T) {
	eachFile(t, func(path string) bool { return strings.HasSuffix(path, ".md") }, func(path string, text []byte) {
		for _, m := range nameLink.FindAllStringSubmatch(string(text), -1) {
			file := filepath.Join(filepath.Dir(path), m[2])
			if !slices.Contains(declaredIn(t, file), m[1]) {
				t.Errorf("%s links to %s, where there is no %s", path, m[2], m[1])
			}
		}
	})
}

// declaredIn is every name that a Go file declares at its top level.
func declaredIn(t *testing.T, path string) []string {
	t.Helper()
	var names []string
	for _, d := range parse(t, path).Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			names = append(names, d.Name.Name)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					names = append(names, spec.Name.Name)
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						names = append(names, name.Name)
					}
				}
			}
		}
	}
	return names
}

func TestTheLifeOfAPointLeadsIntoTheCode(t *testing.T) {
	const path = "docs/life-of-a-point.md"
	steps := regexp.MustCompile(`(?m)^(\d+)\. \*\*`).FindAllStringSubmatchIndex(page(t, path), -1)
	text := page(t, path)
	for i, at := range steps {
		if number := text[at[2]:at[3]]; number != strconv.Itoa(i+1) {
			t.Errorf("%s: step %s stands where step %d should", path, number, i+1)
		}
		end := len(text)
		if i+1 < len(steps) {
			end = steps[i+1][0]
		}
		if step := text[at[0]:end]; !nameLink.MatchString(step) {
			t.Errorf("%s: step %d leads nowhere", path, i+1)
		}
	}
	if len(steps) < 10 {
		t.Errorf("%s has %d steps", path, len(steps))
	}
}

// statusOf is the HTTP status of a refusal's class, as gateway/server/code.go has it: written out a
// second time, and compared with the page and with the contract.
var statusOf = map[loyalty.Class]int{
	loyalty.ClassInvalid: http.StatusBadRequest, loyalty.ClassForbidden: http.StatusForbidden, loyalty.ClassNotFound: http.StatusNotFound,
	loyalty.ClassConflict: http.StatusConflict, loyalty.ClassRefused: http.StatusUnprocessableEntity, loyalty.ClassRetry: http.StatusServiceUnavailable,
}

// contractStatuses is the table of codes in openapi.yaml.
func contractStatuses(t *testing.T) map[string]int {
	t.Helper()
	statuses := map[string]int{}
	for _, m := range regexp.MustCompile(`(?m)^ +\| (\d{3}) \| (.*) \|$`).FindAllStringSubmatch(page(t, "gateway/server/openapi.yaml"), -1) {
		status, _ := strconv.Atoi(m[1]) // the expression matches digits alone
		for _, code := range words(m[2]) {
			if code != "Retry-After" {
				statuses[code] = status
			}
		}
	}
	return statuses
}

func TestTheErrorsPageHasTheStatusOfEveryCode(t *testing.T) {
	const path = "docs/errors.md"
	contract, text := contractStatuses(t), page(t, path)
	row := regexp.MustCompile("(?m)^\\| <a id=\"([a-z_]+)\"></a>`([a-z_]+)`( †)? \\| (\\d{3}) \\| \\S.* \\| \\S.* \\|$")
	rows := row.FindAllStringSubmatch(text, -1)
	if want := strings.Count(text, "\n| <a id"); len(rows) != want || len(rows) != len(contract) {
		t.Errorf("%s explains %d codes in %d rows; the contract has %d", path, len(rows), want, len(contract))
	}
	for _, m := range rows {
		code, status := m[2], m[4]
		if m[1] != code {
			t.Errorf("%s: the row of %s has the anchor %s", path, code, m[1])
		}
		if status != strconv.Itoa(contract[code]) {
			t.Errorf("%s: %s is a %s here and a %d in the contract", path, code, status, contract[code])
		}
		class := loyalty.ClassOf(loyalty.Code(code))
		if class != "" && status != strconv.Itoa(statusOf[class]) {
			t.Errorf("%s: %s of class %s is a %s", path, code, class, status)
		}
		if recorded := m[3] == ""; class == loyalty.ClassRetry && recorded {
			t.Errorf("%s: %s is never written down", path, code)
		}
	}
}

var routeLine = regexp.MustCompile(`(?m)^\t\{http\.Method(\w+), "([^"]+)", (\w+), (true|false),`)

func TestTheHTTPPageHasEveryRoute(t *testing.T) {
	roles := map[string]string{"everyRole": "pos agent manager auditor", "tillRoles": "pos agent manager", "deskRoles": "agent manager"}
	keyed := map[string]string{"true": "yes", "false": ""}
	var want []string
	for _, m := range routeLine.FindAllStringSubmatch(page(t, "gateway/server/routes.go"), -1) {
		path := strings.ReplaceAll(m[2], ":id", "{id}")
		want = append(want, strings.Join([]string{strings.ToUpper(m[1]), "`" + path + "`", roles[m[3]], keyed[m[4]]}, " | "))
	}
	var got []string
	for _, cells := range table(section(t, "docs/reference/http.md", "## Who may call what")) {
		got = append(got, strings.Join(cells, " | "))
	}
	if len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("docs/reference/http.md has\n%s\nand the code\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestTheReferenceSaysWhoMay(t *testing.T) {
	kinds := []loyalty.OrgKind{loyalty.OrgChain, loyalty.OrgClearing, loyalty.OrgAuditor}
	programme := &loyalty.Programme{}
	for _, kind := range kinds {
		programme.Organisations = append(programme.Organisations, loyalty.Organisation{MSP: loyalty.MSPID(kind), Kind: kind})
	}
	named := map[string]bool{"WhoAmI": true}
	for _, cells := range table(section(t, "docs/reference/README.md", "## Who may")) {
		for _, transaction := range words(cells[0]) {
			named[transaction] = true
			for i, kind := range kinds {
				may := strings.Fields(cells[1+i])
				for _, role := range []loyalty.Role{loyalty.RolePOS, loyalty.RoleAgent, loyalty.RoleManager, loyalty.RoleAdmin, loyalty.RoleAuditor} {
					caller := loyalty.Caller{MSP: loyalty.MSPID(kind), Role: role}
					allowed := loyalty.Authorise(programme, caller, transaction) == nil
					if said := slices.Contains(may, string(role)); said != allowed {
						t.Errorf("%s by a %s of a %s: the page says %v, the code %v", transaction, role, kind, said, allowed)
					}
				}
			}
		}
	}
	for transaction := range api.Arity {
		if !named[transaction] {
			t.Errorf("docs/reference/README.md does not say who may call %s", transaction)
		}
	}
}

func TestTheReferenceSaysWhatPostingsDo(t *testing.T) {
	sign := map[string]int{"+": 1, "": 0, "−": -1}
	rows := table(section(t, "docs/reference/README.md", "## Postings"))
	for _, cells := range rows {
		reason := loyalty.Reason(words(cells[0])[0])
		effect, known := loyalty.EffectOf(reason)
		if !known || effect.Lots != sign[cells[1]] || effect.Held != sign[cells[2]] || effect.Debt != sign[cells[3]] {
			t.Errorf("%s: the page says %v, the code %+v", reason, cells[1:], effect)
		}
		var counter, want loyalty.Counter
		counter.Add(reason, 1)
		if field := map[string]*loyalty.Points{"earned": &want.Earned, "redeemed": &want.Redeemed, "clawed": &want.Clawed, "restored": &want.Restored,
			"sent": &want.Sent, "received": &want.Received, "expired": &want.Expired}[cells[4]]; field != nil {
			*field = 1
		}
		if counter != want {
			t.Errorf("%s is not counted as %q", reason, cells[4])
		}
	}
	if len(rows) != 12 {
		t.Errorf("the page has %d postings", len(rows))
	}
}

func TestTheWireOnTheStatePageCanBeRead(t *testing.T) {
	example := regexp.MustCompile("<!-- decodes: (\\w+) -->\n```json\n(.*)\n```")
	decoders := map[string]func([]byte) error{
		"batch":   func(b []byte) error { _, err := api.DecodeBatch(b); return err },
		"details": func(b []byte) error { _, err := api.DecodeDetails(b, 1); return err },
		"reply":   func(b []byte) error { _, err := api.DecodeReply(b); return err },
	}
	examples := example.FindAllStringSubmatch(page(t, "docs/reference/state.md"), -1)
	for _, m := range examples {
		if err := decoders[m[1]]([]byte(m[2])); err != nil {
			t.Errorf("docs/reference/state.md: the %s: %v", m[1], err)
		}
	}
	if len(examples) != len(decoders) {
		t.Errorf("docs/reference/state.md has %d examples of the wire", len(examples))
	}
}

func TestTheReadmeNamesTargetsThatExist(t *testing.T) {
	makefile := page(t, "Makefile")
	for _, m := range regexp.MustCompile("(?m)(?:^|`)make ([a-z0-9-]+)").FindAllStringSubmatch(page(t, "README.md"), -1) {
		if !strings.Contains(makefile, "\n"+m[1]+":") {
			t.Errorf("README.md says make %s; there is no such target", m[1])
		}
	}
}

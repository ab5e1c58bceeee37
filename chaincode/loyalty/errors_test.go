package loyalty_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// elsewhere are the codes that the rules never give: the contract does, about the caller's clock,
// private data and look-ups.
var elsewhere = []string{
	"not_the_selling_chain", "not_the_enrolling_chain", "operation_unknown", "profile_unknown", "malformed_profile",
	"identifier_taken", "clock_off",
}

// codes reads the constants of type Code from the one list of them.
func codes(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Code" {
			code, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, code)
		}
		return true
	})
	if len(found) < 40 {
		t.Fatalf("only %d codes found: does errors.go still hold them?", len(found))
	}
	return found
}

func TestEveryCodeHasAClass(t *testing.T) {
	for _, code := range codes(t) {
		if loyalty.ClassOf(loyalty.Code(code)) == "" {
			t.Errorf("%s has no class", code)
		}
	}
	if class := loyalty.ClassOf("no_such_code"); class != "" {
		t.Errorf("an unknown code is %q", class)
	}
}

func TestEveryRefusalIsInATable(t *testing.T) {
	refused := map[string]bool{"operation_cancelled": true} // an answer, not a refusal: see cancel_test.go
	for _, of := range tables {
		for _, table := range of {
			for _, line := range strings.Split(table.script, "\n") {
				if _, code, found := strings.Cut(line, "-> refused "); found {
					refused[strings.Fields(code)[0]] = true
				}
			}
		}
	}
	for _, code := range codes(t) {
		if refused[code] == slices.Contains(elsewhere, code) {
			t.Errorf("%s: in a table %v, given elsewhere %v", code, refused[code], !refused[code])
		}
	}
}

func TestARefusalReadsAsOneLine(t *testing.T) {
	refusal := loyalty.Refuse(loyalty.CodeExceedsHold, "%d points are held.", 7)
	if got, want := refusal.Error(), "exceeds_hold: 7 points are held."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

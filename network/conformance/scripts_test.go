package conformance_test

import (
	"os"
	"strings"
	"testing"
)

func TestScripts(t *testing.T) {
	page, err := os.ReadFile("../../docs/devnet.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range corpus {
		if !strings.Contains(string(page), "| "+a.name+" |") {
			t.Errorf("docs/devnet.md does not tell of the area %q", a.name)
		}
		seen := map[string]bool{}
		for _, c := range a.cases {
			if seen[c.Name] {
				t.Errorf("%s: there are two cases %q", a.name, c.Name)
			}
			seen[c.Name] = true
			steps, err := parse(c.Script)
			if err != nil {
				t.Errorf("%s: %s: %v", a.name, c.Name, err)
			}
			for _, s := range steps {
				if verbs[s.verb] == nil {
					t.Errorf("%s: %s: no verb %q", a.name, c.Name, s.verb)
				}
			}
		}
	}
}

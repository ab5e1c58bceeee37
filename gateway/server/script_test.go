package server_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// A script is a text file of cases:
//
//	== a title
//	teller pending            how the teller answers; applied unless said otherwise
//	as manager                whose key; till unless said otherwise, nobody sends none
//	> POST /v1/earns          the request; {member}, {other}, {operation} and {hold} stand for ids
//	> Header: value           replaces the default; an empty value removes it
//	| {"body": 1}             a line of the body; @fill(9) is nine spaces, @lines(9) a basket of nine lines
//	< 422 insufficient_points the status, and the code if it is a problem
//	< Header: value           ~value is a regular expression, - is absent
//	< has "points":12         somewhere in the body
//	< lacks Ada
//	< heard earn              the teller was called so; heard nothing
//
// Every answer is checked against the contract as well.
type scriptCase struct {
	title, mood, as string
	method, path    string
	header          []string
	body            []string
	hasBody         bool
	wants           []string
	line            int
}

func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d scripts: %v", len(files), err)
	}
	w := newWorld(t)
	for _, file := range files {
		for _, c := range parseScript(t, file) {
			t.Run(filepath.Base(file)+"/"+c.title, func(t *testing.T) { c.run(t, w) })
		}
	}
}

func parseScript(t *testing.T, file string) []*scriptCase {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var cases []*scriptCase
	for n, line := range strings.Split(string(text), "\n") {
		mark, rest, _ := strings.Cut(line, " ")
		if mark == "" || strings.HasPrefix(mark, "#") {
			continue
		}
		if mark == "==" {
			cases = append(cases, &scriptCase{title: rest, mood: "applied", as: "till", line: n + 1})
			continue
		}
		cases[len(cases)-1].add(t, mark, rest)
	}
	return cases
}

func (c *scriptCase) add(t *testing.T, mark, rest string) {
	t.Helper()
	switch mark {
	case "teller":
		c.mood = rest
	case "as":
		c.as = rest
	case ">":
		if c.method == "" {
			c.method, c.path, _ = strings.Cut(fill(rest), " ")
		} else {
			c.header = append(c.header, fill(rest))
		}
	case "|":
		c.body, c.hasBody = append(c.body, fill(rest)), true
	case "<":
		c.wants = append(c.wants, fill(rest))
	default:
		t.Fatalf("%s: what is %q?", c.title, mark)
	}
}

var fillForm = regexp.MustCompile(`@(fill|lines)\((\d+)\)`)

func fill(s string) string {
	s = strings.NewReplacer("{member}", theMember, "{other}", theOther, "{operation}", theOperation, "{hold}", theMember+theOperation).Replace(s)
	return fillForm.ReplaceAllStringFunc(s, func(m string) string {
		parts := fillForm.FindStringSubmatch(m)
		n, _ := strconv.Atoi(parts[2])
		if parts[1] == "fill" {
			return strings.Repeat(" ", n)
		}
		line := `{"sku":"a","quantity":1,"amount":1}`
		return `{"basket":{"currency":"EUR","total":1,"lines":[` + line + strings.Repeat(","+line, n-1) + `]}}`
	})
}

// request builds the request of c: with the defaults of a well-behaved till.
func (c *scriptCase) request(w *world) (*http.Request, []byte) {
	body := []byte(strings.Join(c.body, "\n"))
	request := httptest.NewRequest(c.method, c.path, bytes.NewReader(body))
	if c.as != "nobody" {
		request.Header.Set("Authorization", "Bearer "+w.tokens[c.as])
	}
	if c.method == http.MethodPost {
		request.Header.Set("Idempotency-Key", "key-0000-0000-0000")
	}
	if c.hasBody {
		request.Header.Set("Content-Type", "application/json")
	}
	replaced := map[string]bool{}
	for _, line := range c.header {
		name, value, _ := strings.Cut(line, ":")
		if !replaced[name] {
			request.Header.Del(name)
		}
		replaced[name] = true
		if value = strings.TrimSpace(value); value != "" {
			request.Header.Add(name, value)
		}
	}
	return request, body
}

func (c *scriptCase) run(t *testing.T, w *world) {
	w.teller.set(c.mood)
	request, body := c.request(w)
	response := httptest.NewRecorder()
	w.server.Handler().ServeHTTP(response, request)
	conform(t, request, body, response)
	for _, want := range c.wants {
		c.check(t, want, response, w.teller.all())
	}
	if t.Failed() {
		t.Logf("line %d, answered %d:\n%s", c.line, response.Code, response.Body)
	}
}

func (c *scriptCase) check(t *testing.T, want string, response *httptest.ResponseRecorder, heard []string) {
	t.Helper()
	word, rest, _ := strings.Cut(want, " ")
	text := response.Body.String()
	switch {
	case word == "has":
		if !strings.Contains(text, rest) {
			t.Errorf("the body does not have %s", rest)
		}
	case word == "lacks":
		if strings.Contains(text, rest) {
			t.Errorf("the body has %s", rest)
		}
	case word == "heard":
		checkHeard(t, rest, heard)
	case strings.HasSuffix(word, ":"):
		checkHeader(t, strings.TrimSuffix(word, ":"), rest, response.Header())
	default:
		checkStatus(t, word, rest, response)
	}
}

func checkHeard(t *testing.T, want string, heard []string) {
	t.Helper()
	if want == "nothing" {
		if len(heard) > 0 {
			t.Errorf("the teller heard %s", heard)
		}
		return
	}
	if len(heard) != 1 || !strings.Contains(heard[0], want) {
		t.Errorf("the teller heard %s and not %s", heard, want)
	}
}

func checkHeader(t *testing.T, name, want string, header http.Header) {
	t.Helper()
	have := header.Get(name)
	pattern, isPattern := strings.CutPrefix(want, "~")
	switch {
	case want == "-":
		if have != "" {
			t.Errorf("%s is %q and should be absent", name, have)
		}
	case isPattern:
		if !regexp.MustCompile(pattern).MatchString(have) {
			t.Errorf("%s is %q and not like %s", name, have, pattern)
		}
	case have != want:
		t.Errorf("%s is %q and not %q", name, have, want)
	}
}

func checkStatus(t *testing.T, status, code string, response *httptest.ResponseRecorder) {
	t.Helper()
	if strconv.Itoa(response.Code) != status {
		t.Errorf("the status is %d and not %s", response.Code, status)
	}
	if code == "" {
		return
	}
	var problem answeredProblem
	mustJSON(t, response.Body.Bytes(), &problem)
	if problem.Code != code || problem.Status != response.Code {
		t.Errorf("the code is %s (%d) and not %s", problem.Code, problem.Status, code)
	}
}

type answeredProblem struct {
	Code   string `json:"code"`
	Status int    `json:"status"`
}

func mustJSON(t testing.TB, text []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}

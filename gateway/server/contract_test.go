package server_test

import (
	"bytes"
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/zegel/zegel/gateway/server"
)

// contract is the embedded document, made strict: an answer with a field that it does not describe
// is a mistake, though a client has to accept it.
var contract = sync.OnceValues(func() (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(server.OpenAPI())
	if err != nil {
		return nil, err
	}
	for _, schema := range doc.Components.Schemas {
		if schema.Value.Type.Is("object") {
			schema.Value.AdditionalProperties = openapi3.AdditionalProperties{Has: openapi3.Ptr(false)}
		}
	}
	return doc, nil
})

func mustContract(t testing.TB) *openapi3.T {
	t.Helper()
	doc, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestTheContractIsValidOpenAPIWithValidExamples(t *testing.T) {
	doc := mustContract(t)
	if err := doc.Validate(context.Background(), openapi3.IsOpenAPI31OrLater()); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Fatalf("the contract is OpenAPI %s", doc.OpenAPI)
	}
}

var ginParameter = regexp.MustCompile(`[:*]([a-z]+)`)

// template writes a path of Gin as OpenAPI does.
func template(path string) string { return ginParameter.ReplaceAllString(path, "{$1}") }

func TestEveryRouteIsInTheContractAndTheOtherWayRound(t *testing.T) {
	doc := mustContract(t)
	served := map[string]server.Route{}
	for _, r := range server.Routes() {
		served[r.Method+" "+template(r.Path)] = r
	}
	for _, open := range []string{"/", "/assets/{path}", "/openapi.yaml", "/livez", "/readyz", "/metrics"} {
		served["GET "+open] = server.Route{}
	}
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			route, ok := served[method+" "+path]
			if !ok {
				t.Errorf("%s %s is in the contract and not served", method, path)
			}
			delete(served, method+" "+path)
			checkOperation(t, method+" "+path, route, operation)
		}
	}
	for missing := range served {
		t.Errorf("%s is served and not in the contract", missing)
	}
}

func checkOperation(t *testing.T, name string, route server.Route, operation *openapi3.Operation) {
	t.Helper()
	if keyed := operation.Parameters.GetByInAndName("header", "Idempotency-Key") != nil; keyed != route.Keyed {
		t.Errorf("%s: keyed is %v in the contract and %v in the route table", name, keyed, route.Keyed)
	}
	if open := operation.Security != nil && len(*operation.Security) == 0; open != (route.Path == "") {
		t.Errorf("%s: whether it needs an API key differs", name)
	}
	if operation.Summary == "" || operation.OperationID == "" || len(operation.Tags) != 1 {
		t.Errorf("%s needs a summary, an operationId and one tag", name)
	}
	for _, role := range []string{"pos", "agent", "manager"} {
		if route.Path == "" || strings.Contains(operation.Description, "every role") {
			continue
		}
		if named := regexp.MustCompile(`(?s)For roles[^.]*\b` + role + `\b`).MatchString(operation.Description); named != contains(route.Roles, role) {
			t.Errorf("%s: the description and the route table differ about the role %s", name, role)
		}
	}
}

func contains(all []string, one string) bool {
	for _, s := range all {
		if s == one {
			return true
		}
	}
	return false
}

func TestEveryCodeIsInTheContract(t *testing.T) {
	text := string(server.OpenAPI())
	codes := server.OwnCodes()
	file, err := parser.ParseFile(token.NewFileSet(), "../../chaincode/loyalty/errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if ok && len(spec.Values) == 1 {
			if name, isIdent := spec.Type.(*ast.Ident); isIdent && name.Name == "Code" {
				code, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				codes = append(codes, code)
			}
		}
		return true
	})
	if len(codes) < 50 {
		t.Fatalf("only %d codes were found", len(codes))
	}
	for _, code := range codes {
		if !strings.Contains(text, "`"+code+"`") {
			t.Errorf("%s is not in the table of the contract", code)
		}
	}
}

// conform checks a response, and the request if it succeeded, against the contract.
func conform(t testing.TB, request *http.Request, body []byte, response *httptest.ResponseRecorder) {
	t.Helper()
	doc := mustContract(t)
	path, item, parameters := locate(doc, request.URL.Path)
	if item == nil && strings.HasPrefix(request.URL.Path, "/assets/") && response.Code < 300 {
		return // a path parameter of OpenAPI cannot hold a slash
	}
	if item == nil || item.GetOperation(request.Method) == nil {
		conformProblem(t, doc, response)
		return
	}
	input := &openapi3filter.RequestValidationInput{
		Request: request, PathParams: parameters,
		Route:   &routers.Route{Spec: doc, Path: path, PathItem: item, Method: request.Method, Operation: item.GetOperation(request.Method)},
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true},
	}
	if response.Code < 300 {
		request.Body = io.NopCloser(bytes.NewReader(body))
		if err := openapi3filter.ValidateRequest(context.Background(), input); err != nil {
			t.Errorf("a request that succeeded is not in the contract: %v", err)
		}
	}
	if media := response.Header().Get("Content-Type"); !strings.Contains(media, "json") {
		return // the page, the metrics and the contract itself
	}
	err := openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: response.Code, Header: response.Header(),
		Body: io.NopCloser(bytes.NewReader(response.Body.Bytes())), Options: input.Options,
	})
	if err != nil {
		t.Errorf("the response is not in the contract: %v\n%s", err, response.Body)
	}
}

func conformProblem(t testing.TB, doc *openapi3.T, response *httptest.ResponseRecorder) {
	t.Helper()
	if media := response.Header().Get("Content-Type"); media != "application/problem+json" {
		t.Errorf("the answer is %q and not a problem", media)
		return
	}
	var problem any
	mustJSON(t, response.Body.Bytes(), &problem)
	if err := doc.Components.Schemas["Problem"].Value.VisitJSON(problem, openapi3.EnableJSONSchema2020()); err != nil {
		t.Errorf("the problem is not in the contract: %v", err)
	}
}

// locate finds the path of the contract that a request is for.
func locate(doc *openapi3.T, path string) (string, *openapi3.PathItem, map[string]string) {
	have := strings.Split(path, "/")
	for name, item := range doc.Paths.Map() {
		want := strings.Split(name, "/")
		if len(want) != len(have) {
			continue
		}
		parameters, same := map[string]string{}, true
		for i := range want {
			if strings.HasPrefix(want[i], "{") {
				parameters[strings.Trim(want[i], "{}")] = have[i]
			} else {
				same = same && want[i] == have[i]
			}
		}
		if same {
			return name, item, parameters
		}
	}
	return "", nil, nil
}

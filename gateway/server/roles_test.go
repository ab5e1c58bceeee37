package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/zegel/zegel/gateway/server"
)

// The matrix as it is meant, written out a second time: one line per route, one word per role that
// may. Who changes the table in routes.go has to change his mind here too.
const matrix = `
POST   /v1/members                pos agent manager
POST   /v1/lookups                pos agent manager
POST   /v1/quotes                 pos agent manager
POST   /v1/earns                  pos agent manager
POST   /v1/holds                  pos agent manager
POST   /v1/holds/:id/capture      pos agent manager
POST   /v1/holds/:id/void         pos agent manager
POST   /v1/redemptions            pos agent manager
POST   /v1/returns                pos agent manager
POST   /v1/transfers              pos agent manager
POST   /v1/operations/:id/cancel  pos agent manager
GET    /v1/operations/:id         pos agent manager auditor
GET    /v1/members/:id/account    pos agent manager auditor
GET    /v1/members/:id/entries    pos agent manager auditor
GET    /v1/members/:id/profile        agent manager
DELETE /v1/members/:id/profile        agent manager
GET    /v1/terms                  pos agent manager auditor
GET    /v1/programme              pos agent manager auditor
GET    /v1/whoami                 pos agent manager auditor
`

func TestEveryRoleMayDoWhatItShouldAndNoMore(t *testing.T) {
	w := newWorld(t)
	speaks := map[string]string{"pos": "till", "agent": "agent", "manager": "manager", "auditor": "auditor", "nobody": "", "disabled": "disabled"}
	rows := strings.Split(strings.TrimSpace(matrix), "\n")
	for _, row := range rows {
		words := strings.Fields(row)
		for role, token := range speaks {
			t.Run(words[0]+" "+words[1]+" as "+role, func(t *testing.T) {
				w.teller.set("applied")
				response := askAs(w, words[0], words[1], w.tokens[token])
				want := http.StatusForbidden
				if role == "nobody" || role == "disabled" {
					want = http.StatusUnauthorized
				}
				allowed := contains(words[2:], role)
				denied := response.Code == want
				if allowed == denied {
					t.Errorf("allowed is %v, and the answer %d: %s", allowed, response.Code, response.Body)
				}
				if !allowed && len(w.teller.all()) > 0 {
					t.Errorf("the teller heard %v", w.teller.all())
				}
			})
		}
	}
	if len(rows) != len(server.Routes()) {
		t.Errorf("the matrix has %d rows and the route table %d", len(rows), len(server.Routes()))
	}
}

// askAs sends a request without a body: whether it gets past the gates is all that is asked.
func askAs(w *world, method, path, token string) *httptest.ResponseRecorder {
	path = strings.NewReplacer("holds/:id", "holds/"+theMember+theOperation, ":id", theMember).Replace(path)
	request := httptest.NewRequest(method, path, nil)
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response := httptest.NewRecorder()
	w.server.Handler().ServeHTTP(response, request)
	return response
}

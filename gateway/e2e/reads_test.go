package e2e_test

import (
	"net/http"
	"slices"
	"testing"
)

// TestEveryRoleReadsWhatItMay asks every read of the API with the key of every role: what the route
// table allows is answered, whether or not the gateway has an identity of that role.
func TestEveryRoleReadsWhatItMay(t *testing.T) {
	d := tillOf(t, 0)
	member := d.enrol()
	earned := d.earn(member, sale(), 500)
	keys := map[string]string{"pos": d.key, "agent": d.chain.Keys.Agent, "manager": d.chain.Keys.Manager, "auditor": d.chain.Keys.Auditor}
	everyone, desks := []string{"pos", "agent", "manager", "auditor"}, []string{"agent", "manager"}
	for _, row := range []struct {
		path string
		may  []string
	}{
		{"/v1/operations/" + earned.Operation, everyone},
		{"/v1/members/" + member + "/account", everyone},
		{"/v1/members/" + member + "/entries", everyone},
		{"/v1/members/" + member + "/profile", desks},
		{"/v1/terms", everyone},
		{"/v1/terms?issuer=DuinmarktMSP", everyone},
		{"/v1/programme", everyone},
		{"/v1/whoami", everyone},
	} {
		for role, key := range keys {
			want, code := http.StatusOK, ""
			if !slices.Contains(row.may, role) {
				want, code = http.StatusForbidden, "not_permitted"
			}
			if r := d.as(key).send(http.MethodGet, row.path, "", ""); r.Status != want || r.code() != code {
				t.Errorf("GET %s as %s: HTTP %d %s", row.path, role, r.Status, r.Body)
			}
		}
	}
}

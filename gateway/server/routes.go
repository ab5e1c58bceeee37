package server

import (
	"net/http"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// route is one endpoint of the API: this table is the only place that says who may do what. The
// ledger says it again, for the organisation, in its own table.
type route struct {
	method string
	path   string         // as Gin writes it
	roles  []loyalty.Role // empty would mean nobody
	keyed  bool           // needs an Idempotency-Key
	query  []string       // the query parameters it has
	serve  endpoint
}

// Who may do what. A till never reads a profile: it greets a member by the initial that a lookup
// tells. An auditor reads what is public on the ledger and changes nothing.
var (
	everyRole = []loyalty.Role{loyalty.RolePOS, loyalty.RoleAgent, loyalty.RoleManager, loyalty.RoleAuditor}
	tillRoles = []loyalty.Role{loyalty.RolePOS, loyalty.RoleAgent, loyalty.RoleManager}
	deskRoles = []loyalty.Role{loyalty.RoleAgent, loyalty.RoleManager}
)

var routes = []route{
	{http.MethodPost, "/v1/members", tillRoles, true, nil, (*Server).enrol},
	{http.MethodPost, "/v1/lookups", tillRoles, false, nil, (*Server).lookup},
	{http.MethodPost, "/v1/quotes", tillRoles, false, nil, (*Server).quote},
	{http.MethodPost, "/v1/earns", tillRoles, true, nil, (*Server).earn},
	{http.MethodPost, "/v1/holds", tillRoles, true, nil, (*Server).hold},
	{http.MethodPost, "/v1/holds/:id/capture", tillRoles, true, nil, (*Server).capture},
	{http.MethodPost, "/v1/holds/:id/void", tillRoles, true, nil, (*Server).void},
	{http.MethodPost, "/v1/redemptions", tillRoles, true, nil, (*Server).redeem},
	{http.MethodPost, "/v1/returns", tillRoles, true, nil, (*Server).takeBack},
	{http.MethodPost, "/v1/transfers", tillRoles, true, nil, (*Server).transfer},
	{http.MethodPost, "/v1/operations/:id/cancel", tillRoles, false, nil, (*Server).cancel},
	{http.MethodGet, "/v1/operations/:id", everyRole, false, nil, (*Server).operation},
	{http.MethodGet, "/v1/members/:id/account", everyRole, false, nil, (*Server).account},
	{http.MethodGet, "/v1/members/:id/entries", everyRole, false, []string{"cursor", "limit"}, (*Server).entries},
	{http.MethodGet, "/v1/members/:id/profile", deskRoles, false, nil, (*Server).profile},
	{http.MethodDelete, "/v1/members/:id/profile", deskRoles, false, nil, (*Server).erase},
	{http.MethodGet, "/v1/terms", everyRole, false, []string{"issuer"}, (*Server).terms},
	{http.MethodGet, "/v1/programme", everyRole, false, nil, (*Server).programme},
	{http.MethodGet, "/v1/whoami", everyRole, false, nil, (*Server).whoAmI},
}

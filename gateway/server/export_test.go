package server

import (
	"encoding/json"
	"time"
)

// Route is a row of the route table, for tests.
type Route struct {
	Method, Path string
	Roles        []string
	Keyed        bool
}

// Routes is the route table.
func Routes() []Route {
	rows := make([]Route, len(routes))
	for i, r := range routes {
		rows[i] = Route{Method: r.method, Path: r.path, Keyed: r.keyed}
		for _, role := range r.roles {
			rows[i].Roles = append(rows[i].Roles, string(role))
		}
	}
	return rows
}

// OpenAPI is the embedded contract.
func OpenAPI() []byte { return openAPI }

// OwnCodes is every code that the server itself answers with.
func OwnCodes() []string {
	codes := make([]string, 0, len(ownVerdicts))
	for code := range ownVerdicts {
		codes = append(codes, string(code))
	}
	return codes
}

// Decode reads body strictly into into and returns the faults as JSON, empty if there are none.
func Decode(body []byte, into any) string {
	found := decode(body, into)
	if len(found) == 0 {
		return ""
	}
	text, err := json.Marshal(found)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// SplitToken takes an API key apart.
func SplitToken(token string) (id, secret string, ok bool) { return splitToken(token) }

// Find is the id of the key that token is.
func (k *Keyring) Find(token string) (id string, ok bool) {
	found, ok := k.find(token)
	if !ok {
		return "", false
	}
	return found.key.ID, true
}

// LookAgain makes the keyring look at its file at the next request.
func (k *Keyring) LookAgain() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.looked = time.Time{}
}

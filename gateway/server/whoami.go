package server

import (
	"net/http"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// identity is what a gateway makes of an API key.
type identity struct {
	Key      string       `json:"key"`
	Role     loyalty.Role `json:"role"`
	Store    string       `json:"store,omitempty"`
	Terminal string       `json:"terminal,omitempty"`
	Label    string       `json:"label,omitempty"`
	Chain    Chain        `json:"chain"`
	Version  string       `json:"version"`
}

// whoAmI is GET /v1/whoami: whose key is this, and whose gateway?
func (s *Server) whoAmI(c *call) error {
	k := c.holder
	return c.json(http.StatusOK, identity{
		Key: k.ID, Role: k.Role, Store: k.Store, Terminal: k.Terminal, Label: k.Label,
		Chain: s.chain, Version: s.version,
	})
}

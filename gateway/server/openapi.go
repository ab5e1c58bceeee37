package server

import (
	_ "embed"

	"github.com/gin-gonic/gin"
)

// openAPI describes the API for people and generators. The tests hold it and the routes together.
//
//go:embed openapi.yaml
var openAPI []byte

// contract is GET /openapi.yaml.
func contract(c *gin.Context) {
	c.Data(200, "application/yaml", openAPI)
}

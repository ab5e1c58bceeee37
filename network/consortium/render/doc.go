// Package render writes the files that other programs read: configtx.yaml for configtxgen, core.yaml
// and orderer.yaml for native nodes, and docker-compose.yaml. Equal descriptions give equal bytes.
package render

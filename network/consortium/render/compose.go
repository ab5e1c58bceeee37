package render

import (
	"fmt"
	"strings"

	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/consortium/ccaas"
)

// DefaultData is the folder, seen from the repository, in which a network keeps its keys.
const DefaultData = "./.zegel/network"

// compose is what the template reads.
type compose struct {
	consortium.Consortium
	PackageID   string
	DefaultData string
}

// Healthcheck asks a node's operations endpoint from inside its container, where there is bash and
// no HTTP client.
func (compose) Healthcheck(port int) string {
	return fmt.Sprintf(`exec 3<>/dev/tcp/127.0.0.1/%d && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q 200`, port)
}

// Service is where the peer's chaincode service of this definition listens.
func (c compose) Service(p consortium.Peer) consortium.Service { return p.Chaincode(c.Chaincode) }

// Network is the name of the network of an organisation's peers and chaincode services alone.
func (compose) Network(o consortium.Organisation) string { return strings.ToLower(o.Name) }

// ProfilePath is where a gateway's container sees its connection profile.
func (compose) ProfilePath(o consortium.Organisation) string {
	return "/network/connection-profiles/" + strings.ToLower(o.Name) + ".yaml"
}

// Compose writes docker-compose.yaml.
func Compose(c consortium.Consortium) ([]byte, error) {
	pack, err := ccaas.New(c.Chaincode.Label(), c.Chaincode.Slot())
	if err != nil {
		return nil, err
	}
	return execute("docker-compose.yaml.tmpl", compose{Consortium: c, PackageID: pack.ID(), DefaultData: DefaultData})
}

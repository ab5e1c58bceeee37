package render

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/identity"
)

// Site is where one node runs: its configuration differs in nothing else between a process on this
// machine and a container. The folders are absolute and as the node sees them, without quotes or line breaks.
type Site struct {
	Place consortium.Place
	MSP   string // the node's signing certificate and key
	TLS   string // server.crt, server.key and ca.crt
	Data  string // where the node keeps blocks and state
	// Builder is the folder whose bin holds the peer's external builder.
	Builder string
}

// Native is the site of a node that is a process on this machine. material is the folder with all
// organisations' keys, dir the node's own.
func Native(o consortium.Organisation, node identity.Member, material, dir string) Site {
	folder := o.Folder(material)
	return Site{
		Place: consortium.Native,
		MSP:   folder.MemberMSP(node), TLS: folder.MemberTLS(node),
		Data: filepath.Join(dir, "data"), Builder: filepath.Join(dir, "builder"),
	}
}

// The folders of a container: the node's keys, its configuration, its volume.
const (
	containerKeys   = "/node"
	containerConfig = "/config"
	containerData   = "/var/hyperledger/production"
)

// Container is the site of every node that runs from Fabric's own images, as docker-compose.yaml
// mounts its folders.
func Container() Site {
	return Site{
		Place: consortium.Compose,
		MSP:   containerKeys + "/msp", TLS: containerKeys + "/tls",
		Data: containerData, Builder: containerConfig + "/builder",
	}
}

// StockBuilder is a step of the external builder in Fabric's own images.
func StockBuilder(step string) []string {
	return []string{"/opt/hyperledger/ccaas_builder/bin/" + step}
}

// listen is the address on which a node listens: a process for this machine alone, a container for
// its networks.
func (s Site) listen() string {
	if s.Place == consortium.Compose {
		return "0.0.0.0"
	}
	return "127.0.0.1"
}

// check refuses folders that would be read as something else inside a YAML file.
func (s Site) check() error {
	for _, p := range []string{s.MSP, s.TLS, s.Data, s.Builder} {
		if !filepath.IsAbs(p) {
			return fmt.Errorf("folder %q: want an absolute path", p)
		}
		if strings.ContainsAny(p, "\"'\\\n\r\t:#{}[],&*!|>%@`") {
			return fmt.Errorf("folder %q: a character in it has a meaning in YAML", p)
		}
	}
	return nil
}

package assembly

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/consortium/ccaas"
	"github.com/zegel/zegel/network/consortium/render"
)

// Node is the folder with what a node reads when it starts, by the name of its host. A native node
// keeps its data below it too.
func (l Layout) Node(host string) string { return filepath.Join(l.Root, "nodes", host) }

// ConfigureOrderer writes the orderer.yaml of an orderer at site into its folder.
func (l Layout) ConfigureOrderer(c consortium.Consortium, o consortium.Organisation, node consortium.Orderer, site render.Site) error {
	text, err := render.Orderer(c, o, node, site)
	if err != nil {
		return err
	}
	return Replace(filepath.Join(l.Node(node.Host), "orderer.yaml"), text)
}

// ConfigurePeer writes the core.yaml of a peer at site into its folder, and beside it the external
// builder of chaincode. step is the command for one step of the builder, as the peer can run it.
func (l Layout) ConfigurePeer(c consortium.Consortium, o consortium.Organisation, p consortium.Peer, site render.Site, step func(string) []string) error {
	text, err := render.Peer(c, o, p, site)
	if err != nil {
		return err
	}
	dir := l.Node(p.Host)
	if err := Replace(filepath.Join(dir, "core.yaml"), text); err != nil {
		return err
	}
	settings, err := l.settings(o, p, site.Place)
	if err != nil {
		return fmt.Errorf("what %s shows its chaincode service: %w", p.Host, err)
	}
	if err := replace(filepath.Join(dir, "builder", "settings.json"), settings, 0o600); err != nil {
		return err
	}
	for _, name := range ccaas.Steps() {
		script := ccaas.Script(filepath.Join(site.Builder, "settings.json"), step(name)...)
		if err := replace(filepath.Join(dir, "builder", "bin", name), script, 0o755); err != nil {
			return err
		}
	}
	return nil
}

// settings are what a peer's builder fills into the package. The peer shows its services the
// certificate that it shows to everybody.
func (l Layout) settings(o consortium.Organisation, p consortium.Peer, place consortium.Place) ([]byte, error) {
	folder := o.Folder(l.Material())
	root, err := os.ReadFile(folder.TLSRoot())
	if err != nil {
		return nil, err
	}
	peer, err := folder.Credential(p.Member())
	if err != nil {
		return nil, err
	}
	return ccaas.Settings{
		Addresses: p.ChaincodeAddresses(place), RootCert: root,
		ClientCert: peer.TLS.Certificate, ClientKey: peer.TLS.Key,
	}.JSON()
}

// configureContainers writes what the nodes of docker-compose.yaml read. Their builder is Fabric's own.
func (l Layout) configureContainers(c consortium.Consortium) error {
	for _, o := range c.Organisations {
		for _, orderer := range o.Orderers {
			if err := l.ConfigureOrderer(c, o, orderer, render.Container()); err != nil {
				return err
			}
		}
		for _, p := range o.Peers {
			if err := l.ConfigurePeer(c, o, p, render.Container(), render.StockBuilder); err != nil {
				return err
			}
		}
	}
	return nil
}

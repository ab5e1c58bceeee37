package fabric

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// MaxProfileSize bounds what ParseProfile reads.
const MaxProfileSize = 1 << 20

// Profile is the part of a common connection profile that is used here: who we are, and where the
// peers are.
type Profile struct {
	Name         string
	Organisation string // its name in the profile, not its MSP ID
	MSP          string // MSP ID of Organisation
	Peers        []Endpoint
}

// trusted are the peers of one's own organisation or, where it has none, all.
func (p *Profile) trusted() []Endpoint {
	var own []Endpoint
	for _, endpoint := range p.Peers {
		if endpoint.MSP == p.MSP {
			own = append(own, endpoint)
		}
	}
	if len(own) == 0 {
		return p.Peers
	}
	return own
}

// Endpoint is one peer of a profile.
type Endpoint struct {
	Name       string
	MSP        string // whose peer it is
	Address    string // host:port
	TLS        bool   // grpcs
	ServerName string // what its certificate must say; empty means the host of Address
	Roots      []byte // PEM, the roots that its certificate must lead to; empty means the system's
}

// LoadProfile reads a profile from a file. Paths in it are relative to the file's folder.
func LoadProfile(path string) (*Profile, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("connection profile: %w", err)
	}
	if info.Size() > MaxProfileSize {
		return nil, fmt.Errorf("connection profile %s: %d bytes, at most %d", path, info.Size(), MaxProfileSize)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("connection profile: %w", err)
	}
	return ParseProfile(text, filepath.Dir(path))
}

// ParseProfile reads a profile from YAML or JSON. Certificates named by path are read from below
// dir, unless the path is absolute. What it does not know it skips: the format has many
// dialects.
func ParseProfile(text []byte, dir string) (*Profile, error) {
	if len(text) > MaxProfileSize {
		return nil, fmt.Errorf("connection profile: %d bytes, at most %d", len(text), MaxProfileSize)
	}
	var file profileFile
	if err := yaml.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("connection profile: %w", err)
	}
	profile := &Profile{Name: file.Name, Organisation: file.Client.Organization}
	own, found := file.Organizations[profile.Organisation]
	if !found || own.MSPID == "" {
		return nil, fmt.Errorf("connection profile: client.organization %q is not among organizations, or has no mspid", profile.Organisation)
	}
	profile.MSP = own.MSPID
	for _, name := range peerOrder(file) {
		endpoint, err := file.Peers[name].endpoint(name, dir)
		if err != nil {
			return nil, fmt.Errorf("connection profile: peer %s: %w", name, err)
		}
		endpoint.MSP = ownerOf(file, name)
		profile.Peers = append(profile.Peers, endpoint)
	}
	if len(profile.Peers) == 0 {
		return nil, errors.New("connection profile: no peers")
	}
	return profile, nil
}

// profileFile is the common connection profile as it stands in a file.
type profileFile struct {
	Name   string `yaml:"name"`
	Client struct {
		Organization string `yaml:"organization"`
	} `yaml:"client"`
	Organizations map[string]organisationEntry `yaml:"organizations"`
	Peers         map[string]peerEntry         `yaml:"peers"`
}

type organisationEntry struct {
	MSPID string   `yaml:"mspid"`
	Peers []string `yaml:"peers"`
}

type peerEntry struct {
	URL        string `yaml:"url"`
	TLSCACerts struct {
		PEM  pemText `yaml:"pem"`
		Path string  `yaml:"path"`
	} `yaml:"tlsCACerts"`
	GRPCOptions struct {
		Override string `yaml:"ssl-target-name-override"`
		Hostname string `yaml:"hostnameOverride"`
	} `yaml:"grpcOptions"`
}

// pemText is one text, or a list of texts as some dialects have it.
type pemText string

// UnmarshalYAML accepts both.
func (p *pemText) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind != yaml.SequenceNode {
		return node.Decode((*string)(p))
	}
	var list []string
	if err := node.Decode(&list); err != nil {
		return err
	}
	*p = pemText(strings.Join(list, "\n"))
	return nil
}

// peerOrder is the peers that belong to somebody: one's own organisation's first, in the order in
// which they are listed there, then the others' by name of the organisation.
func peerOrder(file profileFile) []string {
	names := make([]string, 0, len(file.Organizations))
	for name := range file.Organizations {
		if name != file.Client.Organization {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var order []string
	for _, name := range append([]string{file.Client.Organization}, names...) {
		for _, peer := range file.Organizations[name].Peers {
			if _, described := file.Peers[peer]; described && !slices.Contains(order, peer) {
				order = append(order, peer)
			}
		}
	}
	return order
}

// ownerOf is the MSP ID of the organisation that lists a peer; of several the first by name.
func ownerOf(file profileFile, peer string) string {
	if own := file.Organizations[file.Client.Organization]; slices.Contains(own.Peers, peer) {
		return own.MSPID
	}
	owners := make([]string, 0, 1)
	for _, entry := range file.Organizations {
		if slices.Contains(entry.Peers, peer) {
			owners = append(owners, entry.MSPID)
		}
	}
	return slices.Min(owners)
}

func (p peerEntry) endpoint(name, dir string) (Endpoint, error) {
	target, err := url.Parse(p.URL)
	if err != nil {
		return Endpoint{}, fmt.Errorf("url %q is not a URL", p.URL)
	}
	if (target.Scheme != "grpc" && target.Scheme != "grpcs") || target.Hostname() == "" || target.Port() == "" {
		return Endpoint{}, fmt.Errorf("url %q: want grpcs://host:port", p.URL)
	}
	endpoint := Endpoint{Name: name, Address: target.Host, TLS: target.Scheme == "grpcs", Roots: []byte(p.TLSCACerts.PEM)}
	endpoint.ServerName = p.GRPCOptions.Override
	if endpoint.ServerName == "" {
		endpoint.ServerName = p.GRPCOptions.Hostname
	}
	if endpoint.TLS && len(endpoint.Roots) == 0 && p.TLSCACerts.Path != "" {
		path := filepath.FromSlash(p.TLSCACerts.Path)
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		if endpoint.Roots, err = os.ReadFile(path); err != nil {
			return Endpoint{}, fmt.Errorf("tlsCACerts: %w", err)
		}
	}
	return endpoint, nil
}

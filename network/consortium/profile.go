package consortium

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path"

	"go.yaml.in/yaml/v3"

	"github.com/zegel/zegel/network/identity"
)

// Profile is a common connection profile, the format that Caliper and the older client libraries
// read as well as `zegel serve`. It lists everybody's peers; a chain talks to its own alone, the
// auditor, who has none, to any.
type Profile struct {
	Name          string                         `yaml:"name" json:"name"`
	Description   string                         `yaml:"description" json:"description"`
	Version       string                         `yaml:"version" json:"version"`
	Client        ProfileClient                  `yaml:"client" json:"client"`
	Channels      map[string]ProfileChannel      `yaml:"channels" json:"channels"`
	Organizations map[string]ProfileOrganization `yaml:"organizations" json:"organizations"`
	Orderers      map[string]ProfileNode         `yaml:"orderers" json:"orderers"`
	Peers         map[string]ProfileNode         `yaml:"peers" json:"peers"`
}

// ProfileClient names the organisation whose profile this is.
type ProfileClient struct {
	Organization string            `yaml:"organization" json:"organization"`
	Connection   ProfileConnection `yaml:"connection" json:"connection"`
}

// ProfileConnection holds time limits, in seconds written as text.
type ProfileConnection struct {
	Timeout ProfileTimeout `yaml:"timeout" json:"timeout"`
}

// ProfileTimeout is how long to wait for each kind of node.
type ProfileTimeout struct {
	Peer    ProfilePeerTimeout `yaml:"peer" json:"peer"`
	Orderer string             `yaml:"orderer" json:"orderer"`
}

// ProfilePeerTimeout is how long to wait for an endorsement.
type ProfilePeerTimeout struct {
	Endorser string `yaml:"endorser" json:"endorser"`
}

// ProfileChannel says which nodes serve a channel.
type ProfileChannel struct {
	Orderers []string                      `yaml:"orderers" json:"orderers"`
	Peers    map[string]ProfileChannelPeer `yaml:"peers" json:"peers"`
}

// ProfileChannelPeer says what a peer may be asked for.
type ProfileChannelPeer struct {
	EndorsingPeer  bool `yaml:"endorsingPeer" json:"endorsingPeer"`
	ChaincodeQuery bool `yaml:"chaincodeQuery" json:"chaincodeQuery"`
	LedgerQuery    bool `yaml:"ledgerQuery" json:"ledgerQuery"`
	EventSource    bool `yaml:"eventSource" json:"eventSource"`
}

// ProfileOrganization is one organisation. Users are given for the profile's own alone.
type ProfileOrganization struct {
	MSPID string                 `yaml:"mspid" json:"mspid"`
	Peers []string               `yaml:"peers" json:"peers"`
	Users map[string]ProfileUser `yaml:"users,omitempty" json:"users,omitempty"`
}

// ProfileUser is the signing certificate and key of one user, by role.
type ProfileUser struct {
	Cert ProfilePEM `yaml:"cert" json:"cert"`
	Key  ProfilePEM `yaml:"key" json:"key"`
}

// ProfilePEM is PEM text in the profile itself, or the file that holds it. Programs differ in what
// they take a relative path from: `zegel` from the profile's folder, Caliper from its workspace.
// Keys are always files.
type ProfilePEM struct {
	Path string `yaml:"path,omitempty" json:"path,omitempty"`
	PEM  string `yaml:"pem,omitempty" json:"pem,omitempty"`
}

// ProfileNode is how to reach a peer or an orderer.
type ProfileNode struct {
	URL         string            `yaml:"url" json:"url"`
	TLSCACerts  ProfilePEM        `yaml:"tlsCACerts" json:"tlsCACerts"`
	GRPCOptions map[string]string `yaml:"grpcOptions" json:"grpcOptions"`
}

// Roots says where a profile finds certificates and keys.
type Roots struct {
	// Path is the folder below which all organisations' folders are: absolute, or as seen from
	// the profile's own.
	Path string
	// Inline copies the TLS roots, which are public, from Path into the profile.
	Inline bool
}

// Profile makes the connection profile of an organisation, by name or MSP ID, for programs that
// reach the nodes at place.
func (c Consortium) Profile(name string, place Place, roots Roots) (Profile, error) {
	own, err := c.Organisation(name)
	if err != nil {
		return Profile{}, err
	}
	p := Profile{
		Name:        c.Channel + "-" + own.Name,
		Description: own.Name + " on the channel " + c.Channel,
		Version:     "1.0",
		Client: ProfileClient{Organization: own.Name, Connection: ProfileConnection{
			Timeout: ProfileTimeout{Peer: ProfilePeerTimeout{Endorser: "15"}, Orderer: "15"},
		}},
		Organizations: map[string]ProfileOrganization{},
		Orderers:      map[string]ProfileNode{},
		Peers:         map[string]ProfileNode{},
	}
	channel := ProfileChannel{Orderers: []string{}, Peers: map[string]ProfileChannelPeer{}}
	for _, o := range c.Organisations {
		if err := p.add(o, &channel, place, roots); err != nil {
			return Profile{}, err
		}
	}
	p.Channels = map[string]ProfileChannel{c.Channel: channel}
	entry := p.Organizations[own.Name]
	entry.Users = users(own, roots.Path)
	p.Organizations[own.Name] = entry
	return p, nil
}

// add enters an organisation and its nodes.
func (p *Profile) add(o Organisation, channel *ProfileChannel, place Place, roots Roots) error {
	entry := ProfileOrganization{MSPID: o.MSPID, Peers: []string{}}
	if len(o.Peers)+len(o.Orderers) > 0 {
		root, err := roots.tls(o)
		if err != nil {
			return err
		}
		for _, peer := range o.Peers {
			entry.Peers = append(entry.Peers, peer.Host)
			p.Peers[peer.Host] = node(peer.Host, peer.Port, place, root)
			channel.Peers[peer.Host] = ProfileChannelPeer{true, true, true, true}
		}
		for _, orderer := range o.Orderers {
			p.Orderers[orderer.Host] = node(orderer.Host, orderer.Port, place, root)
			channel.Orderers = append(channel.Orderers, orderer.Host)
		}
	}
	p.Organizations[o.Name] = entry
	return nil
}

// node is reached at an address and checked by its own name, whatever the address is.
func node(host string, port int, place Place, root ProfilePEM) ProfileNode {
	return ProfileNode{
		URL:         "grpcs://" + place.Address(host, port),
		TLSCACerts:  root,
		GRPCOptions: map[string]string{"ssl-target-name-override": host, "hostnameOverride": host},
	}
}

func (r Roots) tls(o Organisation) (ProfilePEM, error) {
	name := path.Join(r.Path, o.Folder("").TLSRoot())
	if !r.Inline {
		return ProfilePEM{Path: name}, nil
	}
	text, err := os.ReadFile(o.Folder(r.Path).TLSRoot())
	if err != nil {
		return ProfilePEM{}, fmt.Errorf("the TLS root of %s: %w", o.Name, err)
	}
	return ProfilePEM{PEM: string(text)}, nil
}

func users(o Organisation, root string) map[string]ProfileUser {
	named := map[string]ProfileUser{}
	for _, m := range o.Users() {
		certificate, key := o.Folder("").SignFiles(m)
		named[m.Name] = ProfileUser{Cert: ProfilePEM{Path: path.Join(root, certificate)}, Key: ProfilePEM{Path: path.Join(root, key)}}
	}
	return named
}

// YAML is the profile as a file.
func (p Profile) YAML() ([]byte, error) {
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(p); err != nil {
		return nil, fmt.Errorf("write the profile %s: %w", p.Name, err)
	}
	return b.Bytes(), encoder.Close()
}

// JSON is the profile as a file for tools that read JSON alone.
func (p Profile) JSON() ([]byte, error) {
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the profile %s: %w", p.Name, err)
	}
	return append(text, '\n'), nil
}

// Credential reads what the user of that role holds below root.
func (o Organisation) Credential(root, role string) (identity.Credential, error) {
	member, err := o.User(role)
	if err != nil {
		return identity.Credential{}, err
	}
	return o.Folder(root).Credential(member)
}

package consortium

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/zegel/zegel/network"
)

// maxFile bounds what is read as a description, in bytes.
const maxFile = 1 << 20

// file is the text form. Unknown keys are refused: a misspelt one would silently do nothing.
type file struct {
	Channel       string             `yaml:"channel"`
	Fabric        string             `yaml:"fabric"`
	Chaincode     fileChaincode      `yaml:"chaincode"`
	Block         fileBlock          `yaml:"block"`
	Organisations []fileOrganisation `yaml:"organisations"`
}

type fileChaincode struct {
	Name         string `yaml:"name"`
	Version      string `yaml:"version"`
	Sequence     int64  `yaml:"sequence"`
	Endorsements int    `yaml:"endorsements"`
	Probe        string `yaml:"probe"`
}

type fileBlock struct {
	Messages  uint32        `yaml:"messages"`
	Timeout   time.Duration `yaml:"timeout"`
	Preferred uint32        `yaml:"preferredMegabytes"`
	Absolute  uint32        `yaml:"absoluteMegabytes"`
}

type fileOrganisation struct {
	Name     string    `yaml:"name"`
	MSP      string    `yaml:"msp"`
	Domain   string    `yaml:"domain"`
	Kind     Kind      `yaml:"kind"`
	Peers    fileNodes `yaml:"peers"`
	Orderers fileNodes `yaml:"orderers"`
	Gateway  int       `yaml:"gateway"`
}

// fileNodes is a number of like nodes and the first port of the first.
type fileNodes struct {
	Count int `yaml:"count"`
	Port  int `yaml:"port"`
}

// Default is the sample consortium that the program was built with.
func Default() (Consortium, error) {
	c, err := Parse(network.Sample)
	if err != nil {
		return Consortium{}, fmt.Errorf("the built-in consortium: %w", err)
	}
	return c, nil
}

// Load reads a description. An empty name means Default.
func Load(name string) (Consortium, error) {
	if name == "" {
		return Default()
	}
	f, err := os.Open(name)
	if err != nil {
		return Consortium{}, fmt.Errorf("the description of the consortium: %w", err)
	}
	defer func() { _ = f.Close() }() // nothing was written
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return Consortium{}, fmt.Errorf("read %s: %w", name, err)
	}
	c, err := Parse(text)
	if err != nil {
		return Consortium{}, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

// Parse reads the text of a description, at most 1 MiB, and checks it. The error names the
// organisation and the key that must change.
func Parse(text []byte) (Consortium, error) {
	if len(text) > maxFile {
		return Consortium{}, errors.New("larger than 1 MiB")
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	var f file
	if err := decoder.Decode(&f); err != nil {
		return Consortium{}, fmt.Errorf("not a description of a consortium: %w", err)
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return Consortium{}, errors.New("more than one YAML document")
	}
	if err := f.check(); err != nil {
		return Consortium{}, err
	}
	c := f.consortium()
	return c, c.check()
}

const megabyte = 1 << 20

func (f file) consortium() Consortium {
	c := Consortium{
		Channel:   f.Channel,
		Fabric:    f.Fabric,
		Chaincode: Chaincode(f.Chaincode),
		Block: Block{
			Messages: f.Block.Messages, Timeout: f.Block.Timeout,
			PreferredBytes: f.Block.Preferred * megabyte, AbsoluteBytes: f.Block.Absolute * megabyte,
		},
	}
	for _, o := range f.Organisations {
		c.Organisations = append(c.Organisations, o.organisation())
	}
	return c
}

func (o fileOrganisation) organisation() Organisation {
	organisation := Organisation{Name: o.Name, MSPID: o.MSP, Domain: o.Domain, Kind: o.Kind, GatewayPort: o.Gateway}
	for i := range o.Peers.Count {
		name, base := fmt.Sprintf("peer%d", i), o.Peers.Port+portsPerNode*i
		peer := Peer{Name: name, Host: name + "." + o.Domain, Port: base, OperationsPort: base + 1}
		for s := range peer.Chaincodes {
			peer.Chaincodes[s] = Service{Host: fmt.Sprintf("chaincode%d-%s.%s", i, slots[s], o.Domain), Port: base + 2 + s}
		}
		organisation.Peers = append(organisation.Peers, peer)
	}
	for i := range o.Orderers.Count {
		name, base := fmt.Sprintf("orderer%d", i), o.Orderers.Port+portsPerNode*i
		organisation.Orderers = append(organisation.Orderers, Orderer{
			Name: name, Host: name + "." + o.Domain,
			Port: base, OperationsPort: base + 1, AdminPort: base + 2,
		})
	}
	return organisation
}

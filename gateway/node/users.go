package node

import (
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/fabric"
)

// deskRoles are the roles that a gateway signs in the name of.
var deskRoles = []loyalty.Role{loyalty.RolePOS, loyalty.RoleAgent, loyalty.RoleManager}

// ProfileIdentities reads the identities that a connection profile lists as users of its own organisation, named
// by role. Relative paths are below base.
func ProfileIdentities(path, base string) (map[loyalty.Role]fabric.Identity, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var profile profileUsers
	if err := yaml.Unmarshal(text, &profile); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	own, known := profile.Organizations[profile.Client.Organization]
	if !known {
		return nil, fmt.Errorf("%s: client.organization %q is not among the organizations", path, profile.Client.Organization)
	}
	identities := map[loyalty.Role]fabric.Identity{}
	for _, role := range deskRoles {
		user, listed := own.Users[string(role)]
		if !listed {
			continue
		}
		if identities[role], err = user.identity(own.MSPID, base); err != nil {
			return nil, fmt.Errorf("user %s: %w", role, err)
		}
	}
	return identities, nil
}

type profileUsers struct {
	Client struct {
		Organization string `yaml:"organization"`
	} `yaml:"client"`
	Organizations map[string]struct {
		MSPID string                 `yaml:"mspid"`
		Users map[string]profileUser `yaml:"users"`
	} `yaml:"organizations"`
}

type profileUser struct {
	Cert, Key struct {
		Path string `yaml:"path"`
	}
}

func (u profileUser) identity(mspID, base string) (fabric.Identity, error) {
	certificate, err := os.ReadFile(below(base, u.Cert.Path))
	if err != nil {
		return fabric.Identity{}, err
	}
	key, err := os.ReadFile(below(base, u.Key.Path))
	if err != nil {
		return fabric.Identity{}, err
	}
	return fabric.NewIdentity(mspID, certificate, key)
}

func below(base, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(base, path)
}

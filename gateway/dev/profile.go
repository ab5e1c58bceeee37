package dev

import (
	"os"
	"path/filepath"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/fabric"
	"github.com/zegel/zegel/gateway/node"
	"github.com/zegel/zegel/network/consortium"
)

const profilesDir = "connection-profiles"

func (o Options) profilePath(organisation consortium.Organisation) string {
	return filepath.Join(o.Dir, profilesDir, organisation.Name+".yaml")
}

// WriteProfiles writes every organisation's connection profile, with the ports as they are now.
func (o Options) WriteProfiles() error {
	crypto, err := filepath.Abs(o.Crypto)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(o.Dir, profilesDir), 0o700); err != nil {
		return err
	}
	place := o.Place
	if place == "" {
		place = consortium.Native
	}
	for _, organisation := range o.Consortium.Organisations {
		profile, err := o.Consortium.Profile(organisation.Name, place, consortium.Roots{Path: crypto, Inline: true})
		if err != nil {
			return err
		}
		text, err := profile.YAML()
		if err != nil {
			return err
		}
		if err := os.WriteFile(o.profilePath(organisation), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// node describes one chain's gateway.
func (o Options) node(chain consortium.Organisation, dir string) (node.Config, error) {
	path := o.profilePath(chain)
	profile, err := fabric.LoadProfile(path)
	if err != nil {
		return node.Config{}, err
	}
	identities, err := node.ProfileIdentities(path, filepath.Dir(path))
	if err != nil {
		return node.Config{}, err
	}
	return node.Config{
		Name: chain.Name, Profile: profile, Identities: identities, Endorsers: []string{chain.MSPID, o.clearing()},
		Standby: o.standby(chain), Dir: dir, Version: o.Version, Log: o.Log.With("chain", chain.Name), Limits: o.Limits, Batching: o.Batching,
	}, nil
}

// clearing is the neutral organisation that endorses every chain's transactions.
func (o Options) clearing() string {
	for _, organisation := range o.Consortium.Organisations {
		if organisation.Kind == consortium.Clearing {
			return organisation.MSPID
		}
	}
	return ""
}

// standby are the other chains, which may stand in for the clearing house where no basket is sent.
func (o Options) standby(chain consortium.Organisation) []string {
	var others []string
	for _, other := range o.Consortium.Chains() {
		if other.MSPID != chain.MSPID {
			others = append(others, other.MSPID)
		}
	}
	return others
}

// organisations is the consortium as the programme names it.
func (o Options) organisations() []loyalty.Organisation {
	var all []loyalty.Organisation
	for _, organisation := range o.Consortium.Organisations {
		all = append(all, loyalty.Organisation{
			MSP: loyalty.MSPID(organisation.MSPID), Name: organisation.Name, Kind: loyalty.OrgKind(organisation.Kind),
		})
	}
	return all
}

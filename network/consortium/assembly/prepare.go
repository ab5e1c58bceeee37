package assembly

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/consortium/ccaas"
	"github.com/zegel/zegel/network/consortium/channel"
	"github.com/zegel/zegel/network/consortium/render"
)

// Prepare makes everything that a network at place needs before its first process starts: keys, the
// genesis block, configtx.yaml, collections, the install package, connection profiles, the description itself,
// and what containers read (native.Up writes that for processes). What exists and may not change, keys
// and genesis, stays; the rest is written anew.
func Prepare(l Layout, c consortium.Consortium, place consortium.Place) (*Network, error) {
	if err := c.Ensure(l.Material()); err != nil {
		return nil, err
	}
	if err := l.ensureGenesis(c, place); err != nil {
		return nil, err
	}
	n, err := Describe(l, c, place)
	if err != nil {
		return nil, err
	}
	collections, err := c.CollectionsJSON()
	if err != nil {
		return nil, err
	}
	configtx, err := render.Configtx(c, place, l.Material())
	if err != nil {
		return nil, err
	}
	err = errors.Join(
		Replace(l.Configtx(), configtx),
		Replace(l.Package(), n.Package.Bytes),
		Replace(l.Collections(), collections),
		l.writeProfiles(c, place),
		l.Save(c),
	)
	if place == consortium.Compose {
		err = errors.Join(err, l.configureContainers(c))
	}
	if err != nil {
		return nil, err
	}
	return n, nil
}

// Open finds the network that was prepared in a folder earlier.
func Open(l Layout, place consortium.Place) (*Network, error) {
	c, err := l.Consortium()
	if err != nil {
		return nil, err
	}
	return Describe(l, c, place)
}

// Describe is a network as its description says, with nothing made and nothing looked at.
func Describe(l Layout, c consortium.Consortium, place consortium.Place) (*Network, error) {
	pack, err := ccaas.New(c.Chaincode.Label(), c.Chaincode.Slot())
	if err != nil {
		return nil, err
	}
	return &Network{Consortium: c, Place: place, Layout: l, Package: pack}, nil
}

// ensureGenesis writes the genesis block once. A second one would be another channel of the same
// name, and no node could tell the operator so.
func (l Layout) ensureGenesis(c consortium.Consortium, place consortium.Place) error {
	name := l.Genesis(place)
	if _, err := os.Stat(name); err == nil {
		return nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	block, err := channel.Genesis(c, place, l.Material())
	if err != nil {
		return err
	}
	content, err := proto.Marshal(block)
	if err != nil {
		return fmt.Errorf("write the genesis block: %w", err)
	}
	return Replace(name, content)
}

// writeProfiles writes the profiles by which programs in the same place reach the network.
func (l Layout) writeProfiles(c consortium.Consortium, place consortium.Place) error {
	for _, o := range c.Organisations {
		profile, err := c.Profile(o.Name, place, consortium.Roots{Path: l.Material(), Inline: true})
		if err != nil {
			return err
		}
		text, err := profile.YAML()
		if err != nil {
			return err
		}
		if err := Replace(l.Profile(o), text); err != nil {
			return err
		}
	}
	return nil
}

// Profile is the file with the connection profile of one organisation.
func (l Layout) Profile(o consortium.Organisation) string {
	return filepath.Join(l.Profiles(), strings.ToLower(o.Name)+".yaml")
}

package channel

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hyperledger/fabric-config/configtx"
	cb "github.com/hyperledger/fabric-protos-go-apiv2/common"

	"github.com/zegel/zegel/network/consortium"
)

// Admit computes the update of the channel's present configuration that makes members of those
// organisations of c that are none yet, each with its first peer as anchor. The certificates are
// read below root. It gives nil where nobody is missing.
func Admit(present *cb.Config, c consortium.Consortium, place consortium.Place, root string) ([]byte, error) {
	b := builder{c: c, place: place, root: root}
	members := Members(present)
	change := configtx.New(present)
	missing := 0
	for _, o := range c.Organisations {
		if slices.Contains(members, o.MSPID) {
			continue
		}
		missing++
		organisation, err := b.organisation(o)
		if err != nil {
			return nil, err
		}
		for _, p := range o.Peers[:min(1, len(o.Peers))] {
			organisation.AnchorPeers = append(organisation.AnchorPeers, configtx.Address{Host: place.Host(p.Host), Port: p.Port})
		}
		if err := change.Application().SetOrganization(organisation); err != nil {
			return nil, fmt.Errorf("admit %s: %w", o.Name, err)
		}
	}
	if missing == 0 {
		return nil, nil
	}
	update, err := change.ComputeMarshaledUpdate(c.Channel)
	if err != nil {
		return nil, fmt.Errorf("update of %s: %w", c.Channel, err)
	}
	return update, nil
}

// Members are the MSP IDs of the organisations in a configuration, in order of name. In this
// consortium the name of an organisation's group is its MSP ID.
func Members(present *cb.Config) []string {
	application := present.GetChannelGroup().GetGroups()[configtx.ApplicationGroupKey]
	return slices.Sorted(maps.Keys(application.GetGroups()))
}

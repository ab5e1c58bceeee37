package dev

import (
	"context"
	"errors"
	"time"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/fabric"
	"github.com/zegel/zegel/gateway/node"
	"github.com/zegel/zegel/network/consortium"
)

// longestLate is how late the sample programme lets a sale arrive, with a day to spare.
const longestLate = 96 * time.Hour

// found agrees on the sample programme in the name of every organisation's manager.
func (o Options) found(ctx context.Context) error {
	return o.asManagers(func(founders []node.Founder) error {
		return node.Found(ctx, node.SampleProgramme(o.organisations()), founders)
	})
}

// Admit writes the connection profiles and, in the name of every organisation's manager, brings the programme's
// next version into force: with those chains of the description that it does not name yet.
func (o Options) Admit(ctx context.Context) error {
	if err := o.WriteProfiles(); err != nil {
		return err
	}
	return o.asManagers(func(founders []node.Founder) error {
		return node.Admit(ctx, o.organisations(), founders)
	})
}

// asManagers calls act with a manager of every organisation that has peers.
func (o Options) asManagers(act func([]node.Founder) error) (err error) {
	var founders []node.Founder
	defer func() {
		for _, f := range founders {
			err = errors.Join(err, f.Client.Close())
		}
	}()
	for _, organisation := range o.Consortium.WithPeers() {
		f, err := o.founder(organisation)
		if err != nil {
			return err
		}
		founders = append(founders, f)
	}
	return act(founders)
}

func (o Options) founder(organisation consortium.Organisation) (node.Founder, error) {
	profile, err := fabric.LoadProfile(o.profilePath(organisation))
	if err != nil {
		return node.Founder{}, err
	}
	manager, err := organisation.User("manager")
	if err != nil {
		return node.Founder{}, err
	}
	identity, err := fabric.LoadIdentity(organisation.MSPID, organisation.Folder(o.Crypto).MemberMSP(manager))
	if err != nil {
		return node.Founder{}, err
	}
	client, err := fabric.Connect(profile, identity, fabric.Options{Log: o.Log})
	if err != nil {
		return node.Founder{}, err
	}
	f := node.Founder{MSP: loyalty.MSPID(organisation.MSPID), Client: client}
	if organisation.Kind == consortium.Chain {
		// The first terms may reach back: a sale that arrives late has to find some.
		f.Terms = node.SampleTerms(loyalty.InstantOf(time.Now().Add(-longestLate)).Day())
	}
	return f, nil
}

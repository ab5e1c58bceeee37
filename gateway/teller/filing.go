package teller

import (
	"context"
	"fmt"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/gateway/batcher"
)

// Filing is the configuration of a role's batcher of profiles. A profile that was stored has no
// result: there is nothing to say about it.
type Filing = batcher.Config[api.Profile, struct{}]

// PutProfile implements Ledger.
func (l *Lanes) PutProfile(ctx context.Context, role string, p api.Profile) error {
	own, err := l.lane(role)
	if err != nil {
		return err
	}
	keys := []string{lockMember(p.Member)}
	for _, lookup := range p.Lookup {
		keys = append(keys, lockLookup(lookup))
	}
	if _, err := own.profiles.Do(ctx, batcher.Item[api.Profile]{Keys: keys, Size: profileSize(p), Op: p}); err != nil {
		return sorted(err)
	}
	return nil
}

// profileSize estimates how many bytes a profile adds to the transient data.
func profileSize(p api.Profile) int { return 256 + 2*len(p.Sealed) + 128*len(p.Lookup) }

// putProfiles stores profiles in one transaction, all or none of them. A refusal is about one of them:
// fabric.Classify calls it poison, so that the batch is halved until that one is alone and hears it.
func (l lane) putProfiles(ctx context.Context, profiles []api.Profile) ([]struct{}, error) {
	text, err := api.EncodeProfiles(profiles)
	if err != nil {
		return nil, fmt.Errorf("teller: profiles: %w", err)
	}
	transient := map[string][]byte{api.TransientProfile: text}
	if _, err := l.client.Submit(ctx, api.PutProfile, nil, transient, l.own()); err != nil {
		return nil, err
	}
	return make([]struct{}, len(profiles)), nil
}

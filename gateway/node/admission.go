package node

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// Admit brings the next version of the programme into force, with organisations in place of those
// that it names now, and publishes the first terms of those chains that have none. Everything else
// in the programme stays as it is. Those who have a vote now propose and approve; a newcomer has
// none yet. Nothing happens where the programme in force names exactly organisations.
func Admit(ctx context.Context, organisations []loyalty.Organisation, founders []Founder) error {
	if len(founders) < 2 {
		return errors.New("admission: at least two organisations are needed")
	}
	present, err := founders[0].programme(ctx)
	if err != nil {
		return fmt.Errorf("admission: %w", err)
	}
	if present == nil {
		return errors.New("admission: there is no programme that anybody could join")
	}
	if !slices.Equal(present.Organisations, organisations) {
		next := *present
		next.Version++
		next.Organisations, next.Quorum = organisations, voting(organisations)/2+1
		if err := agreeAll(ctx, next, members(*present, founders), founders); err != nil {
			return fmt.Errorf("admission: %w", err)
		}
	}
	if err := publishAll(ctx, founders); err != nil {
		return fmt.Errorf("admission: %w", err)
	}
	return nil
}

// members are those of all whom the programme names.
func members(programme loyalty.Programme, all []Founder) []Founder {
	return slices.DeleteFunc(slices.Clone(all), func(f Founder) bool {
		return !slices.ContainsFunc(programme.Organisations, func(o loyalty.Organisation) bool { return o.MSP == f.MSP })
	})
}

// voting counts the organisations that have a vote on the programme.
func voting(organisations []loyalty.Organisation) int {
	n := 0
	for _, o := range organisations {
		if o.Kind != loyalty.OrgAuditor {
			n++
		}
	}
	return n
}

package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/fabric"
)

// Founder is one organisation's manager, able to submit in its name.
type Founder struct {
	MSP    loyalty.MSPID
	Client *fabric.Client
	// Terms are the chain's first terms; nil for an organisation that issues nothing.
	Terms *loyalty.Terms
}

// Found brings the first programme into force and publishes each chain's first terms, as far as that
// has not been done: the first founder proposes, and all others approve, as a first version needs.
// Each transaction is endorsed by its founder and one other organisation.
func Found(ctx context.Context, programme loyalty.Programme, founders []Founder) error {
	if len(founders) < 2 {
		return errors.New("founding: at least two organisations are needed")
	}
	if err := agreeAll(ctx, programme, founders, founders); err != nil {
		return fmt.Errorf("founding: %w", err)
	}
	if err := publishAll(ctx, founders); err != nil {
		return fmt.Errorf("founding: %w", err)
	}
	return nil
}

// agreeAll lets voters agree on a programme, each endorsed by itself and the next of all.
func agreeAll(ctx context.Context, programme loyalty.Programme, voters, all []Founder) error {
	for _, f := range voters {
		if err := ofAll(all, f).agree(ctx, programme); err != nil {
			return fmt.Errorf("%s: %w", f.MSP, err)
		}
	}
	return nil
}

// publishAll lets each chain that has published no terms publish its first.
func publishAll(ctx context.Context, all []Founder) error {
	for _, f := range all {
		if f.Terms == nil {
			continue
		}
		if err := ofAll(all, f).publish(ctx); err != nil {
			return fmt.Errorf("terms of %s: %w", f.MSP, err)
		}
	}
	return nil
}

func ofAll(all []Founder, f Founder) founding {
	i := slices.IndexFunc(all, func(other Founder) bool { return other.MSP == f.MSP })
	return founding{Founder: f, all: all, other: all[(i+1)%len(all)].MSP}
}

type founding struct {
	Founder
	all   []Founder
	other loyalty.MSPID
}

// agree proposes or approves, unless this version or a later one is in force already.
func (f founding) agree(ctx context.Context, programme loyalty.Programme) error {
	present, err := f.programme(ctx)
	if err != nil {
		return err
	}
	if present != nil && present.Version >= programme.Version {
		return nil
	}
	version := strconv.Itoa(programme.Version)
	_, err = f.Client.Evaluate(ctx, api.GetProposal, []string{version, programme.Digest()}, nil)
	switch {
	case err == nil:
		err = f.submit(ctx, api.ApproveProgramme, version, programme.Digest())
	case refusedWith(err, loyalty.CodeProposalUnknown):
		err = f.submitJSON(ctx, api.ProposeProgramme, programme)
	}
	if refusedWith(err, loyalty.CodeAlreadyApproved) {
		return nil
	}
	return err
}

// programme is the one in force, nil before there is one.
func (f Founder) programme(ctx context.Context) (*loyalty.Programme, error) {
	text, err := f.Client.Evaluate(ctx, api.GetProgramme, nil, nil)
	if refusedWith(err, loyalty.CodeProgrammeUnknown) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	present := new(loyalty.Programme)
	if err := json.Unmarshal(text, present); err != nil {
		return nil, fmt.Errorf("the programme in force: %w", err)
	}
	return present, nil
}

func (f founding) publish(ctx context.Context) error {
	_, err := f.Client.Evaluate(ctx, api.GetTerms, []string{string(f.MSP)}, nil)
	if refusedWith(err, loyalty.CodeTermsUnknown) {
		return f.submitJSON(ctx, api.PublishTerms, f.Terms)
	}
	return err
}

func (f founding) submitJSON(ctx context.Context, name string, argument any) error {
	text, err := json.Marshal(argument)
	if err != nil {
		return err
	}
	return f.submit(ctx, name, string(text))
}

// submit carries out one transaction and waits until every founder's peer has its block: the next
// founder asks another peer, and one that is behind would not know what it is about.
func (f founding) submit(ctx context.Context, name string, args ...string) error {
	done, err := f.Client.Submit(ctx, name, args, nil, []string{string(f.MSP), string(f.other)})
	if err != nil {
		return err
	}
	for _, founder := range f.all {
		if err := awaitHeight(ctx, founder.Client, done.Block+1); err != nil {
			return fmt.Errorf("the peer of %s does not follow: %w", founder.MSP, err)
		}
	}
	return nil
}

const lookAgain = 10 * time.Millisecond

func awaitHeight(ctx context.Context, client *fabric.Client, height uint64) error {
	for {
		at, err := client.Height(ctx)
		if err != nil || at >= height {
			return err
		}
		select {
		case <-time.After(lookAgain):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func refusedWith(err error, code loyalty.Code) bool {
	var refusal *loyalty.Error
	return errors.As(err, &refusal) && refusal.Code == code
}

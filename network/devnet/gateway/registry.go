package gateway

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"github.com/zegel/zegel/network/devnet/channel"
	"github.com/zegel/zegel/network/devnet/lifecycle"
	"github.com/zegel/zegel/network/devnet/policy"
)

// byOrganisation lists who can execute a chaincode, best first: the highest ledger, and the own peer among equals.
func (g *Gateway) byOrganisation(channelID, chaincode string) map[string][]Endorser {
	found := map[string][]Endorser{}
	if channelID != g.Channel.ID() {
		return found
	}
	for _, e := range g.Peers() {
		if e.Has(chaincode) {
			found[e.MSPID()] = append(found[e.MSPID()], e)
		}
	}
	for _, endorsers := range found {
		g.sort(endorsers)
	}
	return found
}

// sort looks at every height once, because peers commit meanwhile.
func (g *Gateway) sort(endorsers []Endorser) {
	heights := map[Endorser]uint64{}
	for _, e := range endorsers {
		heights[e] = e.Height()
	}
	slices.SortStableFunc(endorsers, func(a, b Endorser) int {
		if heights[a] != heights[b] {
			return cmp.Compare(heights[b], heights[a])
		}
		switch g.Local {
		case a:
			return -1
		case b:
			return 1
		}
		return 0
	})
}

// planForOrganisations asks one peer of each organisation the client has named. Whether that satisfies the policy is
// the client's responsibility.
func (g *Gateway) planForOrganisations(channelID, chaincode string, organisations []string) (*plan, error) {
	found := g.byOrganisation(channelID, chaincode)
	required, groups := map[string]int{}, map[string][]Endorser{}
	var missing []string
	for _, organisation := range organisations {
		if len(found[organisation]) == 0 {
			missing = append(missing, organisation)
			continue
		}
		groups[organisation], required[organisation] = found[organisation], 1
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("failed to find any endorsing peers for org(s): %s", strings.Join(missing, ", "))
	}
	return newPlan([]map[string]int{required}, groups), nil
}

// planForInterest works out who has to endorse from what a transaction touched. Layouts that use the preferred
// endorser come first; otherwise their order is random, so that load spreads.
func (g *Gateway) planForInterest(channelID string, interest *peer.ChaincodeInterest, preferred Endorser) (*plan, error) {
	combinations, candidates, err := g.analyse(channelID, interest)
	if err != nil {
		return nil, fmt.Errorf("no combination of peers can be derived which satisfy the endorsement policy: %w", err)
	}
	groups := map[string][]Endorser{}
	for _, combination := range combinations {
		for key := range combination {
			if groups[key] == nil {
				groups[key] = satisfying(candidates, key)
			}
		}
	}
	for _, endorsers := range groups {
		g.sort(endorsers)
	}
	var first, others []map[string]int
	for _, combination := range combinations {
		switch {
		case len(combination) == 0 || !satisfiable(combination, groups):
		case preferred != nil && uses(combination, groups, preferred):
			first = append(first, combination)
		default:
			others = append(others, combination)
		}
	}
	shuffle(first)
	shuffle(others)
	if len(first)+len(others) == 0 {
		return nil, errors.New("no combination of peers can be derived which satisfy the endorsement policy: no peer combination can satisfy the endorsement policy")
	}
	return newPlan(append(first, others...), groups), nil
}

func shuffle(layouts []map[string]int) {
	rand.Shuffle(len(layouts), func(i, j int) { layouts[i], layouts[j] = layouts[j], layouts[i] })
}

func satisfying(candidates []Endorser, key string) []Endorser {
	found := []Endorser{}
	for _, candidate := range candidates {
		if candidate.Identity().Satisfies(policy.Principal(key)) == nil {
			found = append(found, candidate)
		}
	}
	return found
}

func satisfiable(combination policy.Combination, groups map[string][]Endorser) bool {
	for key, quantity := range combination {
		if len(groups[key]) < quantity {
			return false
		}
	}
	return true
}

func uses(combination policy.Combination, groups map[string][]Endorser, e Endorser) bool {
	for _, key := range slices.Sorted(maps.Keys(combination)) {
		if slices.Contains(groups[key], e) {
			return true
		}
	}
	return false
}

// analyse lists the ways to satisfy all the policies an interest falls under, and the peers that may be asked.
func (g *Gateway) analyse(channelID string, interest *peer.ChaincodeInterest) ([]policy.Combination, []Endorser, error) {
	candidates := g.Peers()
	var policies [][]policy.Combination
	for _, call := range interest.GetChaincodes() {
		definition := g.definition(channelID, call.GetName())
		if definition == nil {
			return nil, nil, fmt.Errorf("No metadata was found for chaincode %s in channel %s", call.GetName(), channelID)
		}
		var err error
		if candidates, err = eligible(candidates, definition, call); err != nil {
			return nil, nil, err
		}
		ways, err := g.waysOf(definition, call)
		if err != nil {
			return nil, nil, err
		}
		policies = append(policies, ways...)
	}
	for _, ways := range policies {
		if len(ways) == 0 {
			return nil, nil, errors.New("endorsement policy cannot be satisfied")
		}
	}
	return policy.Merge(policies...), candidates, nil
}

// eligible leaves in the peers that have the chaincode and, where private values are read, may hold them.
func eligible(candidates []Endorser, definition *lifecycle.Definition, call *peer.ChaincodeCall) ([]Endorser, error) {
	var members []string
	if !call.GetNoPrivateReads() {
		for i, name := range call.GetCollectionNames() {
			collection, found := definition.Collection(name)
			if !found {
				return nil, fmt.Errorf("collection %s doesn't exist in collection config for chaincode %s", name, call.GetName())
			}
			holders := policy.Members(collection.GetMemberOrgsPolicy().GetSignaturePolicy())
			if i == 0 {
				members = holders
				continue
			}
			members = slices.DeleteFunc(members, func(one string) bool { return !slices.Contains(holders, one) })
		}
	}
	var left []Endorser
	for _, e := range candidates {
		barred := len(call.GetCollectionNames()) > 0 && !call.GetNoPrivateReads() && !slices.Contains(members, e.MSPID())
		if e.Has(call.GetName()) && !barred {
			left = append(left, e)
		}
	}
	return left, nil
}

// waysOf lists, for each policy that one call falls under, the ways to satisfy it.
func (g *Gateway) waysOf(definition *lifecycle.Definition, call *peer.ChaincodeCall) ([][]policy.Combination, error) {
	var encoded [][]byte
	if len(call.GetCollectionNames()) == 0 && !call.GetDisregardNamespacePolicy() {
		encoded = append(encoded, definition.Policy())
	}
	for _, name := range call.GetCollectionNames() {
		collection, _ := definition.Collection(name)
		own, err := lifecycle.CollectionPolicy(collection)
		if err != nil {
			return nil, err
		}
		if own == nil {
			own = definition.Policy()
		}
		encoded = append(encoded, own)
	}
	var ways [][]policy.Combination
	for _, one := range encoded {
		application, err := g.Channel.Application(one)
		if err != nil {
			return nil, err
		}
		ways = append(ways, channel.Combinations(application))
	}
	for _, one := range call.GetKeyPolicies() {
		ways = append(ways, policy.Combinations(one))
	}
	return ways, nil
}

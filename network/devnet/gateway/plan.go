package gateway

import (
	"bytes"
	"maps"
	"slices"
	"sync"

	pb "github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

// layout is one way to satisfy the policies: how many endorsements are still needed of each group.
type layout struct {
	required     map[string]int
	endorsements []*peer.Endorsement
	abandoned    bool
}

// plan is the endorsers a transaction may be sent to, and what has come back so far.
type plan struct {
	mu      sync.Mutex
	layouts []*layout
	next    int // the layout to try next; the ones before it were tried
	// waiting are the endorsers of each group that were not asked yet, best first; groups are all of them.
	waiting   map[string][]Endorser
	groups    map[string][]Endorser
	payload   []byte
	completed *layout
	details   []*pb.ErrorDetail
}

func newPlan(layouts []map[string]int, groups map[string][]Endorser) *plan {
	p := &plan{groups: groups, waiting: map[string][]Endorser{}}
	for _, required := range layouts {
		p.layouts = append(p.layouts, &layout{required: maps.Clone(required)})
	}
	for group, endorsers := range groups {
		p.waiting[group] = slices.Clone(endorsers)
	}
	return p
}

// asked is an endorser and the group it is asked for.
type asked struct {
	endorser Endorser
	group    string
}

// endorsers takes the endorsers of the next layout that still can succeed; none where there is no such layout.
func (p *plan) endorsers() []asked {
	p.mu.Lock()
	defer p.mu.Unlock()
	for ; p.next < len(p.layouts); p.next++ {
		current := p.layouts[p.next]
		if current.abandoned || !p.enough(current) {
			current.abandoned = true
			continue
		}
		var chosen []asked
		for _, group := range slices.Sorted(maps.Keys(current.required)) {
			for range current.required[group] {
				chosen = append(chosen, asked{p.waiting[group][0], group})
				p.waiting[group] = p.waiting[group][1:]
			}
		}
		return chosen
	}
	return nil
}

func (p *plan) enough(l *layout) bool {
	for group, quantity := range l.required {
		if quantity > len(p.waiting[group]) {
			return false
		}
	}
	return true
}

// another takes the next endorser of a group in place of one that failed.
func (p *plan) another(group string) (Endorser, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting[group]) == 0 {
		return nil, false
	}
	next := p.waiting[group][0]
	p.waiting[group] = p.waiting[group][1:]
	return next, true
}

// abandon gives up the current layout and all others that need one of the groups.
func (p *plan) abandon(groups []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.layouts[p.next:] {
		for _, group := range groups {
			if _, needed := l.required[group]; needed {
				l.abandoned = true
			}
		}
	}
	p.next++
}

// fail notes why an endorser did not endorse.
func (p *plan) fail(e Endorser, message string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.details = append(p.details, detail(e, message))
}

// accept takes an endorsement. It must be over the same bytes as the ones before it.
func (p *plan) accept(e Endorser, response *peer.ProposalResponse) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.payload == nil {
		p.payload = response.GetPayload()
	} else if !bytes.Equal(p.payload, response.GetPayload()) {
		p.details = append(p.details, detail(e, "ProposalResponsePayloads do not match"))
		return false
	}
	for group := range p.waiting {
		p.waiting[group] = slices.DeleteFunc(p.waiting[group], func(other Endorser) bool { return other == e })
	}
	for _, l := range p.layouts[min(p.next, len(p.layouts)):] {
		if l.abandoned || p.completed != nil {
			continue
		}
		p.credit(l, e, response.GetEndorsement())
	}
	return true
}

// credit counts an endorsement for the first group of a layout that the endorser belongs to.
func (p *plan) credit(l *layout, e Endorser, endorsement *peer.Endorsement) {
	for _, group := range slices.Sorted(maps.Keys(l.required)) {
		if !slices.Contains(p.groups[group], e) {
			continue
		}
		l.endorsements = append(l.endorsements, endorsement)
		if l.required[group]--; l.required[group] == 0 {
			delete(l.required, group)
		}
		if len(l.required) == 0 {
			p.completed = l
		}
		return
	}
}

// unique leaves each endorser in once.
func unique(endorsements []*peer.Endorsement) []*peer.Endorsement {
	seen := map[string]bool{}
	var once []*peer.Endorsement
	for _, endorsement := range endorsements {
		if endorsement != nil && !seen[string(endorsement.GetEndorser())] {
			seen[string(endorsement.GetEndorser())] = true
			once = append(once, endorsement)
		}
	}
	return once
}

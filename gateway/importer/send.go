package importer

import (
	"context"
	"fmt"
	"time"

	"github.com/zegel/zegel/gateway/journal"
	"github.com/zegel/zegel/gateway/teller"
)

// sender turns events into requests.
type sender struct {
	client client
	chains []Chain
	homes  map[string]int // the chain that enrols each member: that of the first event
	id     string         // of the journal: part of every Idempotency-Key
	state  *state
}

// homesOf finds the chain of each member's first event.
func homesOf(events []journal.Event) map[string]int {
	homes := make(map[string]int)
	for i := range events {
		if _, known := homes[events[i].Member]; !known {
			homes[events[i].Member] = events[i].Chain
		}
	}
	return homes
}

// enrol makes sure that a member has a reference at the home chain.
func (s *sender) enrol(ctx context.Context, member string) (string, error) {
	if reference := s.state.reference(member); reference != "" {
		return reference, nil
	}
	request := teller.Enrolment{
		Name:  "Member " + member,
		Email: fmt.Sprintf("%s.%s@journal.example", member, s.id),
	}
	key := fmt.Sprintf("journal-%s-member-%s", s.id, member)
	answer, err := s.client.post(ctx, s.chains[s.homes[member]], "/v1/members", key, request)
	if err != nil {
		return "", fmt.Errorf("enrol member %s: %w", member, err)
	}
	return answer.Member, s.state.enrolled(member, answer.Member)
}

// send replays one event and says whether the ledger had it already.
func (s *sender) send(ctx context.Context, n int, e journal.Event, member string) (replayed bool, err error) {
	key := fmt.Sprintf("journal-%s-event-%d", s.id, n)
	path, body := s.request(e, member)
	answer, err := s.client.post(ctx, s.chains[e.Chain], path, key, body)
	if err != nil {
		return false, fmt.Errorf("event %d (%s of receipt %s): %w", n+1, e.Kind, e.Receipt, err)
	}
	return answer.Replayed, s.state.answered(n)
}

func (s *sender) request(e journal.Event, member string) (path string, body any) {
	sale := s.sale(e, e.Receipt)
	switch e.Kind {
	case journal.Return:
		r := teller.ReturnRequest{Sale: sale, Original: s.sale(e, e.Sale), Amount: e.Amount}
		for _, back := range e.Back {
			r.Lines = append(r.Lines, teller.ReturnLine{Line: back.Line, Quantity: back.Quantity})
		}
		return "/v1/returns", r
	case journal.Redeem:
		return "/v1/redemptions", teller.RedeemRequest{Member: member, Points: e.Points, Sale: &sale}
	default:
		r := teller.EarnRequest{Member: member, Sale: sale, Basket: teller.Basket{Currency: "EUR", Total: e.Total}}
		for _, l := range e.Lines {
			r.Basket.Lines = append(r.Basket.Lines, teller.Line{SKU: l.SKU, Category: l.Category, Quantity: l.Quantity, Amount: l.Amount})
		}
		return "/v1/earns", r
	}
}

// sale places a receipt at the anchor: the journal's own times are too old to be let in.
func (s *sender) sale(e journal.Event, receipt string) teller.Sale {
	return teller.Sale{Store: e.Store, Terminal: e.Terminal, Receipt: receipt, BusinessTime: s.state.anchor.In(time.UTC)}
}

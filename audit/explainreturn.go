package audit

import (
	"crypto/sha256"
	"fmt"
	"math/big"

	"github.com/zegel/zegel/audit/tx"
	"github.com/zegel/zegel/chaincode/loyalty"
)

// minorFor is the least amount of money that earns exactly n points; false if none does.
func minorFor(n loyalty.Points, t loyalty.Terms) (int64, bool) {
	wanted, money := big.NewInt(int64(n)), new(big.Int)
	money.Mul(wanted, big.NewInt(t.EarnMinor))
	money.Add(money, big.NewInt(t.EarnPoints-1)).Div(money, big.NewInt(t.EarnPoints))
	earned := new(big.Int).Mul(money, big.NewInt(t.EarnPoints))
	earned.Div(earned, big.NewInt(t.EarnMinor))
	return money.Int64(), money.IsInt64() && money.Int64() <= loyalty.MaxMinor && earned.Cmp(wanted) == 0
}

// taken is a return that explains the outcome of a return. It comes with an opening of its own, which
// the book then pretends is the one committed to.
func (e *execution) taken(i int, p *loyalty.Programme, points *tx.Namespace) (*loyalty.Taken, error) {
	c, out := e.commands[i], e.recorded[i]
	now := e.now
	if out.At > 0 {
		now = out.At
	}
	opening := &loyalty.Opening{Version: 1, Basket: *someBasket(p, now)}
	t := &loyalty.Taken{Amount: 1, At: now}
	switch {
	case out.Replayed:
	case out.Status == loyalty.StatusApplied:
		if err := e.explainReturn(i, points, opening, t); err != nil {
			return nil, err
		}
	case out.Code == loyalty.CodeTimeInFuture:
		t.At = late(p, now) + 1
	case out.Code == loyalty.CodeTimeTooOld:
		t.At = early(p, now) - 1
	case out.Code == loyalty.CodeLineUnknown:
		var line int
		if _, err := fmt.Sscanf(out.Message, "The sale has no line %d.", &line); err == nil {
			t.Amount, t.Lines = 0, []loyalty.TakenLine{{Line: line, Quantity: 1}}
		}
	case out.Code == loyalty.CodeNothingToReturn:
		opening.Returned.Amount = opening.Basket.Total
	case out.Code == loyalty.CodeReturnExceedsSale:
		t.Amount = opening.Basket.Total + 1
	}
	text, err := loyalty.OpeningBytes(opening)
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256(text)
	e.book.pretend[openingName{e.caller.MSP, c.Sale}] = hash[:]
	t.Opening = text
	return t, nil
}

// explainReturn makes opening and t a sale and a return of which the recorded points are the share.
// Of a sale that earned P and was paid with S points, all returns together take floor(P·x) and give
// back floor(S·x), where x is the part returned: some x must explain both.
func (e *execution) explainReturn(i int, points *tx.Namespace, opening *loyalty.Opening, t *loyalty.Taken) error {
	c, out := e.commands[i], e.recorded[i]
	sale, err := e.book.Receipt(e.caller.MSP, c.Sale)
	if err != nil {
		return err
	}
	if sale == nil {
		return nil // the rules say so themselves
	}
	spent := spentOn(sale)
	clawed, restored := e.targets(sale, out)
	if clawed < sale.Clawed || clawed > sale.Earned || out.Restored < 0 || restored > spent {
		e.problem(i, CodeReturn, fmt.Sprintf("clawed %d to %d, restored %d to %d", sale.Clawed, sale.Earned, sale.Restored, spent),
			fmt.Sprintf("clawed %d, restored %d", clawed, restored), "More came back than the sale had, or less than before.")
		return nil
	}
	if err := e.checkShare(i, points, sale, spent, clawed, restored); err != nil {
		return err
	}
	part, whole := partOf(clawed, sale.Earned, restored, spent)
	opening.Basket.Total, t.Amount = int64(whole), int64(part)
	if share(sale.Earned, part, whole) != clawed || share(spent, part, whole) != restored {
		e.problem(i, CodeReturn, "", fmt.Sprintf("%d of %d clawed, %d of %d restored", clawed, sale.Earned, restored, spent),
			"No part of the sale has both as its share.")
	}
	return nil
}

// spentOn is how many points ever paid for a sale.
func spentOn(sale *loyalty.Receipt) loyalty.Points {
	spent := sale.Restored
	for _, l := range sale.Spent {
		spent += l.Points
	}
	return spent
}

// targets is how many points all returns together have clawed and restored after this one. Points
// forgiven before fall due again as far as the issuer's own were restored.
func (e *execution) targets(sale *loyalty.Receipt, out loyalty.Outcome) (clawed, restored loyalty.Points) {
	var own loyalty.Points
	for _, p := range out.Postings {
		if p.Reason == loyalty.Restored && p.Issuer == e.caller.MSP {
			own += p.Points
		}
	}
	return sale.Clawed + out.Points + out.Forgiven - min(sale.Forgiven, own), sale.Restored + out.Restored
}

// partOf is the least part of a sale of which so many points can be the shares, as a fraction.
func partOf(clawed, earned, restored, spent loyalty.Points) (part, whole loyalty.Points) {
	part, whole = clawed, earned
	if whole == 0 || spent > 0 && product(restored, whole).Cmp(product(part, spent)) > 0 {
		part, whole = restored, spent
	}
	if part == 0 {
		return 1, max(earned, spent) + 1
	}
	return part, whole
}

// checkShare compares the points with the opening, if it is supplied and this was its last return.
func (e *execution) checkShare(i int, points *tx.Namespace, sale *loyalty.Receipt, spent, clawed, restored loyalty.Points) error {
	supplied, err := e.supplied(i, e.commands[i].Sale, points)
	if err != nil {
		return err
	}
	if supplied == nil || len(supplied.Returned.Lines) == 0 && supplied.Returned.Amount == 0 {
		e.rates.Shares++
		return nil
	}
	e.rates.CheckedShares++
	back, total := returned(supplied), loyalty.Points(supplied.Basket.Total)
	if a, b := share(sale.Earned, back, total), share(spent, back, total); a != clawed || b != restored {
		e.problem(i, CodeReturnShare, fmt.Sprintf("clawed %d, restored %d", a, b), fmt.Sprintf("clawed %d, restored %d", clawed, restored),
			"The opening gives another share of the points.")
	}
	return nil
}

// returned is the value of everything that was returned of a sale.
func returned(o *loyalty.Opening) loyalty.Points {
	value := loyalty.Points(o.Returned.Amount)
	for i, q := range o.Returned.Lines {
		line := o.Basket.Lines[i]
		value += share(loyalty.Points(line.Amount), loyalty.Points(q), loyalty.Points(line.Quantity))
	}
	return value
}

func product(a, b loyalty.Points) *big.Int {
	return new(big.Int).Mul(big.NewInt(int64(a)), big.NewInt(int64(b)))
}

// share is floor(n·part/whole).
func share(n, part, whole loyalty.Points) loyalty.Points {
	if whole <= 0 {
		return 0
	}
	p := product(n, part)
	return loyalty.Points(p.Div(p, big.NewInt(int64(whole))).Int64())
}

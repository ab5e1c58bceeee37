package audit

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zegel/zegel/audit/tx"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/chaincode/worldstate"
)

// The lengths of time that the programme counts in, in milliseconds.
const (
	millisPerSecond = 1000
	millisPerHour   = 3_600_000
)

// detailCodes refuse details by their form alone. Such a refusal leaves no trace but the answer, and
// whether it was right only those who saw the details can say.
var detailCodes = []loyalty.Code{
	loyalty.CodeBasketMissing, loyalty.CodeBasketMalformed, loyalty.CodeAmountNotPositive, loyalty.CodeAmountTooLarge,
	loyalty.CodeLinesTotal, loyalty.CodeMalformedCommand, loyalty.CodeOpeningStale,
}

// explain finds details that explain what the endorsers say became of a command: the real ones where
// they are supplied, or else some that are possible. skip says that the outcome, a refusal without a
// trace, must be taken as it is.
func (e *execution) explain(i int, points *tx.Namespace) (d loyalty.Details, skip bool, err error) {
	c, out := e.commands[i], e.recorded[i]
	if c.Kind != loyalty.KindEarn && c.Kind != loyalty.KindReturn || c.Check() != nil {
		skip = c.Check() == nil && out.Status == loyalty.StatusRefused && !out.Recorded && out.Code == loyalty.CodeMalformedCommand
		return d, skip, nil
	}
	if out.Status == loyalty.StatusRefused && !out.Recorded && slices.Contains(detailCodes, out.Code) {
		return d, true, nil
	}
	programme, err := e.book.Programme()
	if err != nil || programme == nil {
		return d, false, err
	}
	if c.Kind == loyalty.KindEarn {
		d.Basket, err = e.basket(i, programme, points)
	} else {
		d.Return, err = e.taken(i, programme, points)
	}
	return d, false, err
}

// noSalt stands for what the auditor does not know.
var noSalt = strings.Repeat("0", 32)

// someBasket is a sale of one minor unit.
func someBasket(p *loyalty.Programme, at loyalty.Instant) *loyalty.Basket {
	return &loyalty.Basket{Salt: noSalt, Currency: p.Currency, Total: 1, Store: "-", Terminal: "-", Receipt: "-", At: at}
}

// basket is a sale that explains the outcome of an earn.
func (e *execution) basket(i int, p *loyalty.Programme, points *tx.Namespace) (*loyalty.Basket, error) {
	c, out := e.commands[i], e.recorded[i]
	now := e.now
	if out.At > 0 {
		now = out.At
	}
	b := someBasket(p, now)
	if out.Replayed {
		return b, nil
	}
	if out.Status == loyalty.StatusApplied {
		supplied, err := e.supplied(i, c.Receipt, points)
		if err != nil || supplied != nil {
			if supplied != nil {
				e.days[i] = supplied.Basket.At.Day()
				e.rates.CheckedRates++
				return &supplied.Basket, nil
			}
			return nil, err
		}
		e.rates.Rates++
		return b, e.explainEarn(i, p, b, now)
	}
	switch out.Code {
	case loyalty.CodeCurrencyMismatch:
		b.Currency = otherCurrency(p)
	case loyalty.CodeTimeInFuture:
		b.At = now + loyalty.Instant(p.EarlySeconds)*millisPerSecond + 1
	case loyalty.CodeTimeTooOld:
		b.At = now - loyalty.Instant(p.LateHours)*millisPerHour - 1
	case loyalty.CodeTermsUnknown:
		b.At = dayIn(out.Message, now)
	case loyalty.CodePointsTooLarge:
		b.Total = loyalty.MaxMinor
	case loyalty.CodeEarnTooLarge:
		return b, e.earning(i, p, b, loyalty.MaxPoints)
	case loyalty.CodeBalanceLimit:
		most := loyalty.MaxPoints
		if p.EarnMax > 0 {
			most = p.EarnMax
		}
		return b, e.earning(i, p, b, most)
	case loyalty.CodeTooManyLots:
		return b, e.earning(i, p, b, 1)
	}
	return b, nil
}

// dayIn is the beginning of the day that the sentence of a refusal names, or now.
func dayIn(message string, now loyalty.Instant) loyalty.Instant {
	const form = "2006-01-02"
	text := strings.TrimSuffix(message, ".")
	if len(text) >= len(form) {
		if day, err := time.Parse(form, text[len(text)-len(form):]); err == nil {
			return loyalty.InstantOf(day)
		}
	}
	return now
}

// earning makes b earn n points under the terms of its day, or as many as it can.
func (e *execution) earning(i int, p *loyalty.Programme, b *loyalty.Basket, n loyalty.Points) error {
	book, err := e.book.Terms(e.caller.MSP)
	if err != nil {
		return err
	}
	paid, err := e.paid(i, p)
	if err != nil {
		return err
	}
	minor := loyalty.MaxMinor
	if terms, ok := book.On(b.At.Day()); ok {
		if least, ok := minorFor(n, terms); ok {
			minor = least
		}
	}
	b.Total = max(1, paid+min(minor, loyalty.MaxMinor-paid))
	return nil
}

// explainEarn gives b a day, an amount and a part paid with points so that it earns what was recorded.
func (e *execution) explainEarn(i int, p *loyalty.Programme, b *loyalty.Basket, now loyalty.Instant) error {
	out := e.recorded[i]
	book, err := e.book.Terms(e.caller.MSP)
	if err != nil {
		return err
	}
	if book == nil || out.Terms < 1 || out.Terms > len(book.Versions) {
		e.problem(i, CodeEarn, "", fmt.Sprintf("version %d", out.Terms), "The chain had no such version of its terms.")
		return nil
	}
	terms := book.Versions[out.Terms-1]
	days := e.possibleDays(i, p, book, terms, now)
	if len(days) == 0 && out.Expiry > late(p, now).Month().Plus(terms.ValidMonths) {
		e.problem(i, CodeEarn, late(p, now).Month().Plus(terms.ValidMonths).String()+" at the latest", out.Expiry.String(),
			"The points live longer than the terms promise.")
		return nil
	}
	if len(days) == 0 {
		e.problem(i, CodeBackdated, fmt.Sprintf("a sale between %s and %s", early(p, now).Day(), late(p, now).Day()),
			fmt.Sprintf("terms %d, expiry %s", out.Terms, out.Expiry), "No day on which the programme takes a sale has these terms and this expiry.")
		return nil
	}
	e.choices = max(e.choices, len(days))
	b.At = days[min(e.guess, len(days)-1)]
	e.days[i] = b.At.Day()
	minor, ok := minorFor(out.Points, terms)
	if !ok {
		e.problem(i, CodeEarn, "", fmt.Sprint(out.Points), "No amount of money earns so many points under these terms.")
		return nil
	}
	paid, err := e.paid(i, p)
	if err != nil {
		return err
	}
	if minor == 0 {
		paid = max(1, paid)
	}
	b.Total, b.ByPoints = minor+paid, paid
	return nil
}

// paid is what the points spent on the receipt of an earn are worth: the rules count it as paid,
// whatever the till said.
func (e *execution) paid(i int, p *loyalty.Programme) (int64, error) {
	sale, err := e.book.Receipt(e.caller.MSP, e.commands[i].Receipt)
	if err != nil || sale == nil {
		return 0, err
	}
	var spent loyalty.Points
	for _, l := range sale.Spent {
		spent += l.Points
	}
	return p.Worth(spent), nil
}

func early(p *loyalty.Programme, now loyalty.Instant) loyalty.Instant {
	return now - loyalty.Instant(p.LateHours)*millisPerHour
}

func late(p *loyalty.Programme, now loyalty.Instant) loyalty.Instant {
	return now + loyalty.Instant(p.EarlySeconds)*millisPerSecond
}

// possibleDays are instants on each day on which a sale with the recorded terms and expiry can have
// been: now first, then the others, latest first.
func (e *execution) possibleDays(i int, p *loyalty.Programme, book *loyalty.TermsBook, terms loyalty.Terms, now loyalty.Instant) []loyalty.Instant {
	out := e.recorded[i]
	from, to := early(p, now), late(p, now)
	fits := func(at loyalty.Instant) bool {
		on, ok := book.On(at.Day())
		return ok && on.Version == terms.Version && at.Month().Plus(terms.ValidMonths) == out.Expiry
	}
	var all []loyalty.Instant
	if fits(now) {
		all = append(all, now)
	}
	for at := to; at >= from; {
		if at.Day() != now.Day() && fits(at) {
			all = append(all, at)
		}
		midnight := loyalty.InstantOf(at.Time().Truncate(24 * time.Hour))
		if midnight <= from {
			break
		}
		at = midnight - 1
	}
	return all
}

// supplied is the opening of a sale if it was supplied and is the one committed to in this
// transaction, or what it was before anything was returned.
func (e *execution) supplied(i int, sale loyalty.ReceiptID, points *tx.Namespace) (*loyalty.Opening, error) {
	if e.auditor.options.Openings == nil {
		return nil, nil
	}
	text, err := e.auditor.options.Openings.Opening(e.caller.MSP, sale)
	if err != nil {
		return nil, &stateError{err}
	}
	if text == nil {
		return nil, nil
	}
	opening, err := loyalty.ParseOpening(text)
	if err != nil {
		e.problem(i, CodeOpening, "", "", "The opening supplied cannot be read: "+err.Error()+".")
		return nil, nil //nolint:nilerr // what is wrong with the ledger is a finding, not an error of the audit
	}
	committed := committedHash(points, worldstate.Baskets(e.caller.MSP), worldstate.OpeningKey(sale))
	now := sha256.Sum256(text)
	fresh, err := loyalty.OpeningBytes(&loyalty.Opening{Version: opening.Version, Basket: opening.Basket})
	if err != nil {
		return nil, err
	}
	before := sha256.Sum256(fresh)
	switch {
	case bytes.Equal(committed, now[:]), bytes.Equal(committed, before[:]):
		return opening, nil
	case e.commands[i].Kind == loyalty.KindReturn:
		return nil, nil // an earlier part of a sale of which more was returned since
	}
	e.problem(i, CodeOpening, fmt.Sprintf("%x", committed), fmt.Sprintf("%x", before), "The opening supplied is not the one committed to.")
	return nil, nil
}

// committedHash is the hash of a private value that a transaction writes; nil if it does not.
func committedHash(points *tx.Namespace, collection, key string) []byte {
	hashed := sha256.Sum256([]byte(key))
	for _, c := range points.Collections {
		if c.Name != collection {
			continue
		}
		for _, w := range c.Hashes.GetHashedWrites() {
			if bytes.Equal(w.GetKeyHash(), hashed[:]) {
				return w.GetValueHash()
			}
		}
	}
	return nil
}

// otherCurrency is one that the programme does not count in.
func otherCurrency(p *loyalty.Programme) string {
	if p.Currency == "XTS" {
		return "XAU"
	}
	return "XTS"
}

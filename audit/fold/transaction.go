package fold

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Transaction is what the fold sees of one valid transaction.
type Transaction struct {
	MSP    string
	Batch  []byte // the argument: JSON of the commands
	Reply  []byte // the endorsers' answer: JSON of the outcomes
	Writes map[string][]byte
	// Before is the value of a key before the transaction, empty where there was none.
	Before func(key string) ([]byte, error)
}

// count is one transaction being counted.
type count struct {
	*Fold
	tx       Transaction
	sheets   map[string]*sheet // accounts as the postings so far leave them
	problems []Problem
}

// Rules notes a programme that comes into force: the value of its key.
func (f *Fold) Rules(value []byte) error {
	var p struct {
		BurnOrder string `json:"burnOrder"`
	}
	if err := decode(value, &p); err != nil {
		return err
	}
	f.order = p.BurnOrder
	return nil
}

// Add counts a transaction and returns the laws that it breaks. An error is the caller's own.
func (f *Fold) Add(t Transaction) ([]Problem, error) {
	var batch struct {
		Commands []command `json:"commands"`
	}
	var reply struct {
		Outcomes []outcome `json:"outcomes"`
	}
	if json.Unmarshal(t.Batch, &batch) != nil || json.Unmarshal(t.Reply, &reply) != nil || len(batch.Commands) != len(reply.Outcomes) {
		return []Problem{{Law: Unreadable, Text: "Commands or outcomes cannot be read."}}, nil //nolint:nilerr // a finding, not an error of the audit
	}
	c := &count{Fold: f, tx: t, sheets: map[string]*sheet{}}
	earned := map[string]bool{}
	for i, o := range reply.Outcomes {
		if o.Status != "applied" || o.Replayed {
			continue
		}
		if o.Kind == "earn" {
			if err := c.once(batch.Commands[i], o, earned); err != nil {
				return nil, err
			}
		}
		if err := c.outcome(o); err != nil {
			return nil, err
		}
	}
	return c.problems, c.compare()
}

func (c *count) find(law Law, o outcome, expected, found, text string) {
	c.problems = append(c.problems, Problem{Law: law, Operation: o.Op, Expected: expected, Found: found, Text: text})
}

// once checks that a receipt has earned nothing yet.
func (c *count) once(cmd command, o outcome, earned map[string]bool) error {
	key := "r~" + c.tx.MSP + "~" + cmd.Receipt
	value, err := c.tx.Before(key)
	if err != nil {
		return err
	}
	var r struct {
		Op string `json:"op"`
	}
	if len(value) > 0 && decode(value, &r) != nil || r.Op != "" || earned[key] {
		c.find(ReceiptTwice, o, "", cmd.Receipt, "The receipt has already earned its points.")
	}
	earned[key] = true
	return nil
}

// outcome moves the points of one outcome.
func (c *count) outcome(o outcome) error {
	var sent, received int64
	for i, p := range o.Postings {
		s, err := c.sheet(p.Member)
		if err != nil {
			return err
		}
		if s == nil {
			continue
		}
		if draws[p.Reason] && (i == 0 || !draws[o.Postings[i-1].Reason]) {
			c.checkDraw(o, i, s)
		}
		switch p.Reason {
		case "sent":
			sent += p.Points
		case "received":
			received += p.Points
		}
		if !c.move(s, p) {
			c.find(Conservation, o, "", p.Reason, "A posting of an unknown kind or of no points.")
		}
	}
	if sent != received {
		c.find(Transfer, o, fmt.Sprint(sent), fmt.Sprint(received), "The transfer brought other points than it sent.")
	}
	return nil
}

// draws are the postings by which a member spends.
var draws = map[string]bool{"redeemed": true, "held": true, "sent": true}

// checkDraw looks at a run of draws, which begins at posting i, before any of it is moved: was so much
// there, and was it their turn.
func (c *count) checkDraw(o outcome, i int, s *sheet) {
	var total int64
	var run []posting
	for _, p := range o.Postings[i:] {
		if p.Reason == "received" && o.Postings[i].Reason == "sent" {
			continue
		}
		if p.Reason != o.Postings[i].Reason || p.Member != o.Postings[i].Member {
			break
		}
		total += p.Points
		run = append(run, p)
	}
	if left := s.spendable(); total > left {
		c.find(Overspent, o, fmt.Sprintf("at most %d", left), fmt.Sprint(total), "More points were spent than were there.")
	}
	left := maps.Clone(s.free)
	var last posting
	for _, p := range run {
		left[pile{p.Issuer, p.Terms, p.Expiry}] -= p.Points
		last = p
	}
	for k, n := range left {
		if n > 0 && c.before(k, pile{last.Issuer, last.Terms, last.Expiry}) {
			c.find(ChargedOrder, o, fmt.Sprintf("%s until %s", k.issuer, k.expiry), fmt.Sprintf("%s until %s", last.Issuer, last.Expiry),
				"Other points were to be charged first.")
			return
		}
	}
}

// before says whether points of a come before those of b by month and issuer alone. Points of one
// month are ordered by the day they were earned on, which only the accounts tell.
func (c *count) before(a, b pile) bool {
	switch c.order {
	case "earliest_expiry":
		return a.expiry < b.expiry
	case "own_first":
		own, other := a.issuer == c.tx.MSP, b.issuer == c.tx.MSP
		return own && !other || own == other && a.expiry < b.expiry
	default:
		return false
	}
}

// effect is what a posting of one point does: to lots, to holds, to the debt, and which total counts it.
type effect struct {
	free, held, debt int64
	total            func(*Totals) *int64
}

// effects is the auditor's own bookkeeping.
var effects = map[string]effect{
	"earned":   {free: +1, total: func(t *Totals) *int64 { return &t.Earned }},
	"redeemed": {free: -1, total: func(t *Totals) *int64 { return &t.Redeemed }},
	"held":     {free: -1, held: +1},
	"released": {free: +1, held: -1},
	"captured": {held: -1, total: func(t *Totals) *int64 { return &t.Redeemed }},
	"clawed":   {free: -1, total: func(t *Totals) *int64 { return &t.Clawed }},
	"owed":     {debt: +1, total: func(t *Totals) *int64 { return &t.Clawed }},
	"repaid":   {free: -1, debt: -1},
	"restored": {free: +1, total: func(t *Totals) *int64 { return &t.Restored }},
	"sent":     {free: -1, total: func(t *Totals) *int64 { return &t.Sent }},
	"received": {free: +1, total: func(t *Totals) *int64 { return &t.Received }},
	"expired":  {free: -1, total: func(t *Totals) *int64 { return &t.Expired }},
}

// move applies one posting to an account and to its issuer's totals. It is false for one that is none.
func (c *count) move(s *sheet, p posting) bool {
	e, known := effects[p.Reason]
	if !known || p.Points <= 0 {
		return false
	}
	k, n := pile{p.Issuer, p.Terms, p.Expiry}, p.Points
	if e.free != 0 {
		s.free[k] += e.free * n
	}
	if e.held != 0 {
		s.held[k] += e.held * n
	}
	if e.debt != 0 {
		s.debt[p.Issuer] += e.debt * n
	}
	if e.total != nil {
		*e.total(c.totals(p.Issuer)) += n
	}
	switch p.Reason {
	case "redeemed", "captured":
		c.movements[Pair{p.Issuer, p.Redeemer}] += n
	case "restored":
		c.movements[Pair{p.Issuer, p.Redeemer}] -= n
	}
	return true
}

// sheet is the account of a member as the postings so far leave it; nil if it cannot be read.
func (c *count) sheet(member string) (*sheet, error) {
	if s, ok := c.sheets[member]; ok {
		return s, nil
	}
	value, err := c.tx.Before("a~" + member)
	if err != nil {
		return nil, err
	}
	s, err := c.read(member, value)
	if err != nil {
		c.problems = append(c.problems, Problem{Law: Unreadable, Text: "The account of " + member + " cannot be read."})
		return nil, nil //nolint:nilerr // a finding, not an error of the audit
	}
	c.sheets[member] = s.clone()
	return c.sheets[member], nil
}

// read reads an account, unless it was the last that was read of the member.
func (f *Fold) read(member string, value []byte) (*sheet, error) {
	if known, ok := f.sheets[member]; ok && bytes.Equal(known.value, value) {
		return known.sheet, nil
	}
	s, err := sheetOf(value)
	if err == nil {
		if len(f.sheets) >= maxSheets {
			clear(f.sheets)
		}
		f.sheets[member] = cached{value, s}
	}
	return s, err
}

// compare checks that every account that was written is what the postings make of it, and that every
// account they change was written; and counts what is there now.
func (c *count) compare() error {
	for _, key := range slices.Sorted(maps.Keys(c.tx.Writes)) {
		member, ok := accountOf(key)
		if !ok {
			continue
		}
		value, err := c.tx.Before(key)
		if err != nil {
			return err
		}
		before, err := c.read(member, value)
		if err != nil {
			before = newSheet()
		}
		after, err := c.read(member, c.tx.Writes[key])
		if err != nil {
			c.problems = append(c.problems, Problem{Law: Unreadable, Text: "The account of " + member + " cannot be read."})
			continue
		}
		want, moved := c.sheets[member]
		if !moved {
			want = before
		}
		delete(c.sheets, member)
		if !want.same(after) {
			c.problems = append(c.problems, Problem{Law: Conservation, Expected: want.String(), Found: after.String(),
				Text: "The account of " + member + " is not what its postings make of it."})
		}
		c.stock(before, -1)
		c.stock(after, +1)
	}
	for _, member := range slices.Sorted(maps.Keys(c.sheets)) {
		c.problems = append(c.problems, Problem{Law: Conservation, Text: "Points of " + member + " moved and the account was not written."})
	}
	return nil
}

// stock counts what an account holds.
func (f *Fold) stock(s *sheet, sign int64) {
	for k, n := range s.free {
		f.totals(k.issuer).Free += sign * n
	}
	for k, n := range s.held {
		f.totals(k.issuer).Held += sign * n
	}
	for issuer, n := range s.debt {
		f.totals(issuer).Debt += sign * n
	}
}

// String lists the piles, sorted.
func (s *sheet) String() string {
	var all []string
	for k, n := range s.free {
		if n != 0 {
			all = append(all, fmt.Sprintf("%s/%d/%s %d", k.issuer, k.terms, k.expiry, n))
		}
	}
	for k, n := range s.held {
		if n != 0 {
			all = append(all, fmt.Sprintf("%s/%d/%s %d held", k.issuer, k.terms, k.expiry, n))
		}
	}
	for issuer, n := range s.debt {
		if n != 0 {
			all = append(all, fmt.Sprintf("%s owes %d", issuer, n))
		}
	}
	slices.Sort(all)
	return fmt.Sprint(all)
}

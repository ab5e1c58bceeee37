package loyalty

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// CheckPostings proves that postings, and nothing else, lead from one state of an account to the
// next: lot by lot, held and free, debt by debt, counter by counter. Postings of other members
// are passed over; before is nil for an account that did not exist.
func CheckPostings(before, after *Account, postings []Posting) error {
	if after == nil {
		return errors.New("an account cannot disappear")
	}
	if before == nil {
		before = &Account{Member: after.Member}
	}
	want := sheetOf(before)
	for _, p := range postings {
		if p.Member != after.Member {
			continue
		}
		if _, known := effects[p.Reason]; !known || p.Points <= 0 {
			return fmt.Errorf("posting %q of %d points", p.Reason, p.Points)
		}
		want.add(p)
	}
	return want.equals(sheetOf(after))
}

// sheet is an account as the auditor folds it: signed sums by lot and by issuer.
type sheet struct {
	free, held map[lotKey]Points
	debts      map[MSPID]Points
	counters   map[MSPID]Counter
}

type lotKey struct {
	issuer MSPID
	terms  int
	expiry Month
}

func (l Lot) key() lotKey { return lotKey{l.Issuer, l.Terms, l.Expiry} }

func sheetOf(a *Account) sheet {
	s := sheet{map[lotKey]Points{}, map[lotKey]Points{}, map[MSPID]Points{}, map[MSPID]Counter{}}
	for _, l := range a.Lots {
		s.free[l.key()] += l.Points
	}
	for _, h := range a.Holds {
		for _, l := range h.Draws {
			s.held[l.key()] += l.Points
		}
	}
	for _, d := range a.Debts {
		s.debts[d.Issuer] += d.Points
	}
	for _, c := range a.Counters {
		s.counters[c.Issuer] = c
	}
	return s
}

func (s sheet) add(p Posting) {
	e, k := effects[p.Reason], lotKey{p.Issuer, p.Terms, p.Expiry}
	if e.Lots != 0 {
		s.free[k] += Points(e.Lots) * p.Points
	}
	if e.Held != 0 {
		s.held[k] += Points(e.Held) * p.Points
	}
	if e.Debt != 0 {
		s.debts[p.Issuer] += Points(e.Debt) * p.Points
	}
	c := s.counters[p.Issuer]
	c.Issuer = p.Issuer
	c.Add(p.Reason, p.Points)
	s.counters[p.Issuer] = c
}

func (s sheet) equals(o sheet) error {
	return cmp.Or(
		differ("lot", s.free, o.free), differ("held lot", s.held, o.held),
		differ("debt", s.debts, o.debts), differ("counter", s.counters, o.counters))
}

// differ names the first key, in printed order, on which two maps differ; absent is zero.
func differ[K, V comparable](what string, want, got map[K]V) error {
	var off []string
	for k, v := range want {
		if got[k] != v {
			off = append(off, fmt.Sprintf("%s %v: postings give %v, the account has %v", what, k, v, got[k]))
		}
	}
	for k, v := range got {
		if _, seen := want[k]; !seen && v != *new(V) {
			off = append(off, fmt.Sprintf("%s %v: postings give nothing, the account has %v", what, k, v))
		}
	}
	if len(off) == 0 {
		return nil
	}
	return errors.New(slices.Min(off))
}

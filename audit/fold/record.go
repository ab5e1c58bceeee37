package fold

import (
	"encoding/json"
	"errors"
	"strings"
)

// What the fold reads of the ledger's records: only what it needs, in its own words.

type posting struct {
	Member   string `json:"member"`
	Reason   string `json:"reason"`
	Issuer   string `json:"issuer"`
	Terms    int    `json:"terms"`
	Expiry   string `json:"expiry"`
	Points   int64  `json:"points"`
	Redeemer string `json:"redeemer"`
}

type outcome struct {
	Op       string    `json:"op"`
	Kind     string    `json:"kind"`
	Status   string    `json:"status"`
	Replayed bool      `json:"replayed"`
	Member   string    `json:"member"`
	Points   int64     `json:"points"`
	Postings []posting `json:"postings"`
}

type command struct {
	Op      string `json:"op"`
	Receipt string `json:"receipt"`
}

type lot struct {
	Issuer string `json:"issuer"`
	Terms  int    `json:"terms"`
	Expiry string `json:"expiry"`
	Points int64  `json:"points"`
}

type account struct {
	Lots  []lot `json:"lots"`
	Holds []struct {
		Draws []lot `json:"draws"`
	} `json:"holds"`
	Debts []struct {
		Issuer string `json:"issuer"`
		Points int64  `json:"points"`
	} `json:"debts"`
}

// pile is points that are alike.
type pile struct {
	issuer string
	terms  int
	expiry string // 2026-11: text that sorts as months do
}

// sheet is an account in piles.
type sheet struct {
	free, held map[pile]int64
	debt       map[string]int64
}

var errRecord = errors.New("a record is not of its form")

// decode reads a value of the ledger: a version byte, then JSON.
func decode(value []byte, into any) error {
	if len(value) < 2 || value[0] != 1 {
		return errRecord
	}
	return json.Unmarshal(value[1:], into)
}

func newSheet() *sheet {
	return &sheet{map[pile]int64{}, map[pile]int64{}, map[string]int64{}}
}

// sheetOf reads an account; an empty value is an account that does not exist.
func sheetOf(value []byte) (*sheet, error) {
	s := newSheet()
	if len(value) == 0 {
		return s, nil
	}
	var a account
	if err := decode(value, &a); err != nil {
		return nil, err
	}
	for _, l := range a.Lots {
		s.free[pile{l.Issuer, l.Terms, l.Expiry}] += l.Points
	}
	for _, h := range a.Holds {
		for _, l := range h.Draws {
			s.held[pile{l.Issuer, l.Terms, l.Expiry}] += l.Points
		}
	}
	for _, d := range a.Debts {
		s.debt[d.Issuer] += d.Points
	}
	return s, nil
}

func (s *sheet) clone() *sheet {
	c := newSheet()
	for k, v := range s.free {
		c.free[k] = v
	}
	for k, v := range s.held {
		c.held[k] = v
	}
	for k, v := range s.debt {
		c.debt[k] = v
	}
	return c
}

// spendable is lots less debts.
func (s *sheet) spendable() (n int64) {
	for _, points := range s.free {
		n += points
	}
	for _, points := range s.debt {
		n -= points
	}
	return n
}

// same compares two sheets; what is zero is as good as absent.
func (s *sheet) same(o *sheet) bool {
	return equal(s.free, o.free) && equal(s.held, o.held) && equal(s.debt, o.debt)
}

func equal[K comparable](a, b map[K]int64) bool {
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	for k, v := range b {
		if a[k] != v {
			return false
		}
	}
	return true
}

// accountOf is the member whose account a key holds.
func accountOf(key string) (member string, ok bool) { return strings.CutPrefix(key, "a~") }

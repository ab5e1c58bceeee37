package teller

import (
	"context"
	"sync"
	"time"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
)

// programmeAge is how old the programme may be that an answer's value is computed from: it changes
// a few times a year, by a vote. A peer that could not say is left alone for programmePause.
const (
	programmeAge   = 30 * time.Second
	programmePause = time.Second
)

// programmeCache is the programme as it was read last.
type programmeCache struct {
	mu    sync.Mutex // guards the rest; held while reading, so that many askers read once
	known loyalty.Programme
	until time.Time // when to ask again
}

// Programme is what all organisations agreed on, as the own peer has it now.
func (t *Teller) Programme(ctx context.Context) (loyalty.Programme, error) {
	var p loyalty.Programme
	err := t.public(ctx, &p, api.GetProgramme)
	return p, err
}

// Terms is every version of an issuer's terms, oldest first; an empty issuer is the own chain.
func (t *Teller) Terms(ctx context.Context, issuer string) (loyalty.TermsBook, error) {
	if issuer == "" {
		issuer = string(t.config.MSP)
	}
	var book loyalty.TermsBook
	err := t.public(ctx, &book, api.GetTerms, issuer)
	return book, err
}

// recentProgramme is at most programmeAge old, older only while no peer says, and empty if none
// ever has: an answer is then without a value, which is better than no answer.
func (t *Teller) recentProgramme(ctx context.Context) loyalty.Programme {
	c := &t.programme
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Now().Before(c.until) {
		return c.known
	}
	p, err := t.Programme(ctx)
	if err != nil {
		c.until = time.Now().Add(programmePause)
		return c.known
	}
	c.known, c.until = p, time.Now().Add(programmeAge)
	return p
}

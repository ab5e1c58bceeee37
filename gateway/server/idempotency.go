package server

import (
	"net/http"
	"regexp"
	"strings"
	"sync"
)

// keyForm is what an Idempotency-Key looks like: enough room for a UUID or for chain, till and
// counter, too little for a sentence, and nothing that needs escaping anywhere.
var keyForm = regexp.MustCompile(`^[A-Za-z0-9_-]{16,128}$`)

// idempotencyKey reads the key of a write, bare or as the quoted string that the IETF draft asks
// for. The two spellings are one key.
func idempotencyKey(h http.Header) (string, error) {
	values := h.Values("Idempotency-Key")
	if len(values) == 0 {
		return "", problem(codeKeyMissing, "A write needs an Idempotency-Key header: a new random one per operation, the same one for every repeat.")
	}
	key := values[0]
	if inner, quoted := strings.CutPrefix(key, `"`); quoted && strings.HasSuffix(inner, `"`) {
		key = strings.TrimSuffix(inner, `"`)
	}
	if len(values) > 1 || !keyForm.MatchString(key) {
		return "", problem(codeKeyMalformed, "The Idempotency-Key header must appear once, with 16 to 128 letters, digits, hyphens and underscores.")
	}
	return key, nil
}

// flights knows which operations are being answered right now. Two requests with one key at the
// same moment would both be carried out as far as the ledger lets them; the ledger decides rightly,
// but the second would pay for a transaction that is bound to lose.
type flights struct {
	mu  sync.Mutex // guards now, held for a map access only
	now map[string]struct{}
}

// enter takes operation, or reports that somebody has it. The caller calls leave when done.
func (f *flights) enter(operation string) (leave func(), ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, taken := f.now[operation]; taken {
		return nil, false
	}
	if f.now == nil {
		f.now = make(map[string]struct{})
	}
	f.now[operation] = struct{}{}
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.now, operation)
	}, true
}

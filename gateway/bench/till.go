package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/zegel/zegel/gateway/directory"
	"github.com/zegel/zegel/gateway/teller"
)

// shop is what all tills share.
type shop struct {
	client  *http.Client
	chains  []directory.Chain
	run     string // makes keys and receipt numbers of this run its own
	members []string
}

func (s *shop) enrol(ctx context.Context, count, atOnce int) error {
	s.members = make([]string, count)
	errs := make(chan error, count)
	free := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for i := range count {
		free <- struct{}{}
		all.Go(func() {
			defer func() { <-free }()
			name := fmt.Sprintf("bench-%s-%07d", s.run, i)
			var answer teller.Answer
			chain := s.chains[i%len(s.chains)]
			status, err := s.call(ctx, chain, chain.Keys.Journal, "/v1/members", name, teller.Enrolment{Name: name, Email: name + "@bench.example"}, &answer)
			if err == nil && status >= http.StatusMultipleChoices {
				err = fmt.Errorf("bench: enrolling was answered with HTTP %d", status)
			}
			if err != nil {
				errs <- err
			}
			s.members[i] = answer.Member
		})
	}
	all.Wait()
	close(errs)
	return <-errs
}

// call makes one request. A nil body is a GET.
func (s *shop) call(ctx context.Context, chain directory.Chain, key, path, idempotency string, body, answer any) (status int, err error) {
	method, reader := http.MethodGet, io.Reader(http.NoBody)
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return 0, err
		}
		method, reader = http.MethodPost, bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, chain.URL+path, reader)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "Bearer "+key)
	request.Header.Set("Content-Type", "application/json")
	if idempotency != "" {
		request.Header.Set("Idempotency-Key", idempotency)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil || answer == nil || response.StatusCode >= http.StatusMultipleChoices {
		return response.StatusCode, err
	}
	return response.StatusCode, json.Unmarshal(text, answer)
}

// sample is one operation as a till saw it.
type sample struct {
	kind    kind
	from    time.Time
	took    time.Duration
	refused bool // by a rule: an answer like any other
	failed  bool
}

type kind int

const (
	earn kind = iota
	hold
	capture
	takeBack
	transfer
	read
	kinds
)

var kindNames = [kinds]string{"earn", "hold", "capture", "return", "transfer", "read"}

// till is one till at work.
type till struct {
	*shop
	chain   int
	number  int
	mix     Mix
	rnd     *rand.Rand
	count   int
	sold    []teller.Sale // sales that can still be brought back
	samples []sample
	due     time.Time // when the customer came, in an open loop
}

// maxSold bounds what a till remembers of its sales.
const maxSold = 64

func (t *till) work(ctx context.Context, arrivals <-chan time.Time) []sample {
	for ctx.Err() == nil {
		t.due = time.Time{}
		if arrivals != nil {
			select {
			case t.due = <-arrivals:
			case <-ctx.Done():
				return t.samples
			}
		}
		t.serve(ctx)
	}
	return t.samples
}

func (t *till) serve(ctx context.Context) {
	member := t.members[t.rnd.IntN(len(t.members))]
	pick := t.rnd.IntN(t.mix.Earn + t.mix.Tender + t.mix.Return + t.mix.Transfer + t.mix.Read)
	for _, choice := range []struct {
		parts int
		do    func(context.Context, string)
	}{{t.mix.Earn, t.earn}, {t.mix.Tender, t.tender}, {t.mix.Return, t.bringBack}, {t.mix.Transfer, t.transfer}, {t.mix.Read, t.read}} {
		if pick < choice.parts {
			choice.do(ctx, member)
			return
		}
		pick -= choice.parts
	}
}

func (t *till) unique() string {
	t.count++
	return fmt.Sprintf("b%s-%d-%d", t.run, t.number, t.count)
}

func (t *till) sale(receipt string) teller.Sale {
	return teller.Sale{Store: "bench", Terminal: "t" + strconv.Itoa(t.number), Receipt: receipt, BusinessTime: time.Now().UTC().Truncate(time.Second)}
}

// do makes one request and notes how long it took. It reports whether it was applied.
func (t *till) do(ctx context.Context, k kind, path string, body, answer any) bool {
	from := time.Now()
	if !t.due.IsZero() {
		from, t.due = t.due, time.Time{}
	}
	idempotency := ""
	if body != nil {
		idempotency = t.unique()
	}
	chain := t.chains[t.chain]
	status, err := t.call(ctx, chain, chain.Keys.Journal, path, idempotency, body, answer)
	if ctx.Err() != nil {
		return false // cut off by the end of the measurement
	}
	s := sample{kind: k, from: from, took: time.Since(from)}
	s.refused = err == nil && (status == http.StatusUnprocessableEntity || status == http.StatusConflict)
	s.failed = err != nil || (!s.refused && status != http.StatusOK && status != http.StatusCreated)
	t.samples = append(t.samples, s)
	return !s.refused && !s.failed
}

func (t *till) earn(ctx context.Context, member string) {
	total := 100 + t.rnd.Int64N(9_900)
	sale := t.sale(t.unique())
	basket := teller.Basket{Currency: "EUR", Total: total, Lines: []teller.Line{
		{SKU: "8710400000017", Category: "bread", Quantity: 1, Amount: 50}, {SKU: "8710400000024", Category: "dairy", Quantity: 2, Amount: total - 50},
	}}
	if t.do(ctx, earn, "/v1/earns", teller.EarnRequest{Member: member, Sale: sale, Basket: basket}, nil) && len(t.sold) < maxSold {
		t.sold = append(t.sold, sale)
	}
}

func (t *till) tender(ctx context.Context, member string) {
	var held teller.Answer
	if t.do(ctx, hold, "/v1/holds", teller.HoldRequest{Member: member, Points: 1 + t.rnd.Int64N(5)}, &held) {
		t.do(ctx, capture, "/v1/holds/"+held.Hold+"/capture", teller.CaptureRequest{}, nil)
	}
}

func (t *till) bringBack(ctx context.Context, member string) {
	if len(t.sold) == 0 {
		t.earn(ctx, member)
		return
	}
	last := len(t.sold) - 1
	original := t.sold[last]
	t.sold = t.sold[:last]
	t.do(ctx, takeBack, "/v1/returns", teller.ReturnRequest{Sale: t.sale(t.unique()), Original: original, Amount: 50}, nil)
}

func (t *till) transfer(ctx context.Context, member string) {
	to := t.members[t.rnd.IntN(len(t.members))]
	t.do(ctx, transfer, "/v1/transfers", teller.TransferRequest{From: member, To: to, Points: 1}, nil)
}

func (t *till) read(ctx context.Context, member string) {
	t.do(ctx, read, "/v1/members/"+member+"/account", nil, nil)
}

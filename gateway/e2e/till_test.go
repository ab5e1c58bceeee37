package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zegel/zegel/gateway/directory"
	"github.com/zegel/zegel/gateway/teller"
)

// till is one chain's till, as its software sees the gateway.
type till struct {
	t     *testing.T
	chain directory.Chain
	key   string
}

func tillOf(t *testing.T, chain int) till {
	c := world.Directory.Chains[chain]
	return till{t: t, chain: c, key: c.Keys.Till}
}

// as is the same desk with another API key.
func (d till) as(key string) till { d.key = key; return d }

// reply is what came back.
type reply struct {
	Status int
	Header http.Header
	Body   []byte
}

func (r reply) answer(t *testing.T) teller.Answer {
	t.Helper()
	var a teller.Answer
	if err := json.Unmarshal(r.Body, &a); err != nil || r.Status >= 300 {
		t.Fatalf("HTTP %d: %s", r.Status, r.Body)
	}
	return a
}

func (r reply) code() string {
	var p struct{ Code string }
	_ = json.Unmarshal(r.Body, &p)
	return p.Code
}

var counter atomic.Int64

// fresh makes a text that no other test uses.
func fresh(prefix string) string {
	return fmt.Sprintf("%s-%d-%08d", prefix, time.Now().Unix(), counter.Add(1))
}

// send makes one request, and makes it again while the outcome is not known yet or its first copy is
// still under way: that is what a till has to do. An empty key sends none.
func (d till) send(method, path, key string, body any) reply {
	d.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		r := d.once(method, path, key, body)
		open := r.Status == http.StatusAccepted || r.Status == http.StatusServiceUnavailable || r.code() == "idempotency_key_in_use"
		if !open || key == "" || time.Now().After(deadline) {
			return r
		}
	}
}

func (d till) once(method, path, key string, body any) reply {
	d.t.Helper()
	text, ok := body.(string)
	if !ok {
		b, err := json.Marshal(body)
		if err != nil {
			d.t.Fatal(err)
		}
		text = string(b)
	}
	request, err := http.NewRequestWithContext(d.t.Context(), method, d.chain.URL+path, strings.NewReader(text))
	if err != nil {
		d.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+d.key)
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, bytes.TrimSpace(b)}
}

func (d till) post(path string, body any) reply {
	d.t.Helper()
	return d.send(http.MethodPost, path, fresh("e2e-operation"), body)
}

func (d till) enrol() string {
	d.t.Helper()
	e := teller.Enrolment{Name: "Noor de Wit", Email: fresh("noor") + "@mail.example"}
	return d.post("/v1/members", e).answer(d.t).Member
}

func saleAt(receipt string, at time.Time) teller.Sale {
	return teller.Sale{Receipt: receipt, BusinessTime: at}
}

func sale() teller.Sale { return saleAt(fresh("r"), time.Now()) }

func basket(amounts ...int64) teller.Basket {
	b := teller.Basket{Currency: "EUR"}
	for i, amount := range amounts {
		b.Lines = append(b.Lines, teller.Line{SKU: fmt.Sprintf("sku-%d", i), Quantity: 2, Amount: amount})
		b.Total += amount
	}
	return b
}

func (d till) earn(member string, s teller.Sale, amounts ...int64) teller.Answer {
	d.t.Helper()
	return d.post("/v1/earns", teller.EarnRequest{Member: member, Sale: s, Basket: basket(amounts...)}).answer(d.t)
}

func (d till) account(member string) teller.Account {
	d.t.Helper()
	r := d.send(http.MethodGet, "/v1/members/"+member+"/account", "", "")
	var a teller.Account
	if err := json.Unmarshal(r.Body, &a); err != nil || r.Status != http.StatusOK {
		d.t.Fatalf("HTTP %d: %s", r.Status, r.Body)
	}
	return a
}

// await polls until ok, for what follows a commit a moment later.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("it never came: %s", what)
}

package e2e_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/zegel/zegel/gateway/teller"
)

// TestManyEnrolAtOnce enrols a queue of people at one chain at the same time. Every third pair of
// them claims one e-mail address: exactly one of the two gets it, and nobody else in the
// transaction that carries both hears of it.
func TestManyEnrolAtOnce(t *testing.T) {
	const pairs = 60
	d := tillOf(t, 2)
	people := make([]teller.Enrolment, 2*pairs)
	for i := range people {
		people[i] = teller.Enrolment{Name: "Noor de Wit", Email: fresh("queue") + "@mail.example"}
		if i%6 == 1 {
			people[i].Email = people[i-1].Email
		}
	}
	replies := make([]reply, len(people))
	var all sync.WaitGroup
	for i, who := range people {
		all.Go(func() { replies[i] = d.send(http.MethodPost, "/v1/members", fresh("queue-key"), who) })
	}
	all.Wait()
	for i := 0; i < len(people); i += 2 {
		first, second := replies[i], replies[i+1]
		if i%6 != 0 {
			first.answer(t)
			second.answer(t)
			continue
		}
		if second.Status < 300 {
			first, second = second, first
		}
		if second.code() != "identifier_taken" {
			t.Errorf("pair %d: %d %s and %d %s", i/2, first.Status, first.Body, second.Status, second.Body)
		}
		won := first.answer(t).Member
		found := d.send(http.MethodPost, "/v1/lookups", "", teller.Lookup{Email: people[i].Email})
		if found.answer(t).Member != won {
			t.Errorf("pair %d: %s won, found is %s", i/2, won, found.Body)
		}
	}
}

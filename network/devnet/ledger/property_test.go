package ledger_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"pgregory.net/rapid"

	"github.com/zegel/zegel/network/devnet/ledger"
)

// model is what validation means, said in another way: every key knows which transaction wrote it,
// and a transaction is valid if all it saw was written by the same transactions still.
type model struct {
	writer map[string]string // by key
	value  map[string]string
}

// memory is what a transaction saw: for each key and range, who wrote what it found.
type seen struct {
	id     string
	points map[string]string
	ranges []seenRange
	writes map[string]string // "" deletes
}

type seenRange struct {
	start, end string
	rows       []string // key and writer
}

func (m *model) rows(start, end string) []string {
	var rows []string
	for key, writer := range m.writer {
		if key >= start && key < end {
			rows = append(rows, key+" "+writer)
		}
	}
	slices.Sort(rows)
	return rows
}

// commit judges a transaction after the valid ones before it; touched are the keys of its block.
func (m *model) commit(tx seen, touched map[string]bool) peer.TxValidationCode {
	for key, writer := range tx.points {
		if m.writer[key] != writer || touched[key] {
			return conflict
		}
	}
	for _, r := range tx.ranges {
		if !slices.Equal(m.rows(r.start, r.end), r.rows) {
			return phantom
		}
	}
	for key, value := range tx.writes {
		touched[key] = true
		delete(m.writer, key)
		delete(m.value, key)
		if value != "" {
			m.writer[key], m.value[key] = tx.id, value
		}
	}
	return valid
}

func TestRandomSchedulesFollowTheModel(t *testing.T) {
	key := rapid.Custom(func(t *rapid.T) string { return fmt.Sprintf("k%02d", rapid.IntRange(0, 11).Draw(t, "key")) })
	rapid.Check(t, func(rt *rapid.T) {
		c := inMemory(t)
		m := &model{map[string]string{}, map[string]string{}}
		var waiting []seen
		var envelopes [][]byte
		for n := range rapid.IntRange(1, 40).Draw(rt, "transactions") {
			tx := seen{id: fmt.Sprint("t", n), points: map[string]string{}, writes: map[string]string{}}
			envelopes = append(envelopes, c.endorse(tx.id, func(s *ledger.Simulator) error {
				return tx.draw(rt, key, s, m)
			}))
			waiting = append(waiting, tx)
			if rapid.Bool().Draw(rt, "wait") {
				continue
			}
			order := rapid.Permutation(indexes(len(waiting))).Draw(rt, "order")
			touched := map[string]bool{}
			var want []peer.TxValidationCode
			var block [][]byte
			for _, i := range order {
				want = append(want, m.commit(waiting[i], touched))
				block = append(block, envelopes[i])
			}
			if got := c.commit(block...); fmt.Sprint(got) != fmt.Sprint(want) {
				rt.Fatalf("codes are %v, the model says %v", got, want)
			}
			waiting, envelopes = nil, nil
		}
		var rows []string
		c.Snapshot().Range("cc", "", "", func(key string, value []byte, _ ledger.Version) bool {
			rows = append(rows, key+"="+string(value))
			return true
		})
		if got := strings.Join(rows, " "); got != m.String() {
			rt.Fatalf("state is %s, the model's is %s", got, m)
		}
	})
}

func (m *model) String() string {
	var rows []string
	for key, value := range m.value {
		rows = append(rows, key+"="+value)
	}
	slices.Sort(rows)
	return strings.Join(rows, " ")
}

// draw makes up what the transaction does, does it, and remembers what the model says it saw.
func (tx *seen) draw(rt *rapid.T, key *rapid.Generator[string], s *ledger.Simulator, m *model) error {
	for range rapid.IntRange(1, 5).Draw(rt, "steps") {
		at := key.Draw(rt, "at")
		switch rapid.IntRange(0, 3).Draw(rt, "step") {
		case 0:
			tx.points[at] = m.writer[at]
			if value, err := s.GetState("cc", at); err != nil || string(value) != m.value[at] {
				return fmt.Errorf("read %q of %s, the model holds %q (%w)", value, at, m.value[at], err)
			}
		case 1:
			end := key.Draw(rt, "end")
			tx.ranges = append(tx.ranges, seenRange{at, end, m.rows(at, end)})
			if err := scanRange(at, end, 1)(s); err != nil {
				return err
			}
		case 2:
			tx.writes[at] = tx.id
			if err := s.PutState("cc", at, []byte(tx.id)); err != nil {
				return err
			}
		case 3:
			tx.writes[at] = ""
			if err := s.DelState("cc", at); err != nil {
				return err
			}
		}
	}
	return nil
}

func indexes(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

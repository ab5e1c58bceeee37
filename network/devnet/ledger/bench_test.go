package ledger_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/zegel/zegel/network/devnet/ledger"
)

// A batch of a busy till gateway: 500 accounts read and written in one transaction.
const accounts = 500

func accountKey(i int) string { return fmt.Sprintf("account-%04d", i) }

func batchOf(value []byte) func(*ledger.Simulator) error {
	return func(s *ledger.Simulator) error {
		for i := range accounts {
			if _, err := s.GetState("cc", accountKey(i)); err != nil {
				return err
			}
			if err := s.PutState("cc", accountKey(i), value); err != nil {
				return err
			}
		}
		return nil
	}
}

func BenchmarkCommit500Writes(b *testing.B) {
	for _, medium := range []string{"memory", "disk"} {
		b.Run(medium, func(b *testing.B) {
			dir := ""
			if medium == "disk" {
				dir = b.TempDir()
			}
			c := open(b, dir, options())
			value := bytes.Repeat([]byte("x"), 400)
			n := 0
			for b.Loop() {
				b.StopTimer()
				n++
				block := c.next(c.endorse(fmt.Sprint("t", n), batchOf(value)))
				b.StartTimer()
				if _, err := c.Commit(block, nil, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSimulate500Reads(b *testing.B) {
	c := inMemory(b)
	c.run("seed", batchOf(bytes.Repeat([]byte("x"), 400)))
	for b.Loop() {
		s, err := c.Simulate("t")
		if err != nil {
			b.Fatal(err)
		}
		for i := range accounts {
			if _, err := s.GetState("cc", accountKey(i)); err != nil {
				b.Fatal(err)
			}
		}
		if _, _, err := s.Results(); err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}

func BenchmarkReplay(b *testing.B) {
	dir := b.TempDir()
	c := open(b, dir, options())
	for n := range 50 {
		c.run(fmt.Sprint("t", n), batchOf(bytes.Repeat([]byte("x"), 400)))
	}
	if err := c.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		l, err := ledger.Open(dir, options())
		if err != nil {
			b.Fatal(err)
		}
		_ = l.Close()
	}
}

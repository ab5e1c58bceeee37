package importer

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/zegel/zegel/gateway/journal"
)

// state is what an import remembers between runs, one line a fact, appended and never rewritten:
//
//	anchor 2026-11-22T10:00:00Z   the business time that the journal's old times count as
//	member m0001 3f…              the reference that a member got
//	done 17                       event 17 (counted from 0) is answered
//	complete                      every event is answered
//
// It is only a help: what it misses is sent again and answered from the ledger. The anchor is the
// exception. The business time is part of what a key stands for, so a repetition must use the same one.
type state struct {
	mu       sync.Mutex // guards all below: workers report concurrently
	file     *os.File
	anchor   time.Time
	members  map[string]string
	done     map[int]bool
	complete bool
}

// journalID names a journal by its content.
func journalID(events []journal.Event) (string, error) {
	hash := sha256.New()
	e := json.NewEncoder(hash)
	for i := range events {
		if err := e.Encode(&events[i]); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(hash.Sum(nil)[:8]), nil
}

// openState reads dir/<id>.log and opens it for more. A last line that was cut off is ignored.
func openState(dir, id string, now time.Time) (*state, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	s := &state{members: map[string]string{}, done: map[int]bool{}}
	path := filepath.Join(dir, id+".log")
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	s.read(string(text))
	if s.file, err = os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return nil, err
	}
	if len(text) > 0 && text[len(text)-1] != '\n' {
		_, err = s.file.WriteString("\n")
	}
	if s.anchor.IsZero() {
		s.anchor = now.UTC().Truncate(time.Second)
		err = errors.Join(err, s.add("anchor "+s.anchor.Format(time.RFC3339)), s.file.Sync())
	}
	return s, err
}

func (s *state) read(text string) {
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		word := strings.Fields(lines.Text())
		switch {
		case len(word) == 2 && word[0] == "anchor":
			s.anchor, _ = time.Parse(time.RFC3339, word[1])
		case len(word) == 3 && word[0] == "member" && len(word[2]) == 32:
			s.members[word[1]] = word[2]
		case len(word) == 2 && word[0] == "done":
			var n int
			if _, err := fmt.Sscanf(word[1], "%d", &n); err == nil {
				s.done[n] = true
			}
		case len(word) == 1 && word[0] == "complete":
			s.complete = true
		}
	}
}

func (s *state) add(line string) error {
	_, err := s.file.WriteString(line + "\n")
	return err
}

func (s *state) enrolled(member, reference string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.members[member] == reference {
		return nil
	}
	s.members[member] = reference
	return s.add("member " + member + " " + reference)
}

func (s *state) reference(member string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.members[member]
}

func (s *state) answered(event int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done[event] {
		return nil
	}
	s.done[event] = true
	return s.add(fmt.Sprintf("done %d", event))
}

func (s *state) finish() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.complete {
		return nil
	}
	s.complete = true
	return errors.Join(s.add("complete"), s.file.Sync())
}

func (s *state) close() error { return s.file.Close() }

func (s *state) isDone(event int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.done[event]
}

// Package state is the auditor's own world state: the value and version of every key, private ones by
// their hashes, as the blocks read so far leave them. What does not fit in memory lies in a SQLite
// file, and so an audit can go on where another ended.
package state

import (
	"errors"
	"fmt"
	"os"
)

// Key names a value. Collection is empty for public state; in a collection Name is the hash of the
// private key.
type Key struct{ Namespace, Collection, Name string }

// Entry is the value of a key, with its version: the block and transaction that wrote it.
type Entry struct {
	Value     []byte // nil: the key was deleted
	Metadata  []byte // of a key with a policy of its own, as Fabric packs it
	Block, Tx uint64
	// Decoded is what its reader made of Value, kept to save decoding it again; never written to disk.
	Decoded any
}

// Absent says that a key has no value.
func (e *Entry) Absent() bool { return e == nil || e.Value == nil }

// State is not safe for concurrent use.
type State struct {
	fresh map[Key]*Entry // what is not yet in the file, and what was read of it lately
	dirty map[Key]bool   // of fresh, what is not yet in the file
	limit int
	file  *file
	temp  bool
}

// defaultLimit is how many keys stay in memory. One takes a kilobyte or two.
const defaultLimit = 200_000

// Open opens the state in the file at path, creating it where there is none. With an empty path the
// state is temporary and goes to a file only when it outgrows memory. limit is how many keys stay in
// memory; 0 is a default.
func Open(path string, limit int) (*State, error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	s := &State{fresh: map[Key]*Entry{}, dirty: map[Key]bool{}, limit: limit, temp: path == ""}
	if path == "" {
		return s, nil
	}
	var err error
	s.file, err = openFile(path)
	return s, err
}

// Get is the entry of a key, nil if it never had one or was deleted. Callers must not change it.
func (s *State) Get(key Key) (*Entry, error) {
	e, known := s.fresh[key]
	if !known && s.file != nil {
		var err error
		if e, err = s.file.get(key); err != nil {
			return nil, fmt.Errorf("read the state: %w", err)
		}
		if e != nil {
			s.fresh[key] = e
		}
	}
	if e.Absent() {
		return nil, nil
	}
	return e, nil
}

// Put changes an entry. A nil value deletes the key.
func (s *State) Put(key Key, e *Entry) {
	s.fresh[key] = e
	s.dirty[key] = true
}

// Settle is called between blocks: it makes room in memory. What goes to the file goes there with the
// note that describes it, so that state and note never disagree.
func (s *State) Settle(note func() ([]byte, error)) error {
	if len(s.fresh) <= s.limit {
		return nil
	}
	text, err := note()
	if err != nil {
		return err
	}
	if s.file == nil {
		f, err := os.CreateTemp("", "zegel-audit-*.db")
		if err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
		if s.file, err = openFile(f.Name()); err != nil {
			return err
		}
	}
	if err := s.flush(text); err != nil {
		return err
	}
	clear(s.fresh)
	return nil
}

// flush writes what is dirty, and a note with it, in one step.
func (s *State) flush(note []byte) error {
	if err := s.file.put(s.dirty, s.fresh, note); err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	clear(s.dirty)
	return nil
}

// Save writes everything to the file together with the caller's note, all or nothing. A temporary
// state has nowhere to save to, and Save does nothing.
func (s *State) Save(note []byte) error {
	if s.temp {
		return nil
	}
	return s.flush(note)
}

// Note is what the last Save noted, nil before the first.
func (s *State) Note() ([]byte, error) {
	if s.file == nil {
		return nil, nil
	}
	return s.file.note()
}

// Each calls do for every key of a namespace's public state whose name starts with prefix, in no
// particular order, until it fails.
func (s *State) Each(namespace, prefix string, do func(name string, value []byte) error) error {
	if s.file != nil {
		if err := s.file.each(namespace, prefix, func(name string, value []byte) error {
			if s.dirty[Key{namespace, "", name}] {
				return nil
			}
			return do(name, value)
		}); err != nil {
			return err
		}
	}
	for key, e := range s.fresh {
		inFile := s.file != nil && !s.dirty[key]
		if key.Namespace != namespace || key.Collection != "" || inFile || e.Absent() ||
			len(key.Name) < len(prefix) || key.Name[:len(prefix)] != prefix {
			continue
		}
		if err := do(key.Name, e.Value); err != nil {
			return err
		}
	}
	return nil
}

// Close forgets what was not saved. A temporary state is gone.
func (s *State) Close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.close()
	if s.temp {
		err = errors.Join(err, os.Remove(s.file.path))
	}
	return err
}

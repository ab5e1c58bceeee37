package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"maps"
	"slices"
	"strings"

	"github.com/tidwall/btree"
)

// kind separates the three key spaces of a namespace.
type kind uint8

const (
	public  kind = iota // keys and values that every peer sees
	hashed              // SHA-256 of private keys to SHA-256 of private values, on every peer
	private             // private keys and values, on members only
)

// space is one ordered key space of the world state.
type space struct {
	kind                  kind
	namespace, collection string
}

func compareSpaces(a, b space) int {
	if a.kind != b.kind {
		return int(a.kind) - int(b.kind)
	}
	if c := strings.Compare(a.namespace, b.namespace); c != 0 {
		return c
	}
	return strings.Compare(a.collection, b.collection)
}

// entry is a value in the state, never changed once it is there. In an update batch a nil value
// means that the key is deleted.
type entry struct {
	value    []byte
	metadata []byte // marshalled, nil where there is none
	version  Version
}

type tree = btree.Map[string, *entry]

// Snapshot is the world state after a block. It is immutable and safe for concurrent use.
type Snapshot struct {
	height uint64
	trees  map[space]*tree
}

// Height is how many blocks led to this state.
func (s *Snapshot) Height() uint64 { return s.height }

func (s *Snapshot) get(in space, key string) *entry {
	t := s.trees[in]
	if t == nil {
		return nil
	}
	e, _ := t.Get(key)
	return e
}

// State returns a public value and its version; found is false where the key is absent. The bytes
// are shared: do not change them.
func (s *Snapshot) State(namespace, key string) (value []byte, version Version, found bool) {
	return reveal(s.get(space{kind: public, namespace: namespace}, key))
}

// Metadata returns the metadata of a public key (for instance its endorsement policy under
// VALIDATION_PARAMETER); nil where there is none.
func (s *Snapshot) Metadata(namespace, key string) (map[string][]byte, error) {
	return metadataOf(s.get(space{kind: public, namespace: namespace}, key))
}

// PrivateHash returns the hash of a private value by the hash of its key.
func (s *Snapshot) PrivateHash(namespace, collection string, keyHash []byte) (hash []byte, version Version, found bool) {
	return reveal(s.get(space{hashed, namespace, collection}, string(keyHash)))
}

// PrivateMetadata returns the metadata of a private key by the hash of the key.
func (s *Snapshot) PrivateMetadata(namespace, collection string, keyHash []byte) (map[string][]byte, error) {
	return metadataOf(s.get(space{hashed, namespace, collection}, string(keyHash)))
}

// Range calls yield with every public row from start (included; "" is the first) to end (excluded;
// "" is past the last), until it returns false. The bytes are shared: do not change them.
func (s *Snapshot) Range(namespace, start, end string, yield func(key string, value []byte, v Version) bool) {
	scan := openScan(s.trees[space{kind: public, namespace: namespace}], start, end)
	for key, e := scan.next(); e != nil; key, e = scan.next() {
		if !yield(key, e.value, e.version) {
			return
		}
	}
}

// Digest is a hash over all public state and all private hashes, with versions and metadata. Peers
// that committed the same blocks have the same digest.
func (s *Snapshot) Digest() []byte { return s.digest(public, hashed) }

// PrivateDigest is a hash over the private values that this peer holds.
func (s *Snapshot) PrivateDigest() []byte { return s.digest(private) }

func (s *Snapshot) digest(kinds ...kind) []byte {
	sum := sha256.New()
	for _, in := range slices.SortedFunc(maps.Keys(s.trees), compareSpaces) {
		if !slices.Contains(kinds, in.kind) || s.trees[in].Len() == 0 {
			continue
		}
		frame(sum, []byte{byte(in.kind)}, []byte(in.namespace), []byte(in.collection))
		s.trees[in].Scan(func(key string, e *entry) bool {
			frame(sum, []byte(key), e.value, e.metadata, e.version.bytes())
			return true
		})
	}
	return sum.Sum(nil)
}

// frame writes parts so that no two lists of parts look the same.
func frame(sum hash.Hash, parts ...[]byte) {
	for _, part := range parts {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		sum.Write(length[:])
		sum.Write(part)
	}
}

func reveal(e *entry) ([]byte, Version, bool) {
	if e == nil {
		return nil, Version{}, false
	}
	return e.value, e.version, true
}

// valueOf copies the value for a caller who may change it.
func valueOf(e *entry) []byte {
	if e == nil {
		return nil
	}
	return bytes.Clone(e.value)
}

// scan walks over a range of a tree.
type scan struct {
	rows  btree.MapIter[string, *entry]
	start string
	end   string
	begun bool
	ended bool
}

func openScan(t *tree, start, end string) *scan {
	s := &scan{start: start, end: end}
	if t == nil {
		s.ended = true
		return s
	}
	s.rows = t.Iter()
	return s
}

// next returns the next row, a nil entry at the end.
func (s *scan) next() (string, *entry) {
	if s.ended {
		return "", nil
	}
	more := false
	if s.begun {
		more = s.rows.Next()
	} else {
		s.begun, more = true, s.rows.Seek(s.start)
	}
	if !more || s.end != "" && s.rows.Key() >= s.end {
		s.ended = true
		return "", nil
	}
	return s.rows.Key(), s.rows.Value()
}

package contract_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// ledger is what peers have committed. Private values lie with the peer of the collection's
// organisation; everybody has their hashes.
type ledger struct {
	state   map[string][]byte
	values  map[private][]byte
	hashes  map[private][]byte
	history bytes.Buffer // every byte that a block would carry
}

type private struct{ collection, key string }

func newLedger() *ledger {
	return &ledger{state: map[string][]byte{}, values: map[private][]byte{}, hashes: map[private][]byte{}}
}

// simulation is one endorser's run of one transaction. As in Fabric, reads never show writes and
// an empty value deletes. A method that is not overridden here panics: the chaincode must not
// scan, call other chaincodes or set key-level policies.
type simulation struct {
	shim.ChaincodeStubInterface
	ledger    *ledger
	peer      string // MSP of the endorser
	msp       string // MSP of the creator
	creator   []byte
	stamp     time.Time
	args      []string
	transient map[string][]byte

	reads     map[string]bool
	writes    map[string][]byte
	privates  map[private][]byte // nil: purged
	event     string
	payload   []byte
	batching  bool
	roundTrip int // reads that travelled to the peer
}

func (s *simulation) GetFunctionAndParameters() (string, []string) { return s.args[0], s.args[1:] }
func (s *simulation) GetStringArgs() []string                      { return s.args }
func (s *simulation) GetTxID() string                              { return "tx" }
func (s *simulation) GetChannelID() string                         { return "loyalty" }
func (s *simulation) GetTransient() (map[string][]byte, error)     { return s.transient, nil }
func (s *simulation) StartWriteBatch()                             { s.batching = true }

func (s *simulation) GetTxTimestamp() (*timestamppb.Timestamp, error) {
	return timestamppb.New(s.stamp), nil
}

func (s *simulation) FinishWriteBatch() error {
	s.batching = false
	return nil
}

func (s *simulation) GetCreator() ([]byte, error) {
	if s.creator == nil {
		return nil, errors.New("no creator")
	}
	return s.creator, nil
}

func (s *simulation) GetState(key string) ([]byte, error) {
	s.roundTrip++
	s.reads[key] = true
	return bytes.Clone(s.ledger.state[key]), nil
}

func (s *simulation) GetMultipleStates(keys ...string) ([][]byte, error) {
	s.roundTrip++
	values := make([][]byte, len(keys))
	for i, key := range keys {
		s.reads[key] = true
		values[i] = bytes.Clone(s.ledger.state[key])
	}
	return values, nil
}

func (s *simulation) PutState(key string, value []byte) error {
	if key == "" {
		return errors.New("key must not be an empty string")
	}
	s.writes[key] = bytes.Clone(value)
	return nil
}

func (s *simulation) SetEvent(name string, payload []byte) error {
	if name == "" {
		return errors.New("event name can not be empty string")
	}
	s.event, s.payload = name, payload
	return nil
}

// owner is the organisation of a collection: profiles-<MSP> or baskets-<MSP>.
func owner(collection string) string {
	_, msp, _ := strings.Cut(collection, "-")
	return msp
}

func (s *simulation) GetPrivateDataHash(collection, key string) ([]byte, error) {
	s.roundTrip++
	return bytes.Clone(s.ledger.hashes[private{collection, key}]), nil
}

func (s *simulation) GetPrivateData(collection, key string) ([]byte, error) {
	s.roundTrip++
	if s.msp != owner(collection) {
		return nil, fmt.Errorf("tx creator does not have read access permission on privatedata in collection %s", collection)
	}
	if s.peer != owner(collection) && s.ledger.hashes[private{collection, key}] != nil {
		return nil, errors.New("private data matching public hash version is not available")
	}
	return bytes.Clone(s.ledger.values[private{collection, key}]), nil
}

func (s *simulation) PutPrivateData(collection, key string, value []byte) error {
	if s.msp != owner(collection) {
		return fmt.Errorf("tx creator does not have write access permission on privatedata in collection %s", collection)
	}
	if len(value) == 0 {
		return errors.New("the chaincode must not delete by an empty value")
	}
	s.privates[private{collection, key}] = bytes.Clone(value)
	return nil
}

func (s *simulation) PurgePrivateData(collection, key string) error {
	if s.msp != owner(collection) {
		return fmt.Errorf("tx creator does not have write access permission on privatedata in collection %s", collection)
	}
	s.privates[private{collection, key}] = nil
	return nil
}

// same reports whether two endorsers have come to the same result.
func (s *simulation) same(o *simulation) bool {
	return maps.EqualFunc(s.writes, o.writes, bytes.Equal) && maps.EqualFunc(s.privates, o.privates, bytes.Equal) &&
		maps.Equal(s.reads, o.reads) && s.event == o.event && bytes.Equal(s.payload, o.payload)
}

// commit applies the simulation to the ledger and writes down what a block would say about it.
func (s *simulation) commit(answer []byte) {
	l := s.ledger
	fmt.Fprintf(&l.history, "%q %s %s %s\n", s.args, answer, s.event, s.payload)
	for _, key := range slices.Sorted(maps.Keys(s.writes)) {
		value := s.writes[key]
		fmt.Fprintf(&l.history, "%s=%s\n", key, value)
		if len(value) == 0 {
			delete(l.state, key)
		} else {
			l.state[key] = value
		}
	}
	for p, value := range s.privates {
		key, hash := sha256.Sum256([]byte(p.key)), sha256.Sum256(value)
		fmt.Fprintf(&l.history, "%s %x=%x\n", p.collection, key, hash)
		if value == nil {
			delete(l.values, p)
			delete(l.hashes, p)
		} else {
			l.values[p], l.hashes[p] = value, hash[:]
		}
	}
}

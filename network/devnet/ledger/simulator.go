package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
)

// Simulator is one simulated transaction: reads come from the snapshot and are recorded, writes are
// recorded and never read back. Returned values belong to the caller. Use it from one goroutine at a
// time. Error texts are those of a Fabric peer, since chaincodes and clients see them.
type Simulator struct {
	txid   string
	state  *Snapshot
	opts   Options
	record record
	rows   []*Rows
	// privateReads are the collections of which a value was read.
	privateReads map[string][]string
	// collections remembers which exist: the snapshot does not change its mind.
	collections map[space]bool

	wrote, paged, rangedPrivate bool
	finished, closed            bool
}

var (
	errDone        = errors.New("this instance should not be used after calling Done()")
	errResultsOnce = errors.New("this function should only be called once on a transaction simulator instance")
)

func newSimulator(txid string, state *Snapshot, opts Options) *Simulator {
	return &Simulator{
		txid: txid, state: state, opts: opts, record: record{},
		privateReads: map[string][]string{}, collections: map[space]bool{},
	}
}

// Height is the height of the state the simulation reads.
func (s *Simulator) Height() uint64 { return s.state.height }

// Snapshot is the state the simulation reads, for lookups that are not to be recorded.
func (s *Simulator) Snapshot() *Snapshot { return s.state }

// GetState reads a public key; an absent key is nil and recorded with no version.
func (s *Simulator) GetState(namespace, key string) ([]byte, error) {
	e, err := s.read(namespace, key)
	return valueOf(e), err
}

// GetStates reads many public keys; absent ones are nil.
func (s *Simulator) GetStates(namespace string, keys []string) ([][]byte, error) {
	values := make([][]byte, len(keys))
	for i, key := range keys {
		var err error
		if values[i], err = s.GetState(namespace, key); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func (s *Simulator) read(namespace, key string) (*entry, error) {
	if s.closed {
		return nil, errDone
	}
	e := s.state.get(space{kind: public, namespace: namespace}, key)
	s.record.namespace(namespace).reads[key] = e
	return e, nil
}

// PutState writes a public key. An empty value deletes it.
func (s *Simulator) PutState(namespace, key string, value []byte) error {
	if err := s.mayWrite(); err != nil {
		return err
	}
	s.record.namespace(namespace).writes[key] = bytes.Clone(value)
	return nil
}

// DelState deletes a public key, present or not.
func (s *Simulator) DelState(namespace, key string) error {
	return s.PutState(namespace, key, nil)
}

// GetStateMetadata reads the metadata of a public key, recorded as a read of the key.
func (s *Simulator) GetStateMetadata(namespace, key string) (map[string][]byte, error) {
	e, err := s.read(namespace, key)
	if err != nil {
		return nil, err
	}
	return metadataOf(e)
}

// PutStateMetadata replaces all metadata of a public key; nil removes it. On an absent key it has no
// effect.
func (s *Simulator) PutStateMetadata(namespace, key string, metadata map[string][]byte) error {
	if err := s.mayWrite(); err != nil {
		return err
	}
	s.record.namespace(namespace).metadata[key] = cloneMetadata(metadata)
	return nil
}

// mayWrite keeps writes apart from the queries that validation could not repeat.
func (s *Simulator) mayWrite() error {
	switch {
	case s.closed:
		return errDone
	case s.rangedPrivate:
		return fmt.Errorf("txid [%s]: unsuppored transaction. Transaction has already performed queries on pvt data. Writes are not allowed", s.txid)
	case s.paged:
		return fmt.Errorf("txid [%s]: unsuppored transaction. Transaction has already performed a paginated query. Writes are not allowed", s.txid)
	}
	s.wrote = true
	return nil
}

// Results ends the recording: the public read-write set, and the private one where there were private
// writes (else nil). Same calls on the same state give the same bytes. Call it once.
func (s *Simulator) Results() (*rwset.TxReadWriteSet, *rwset.TxPvtReadWriteSet, error) {
	if s.finished {
		return nil, nil, errResultsOnce
	}
	s.finished = true
	for _, rows := range s.rows {
		info, err := rows.recorded()
		if err != nil {
			return nil, nil, err
		}
		s.record.namespace(rows.namespace).addRange(info)
	}
	return s.record.sets()
}

// PrivateReads lists the collections whose values (not hashes) were read, by namespace, sorted: an
// endorser outside them cannot execute the transaction.
func (s *Simulator) PrivateReads() map[string][]string {
	reads := make(map[string][]string, len(s.privateReads))
	for namespace, collections := range s.privateReads {
		reads[namespace] = slices.Sorted(slices.Values(collections))
	}
	return reads
}

// Close releases the simulation. Calls after it fail. Closing twice is harmless.
func (s *Simulator) Close() {
	s.closed = true
	for _, rows := range s.rows {
		rows.Close()
	}
}

func cloneMetadata(metadata map[string][]byte) map[string][]byte {
	if metadata == nil {
		return nil
	}
	clone := make(map[string][]byte, len(metadata))
	for name, value := range metadata {
		clone[name] = bytes.Clone(value)
	}
	return clone
}

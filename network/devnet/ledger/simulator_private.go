package ledger

import (
	"bytes"
	"fmt"
	"slices"
)

// GetPrivate reads a private value; its hash is recorded as read. On a peer without the value it
// fails with "private data matching public hash version is not available ...".
func (s *Simulator) GetPrivate(namespace, collection, key string) ([]byte, error) {
	if err := s.mayReadPrivate(namespace, collection); err != nil {
		return nil, err
	}
	value := s.state.get(space{private, namespace, collection}, key)
	hash := s.state.get(space{hashed, namespace, collection}, string(hashOf([]byte(key))))
	if (value == nil) != (hash == nil) || value != nil && value.version != hash.version {
		return nil, fmt.Errorf("private data matching public hash version is not available. "+
			"Public hash version = %s, Private data version = %s", versionText(hash), versionText(value))
	}
	s.recordPrivate(namespace, collection, key, value)
	return valueOf(value), nil
}

// GetPrivates reads many private values. As in Fabric an absent value and a missing replica look
// the same: nil.
func (s *Simulator) GetPrivates(namespace, collection string, keys []string) ([][]byte, error) {
	if err := s.mayReadPrivate(namespace, collection); err != nil {
		return nil, err
	}
	values := make([][]byte, len(keys))
	for i, key := range keys {
		e := s.state.get(space{private, namespace, collection}, key)
		s.recordPrivate(namespace, collection, key, e)
		values[i] = valueOf(e)
	}
	return values, nil
}

func (s *Simulator) recordPrivate(namespace, collection, key string, e *entry) {
	s.record.collection(namespace, collection).reads[key] = e
	if !slices.Contains(s.privateReads[namespace], collection) {
		s.privateReads[namespace] = append(s.privateReads[namespace], collection)
	}
}

// GetPrivateHash reads the SHA-256 of a private value; every peer has it.
func (s *Simulator) GetPrivateHash(namespace, collection, key string) ([]byte, error) {
	e, err := s.readHash(namespace, collection, key)
	return valueOf(e), err
}

// GetPrivateMetadata reads the metadata of a private key, recorded as a hashed read.
func (s *Simulator) GetPrivateMetadata(namespace, collection, key string) (map[string][]byte, error) {
	e, err := s.readHash(namespace, collection, key)
	if err != nil {
		return nil, err
	}
	return metadataOf(e)
}

func (s *Simulator) readHash(namespace, collection, key string) (*entry, error) {
	if err := s.mayReadPrivate(namespace, collection); err != nil {
		return nil, err
	}
	e := s.state.get(space{hashed, namespace, collection}, string(hashOf([]byte(key))))
	s.record.collection(namespace, collection).reads[key] = e
	return e, nil
}

// PutPrivate writes a private value. An empty value deletes it.
func (s *Simulator) PutPrivate(namespace, collection, key string, value []byte) error {
	return s.writePrivate(namespace, collection, key, privateWrite{value: bytes.Clone(value)})
}

// DelPrivate deletes a private value.
func (s *Simulator) DelPrivate(namespace, collection, key string) error {
	return s.writePrivate(namespace, collection, key, privateWrite{})
}

// PurgePrivate deletes a private value and every earlier version of it from this peer's disk.
func (s *Simulator) PurgePrivate(namespace, collection, key string) error {
	return s.writePrivate(namespace, collection, key, privateWrite{purge: true})
}

func (s *Simulator) writePrivate(namespace, collection, key string, write privateWrite) error {
	if err := s.mayWritePrivate(namespace, collection); err != nil {
		return err
	}
	s.record.collection(namespace, collection).writes[key] = write
	return nil
}

// PutPrivateMetadata replaces all metadata of a private key; nil removes it.
func (s *Simulator) PutPrivateMetadata(namespace, collection, key string, metadata map[string][]byte) error {
	if err := s.mayWritePrivate(namespace, collection); err != nil {
		return err
	}
	s.record.collection(namespace, collection).metadata[key] = cloneMetadata(metadata)
	return nil
}

func (s *Simulator) mayReadPrivate(namespace, collection string) error {
	if err := s.defined(namespace, collection); err != nil {
		return err
	}
	if s.closed {
		return errDone
	}
	return nil
}

func (s *Simulator) mayWritePrivate(namespace, collection string) error {
	if err := s.defined(namespace, collection); err != nil {
		return err
	}
	return s.mayWrite()
}

func (s *Simulator) defined(namespace, collection string) error {
	in := space{private, namespace, collection}
	found, asked := s.collections[in]
	if !asked {
		_, found = s.opts.collection(s.state, namespace, collection)
		s.collections[in] = found
	}
	if !found {
		return fmt.Errorf("collection [%s] not defined in the collection config for chaincode [%s]", collection, namespace)
	}
	return nil
}

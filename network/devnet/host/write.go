package host

import (
	"errors"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

func putState(h *Host, c *call, payload []byte) ([]byte, error) {
	request := &peer.PutState{}
	if err := decode(payload, request); err != nil {
		return nil, err
	}
	return nil, h.put(c, request.GetCollection(), request.GetKey(), request.GetValue())
}

func (h *Host) put(c *call, collection, key string, value []byte) error {
	if collection == "" {
		return c.Simulator.PutState(c.namespace, key, value)
	}
	if err := h.mayWrite(c, collection); err != nil {
		return err
	}
	return c.Simulator.PutPrivate(c.namespace, collection, key, value)
}

func delState(h *Host, c *call, payload []byte) ([]byte, error) {
	request := &peer.DelState{}
	if err := decode(payload, request); err != nil {
		return nil, err
	}
	return nil, h.del(c, request.GetCollection(), request.GetKey())
}

func (h *Host) del(c *call, collection, key string) error {
	if collection == "" {
		return c.Simulator.DelState(c.namespace, key)
	}
	if err := h.mayWrite(c, collection); err != nil {
		return err
	}
	return c.Simulator.DelPrivate(c.namespace, collection, key)
}

func purge(h *Host, c *call, payload []byte) ([]byte, error) {
	request := &peer.DelState{}
	if err := decode(payload, request); err != nil {
		return nil, err
	}
	return nil, h.purge(c, request.GetCollection(), request.GetKey())
}

func (h *Host) purge(c *call, collection, key string) error {
	if collection == "" {
		return errors.New("only applicable for private data")
	}
	if err := h.mayWrite(c, collection); err != nil {
		return err
	}
	return c.Simulator.PurgePrivate(c.namespace, collection, key)
}

func putMetadata(h *Host, c *call, payload []byte) ([]byte, error) {
	request := &peer.PutStateMetadata{}
	if err := decode(payload, request); err != nil {
		return nil, err
	}
	return nil, h.describe(c, request.GetCollection(), request.GetKey(), request.GetMetadata())
}

// describe replaces the metadata of a key: in practice, its own endorsement policy.
func (h *Host) describe(c *call, collection, key string, metadata *peer.StateMetadata) error {
	entries := map[string][]byte{metadata.GetMetakey(): metadata.GetValue()}
	if collection == "" {
		return c.Simulator.PutStateMetadata(c.namespace, key, entries)
	}
	if err := h.mayWrite(c, collection); err != nil {
		return err
	}
	return c.Simulator.PutPrivateMetadata(c.namespace, collection, key, entries)
}

func writeBatch(h *Host, c *call, payload []byte) ([]byte, error) {
	batch := &peer.WriteBatchState{}
	if err := decode(payload, batch); err != nil {
		return nil, err
	}
	for _, record := range batch.GetRec() {
		if err := h.write(c, record); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (h *Host) write(c *call, record *peer.WriteRecord) error {
	switch record.GetType() {
	case peer.WriteRecord_PUT_STATE:
		return h.put(c, record.GetCollection(), record.GetKey(), record.GetValue())
	case peer.WriteRecord_DEL_STATE:
		return h.del(c, record.GetCollection(), record.GetKey())
	case peer.WriteRecord_PURGE_PRIVATE_DATA:
		return h.purge(c, record.GetCollection(), record.GetKey())
	case peer.WriteRecord_PUT_STATE_METADATA:
		return h.describe(c, record.GetCollection(), record.GetKey(), record.GetMetadata())
	default:
		return errors.New("unknown operation type")
	}
}

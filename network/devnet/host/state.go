package host

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"
)

// question answers one kind of message. The call is locked.
type question func(h *Host, c *call, payload []byte) ([]byte, error)

// questions is everything chaincode may ask.
var questions map[peer.ChaincodeMessage_Type]question

func init() {
	questions = map[peer.ChaincodeMessage_Type]question{
		peer.ChaincodeMessage_GET_STATE:             getState,
		peer.ChaincodeMessage_GET_STATE_MULTIPLE:    getStates,
		peer.ChaincodeMessage_GET_PRIVATE_DATA_HASH: getPrivateHash,
		peer.ChaincodeMessage_GET_STATE_METADATA:    getMetadata,
		peer.ChaincodeMessage_PUT_STATE:             putState,
		peer.ChaincodeMessage_DEL_STATE:             delState,
		peer.ChaincodeMessage_PURGE_PRIVATE_DATA:    purge,
		peer.ChaincodeMessage_PUT_STATE_METADATA:    putMetadata,
		peer.ChaincodeMessage_WRITE_BATCH_STATE:     writeBatch,
		peer.ChaincodeMessage_GET_STATE_BY_RANGE:    getRange,
		peer.ChaincodeMessage_GET_QUERY_RESULT:      getQueryResult,
		peer.ChaincodeMessage_GET_HISTORY_FOR_KEY:   getHistory,
		peer.ChaincodeMessage_QUERY_STATE_NEXT:      queryNext,
		peer.ChaincodeMessage_QUERY_STATE_CLOSE:     queryClose,
		peer.ChaincodeMessage_INVOKE_CHAINCODE:      nil, // see Host.ask
	}
}

func decode(payload []byte, into proto.Message) error {
	if err := proto.Unmarshal(payload, into); err != nil {
		return fmt.Errorf("unmarshal failed: %w", err)
	}
	return nil
}

// permitted asks once per call what the creator may do with a collection.
func (h *Host) permitted(c *call, collection string) (access, error) {
	if known, ok := c.access[collection]; ok {
		return known, nil
	}
	read, write, err := h.options.Rules.MayAccess(c.Transaction, c.namespace, collection)
	if err != nil {
		return access{}, err
	}
	c.access[collection] = access{read: read, write: write}
	return c.access[collection], nil
}

func (h *Host) mayRead(c *call, collection string) error {
	permitted, err := h.permitted(c, collection)
	if err == nil && !permitted.read {
		err = fmt.Errorf("tx creator does not have read access permission on privatedata in chaincodeName:%s collectionName: %s", c.namespace, collection)
	}
	return err
}

func (h *Host) mayWrite(c *call, collection string) error {
	permitted, err := h.permitted(c, collection)
	if err == nil && !permitted.write {
		err = fmt.Errorf("tx creator does not have write access permission on privatedata in chaincodeName:%s collectionName: %s", c.namespace, collection)
	}
	return err
}

func getState(h *Host, c *call, payload []byte) ([]byte, error) {
	request := &peer.GetState{}
	if err := decode(payload, request); err != nil {
		return nil, err
	}
	if request.GetCollection() == "" {
		value, err := c.Simulator.GetState(c.namespace, request.GetKey())
		return bytes.Clone(value), err // chaincode in this process must not reach into the state
	}
	if err := h.mayRead(c, request.GetCollection()); err != nil {
		return nil, err
	}
	value, err := c.Simulator.GetPrivate(c.namespace, request.GetCollection(), request.GetKey())
	return bytes.Clone(value), err
}

func getStates(h *Host, c *call, payload []byte) ([]byte, error) {
	request := &peer.GetStateMultiple{}
	if err := decode(payload, request); err != nil {
		return nil, err
	}
	var values [][]byte
	var err error
	if request.GetCollection() == "" {
		values, err = c.Simulator.GetStates(c.namespace, request.GetKeys())
	} else if err = h.mayRead(c, request.GetCollection()); err == nil {
		values, err = c.Simulator.GetPrivates(c.namespace, request.GetCollection(), request.GetKeys())
	}
	if err != nil {
		return nil, err
	}
	return proto.Marshal(&peer.GetStateMultipleResult{Values: values})
}

func getPrivateHash(h *Host, c *call, payload []byte) ([]byte, error) {
	request := &peer.GetState{}
	if err := decode(payload, request); err != nil {
		return nil, err
	}
	if err := h.options.Rules.CheckCollection(c.Transaction, c.namespace, request.GetCollection()); err != nil {
		return nil, err
	}
	hash, err := c.Simulator.GetPrivateHash(c.namespace, request.GetCollection(), request.GetKey())
	return bytes.Clone(hash), err
}

func getMetadata(h *Host, c *call, payload []byte) ([]byte, error) {
	request := &peer.GetStateMetadata{}
	if err := decode(payload, request); err != nil {
		return nil, err
	}
	var metadata map[string][]byte
	var err error
	if request.GetCollection() == "" {
		metadata, err = c.Simulator.GetStateMetadata(c.namespace, request.GetKey())
	} else if err = h.mayRead(c, request.GetCollection()); err == nil {
		metadata, err = c.Simulator.GetPrivateMetadata(c.namespace, request.GetCollection(), request.GetKey())
	}
	if err != nil {
		return nil, err
	}
	result := &peer.StateMetadataResult{}
	for name, value := range metadata {
		result.Entries = append(result.Entries, &peer.StateMetadata{Metakey: name, Value: value})
	}
	return proto.Marshal(result)
}

// getQueryResult refuses rich queries: the state is a plain key-value store, like a peer's with LevelDB.
func getQueryResult(*Host, *call, []byte) ([]byte, error) {
	return nil, errors.New("ExecuteQuery not supported for leveldb")
}

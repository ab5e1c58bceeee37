package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// transaction is one envelope of a block, decoded as far as the ledger needs it.
type transaction struct {
	number    uint64 // place in the block
	id        string
	kind      common.HeaderType
	timestamp *timestamppb.Timestamp
	payload   *common.Payload
	code      peer.TxValidationCode
	sets      []namespaceSet // of an endorsed transaction
}

// namespaceSet is the decoded read-write set of one namespace.
type namespaceSet struct {
	name        string
	public      *kvrwset.KVRWSet
	collections []collectionSet
}

// collectionSet is the decoded hashed read-write set of one collection.
type collectionSet struct {
	name        string
	hashes      *kvrwset.HashedRWSet
	privateHash []byte // hash of the private write set, nil where nothing was written
}

var (
	errNoHeader = errors.New("payload has no header")
	errNoAction = errors.New("transaction has no action")
)

// openTransaction decodes headers only. The transaction it returns is usable even with an error.
func openTransaction(number int, envelope []byte) (*transaction, error) {
	tx := &transaction{number: uint64(number)}
	outer := &common.Envelope{}
	if err := proto.Unmarshal(envelope, outer); err != nil {
		return tx, fmt.Errorf("envelope: %w", err)
	}
	payload := &common.Payload{}
	if err := proto.Unmarshal(outer.Payload, payload); err != nil {
		return tx, fmt.Errorf("payload: %w", err)
	}
	if payload.Header == nil {
		return tx, errNoHeader
	}
	header := &common.ChannelHeader{}
	if err := proto.Unmarshal(payload.Header.ChannelHeader, header); err != nil {
		return tx, fmt.Errorf("channel header: %w", err)
	}
	tx.payload, tx.timestamp = payload, header.Timestamp
	tx.kind, tx.id = common.HeaderType(header.Type), header.TxId
	if tx.id != "" {
		return tx, nil
	}
	// Configuration transactions of old orderers carry no id; it is computed from who made them.
	signer := &common.SignatureHeader{}
	if err := proto.Unmarshal(payload.Header.SignatureHeader, signer); err != nil {
		return tx, fmt.Errorf("signature header: %w", err)
	}
	sum := sha256.Sum256(append(signer.Nonce, signer.Creator...))
	tx.id = hex.EncodeToString(sum[:])
	return tx, nil
}

// openSets decodes the read-write sets of an endorsed transaction.
func (tx *transaction) openSets() (peer.TxValidationCode, error) {
	action, err := tx.action()
	if err != nil {
		return peer.TxValidationCode_NIL_TXACTION, err
	}
	sets, err := parseResults(action.Results)
	if err != nil {
		return peer.TxValidationCode_INVALID_OTHER_REASON, err
	}
	tx.sets = sets
	return peer.TxValidationCode_VALID, nil
}

// written is what an endorsed transaction reads and writes, valid or not; nothing where it cannot be read.
func (tx *transaction) written() []namespaceSet {
	if tx.sets != nil || tx.payload == nil || tx.kind != common.HeaderType_ENDORSER_TRANSACTION {
		return tx.sets
	}
	action, err := tx.action()
	if err != nil {
		return nil
	}
	sets, err := parseResults(action.Results)
	if err != nil {
		return nil
	}
	return sets
}

// action unwraps what the endorsers signed.
func (tx *transaction) action() (*peer.ChaincodeAction, error) {
	inner := &peer.Transaction{}
	if err := proto.Unmarshal(tx.payload.Data, inner); err != nil {
		return nil, fmt.Errorf("transaction: %w", err)
	}
	if len(inner.Actions) == 0 {
		return nil, errNoAction
	}
	endorsed := &peer.ChaincodeActionPayload{}
	if err := proto.Unmarshal(inner.Actions[0].Payload, endorsed); err != nil {
		return nil, fmt.Errorf("action: %w", err)
	}
	if len(endorsed.GetAction().GetProposalResponsePayload()) == 0 {
		return nil, errNoAction
	}
	response := &peer.ProposalResponsePayload{}
	if err := proto.Unmarshal(endorsed.Action.ProposalResponsePayload, response); err != nil {
		return nil, fmt.Errorf("proposal response: %w", err)
	}
	if len(response.Extension) == 0 {
		return nil, errNoAction
	}
	action := &peer.ChaincodeAction{}
	if err := proto.Unmarshal(response.Extension, action); err != nil {
		return nil, fmt.Errorf("chaincode action: %w", err)
	}
	return action, nil
}

func parseResults(results []byte) ([]namespaceSet, error) {
	all := &rwset.TxReadWriteSet{}
	if err := proto.Unmarshal(results, all); err != nil {
		return nil, fmt.Errorf("results: %w", err)
	}
	sets := make([]namespaceSet, 0, len(all.NsRwset))
	for _, packed := range all.NsRwset {
		public, err := ParseResults(packed)
		if err != nil {
			return nil, err
		}
		set := namespaceSet{name: packed.Namespace, public: public}
		for _, c := range packed.CollectionHashedRwset {
			hashes := &kvrwset.HashedRWSet{}
			if err := proto.Unmarshal(c.HashedRwset, hashes); err != nil {
				return nil, fmt.Errorf("hashed read-write set of %s/%s: %w", packed.Namespace, c.CollectionName, err)
			}
			set.collections = append(set.collections, collectionSet{c.CollectionName, hashes, c.PvtRwsetHash})
		}
		sets = append(sets, set)
	}
	return sets, nil
}

// ParseResults decodes the public part of the read-write set of one namespace.
func ParseResults(set *rwset.NsReadWriteSet) (*kvrwset.KVRWSet, error) {
	public := &kvrwset.KVRWSet{}
	if err := proto.Unmarshal(set.GetRwset(), public); err != nil {
		return nil, fmt.Errorf("read-write set of %s: %w", set.GetNamespace(), err)
	}
	return public, nil
}

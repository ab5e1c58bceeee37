// Package validator decides, before the ledger looks for conflicts, which transactions of a block are valid: are they
// well formed, really from who claims to have sent them, and endorsed as every key they write demands.
package validator

import (
	"bytes"
	"sync"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/channel"
	"github.com/zegel/zegel/network/devnet/ledger"
	"github.com/zegel/zegel/network/devnet/msp"
	"github.com/zegel/zegel/network/devnet/policy"
	"github.com/zegel/zegel/network/devnet/transaction"
)

// Validator validates the blocks of one channel for one peer.
type Validator struct {
	Channel *channel.Channel
	Ledger  *ledger.Ledger
	// Workers is how many transactions are examined at once: signatures cost most of the time of a commit.
	Workers int
	// Force lets tests give a transaction a code of their choice; nil never does.
	Force func(txid string) (peer.TxValidationCode, bool)
}

// examined is a transaction after everything about it that does not depend on other transactions was checked.
type examined struct {
	code   peer.TxValidationCode
	txid   string
	config bool
	action *transaction.Action
	// signers are the endorsers whose signatures hold.
	signers []*msp.Identity
}

// Validate returns a code for every transaction of the block. The codes of conflicts are left to the ledger.
func (v *Validator) Validate(block *common.Block) []peer.TxValidationCode {
	data := block.GetData().GetData()
	transactions := v.examineAll(data)
	codes := make([]peer.TxValidationCode, len(data))
	seen := map[string]bool{}
	policies := newPolicies(v.Channel, v.Ledger.Snapshot())
	for i, tx := range transactions {
		codes[i] = v.decide(tx, policies)
		if codes[i] != peer.TxValidationCode_VALID {
			continue
		}
		if tx.txid != "" && seen[tx.txid] {
			codes[i] = peer.TxValidationCode_DUPLICATE_TXID
			continue
		}
		seen[tx.txid] = true
	}
	return codes
}

// decide finishes one transaction, in block order: key policies changed by an earlier one apply to it.
func (v *Validator) decide(tx *examined, policies *policies) peer.TxValidationCode {
	code := tx.code
	if code == peer.TxValidationCode_VALID && !tx.config {
		if v.Ledger.HasTx(tx.txid) {
			return peer.TxValidationCode_DUPLICATE_TXID
		}
		code = policies.check(tx)
	}
	if v.Force != nil && tx.txid != "" {
		if forced, ok := v.Force(tx.txid); ok {
			return forced
		}
	}
	return code
}

func (v *Validator) examineAll(data [][]byte) []*examined {
	transactions := make([]*examined, len(data))
	if len(data) == 1 || v.Workers < 2 {
		for i, encoded := range data {
			transactions[i] = v.examine(encoded)
		}
		return transactions
	}
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(v.Workers, len(data)) {
		workers.Go(func() {
			for i := range next {
				transactions[i] = v.examine(data[i])
			}
		})
	}
	for i := range data {
		next <- i
	}
	close(next)
	workers.Wait()
	return transactions
}

// examine checks form, creator and signature, then the action, in Fabric's order.
func (v *Validator) examine(encoded []byte) *examined {
	envelope := &common.Envelope{}
	if err := proto.Unmarshal(encoded, envelope); err != nil {
		return &examined{code: peer.TxValidationCode_INVALID_OTHER_REASON}
	}
	payload := &common.Payload{}
	if err := proto.Unmarshal(envelope.GetPayload(), payload); err != nil {
		return &examined{code: peer.TxValidationCode_BAD_PAYLOAD}
	}
	tx, err := transaction.UnpackEnvelope(envelope)
	if err != nil || !wellFormed(tx) {
		return &examined{code: peer.TxValidationCode_BAD_COMMON_HEADER}
	}
	kind := common.HeaderType(tx.Channel.GetType())
	if kind == common.HeaderType_CONFIG {
		return &examined{code: peer.TxValidationCode_INVALID_CONFIG_TRANSACTION, config: true} // the orderer makes none
	}
	if !v.signedByCreator(tx) {
		return &examined{code: peer.TxValidationCode_BAD_CREATOR_SIGNATURE, txid: tx.Channel.GetTxId()}
	}
	if kind != common.HeaderType_ENDORSER_TRANSACTION {
		return &examined{code: peer.TxValidationCode_UNSUPPORTED_TX_PAYLOAD}
	}
	return v.examineAction(tx)
}

func wellFormed(tx *transaction.Envelope) bool {
	switch common.HeaderType(tx.Channel.GetType()) {
	case common.HeaderType_ENDORSER_TRANSACTION, common.HeaderType_CONFIG_UPDATE, common.HeaderType_CONFIG:
	default:
		return false
	}
	return tx.Channel.GetEpoch() == 0 && len(tx.Signature.GetNonce()) > 0 && len(tx.Signature.GetCreator()) > 0
}

func (v *Validator) signedByCreator(tx *transaction.Envelope) bool {
	if tx.Channel.GetChannelId() != v.Channel.ID() {
		return false
	}
	creator, err := v.Channel.Directory().Identify(tx.Signature.GetCreator())
	return err == nil && creator.Validate() == nil && creator.Verify(tx.Envelope.GetPayload(), tx.Envelope.GetSignature()) == nil
}

func (v *Validator) examineAction(tx *transaction.Envelope) *examined {
	e := &examined{txid: tx.Channel.GetTxId()}
	if e.txid != transaction.ID(tx.Signature.GetNonce(), tx.Signature.GetCreator()) {
		e.code = peer.TxValidationCode_BAD_PROPOSAL_TXID
		return e
	}
	action, err := tx.Action()
	if err != nil || !tiedToProposal(tx, action) {
		e.code = peer.TxValidationCode_INVALID_ENDORSER_TRANSACTION
		return e
	}
	e.action = action
	if e.code = named(tx, action); e.code != peer.TxValidationCode_VALID {
		return e
	}
	prp := action.Payload.GetAction().GetProposalResponsePayload()
	var signed []policy.Signed
	for _, endorsement := range action.Payload.GetAction().GetEndorsements() {
		message := append(append(make([]byte, 0, len(prp)+len(endorsement.GetEndorser())), prp...), endorsement.GetEndorser()...)
		signed = append(signed, policy.Signed{Message: message, Identity: endorsement.GetEndorser(), Signature: endorsement.GetSignature()})
	}
	e.signers = policy.Signers(v.Channel.Directory(), signed...)
	return e
}

// tiedToProposal says whether what was endorsed is the answer to what was proposed.
func tiedToProposal(tx *transaction.Envelope, action *transaction.Action) bool {
	header := &common.SignatureHeader{}
	if proto.Unmarshal(action.Header, header) != nil || len(header.GetNonce()) == 0 || len(header.GetCreator()) == 0 {
		return false
	}
	hash := transaction.ProposalHash(tx.Payload.GetHeader().GetChannelHeader(), action.Header, action.Payload.GetChaincodeProposalPayload())
	return bytes.Equal(hash, action.Response.GetProposalHash())
}

// named checks that proposal, result and event name the same chaincode.
func named(tx *transaction.Envelope, action *transaction.Action) peer.TxValidationCode {
	extension := &peer.ChaincodeHeaderExtension{}
	if err := proto.Unmarshal(tx.Channel.GetExtension(), extension); err != nil {
		return peer.TxValidationCode_BAD_HEADER_EXTENSION
	}
	if extension.GetChaincodeId() == nil || action.Chaincode.GetChaincodeId() == nil {
		return peer.TxValidationCode_INVALID_OTHER_REASON
	}
	name := extension.GetChaincodeId().GetName()
	if name == "" || name != action.Chaincode.GetChaincodeId().GetName() || action.Chaincode.GetChaincodeId().GetVersion() == "" {
		return peer.TxValidationCode_INVALID_CHAINCODE
	}
	event, err := action.Event()
	if err != nil || (event != nil && event.GetChaincodeId() != name) {
		return peer.TxValidationCode_INVALID_OTHER_REASON
	}
	return peer.TxValidationCode_VALID
}

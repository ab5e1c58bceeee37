package audit

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/audit/chain"
	"github.com/zegel/zegel/audit/trust"
	"github.com/zegel/zegel/audit/tx"
)

// decide gives every transaction of the block the auditor's own verdict, in the order in which peers
// look at them, and applies the valid ones.
func (w *blockWork) decide() error {
	for _, envelope := range w.block.GetData().GetData() {
		t := w.examine(envelope)
		if t.code == peer.TxValidationCode_VALID && t.Action != nil {
			known, err := w.auditor.state.Get(txKey(t.ID))
			if err != nil {
				return err
			}
			if known != nil {
				t.code = peer.TxValidationCode_DUPLICATE_TXID
			} else if t.code, t.err = w.endorsed(t); t.err != nil && errors.As(t.err, new(*stateError)) {
				return t.err
			}
		}
		w.txs = append(w.txs, t)
		w.auditor.report.Counts.Transactions++
	}
	owned := map[string]bool{}
	for i, t := range w.txs {
		if t.code != peer.TxValidationCode_VALID {
			continue
		}
		if t.Action == nil {
			w.auditor.report.Counts.Valid++
			continue // a configuration
		}
		if owned[t.ID] {
			t.code = peer.TxValidationCode_DUPLICATE_TXID
			continue
		}
		owned[t.ID] = true
		if err := w.conclude(i, t); err != nil {
			return err
		}
	}
	return nil
}

// conclude looks for conflicts of a transaction that is valid so far, asks what it means, and applies it.
func (w *blockWork) conclude(i int, t *judged) error {
	var err error
	if t.code, err = w.conflicts(t.Action); err != nil || t.code != peer.TxValidationCode_VALID {
		return err
	}
	w.auditor.report.Counts.Valid++
	w.checkClock(i, t)
	if err := w.means(i, t); err != nil {
		return err
	}
	if err := w.countAgain(i, t); err != nil {
		return err
	}
	if err := w.updates.apply(t.Action, w.auditor.state, w.number, uint64(i)); err != nil {
		return err
	}
	w.remember(t.book)
	return nil
}

// stateError is a failure of the auditor's own disk.
type stateError struct{ err error }

func (e *stateError) Error() string { return e.err.Error() }
func (e *stateError) Unwrap() error { return e.err }

// examine judges what can be judged of a transaction by itself.
func (w *blockWork) examine(envelope []byte) *judged {
	t, err := tx.Decode(envelope)
	if err != nil {
		return &judged{code: peer.TxValidationCode_BAD_PAYLOAD, err: err}
	}
	j := &judged{Transaction: t}
	switch {
	case t.Epoch != 0 || w.number > 0 && (len(t.Nonce) == 0 || len(t.Creator) == 0):
		j.code = peer.TxValidationCode_BAD_COMMON_HEADER
	case t.Type == common.HeaderType_CONFIG:
		j.code, j.err = w.takeConfig(j)
	case !w.signed(j):
		j.code = peer.TxValidationCode_BAD_CREATOR_SIGNATURE
	case t.Type != common.HeaderType_ENDORSER_TRANSACTION:
		j.code = peer.TxValidationCode_UNSUPPORTED_TX_PAYLOAD
	case t.ID != t.ComputedID():
		j.code = peer.TxValidationCode_BAD_PROPOSAL_TXID
	default:
		j.code, j.err = w.examineAction(j)
	}
	return j
}

// signed says whether the creator is the channel's and the signature the creator's.
func (w *blockWork) signed(t *judged) bool {
	if w.auditor.config == nil || t.Channel != w.auditor.config.Channel {
		return false
	}
	t.creator, t.err = w.auditor.config.Identify(t.Creator)
	if t.err == nil {
		t.err = t.creator.Err
	}
	if t.err == nil {
		t.err = t.creator.Verify(t.Payload, t.Signature)
	}
	return t.err == nil
}

func (w *blockWork) examineAction(t *judged) (peer.TxValidationCode, error) {
	if err := t.Open(); err != nil {
		return peer.TxValidationCode_INVALID_ENDORSER_TRANSACTION, err
	}
	a := t.Action
	if err := a.Answer(); err != nil {
		return peer.TxValidationCode_BAD_RWSET, err
	}
	switch {
	case !t.Tied():
		return peer.TxValidationCode_INVALID_ENDORSER_TRANSACTION, errors.New("what was endorsed does not answer the proposal")
	case a.Chaincode == "" || a.Ran != a.Chaincode || a.Version == "":
		return peer.TxValidationCode_INVALID_CHAINCODE, errors.New("proposal and endorsers name different chaincodes")
	case a.EventOf != "" && a.EventOf != a.Chaincode:
		return peer.TxValidationCode_INVALID_OTHER_REASON, errors.New("the event is another chaincode's")
	}
	message := make([]byte, 0, len(a.Response)+1024)
	seen := map[[sha256.Size]byte]bool{}
	for _, e := range a.Endorsements {
		identity, err := w.auditor.config.Identify(e.Endorser)
		if err != nil || identity.Err != nil {
			continue
		}
		message = append(append(message[:0], a.Response...), e.Endorser...)
		if print := identity.Fingerprint(); !seen[print] && identity.Verify(message, e.Signature) == nil {
			seen[print] = true
			t.signers = append(t.signers, identity)
		}
	}
	return peer.TxValidationCode_VALID, nil
}

// takeConfig reads a configuration, which is in force from the next block on.
func (w *blockWork) takeConfig(t *judged) (peer.TxValidationCode, error) {
	envelope, err := t.Config()
	if err == nil {
		w.config, err = trust.NewConfig(t.Channel, envelope.GetConfig())
	}
	a := w.auditor
	switch {
	case err != nil:
	case a.config == nil && t.Channel != a.options.Channel:
		err = fmt.Errorf("the channel is %s", t.Channel)
	case a.config == nil:
		a.report.setRoots(w.config)
		a.config = w.config // the first block is judged by itself
		return peer.TxValidationCode_VALID, nil
	case w.config.Sequence != a.config.Sequence+1 || t.Channel != a.config.Channel:
		err = fmt.Errorf("configuration %d follows %d", w.config.Sequence, a.config.Sequence)
	}
	if err != nil {
		w.config = nil
		w.find(CodeConfig, "", "", "The configuration does not follow the one before: "+err.Error()+".")
		return peer.TxValidationCode_INVALID_CONFIG_TRANSACTION, err
	}
	if !w.signed(t) {
		return peer.TxValidationCode_BAD_CREATOR_SIGNATURE, t.err
	}
	approvers, covered := configSigners(a.config, envelope)
	if !covered {
		w.find(CodeConfigSigners, "", fmt.Sprint(approvers), "No administrators' policy of the channel covers those who signed the configuration.")
	}
	a.report.Lists.ConfigChanges.add(ConfigChange{Block: w.number, Sequence: w.config.Sequence, SignedBy: approvers})
	a.report.setRoots(w.config)
	return peer.TxValidationCode_VALID, nil
}

// configSigners are the organisations that signed the update that led to a configuration, and whether
// an administrators' policy is satisfied by them.
func configSigners(config *trust.Config, envelope *common.ConfigEnvelope) (msps []string, covered bool) {
	payload, update := &common.Payload{}, &common.ConfigUpdateEnvelope{}
	if proto.Unmarshal(envelope.GetLastUpdate().GetPayload(), payload) != nil || proto.Unmarshal(payload.GetData(), update) != nil {
		return nil, false
	}
	var signers []*trust.Identity
	for _, s := range update.GetSignatures() {
		header := &common.SignatureHeader{}
		if proto.Unmarshal(s.GetSignatureHeader(), header) != nil {
			continue
		}
		identity, err := config.Identify(header.GetCreator())
		message := append(append([]byte{}, s.GetSignatureHeader()...), update.GetConfigUpdate()...)
		if err != nil || identity.Err != nil || identity.Verify(message, s.GetSignature()) != nil {
			continue
		}
		signers = append(signers, identity)
		msps = append(msps, identity.MSP)
	}
	return msps, config.AdminsHold(signers)
}

// configBytes is the block as the audit keeps it to go on.
func (w *blockWork) configBytes() []byte {
	return chain.EncodeStored(&common.Block{
		Header: w.block.GetHeader(), Data: w.block.GetData(), Metadata: &common.BlockMetadata{},
	})
}

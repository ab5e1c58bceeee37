package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/audit/chain"
	"github.com/zegel/zegel/audit/tx"
	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/chaincode/worldstate"
)

// Evidence is one operation with all that proves it, for somebody without a network: the block that
// it is in, every configuration of the channel up to it, and every definition of the chaincode. Each
// block is whole, as a peer hands it out.
type Evidence struct {
	Version   int    `json:"version"` // 1
	Channel   string `json:"channel"`
	Chaincode string `json:"chaincode"`
	MSP       string `json:"msp"` // whose operation it is
	Operation string `json:"operation"`
	Block     uint64 `json:"block"` // where it is
	Tx        int    `json:"tx"`
	// Blocks are common.Block, in the order of their numbers.
	Blocks [][]byte `json:"blocks"`
}

// ErrNoOperation says that no valid transaction of the chain carried the operation out.
var ErrNoOperation = errors.New("there is no such operation on the ledger")

// Collect looks through a source for an operation and gathers its evidence. msp may be empty if only
// one organisation has an operation of that name.
func Collect(source chain.Source, channel, chaincode, msp string, op loyalty.OpID) (*Evidence, error) {
	e := &Evidence{Version: 1, Channel: channel, Chaincode: chaincode, Operation: string(op)}
	for block, err := range source(0) {
		if err != nil {
			return nil, err
		}
		found, keep := e.look(block, msp, op)
		if found || keep {
			text, err := proto.Marshal(block)
			if err != nil {
				return nil, err
			}
			e.Blocks = append(e.Blocks, text)
		}
		if found {
			return e, nil
		}
	}
	return nil, ErrNoOperation
}

// look says whether the operation is in a block, and whether the block is needed to judge later ones.
func (e *Evidence) look(block *common.Block, msp string, op loyalty.OpID) (found, keep bool) {
	codes := chain.Codes(block)
	for i, envelope := range block.GetData().GetData() {
		t, err := tx.Decode(envelope)
		if err != nil || i < len(codes) && peer.TxValidationCode(codes[i]) != peer.TxValidationCode_VALID {
			continue
		}
		if t.Type == common.HeaderType_CONFIG {
			keep = true
			continue
		}
		if t.Open() != nil || t.Action.Answer() != nil {
			continue
		}
		if n := t.Action.Of(lifecycleName); n != nil && len(n.Public.GetWrites()) > 0 && t.Action.Chaincode == lifecycleName {
			keep = true
		}
		if owner, ok := writesOperation(t.Action, e.Chaincode, msp, op); ok {
			e.MSP, e.Block, e.Tx = owner, block.GetHeader().GetNumber(), i
			return true, true
		}
	}
	return false, keep
}

// writesOperation says whether a transaction writes the record of an operation, and whose it is.
func writesOperation(a *tx.Action, chaincode, msp string, op loyalty.OpID) (owner string, ok bool) {
	n := a.Of(chaincode)
	if n == nil {
		return "", false
	}
	for _, w := range n.Public.GetWrites() {
		key, err := worldstate.ParseKey(w.GetKey())
		if err == nil && key.Kind == worldstate.KindOperation && key.ID == string(op) && (msp == "" || msp == string(key.Organisation)) {
			return string(key.Organisation), true
		}
	}
	return "", false
}

// Proof is what evidence proves.
type Proof struct {
	Channel   string              `json:"channel"`
	Genesis   string              `json:"genesis"`
	Roots     map[string][]string `json:"roots"`
	Block     uint64              `json:"block"`
	BlockHash string              `json:"blockHash"`
	Tx        int                 `json:"tx"`
	TxID      string              `json:"txId"`
	Submitter string              `json:"submitter"`
	Endorsers []string            `json:"endorsers"`
	MSP       string              `json:"msp"`
	Command   loyalty.Command     `json:"command"`
	Operation loyalty.Operation   `json:"operation"`
	Findings  []Finding           `json:"findings"`
}

// Verify checks evidence: that every block is whole and signed by orderers of the channel, that the
// transaction is its creator's, endorsed as the chaincode's definition demands, recorded as valid by
// the peer, and that it carries the operation out. It fails where the evidence cannot be read; what
// does not hold is in Proof.Findings. Two things need more than evidence: that the peer's verdict on
// conflicting reads was right, and that the first block is the channel's: compare Genesis and Roots.
func (e *Evidence) Verify() (*Proof, error) {
	a, err := New(Options{Channel: e.Channel, Chaincode: e.Chaincode})
	if err != nil {
		return nil, err
	}
	p, err := e.verify(a)
	return p, errors.Join(err, a.Close())
}

func (e *Evidence) verify(a *Auditor) (*Proof, error) {
	p := &Proof{Channel: e.Channel, Block: e.Block, Tx: e.Tx, MSP: e.MSP}
	for _, text := range e.Blocks {
		block, err := chain.DecodeBlock(text)
		if err != nil {
			return nil, err
		}
		w, err := a.alone(block)
		if err != nil {
			return nil, err
		}
		if w.number != e.Block {
			continue
		}
		if err := e.prove(p, w); err != nil {
			return nil, err
		}
	}
	if p.TxID == "" {
		return nil, errors.New("the block of the operation is not in the evidence")
	}
	p.Genesis, p.Roots, p.Findings = a.report.Genesis, a.report.Roots, a.report.Findings
	return p, nil
}

// alone audits a block without those before it: everything but what needs the state.
func (a *Auditor) alone(block *common.Block) (*blockWork, error) {
	w := &blockWork{auditor: a, block: block, number: block.GetHeader().GetNumber(), updates: updates{}}
	a.progress.Next, a.progress.LastHash = w.number, block.GetHeader().GetPreviousHash()
	if !w.follows() {
		return nil, ErrBroken
	}
	w.checkMetadata()
	codes := chain.Codes(block)
	for i, envelope := range block.GetData().GetData() {
		t := w.examine(envelope)
		if t.code == peer.TxValidationCode_VALID && t.Action != nil {
			t.code, t.err = w.endorsed(t)
		}
		w.txs = append(w.txs, t)
		theirs := peer.TxValidationCode(codes[min(i, len(codes)-1)])
		switch {
		case theirs != peer.TxValidationCode_VALID:
		case t.code != peer.TxValidationCode_VALID:
			w.findTx(i, CodeFlag, t.code.String(), theirs.String(), fmt.Sprintf("The transaction is not valid: %v.", t.err))
		case t.Action != nil:
			if err := w.updates.apply(t.Action, a.state, w.number, uint64(i)); err != nil {
				return nil, err
			}
		}
	}
	w.settle()
	return w, nil
}

// prove takes the operation out of its transaction.
func (e *Evidence) prove(p *Proof, w *blockWork) error {
	codes := chain.Codes(w.block)
	if e.Tx < 0 || e.Tx >= len(w.txs) || e.Tx >= len(codes) {
		return errors.New("the block has no such transaction")
	}
	t := w.txs[e.Tx]
	if peer.TxValidationCode(codes[e.Tx]) != peer.TxValidationCode_VALID {
		w.findTx(e.Tx, CodeFlag, "VALID", peer.TxValidationCode(codes[e.Tx]).String(), "The peer did not record the transaction as valid.")
	}
	if t.Transaction == nil || t.Action == nil || t.creator == nil {
		return errors.New("the transaction cannot be read")
	}
	hash := chain.HeaderHash(w.block.GetHeader())
	p.BlockHash, p.TxID, p.Submitter = fmt.Sprintf("%x", hash), t.ID, t.creator.MSP
	for _, s := range t.signers {
		p.Endorsers = append(p.Endorsers, s.MSP)
	}
	if _, ok := writesOperation(t.Action, e.Chaincode, e.MSP, loyalty.OpID(e.Operation)); !ok {
		return errors.New("the transaction does not carry the operation out")
	}
	value := publicWrites(t.Action.Of(e.Chaincode))[worldstate.OperationKey(loyalty.MSPID(e.MSP), loyalty.OpID(e.Operation))]
	if err := worldstate.Decode(value, &p.Operation); err != nil {
		return fmt.Errorf("the record of the operation: %w", err)
	}
	if len(t.Action.Args) != 2 {
		return errors.New("the transaction is no batch")
	}
	batch, err := api.DecodeBatch(t.Action.Args[1])
	if err != nil {
		return err
	}
	i := slices.IndexFunc(batch.Commands, func(c loyalty.Command) bool { return string(c.Op) == e.Operation })
	if i < 0 {
		return errors.New("the batch does not ask for the operation")
	}
	p.Command = batch.Commands[i]
	return nil
}

// ReadEvidence reads what was written as JSON.
func ReadEvidence(text []byte) (*Evidence, error) {
	e := &Evidence{}
	if err := json.Unmarshal(text, e); err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	if e.Version != 1 || len(e.Blocks) == 0 {
		return nil, errors.New("evidence: of an unknown version, or empty")
	}
	return e, nil
}

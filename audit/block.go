package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"github.com/zegel/zegel/audit/chain"
	"github.com/zegel/zegel/audit/trust"
	"github.com/zegel/zegel/audit/tx"
)

// blockWork is one block being audited.
type blockWork struct {
	auditor *Auditor
	block   *common.Block
	number  uint64
	txs     []*judged
	updates updates // what the valid transactions so far write
	config  *trust.Config
}

// judged is a transaction with the auditor's own verdict.
type judged struct {
	*tx.Transaction
	code    peer.TxValidationCode
	creator *trust.Identity
	signers []*trust.Identity // endorsers whose signatures hold
	err     error             // why, where code alone says little
	book    *book             // what the rules wrote, of a transaction of the contract
}

// find adds a finding about the block as a whole.
func (w *blockWork) find(code Code, expected, found, message string) {
	w.auditor.find(Finding{Code: code, Block: w.number, Tx: -1, Expected: expected, Found: found, Message: message})
}

// findTx adds a finding about a transaction.
func (w *blockWork) findTx(i int, code Code, expected, found, message string) {
	f := Finding{Code: code, Block: w.number, Tx: i, Expected: expected, Found: found, Message: message}
	if i < len(w.txs) && w.txs[i].Transaction != nil {
		f.TxID = w.txs[i].ID
	}
	w.auditor.find(f)
}

// follows checks that the block is the next of the chain. It is false where it is not even its number.
func (w *blockWork) follows() bool {
	a, header := w.auditor, w.block.GetHeader()
	if w.number != a.progress.Next {
		a.find(Finding{Code: CodeNumber, Block: a.progress.Next, Tx: -1, Message: "Another block comes where this one should.",
			Expected: fmt.Sprint(a.progress.Next), Found: fmt.Sprint(w.number)})
		return false
	}
	if !bytes.Equal(header.GetPreviousHash(), a.progress.LastHash) {
		w.find(CodePreviousHash, hex.EncodeToString(a.progress.LastHash), hex.EncodeToString(header.GetPreviousHash()),
			"The block does not follow the one before it.")
	}
	if hash := chain.DataHash(w.block.GetData()); !bytes.Equal(hash[:], header.GetDataHash()) {
		w.find(CodeDataHash, hex.EncodeToString(header.GetDataHash()), hex.EncodeToString(hash[:]),
			"The transactions are not those that the header was made for.")
	}
	hash := chain.HeaderHash(header)
	if w.number == 0 {
		a.report.Genesis = hex.EncodeToString(hash[:])
		if len(a.options.Genesis) > 0 && !bytes.Equal(a.options.Genesis, hash[:]) {
			w.find(CodeGenesis, hex.EncodeToString(a.options.Genesis), hex.EncodeToString(hash[:]),
				"The chain begins with another block than the one expected.")
		}
	}
	a.progress.LastHash = hash[:]
	return true
}

// checkMetadata checks what the orderers signed, against the configuration in force before the block.
func (w *blockWork) checkMetadata() {
	if n, want := len(chain.Codes(w.block)), len(w.block.GetData().GetData()); n != want {
		w.find(CodeMetadata, fmt.Sprint(want), fmt.Sprint(n), "The validation codes are not as many as the transactions.")
	}
	seal, err := chain.SealOf(w.block)
	if err != nil {
		w.find(CodeMetadata, "", "", "The orderers' signatures cannot be read: "+err.Error()+".")
		return
	}
	config := w.auditor.progress.LastConfig
	if w.isConfig() {
		config = w.number
	}
	if seal.LastConfig != config {
		w.find(CodeLastConfig, fmt.Sprint(config), fmt.Sprint(seal.LastConfig), "The block names another configuration than the one in force.")
	}
	if number, found, err := chain.DeprecatedLastConfig(w.block); err != nil || found && number != config {
		w.find(CodeMetadata, fmt.Sprint(config), fmt.Sprint(number), "The slot for the last configuration, which nobody signs, is wrong.")
	}
	if w.number == 0 {
		return // nobody signs the first block: Options.Genesis is what it can be compared with
	}
	if err := verifySeal(w.auditor.config, seal); err != nil {
		w.find(CodeOrderer, "", "", err.Error())
	}
}

// verifySeal says why the orderers' signatures do not satisfy the channel, or nil.
func verifySeal(config *trust.Config, seal chain.Seal) error {
	var signers []*trust.Identity
	seen := map[[sha256.Size]byte]bool{}
	for _, s := range seal.Signatures {
		identity, err := config.Identify(s.Identity)
		if err != nil {
			return fmt.Errorf("A signature of the block is nobody's: %w.", err) //nolint:staticcheck // a sentence of a report
		}
		if err := identity.Verify(s.Message, s.Signature); err != nil {
			return fmt.Errorf("A signature of %s does not hold: %w.", identity.MSP, err) //nolint:staticcheck // a sentence of a report
		}
		if print := identity.Fingerprint(); !seen[print] {
			seen[print] = true
			signers = append(signers, identity)
		}
	}
	if !config.Policy(trust.BlockValidation).Holds(signers) {
		return fmt.Errorf("The %d signatures of the block do not satisfy the channel's policy.", len(signers)) //nolint:staticcheck // a sentence of a report
	}
	return nil
}

// isConfig says whether the block holds a configuration.
func (w *blockWork) isConfig() bool {
	data := w.block.GetData().GetData()
	return len(data) == 1 && tx.IsConfig(data[0])
}

// checkFlags compares the peer's verdicts with the auditor's.
func (w *blockWork) checkFlags() {
	codes := chain.Codes(w.block)
	for i, t := range w.txs {
		if i >= len(codes) {
			return
		}
		theirs := peer.TxValidationCode(codes[i])
		if theirs == t.code {
			continue
		}
		why := "The peer's verdict on the transaction is not the one that follows from the blocks"
		if t.err != nil {
			why += ": " + t.err.Error()
		}
		code := CodeFlag
		if theirs != peer.TxValidationCode_VALID && t.code != peer.TxValidationCode_VALID {
			code = CodeFlagReason
		}
		w.findTx(i, code, t.code.String(), theirs.String(), why+".")
	}
}

// checkCommitHash compares the peer's chained hash over codes and state with the auditor's.
func (w *blockWork) checkCommitHash() {
	theirs, err := chain.CommitHash(w.block)
	if err != nil {
		w.find(CodeMetadata, "", "", "The commit hash cannot be read: "+err.Error()+".")
		return
	}
	a := w.auditor
	if w.number == 0 || w.number > 1 && len(a.progress.CommitHash) == 0 {
		if len(theirs) > 0 {
			w.find(CodeCommitHash, "none", hex.EncodeToString(theirs), "A commit hash where there should be none.")
		}
		return
	}
	if len(theirs) == 0 {
		if w.number > 1 { // a peer that began without commit hashes never has any
			w.find(CodeCommitHash, "a hash", "none", "The peer's commit hash is missing.")
			a.progress.CommitHash = nil
		}
		return
	}
	ours := make([]byte, len(w.txs))
	for i, t := range w.txs {
		ours[i] = byte(t.code)
	}
	sum := w.updates.commitHash(ours, a.progress.CommitHash)
	if !bytes.Equal(sum, theirs) && !bytes.Equal(w.updates.commitHash(chain.Codes(w.block), a.progress.CommitHash), theirs) {
		w.find(CodeCommitHash, hex.EncodeToString(sum), hex.EncodeToString(theirs),
			"The peer's state is not the one that the blocks lead to.")
	}
	a.progress.CommitHash = theirs
}

// settle makes the block part of what is audited.
func (w *blockWork) settle() {
	a := w.auditor
	w.updates.into(a.state)
	for _, t := range w.txs {
		if t.Transaction != nil && t.ID != "" {
			a.state.Put(txKey(t.ID), seen)
		}
	}
	if w.config != nil {
		a.config = w.config
		a.progress.LastConfig, a.progress.Config = w.number, w.configBytes()
	}
	a.progress.Next++
	a.report.Counts.Blocks++
}

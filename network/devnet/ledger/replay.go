package ledger

import (
	"bytes"
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

// replay brings a block that is already on disk into memory. Its codes stand; that the block follows
// the chain and that its commit hash is what its writes come to shows that nothing was altered.
// Only the orderer's signatures on the block are beyond what a ledger can check.
func (l *Ledger) replay(block *common.Block) error {
	if err := l.follows(block, nil); err != nil {
		return err
	}
	p := l.begin(block)
	codes := Codes(block)
	if len(codes) != len(block.Data.Data) {
		return fmt.Errorf("%d validation codes for %d transactions", len(codes), len(block.Data.Data))
	}
	for i, code := range codes {
		tx := p.open(i, peer.TxValidationCode(code))
		tx.load()
		if tx.code != peer.TxValidationCode(code) {
			return fmt.Errorf("transaction %d was valid when the block was committed and is not readable now", i)
		}
		if tx.sets == nil {
			continue
		}
		if err := p.apply(tx); err != nil {
			return err
		}
	}
	p.seal(l.commitHash)
	if p.number == 0 && !p.allValid() {
		return errFirstBlock
	}
	recorded, err := CommitHash(block)
	if err != nil {
		return err
	}
	if !bytes.Equal(recorded, p.commitHash) {
		return fmt.Errorf("commit hash is %x, its writes come to %x", recorded, p.commitHash)
	}
	if p.private, err = l.privates.read(p.number); err != nil {
		return err
	}
	if err := l.applyPrivate(p); err != nil {
		return err
	}
	// A crash may have come between commit and erasure.
	if err := l.erase(p); err != nil {
		return err
	}
	l.publish(p)
	return nil
}

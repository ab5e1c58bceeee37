package audit

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// Openings supplies what was sold, as far as the chains hand it out. Nothing of it is believed: it
// counts only where its hash is the one on the ledger.
type Openings interface {
	// Opening is the opening of a sale of org as it is now; nil if it is not supplied.
	Opening(org loyalty.MSPID, sale loyalty.ReceiptID) ([]byte, error)
}

// OpeningFolder is Openings in files: <folder>/<MSP>/<receipt>.json, each the bytes of GetOpening.
type OpeningFolder string

// Opening implements Openings.
func (f OpeningFolder) Opening(org loyalty.MSPID, sale loyalty.ReceiptID) ([]byte, error) {
	if !org.Valid() || !sale.Valid() { // names of files are made of them
		return nil, nil
	}
	text, err := os.ReadFile(filepath.Join(string(f), string(org), string(sale)+".json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

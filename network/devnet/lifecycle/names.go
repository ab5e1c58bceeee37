package lifecycle

import (
	"strings"

	"github.com/zegel/zegel/network/devnet/ledger"
)

// Names lists the chaincodes that are defined, sorted.
func Names(simulator *ledger.Simulator) ([]string, error) {
	prefix := metadataKey("")
	rows, err := simulator.GetStateRange(Namespace, prefix, prefix+"\x7f")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var names []string
	for {
		row, err := rows.Next()
		if err != nil || row == nil {
			return names, err
		}
		names = append(names, strings.TrimPrefix(row.GetKey(), prefix))
	}
}

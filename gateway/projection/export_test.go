package projection

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// Dump writes every row out, for comparing two projections.
func (p *Projection) Dump(ctx context.Context) (string, error) {
	var b strings.Builder
	for _, table := range []string{"progress", "operation", "entry"} {
		rows, err := p.write.QueryContext(ctx, "SELECT * FROM "+table)
		if err != nil {
			return "", err
		}
		if err := dump(&b, table, rows); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

func dump(b *strings.Builder, table string, rows *sql.Rows) error {
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			return err
		}
		fmt.Fprint(b, table)
		for _, v := range values {
			fmt.Fprintf(b, " %v", *v.(*any))
		}
		fmt.Fprintln(b)
	}
	return rows.Err()
}

// Exec runs a statement on the writer, so that a test can make a write fail half-way.
func (p *Projection) Exec(statement string) error {
	_, err := p.write.Exec(statement)
	return err
}

// Decode reads the transactions of a block and says how many there are.
func Decode(b *common.Block) (int, error) {
	found, err := decode(b)
	return len(found), err
}

// ParseCursor reads a cursor back and writes it again.
func ParseCursor(member loyalty.MemberID, text string) (string, error) {
	at, err := parseCursor(member, text)
	if err != nil {
		return "", err
	}
	return at.cursor(member), nil
}

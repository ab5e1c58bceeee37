package projection

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// ErrCursor says that a cursor was not made here for this member.
var ErrCursor = errors.New("projection: not a cursor of this statement")

// position is where a posting stands on the ledger: block, transaction, outcome, posting. It never
// changes, so a cursor made of it is good for ever, on every gateway of every chain.
type position [4]int64

// newest is behind every posting there can be.
var newest = position{math.MaxInt64, 0, 0, 0}

const (
	cursorVersion = 1
	// checkSize catches a cursor of another member and one that was typed wrong. It is no seal: a
	// cursor is not a secret, and a forged one reads nothing that could not be read without.
	checkSize = 4
)

// cursor writes p in a form that nobody is tempted to take apart.
func (p position) cursor(member loyalty.MemberID) string {
	b := []byte{cursorVersion}
	for _, n := range p {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return base64.RawURLEncoding.EncodeToString(append(b, check(member, b)...))
}

// maxCursor bounds what parseCursor looks at.
const maxCursor = 64

func parseCursor(member loyalty.MemberID, text string) (position, error) {
	if len(text) > maxCursor {
		return position{}, ErrCursor
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) < 1+checkSize || b[0] != cursorVersion {
		return position{}, ErrCursor
	}
	body := b[:len(b)-checkSize]
	var p position
	rest := body[1:]
	for i := range p {
		n, size := binary.Uvarint(rest)
		if size <= 0 || n > math.MaxInt64 {
			return position{}, ErrCursor
		}
		p[i], rest = int64(n), rest[size:]
	}
	if p.cursor(member) != text { // the one way of writing it, and this member's
		return position{}, ErrCursor
	}
	return p, nil
}

func check(member loyalty.MemberID, body []byte) []byte {
	sum := sha256.Sum256(append([]byte("zegel/1/cursor/"+string(member)+"/"), body...))
	return sum[:checkSize]
}

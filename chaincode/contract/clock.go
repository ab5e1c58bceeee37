package contract

import (
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// maxSkew is how far a transaction's timestamp may be off the endorser's clock. The timestamp is
// the client's word: unbounded it would let a till spend expired points or back-date a sale.
// Fabric's own bound is a quarter of an hour, and only where the operator left it on.
const maxSkew = 5 * time.Minute

// Clock tells the time of an endorser. It decides only whether a transaction is endorsed, never
// what the transaction does: that follows from the timestamp, which all endorsers share.
type Clock func() time.Time

// SystemClock is the machine's clock: the only one in the chaincode.
func SystemClock() time.Time { return time.Now() }

// now is the timestamp of the transaction. It refuses (clock_off) one more than maxSkew away from
// the endorser's clock.
func (c Clock) now(stub shim.ChaincodeStubInterface) (loyalty.Instant, error) {
	stamp, err := stub.GetTxTimestamp()
	if err != nil {
		return 0, err
	}
	at := stamp.AsTime()
	if at.Sub(c()).Abs() > maxSkew {
		return 0, loyalty.Refuse(loyalty.CodeClockOff,
			"The transaction's clock is more than %d minutes off the endorser's.", int(maxSkew.Minutes()))
	}
	return loyalty.InstantOf(at), nil
}

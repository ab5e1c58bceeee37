package loyalty

// Ledger is all that a command can see and change. The contract implements it on Fabric's world
// state with read-your-writes; the auditor implements it on a map.
//
// Reading what is absent gives nil and no error. What is returned is the caller's own copy. An
// error means that the state could not be read or decoded: the whole transaction fails, never
// one command of it.
type Ledger interface {
	Programme() (*Programme, error)
	Terms(issuer MSPID) (*TermsBook, error)

	Account(member MemberID) (*Account, error)
	PutAccount(*Account) error

	Operation(org MSPID, op OpID) (*Operation, error)
	PutOperation(org MSPID, op OpID, o *Operation) error

	Receipt(org MSPID, id ReceiptID) (*Receipt, error)
	PutReceipt(org MSPID, id ReceiptID, r *Receipt) error

	HoldEnd(id HoldID) (*HoldEnd, error)
	PutHoldEnd(id HoldID, e *HoldEnd) error

	// OpeningHash is the SHA-256 of the sale's opening in the chain's private collection: every
	// endorser has the hash, only the chain has the opening.
	OpeningHash(org MSPID, sale ReceiptID) ([]byte, error)
	PutOpening(org MSPID, sale ReceiptID, opening []byte) error
}

package worldstate

import "github.com/zegel/zegel/chaincode/loyalty"

// KeysOf is every public key that applying commands of org will read, for Prefetch. What is not
// well formed names no key: the command will be refused before it reads. Keys may repeat.
func KeysOf(org loyalty.MSPID, commands []loyalty.Command) []string {
	keys := make([]string, 0, 2+4*len(commands))
	keys = append(keys, ProgrammeKey(), TermsKey(org))
	for i := range commands {
		keys = appendKeys(keys, org, &commands[i])
	}
	return keys
}

func appendKeys(keys []string, org loyalty.MSPID, c *loyalty.Command) []string {
	if c.Op.Valid() {
		keys = append(keys, OperationKey(org, c.Op))
	}
	for _, member := range []loyalty.MemberID{c.Member, c.To, c.Hold.Member()} {
		if member.Valid() {
			keys = append(keys, AccountKey(member))
		}
	}
	for _, receipt := range []loyalty.ReceiptID{c.Receipt, c.Sale} {
		if receipt.Valid() {
			keys = append(keys, ReceiptKey(org, receipt))
		}
	}
	if c.Hold.Valid() {
		keys = append(keys, HoldEndKey(c.Hold))
	}
	return keys
}

package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"

	"github.com/zegel/zegel/audit/tx"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/chaincode/worldstate"
)

const programmeKey = "g"

func proposalKey(p *loyalty.Proposal) string {
	return worldstate.ProposalKey(p.Programme.Version, p.Programme.Digest())
}

func termsKey(issuer loyalty.MSPID) string { return worldstate.TermsKey(issuer) }

// codeOf is how a difference in each kind of record is called.
var codeOf = map[worldstate.Kind]Code{
	worldstate.KindAccount: CodeAccount, worldstate.KindProgramme: CodeGovernance, worldstate.KindProposal: CodeGovernance,
	worldstate.KindTerms: CodeGovernance, worldstate.KindHoldEnd: CodeHold, worldstate.KindOperation: CodeOperation,
	worldstate.KindReceipt: CodeReceipt,
}

// difference is a write that is not what the rules make.
type difference struct {
	code               Code
	key                string
	expected, found    []byte
	message, operation string
}

// differences compares everything that the endorsers wrote with everything that the rules write.
func differences(b *book, points *tx.Namespace) []difference {
	var all []difference
	written := make(map[string]bool, len(b.puts))
	for _, w := range points.Public.GetWrites() {
		key, value := w.GetKey(), w.GetValue()
		if w.GetIsDelete() {
			value = nil
		}
		ours, expected := b.puts[key]
		written[key] = true
		if expected && bytes.Equal(ours.value, value) {
			continue
		}
		d := difference{key: key, expected: ours.value, found: value}
		parsed, err := worldstate.ParseKey(key)
		if err == nil && parsed.Kind == worldstate.KindOperation {
			d.operation = parsed.ID
		}
		switch {
		case err != nil:
			d.code, d.message = CodeUnexpected, "A key that nothing of the ledger has."
		case !expected:
			d.code, d.message = CodeUnexpected, "No rule makes this write."
		default:
			d.code, d.message = codeOf[parsed.Kind], "The value is not what the rules make of it."
		}
		all = append(all, d)
	}
	for _, key := range slices.Sorted(maps.Keys(b.puts)) {
		if !written[key] {
			all = append(all, difference{code: CodeWriteMissing, key: key, expected: b.puts[key].value, message: "The rules demand a write that is not there."})
		}
	}
	return append(all, hiddenDifferences(b, points)...)
}

// hiddenDifferences compares which openings were committed to. What they are, their hashes hide.
func hiddenDifferences(b *book, points *tx.Namespace) []difference {
	var all []difference
	left := map[string]openingName{}
	for name := range b.openings {
		hashed := sha256.Sum256([]byte(worldstate.OpeningKey(name.sale)))
		left[worldstate.Baskets(name.org)+"\x00"+string(hashed[:])] = name
	}
	for _, c := range points.Collections {
		for _, w := range c.Hashes.GetHashedWrites() {
			id := c.Name + "\x00" + string(w.GetKeyHash())
			if _, expected := left[id]; !expected || w.GetIsDelete() {
				all = append(all, difference{code: CodeUnexpected, key: c.Name + "/" + hex.EncodeToString(w.GetKeyHash()),
					found: w.GetValueHash(), message: "No rule makes this private write."})
			}
			delete(left, id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(left)) {
		all = append(all, difference{code: CodeOpeningMissing, key: string(left[id].sale), message: "The opening of the sale was not committed to."})
	}
	return all
}

// compareWrites reports the differences.
func (r *run) compareWrites(points *tx.Namespace) {
	for _, d := range differences(r.book, points) {
		if d.code == CodeAccount && r.backdated(d) {
			d.code, d.message = CodeBackdated, "The account has points of a day on which the programme takes no sale any more."
		}
		r.found(Finding{Code: d.code, Key: d.key, Operation: d.operation, Message: d.message,
			Expected: printable(d.expected), Found: printable(d.found)})
	}
}

// backdated says whether an account differs in that points were earned before the programme's window.
func (r *run) backdated(d difference) bool {
	var ours, theirs loyalty.Account
	programme, err := r.book.Programme()
	if err != nil || programme == nil || worldstate.Decode(d.expected, &ours) != nil || worldstate.Decode(d.found, &theirs) != nil {
		return false
	}
	if len(ours.Lots) != len(theirs.Lots) {
		return false
	}
	for i, l := range theirs.Lots {
		if l.Earned < ours.Lots[i].Earned && l.Earned < early(programme, r.now).Day() {
			return true
		}
	}
	return false
}

// printable is a value without its version byte, or in hex where it is no text.
func printable(value []byte) string {
	if len(value) > 1 && value[1] == '{' {
		return string(value[1:])
	}
	return hex.EncodeToString(value)
}

func (r *run) compareReply(expected []byte) {
	if !bytes.Equal(expected, r.tx.Action.Reply) {
		r.found(Finding{Code: CodeReply, Expected: string(expected), Found: string(r.tx.Action.Reply),
			Message: "The endorsers' answer is not the one that follows from the rules."})
	}
}

// compareProfile checks that a transaction of personal data touches the caller's own collection and
// nothing else, and says nothing in public.
func (r *run) compareProfile(points *tx.Namespace) {
	for _, w := range points.Public.GetWrites() {
		r.found(Finding{Code: CodeUnexpected, Key: w.GetKey(), Found: printable(w.GetValue()), Message: "A transaction of personal data wrote in public."})
	}
	own := worldstate.Profiles(r.caller.MSP)
	for _, c := range points.Collections {
		if c.Name != own && len(c.Hashes.GetHashedWrites()) > 0 {
			r.found(Finding{Code: CodeUnexpected, Key: c.Name, Expected: own, Found: c.Name, Message: "A transaction of personal data wrote to another collection."})
		}
	}
	if len(r.tx.Action.Event) > 0 {
		r.found(Finding{Code: CodeEvent, Message: "A transaction of personal data has an event."})
	}
	r.compareReply(nil)
}

package vault

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// The labels. Changing one changes every value ever derived under it: the golden vectors in
// testdata fail first.
const (
	labelOperation   = "zegel/1/operation"
	labelFingerprint = "zegel/1/fingerprint"
	labelReceipt     = "zegel/1/receipt"
	labelMember      = "zegel/1/member"
	labelSalt        = "zegel/1/salt"
	labelPhone       = "zegel/1/lookup/phone"
	labelEmail       = "zegel/1/lookup/email"
	labelWrap        = "zegel/1/vault/wrap"
	labelCheck       = "zegel/1/vault/check"
	labelEnrolment   = "zegel/1/enrolment"
	labelOutbox      = "zegel/1/outbox"
)

// shortSize is 128 bits: two of 2⁴⁰ operations share a name with a chance below 2⁻⁴⁸.
const shortSize = 16

// ReceiptKind says which slip a natural key names: the same number may stand on both.
type ReceiptKind string

// The kinds of receipt.
const (
	Sale   ReceiptKind = "sale"
	Return ReceiptKind = "return"
)

// NaturalKey is what makes a receipt one receipt in the world outside: the same sale keyed in
// twice, at any gateway of the chain, has the same natural key.
type NaturalKey struct {
	Organisation loyalty.MSPID
	Store        string
	Terminal     string
	Date         loyalty.Day // the shop's business date
	Receipt      string
	Kind         ReceiptKind
}

// Operation names the operation that a till of the given scope starts under an idempotency key.
func (s Secret) Operation(scope []string, key string) loyalty.OpID {
	return loyalty.OpID(s.short(labelOperation, append(append([]string{}, scope...), key)...))
}

// Fingerprint is the keyed digest of a request in its canonical form. It tells a repeat from a
// reuse and, being keyed, cannot be tried out against guessed amounts.
func (s Secret) Fingerprint(kind loyalty.Kind, canonical []byte) loyalty.Fingerprint {
	return loyalty.Fingerprint(s.short(labelFingerprint, string(kind), string(canonical)))
}

// Receipt is the public name of a receipt.
func (s Secret) Receipt(k NaturalKey) loyalty.ReceiptID {
	return loyalty.ReceiptID(s.short(labelReceipt,
		string(k.Organisation), k.Store, k.Terminal, k.Date.String(), k.Receipt, string(k.Kind)))
}

// Member is the reference that the enrolment op gives its member. To everybody without the secret
// it is random; enrolling again under the same operation gives the same member.
func (s Secret) Member(op loyalty.OpID) loyalty.MemberID {
	return loyalty.MemberID(s.short(labelMember, string(op)))
}

// Salt is the 128-bit salt, as 32 hex digits, of the private bytes that one request makes. It
// depends on the request's whole content, so that no two contents ever share a salt, and a repeat
// makes the same bytes.
func (s Secret) Salt(op loyalty.OpID, print loyalty.Fingerprint) string {
	return s.short(labelSalt, string(op), string(print))
}

// LookupPhone is the private key, 64 hex digits, under which a member is found by telephone
// number. Fabric publishes a plain hash of it, hence the secret.
func (s Secret) LookupPhone(p Phone) string { return s.long(labelPhone, string(p)) }

// LookupEmail is the same for an e-mail address; upper and lower case are one.
func (s Secret) LookupEmail(e Email) string { return s.long(labelEmail, e.folded()) }

// OutboxKey is the key, 32 bytes, under which requests that are not decided lie on the gateway's disk.
func (s Secret) OutboxKey() []byte { return mac(s.key[:], labelOutbox) }

func (s Secret) short(label string, parts ...string) string {
	return hex.EncodeToString(mac(s.key[:], label, parts...)[:shortSize])
}

func (s Secret) long(label string, parts ...string) string {
	return hex.EncodeToString(mac(s.key[:], label, parts...))
}

// mac is HMAC-SHA-256 over the label and the parts, each behind its length: without the lengths
// store "1", till "23" and store "12", till "3" would be one.
func mac(key []byte, label string, parts ...string) []byte {
	m := hmac.New(sha256.New, key)
	frame(m, label)
	for _, p := range parts {
		frame(m, p)
	}
	return m.Sum(nil)
}

type writer interface{ Write([]byte) (int, error) }

func frame(w writer, part string) {
	var size [8]byte
	binary.BigEndian.PutUint64(size[:], uint64(len(part)))
	_, _ = w.Write(size[:]) // a hash never fails to write
	_, _ = w.Write([]byte(part))
}

package audit

import "fmt"

// Code says what is wrong. Codes are stable: programs may rely on them.
type Code string

// What is wrong with the chain of blocks.
const (
	CodeUnreadable    Code = "block_unreadable"  // something stands where a block should be
	CodeNumber        Code = "block_number"      // a block is missing, repeated or out of order
	CodePreviousHash  Code = "previous_hash"     // the block does not follow the one before it
	CodeDataHash      Code = "data_hash"         // the transactions are not those of the header
	CodeOrderer       Code = "orderer_signature" // no orderer of the channel signed the block
	CodeLastConfig    Code = "last_config"       // the block names another configuration than the one in force
	CodeMetadata      Code = "block_metadata"    // metadata that cannot be read or does not fit
	CodeCommitHash    Code = "commit_hash"       // the peer's state is not the one that the blocks lead to
	CodeGenesis       Code = "genesis"           // the chain does not begin with the block that was expected
	CodeHeight        Code = "height"            // the chain ends before the height that was expected
	CodeConfig        Code = "config"            // a configuration that cannot be read or does not follow the last
	CodeConfigSigners Code = "config_signers"    // a configuration that no administrators' policy covers
	CodeFork          Code = "peers_fork"        // two peers hold different blocks of one number
	CodePeersFlags    Code = "peers_flags"       // two peers judge a transaction differently
	CodePeersState    Code = "peers_commit_hash" // two peers came to different states
	CodePeersGap      Code = "peers_gap"         // one peer's blocks end or break before the other's
	CodeFlag          Code = "validation_flag"   // the peer says valid and it is not, or the other way round
	CodeFlagReason    Code = "validation_reason" // rightly invalid, for another reason than the peer says
	CodeCreator       Code = "creator"           // transaction and proposal have different creators
	CodeClock         Code = "clock"             // a transaction's clock goes back behind the ledger's
	CodeForeignWrite  Code = "foreign_write"     // another chaincode wrote to the ledger of points
	CodeKeyPolicy     Code = "key_policy"        // a key has an endorsement policy of its own
)

// What is wrong with the meaning of a transaction that is valid for Fabric.
const (
	CodeNotAuthorised  Code = "not_authorised"      // the caller may not do that
	CodeTransaction    Code = "transaction_unknown" // it is none of the contract's, or its arguments are not
	CodeReply          Code = "reply_differs"       // the endorsers answered something else
	CodeEvent          Code = "event_differs"       // the event does not say what the answer says
	CodeOutcome        Code = "outcome_differs"     // by the rules something else comes of the command
	CodeBurnOrder      Code = "burn_order"          // the points of another issuer or month were to be taken
	CodeEarnRate       Code = "earn_rate"           // the basket earns something else
	CodeEarn           Code = "earn_unexplained"    // no basket whatsoever explains the points
	CodeBackdated      Code = "sale_backdated"      // the sale's day is outside what the programme accepts
	CodeReturn         Code = "return_unexplained"  // no return whatsoever explains the points
	CodeReturnShare    Code = "return_share"        // the opening gives another share
	CodeOpening        Code = "opening_differs"     // the opening is not the one committed to
	CodeOpeningMissing Code = "opening_missing"     // the sale's opening was not committed to
	CodeAccount        Code = "account_differs"     // an account as written is not what the rules make of it
	CodeReceipt        Code = "receipt_differs"     // likewise a receipt
	CodeHold           Code = "hold_differs"        // likewise the end of a hold
	CodeOperation      Code = "operation_differs"   // likewise an operation
	CodeGovernance     Code = "governance_differs"  // likewise programme, proposal or terms
	CodeWriteMissing   Code = "write_missing"       // a write that the rules demand
	CodeUnexpected     Code = "write_unexpected"    // a write that no rule makes
	CodeUndecodable    Code = "value_undecodable"   // a value that is not of the ledger's form
	CodeInvariant      Code = "account_invariant"   // an account that contradicts itself
)

// What the second fold finds, which shares no code with the rules.
const (
	CodeConservation  Code = "conservation"   // points appeared or vanished without a posting
	CodeOverspent     Code = "overspent"      // more was spent than was there
	CodeReceiptTwice  Code = "receipt_twice"  // one receipt earned twice
	CodeChargedOrder  Code = "charged_order"  // it was not the turn of the points that were charged
	CodeTransferLeaks Code = "transfer_leaks" // a transfer sent other points than it brought
)

// Severity orders findings.
type Severity string

// The severities. An error means that the ledger is not what it claims to be. A warning means that
// something cannot be proved either way, or is wrong without consequence for points.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// warnings are the codes that are not errors.
var warnings = map[Code]bool{CodeFlagReason: true, CodeClock: true, CodePeersGap: true, CodeKeyPolicy: true}

// Finding is one thing that is wrong.
type Finding struct {
	Code      Code     `json:"code"`
	Severity  Severity `json:"severity"`
	Block     uint64   `json:"block"`
	Tx        int      `json:"tx"` // place in the block from 0; -1: the block as a whole
	TxID      string   `json:"txId,omitempty"`
	Operation string   `json:"operation,omitempty"`
	Key       string   `json:"key,omitempty"`
	Expected  string   `json:"expected,omitempty"`
	Found     string   `json:"found,omitempty"`
	Message   string   `json:"message"`
}

// String is the finding in one line.
func (f Finding) String() string {
	where := fmt.Sprintf("block %d", f.Block)
	if f.Tx >= 0 {
		where += fmt.Sprintf(" tx %d", f.Tx)
	}
	if f.Operation != "" {
		where += " operation " + f.Operation
	}
	line := fmt.Sprintf("%-7s %-20s %s: %s", f.Severity, f.Code, where, f.Message)
	if f.Expected != "" || f.Found != "" {
		line += fmt.Sprintf(" (expected %s, found %s)", f.Expected, f.Found)
	}
	return line
}

// maxDetail bounds the text of a value in a finding.
const maxDetail = 400

// shorten keeps a finding readable and its text printable.
func shorten(text string) string {
	if len(text) > maxDetail {
		return text[:maxDetail] + "…"
	}
	return text
}

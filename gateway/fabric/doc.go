// Package fabric is the only place that knows Hyperledger Fabric's client: it turns a batch of
// commands into an endorsed, ordered and committed transaction, and says truly what became of it.
//
// The life of a transaction:
//
//  1. A proposal is sent to one's own peer, which has it endorsed by the organisations named in
//     Options.Endorsers: one's own and the clearing house. A failure up to here changed nothing.
//  2. What the peer prepared is compared with what was proposed, byte by byte where it can be,
//     before it is signed: see verify. A peer that alters a transaction gets no signature.
//  3. Where somebody keeps transactions (see Client.Keeping) it is kept, and then it is submitted. From
//     here on an error says nothing about the ledger.
//  4. One stream of filtered blocks for the whole process tells in which block each transaction
//     was committed, and whether it was valid.
//  5. When the submission fails or the stream is silent, settle asks for the same transaction by
//     its id at one's own peers, and sends the same signed envelope again, which Fabric takes once.
//     No other organisation's word is taken for it. It never makes a second proposal. What it cannot
//     find out in time is Unknown, and the record that every command leaves on the ledger has to
//     decide later; or Resume does, with what was kept, in another process perhaps.
//
// Errors are of type *Error; the table in errors.go is the only one that reads Fabric's texts.
package fabric

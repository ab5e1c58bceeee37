// Package outbox makes intent durable before anything of it is sent. A till that is told
// "accepted" may forget about the operation: the outbox pursues it through crashes, power cuts and
// outages until the ledger has decided it.
//
// The life of an operation:
//
//  1. Do writes it down, sealed under a key of the chain, and waits for the disk. Many callers share
//     one fsync; a lone one waits for no timer. If that fails, the operation was never accepted.
//  2. It is proposed to the ledger. Before a transaction is sent, its id, its bytes and the list of its
//     operations are on disk too: see Outbox.Keep.
//  3. The ledger's answer is the answer. It is written down lazily: whoever loses it finds the
//     record of the operation on the ledger.
//  4. If the answer is lost, the operation is in doubt, and a ladder is climbed: the same transaction
//     is asked for, and sent again as it is; the record of the operation is looked for; only then
//     is the operation proposed anew, which is safe because the ledger reads its record first.
//  5. If the till wants it no longer, or nobody waits for a spending any more, a tombstone is put on
//     the ledger in its place. What wins is final.
//
// Three rules hold everywhere, and the model in the tests tries to break them:
//
//   - A no is as durable as a yes: nothing is called refused, cancelled or undone before the ledger
//     says so, or before it is certain that nothing of it was ever sent.
//   - No clock decides. Time running out makes the outbox ask; the ledger answers.
//   - An operation that is stuck is parked, never dropped.
package outbox

// Package batcher is group commit: it packs many small operations into few transactions, where a
// transaction costs about as much as a hundred operations and two transactions in flight that
// touch the same key ruin each other. It knows neither what an operation is nor where it goes.
//
// The life of an item:
//
//  1. Do takes it in, unless the pool is full or the batcher is closing. It queues for each of its
//     keys, behind whoever asked for that key before: from here on nobody overtakes it there.
//  2. When nobody but members of the batch being built stands before it at any of its keys, it is
//     ready. If fewer than InFlight batches are under way it leaves at once; there is no timer to
//     wait for. Otherwise it waits, and leaves with whatever else has become ready when one of
//     them ends: the slower the ledger, the larger the batches. Only when one of them is Late does
//     another leave beside it.
//  3. Flush carries the batch out. While it does, the keys of its items are locked. Items of one
//     batch may share a key; they are given to Flush in the order in which they arrived.
//  4. An error is sorted by Classify. A conflict is tried again in two halves, so that the item that
//     collides with somebody else's is soon alone; a ledger out of reach is tried again after a
//     pause; a poisoned batch is halved until the item at fault is alone. An unknown outcome is
//     never tried again: all in the batch hear ErrUnknown.
//  5. The item is answered, exactly once, and its keys are free for the next. If its caller has
//     left, Observe hears the answer instead.
package batcher

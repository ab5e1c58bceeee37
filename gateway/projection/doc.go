// Package projection is the statement: every posting that the ledger ever made, by member, folded
// out of full blocks into one SQLite file. It is a copy that can be thrown away and made again
// from block 0, and it never decides anything.
//
// How it stays true:
//
//   - A block is taken only if its number is the next one, its data has the hash that its header
//     says, and its header points to the header before it. So nobody on the way can leave out,
//     exchange or invent a block. (The orderers' signatures are checked by the peer, and by the
//     auditor; here the peer is one's own.)
//   - The postings of a block and the number of the next block are written in one database
//     transaction. A crash at any point leaves whole blocks only, and the next start goes on
//     from there; a block that comes again changes nothing.
//   - A transaction that the peer marked valid and that cannot be read stops the projection. To go
//     on without it would be a statement with a hole that nobody sees.
//   - Every row is named by where it stands on the ledger (block, transaction, outcome, posting).
//     Made again, the table has the same rows, and cursors handed out before go on working.
package projection

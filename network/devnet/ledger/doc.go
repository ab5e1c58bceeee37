// Package ledger is one peer's copy of one Fabric channel: the chain of blocks, the world state
// they lead to, private data, history and the read-write sets of simulated transactions. It behaves
// as the ledger of a Fabric 3.1 peer with LevelDB behaves, and writes blocks in Fabric's own block
// file format, so that the stock ledgerutil reads them.
//
// A block goes through three hands. The orderer makes it (NewBlock), the peer's validator judges
// signatures and endorsement policies and hands its codes to Commit, and Commit decides what only
// the ledger can: duplicate transaction ids, read conflicts, phantoms. The first reader to see a
// block sees it on disk.
//
//	l, err := ledger.Open(dir, ledger.Options{Channel: "trade"})
//	s, err := l.Simulate(txid)          // sees the state at l.Height(), never its own writes
//	v, err := s.GetState("cc", "key")   // recorded as a read
//	err = s.PutState("cc", "key", v)
//	public, private, err := s.Results() // deterministic: same calls, same bytes
//	s.Close()
//	...
//	block, err := l.Commit(block, codes, nil)
//
// The state lives in memory, in copy-on-write trees: a simulation holds a snapshot and never blocks
// a commit, where Fabric holds a lock. At Open the blocks are replayed.
//
// The package knows nothing of policies, identities or chaincodes. Whether the peer's organisation
// belongs to a collection is asked of Options.Collections.
package ledger

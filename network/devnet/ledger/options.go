package ledger

// Collection is what the ledger must know of a private data collection.
type Collection struct {
	// Member says that this peer's organisation may hold the data. Where it is false the peer
	// keeps hashes only.
	Member bool
	// BlockToLive is after how many further blocks the data is dropped; 0 keeps it.
	BlockToLive uint64
}

// Options shape a ledger. The zero value of every limit stands for Fabric's default.
type Options struct {
	// Channel is the channel's name, as it is written in transactions.
	Channel string
	// Collections looks up a collection in the state at the moment of asking: for a simulation its
	// snapshot, for a commit the state before the block. It returns false where the collection does
	// not exist. It must be a function of its arguments only, because replay asks again.
	// Nil means that no collection exists.
	Collections func(state *Snapshot, namespace, collection string) (Collection, bool)
	// TotalQueryLimit bounds the rows of one query; a query stops silently there, as on a peer.
	// 0 means 100000.
	TotalQueryLimit int
	// Prefetch is how many rows Rows.Batch returns at once; it reads one row ahead to know whether
	// there are more, so that a scan records one row more than it returned. 0 means 100.
	Prefetch int
	// SegmentBytes is the size at which a new block file begins. 0 means 64 MiB.
	SegmentBytes int64
	// TransientBlocks is for how many blocks endorsed but never committed private data is kept.
	// 0 means 20000.
	TransientBlocks uint64
}

func (o Options) withDefaults() Options {
	if o.TotalQueryLimit <= 0 {
		o.TotalQueryLimit = 100_000
	}
	if o.Prefetch <= 0 {
		o.Prefetch = 100
	}
	if o.SegmentBytes <= 0 {
		o.SegmentBytes = 64 << 20
	}
	if o.TransientBlocks == 0 {
		o.TransientBlocks = 20_000
	}
	return o
}

func (o Options) collection(state *Snapshot, namespace, collection string) (Collection, bool) {
	if o.Collections == nil {
		return Collection{}, false
	}
	return o.Collections(state, namespace, collection)
}

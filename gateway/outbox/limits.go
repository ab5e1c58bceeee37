package outbox

import "fmt"

// Limits bound an outbox. What is left at 0 gets the value named beside it.
type Limits struct {
	Operations int64 // undecided ones on disk: 1,000,000
	Bytes      int64 // of their intents: 2 GiB
	FreeDisk   int64 // bytes that must stay free on the disk: 128 MiB; negative means nobody looks
	Kept       int64 // decided operations that are remembered, the latest ones: 50,000
	Group      int   // writes that share an fsync: 256
}

func (l Limits) withDefaults() Limits {
	if l.Operations <= 0 {
		l.Operations = 1_000_000
	}
	if l.Bytes <= 0 {
		l.Bytes = 2 << 30
	}
	if l.FreeDisk == 0 {
		l.FreeDisk = 128 << 20
	}
	if l.Kept <= 0 {
		l.Kept = 50_000
	}
	if l.Group <= 0 {
		l.Group = 256
	}
	return l
}

// room refuses (ErrFull) one more operation of so many bytes.
func (l Limits) room(operations, bytes, more, free int64) error {
	switch {
	case operations >= l.Operations:
		return fmt.Errorf("%w: %d operations are waiting", ErrFull, operations)
	case bytes+more > l.Bytes:
		return fmt.Errorf("%w: %d bytes are waiting", ErrFull, bytes)
	case l.FreeDisk > 0 && free >= 0 && free < l.FreeDisk:
		return fmt.Errorf("%w: the disk has %d bytes left", ErrFull, free)
	}
	return nil
}

package ledger

import "maps"

// fork is a state in the making: a snapshot and the changes of one block. The snapshot stays as it
// is; a tree is copied (in constant time, it copies its nodes when they change) at its first write.
type fork struct {
	base  *Snapshot
	trees map[space]*tree
}

func (s *Snapshot) fork() *fork {
	return &fork{base: s, trees: map[space]*tree{}}
}

func (f *fork) tree(in space) *tree {
	if t := f.trees[in]; t != nil {
		return t
	}
	return f.base.trees[in]
}

func (f *fork) get(in space, key string) *entry {
	if t := f.tree(in); t != nil {
		e, _ := t.Get(key)
		return e
	}
	return nil
}

// apply writes the entry, or deletes the key where its value is nil.
func (f *fork) apply(in space, key string, e *entry) {
	t := f.trees[in]
	if t == nil {
		if base := f.base.trees[in]; base != nil {
			t = base.Copy()
		} else {
			t = new(tree)
		}
		f.trees[in] = t
	}
	if e.value == nil {
		t.Delete(key)
		return
	}
	t.Set(key, e)
}

// freeze makes the next snapshot. The fork must not be used afterwards.
func (f *fork) freeze() *Snapshot {
	next := &Snapshot{height: f.base.height + 1, trees: maps.Clone(f.base.trees)}
	maps.Copy(next.trees, f.trees)
	return next
}

package ledger

import "bytes"

// OpenFiles opens a ledger on files in memory, as Open does on disk. The files stay the caller's.
func OpenFiles(chain, private map[string][]byte, options Options) (*Ledger, error) {
	return newLedger(options).start(inMemory(chain), inMemory(private))
}

func inMemory(files map[string][]byte) memory {
	m := memory{}
	for name, contents := range files {
		m[name] = &memoryFile{data: bytes.Clone(contents)}
	}
	return m
}

// Files are the block files of a ledger in memory.
func (l *Ledger) Files() map[string][]byte {
	files := map[string][]byte{}
	for i, f := range l.blocks.files {
		contents, err := contents(f)
		if err != nil {
			return nil
		}
		files[numberedName(blockFilePrefix, i)] = contents
	}
	return files
}

package journal

import (
	"bytes"
	_ "embed"
)

//go:embed testdata/sample.jsonl.gz
var sample []byte

// Sample is the journal that ships with the program: Generate(20261122, 2000), as a test repeats.
func Sample() ([]Event, error) { return Read(bytes.NewReader(sample)) }

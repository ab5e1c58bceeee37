package journal

import (
	"bytes"
	_ "embed"
)

//go:embed testdata/sample.jsonl.gz
var sample []byte

// sampleSeed and sampleSales are what the shipped journal was generated with; a test repeats it.
const (
	sampleSeed  = 20261122
	sampleSales = 2000
)

// Sample is the journal that ships with the program.
func Sample() ([]Event, error) { return Read(bytes.NewReader(sample)) }

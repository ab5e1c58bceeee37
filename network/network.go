// Package network holds the description of the sample consortium, consortium.yaml, so that a
// binary without its repository still knows it. The packages below it read and apply it.
package network

import _ "embed"

// Sample is the text of consortium.yaml as it was when the program was built.
//
//go:embed consortium.yaml
var Sample []byte

package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxDepth is how deep a body may nest; the deepest request needs 4.
const maxDepth = 8

// node is a JSON value as it was written: numbers keep their text, objects their order.
type node struct {
	kind   kind
	text   string // of a string or number
	fields []field
	items  []node
}

type field struct {
	name  string
	value node
}

type kind string

const (
	isNull   kind = "null"
	isBool   kind = "a boolean"
	isNumber kind = "a number"
	isString kind = "a string"
	isArray  kind = "an array"
	isObject kind = "an object"
)

// parse reads body as exactly one JSON value. It refuses what two parsers may read differently:
// bytes that are not UTF-8, half surrogates, a name twice in one object, anything after the value.
// The error is nil or a single Fault's worth of text with its pointer.
func parse(body []byte) (node, *Fault) {
	if !utf8.Valid(body) {
		return node{}, at("", "must be UTF-8")
	}
	var whole json.RawMessage
	if err := json.Unmarshal(body, &whole); err != nil {
		return node{}, at("", "%s", syntax(err))
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	return parseValue(d, "", 0)
}

func syntax(err error) string {
	var s *json.SyntaxError
	if errors.As(err, &s) {
		return fmt.Sprintf("must be one JSON value: %s at byte %d", s.Error(), s.Offset)
	}
	return "must be one JSON value"
}

func parseValue(d *json.Decoder, pointer string, depth int) (node, *Fault) {
	if depth > maxDepth {
		return node{}, at(pointer, "must not nest deeper than %d levels", maxDepth)
	}
	token, err := d.Token()
	if err != nil {
		return node{}, at(pointer, "%s", syntax(err))
	}
	switch v := token.(type) {
	case json.Delim:
		if v == '{' {
			return parseObject(d, pointer, depth)
		}
		return parseArray(d, pointer, depth)
	case string:
		return node{kind: isString, text: v}, nil
	case json.Number:
		return node{kind: isNumber, text: v.String()}, nil
	case bool:
		return node{kind: isBool}, nil
	}
	return node{kind: isNull}, nil
}

func parseObject(d *json.Decoder, pointer string, depth int) (node, *Fault) {
	n := node{kind: isObject}
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		name, isName := token.(string)
		if err != nil || !isName {
			return node{}, at(pointer, "%s", syntax(err))
		}
		inside := pointer + "/" + escape(name)
		if seen[name] {
			return node{}, at(inside, "must appear once")
		}
		seen[name] = true
		value, fault := parseValue(d, inside, depth+1)
		if fault != nil {
			return node{}, fault
		}
		n.fields = append(n.fields, field{name, value})
	}
	_, _ = d.Token() // the closing brace: the grammar was checked before
	return n, nil
}

func parseArray(d *json.Decoder, pointer string, depth int) (node, *Fault) {
	n := node{kind: isArray}
	for d.More() {
		item, fault := parseValue(d, fmt.Sprintf("%s/%d", pointer, len(n.items)), depth+1)
		if fault != nil {
			return node{}, fault
		}
		n.items = append(n.items, item)
	}
	_, _ = d.Token() // the closing bracket
	return n, nil
}

// maxName is how much of a field's name a pointer repeats: names come from the caller.
const maxName = 64

// pointerStep is made once: a basket has hundreds of fields, and making it costs more than reading one.
var pointerStep = strings.NewReplacer("~", "~0", "/", "~1")

// escape writes name as one step of a JSON Pointer (RFC 6901).
func escape(name string) string {
	if len(name) > maxName {
		name = strings.ToValidUTF8(name[:maxName], "") + "…"
	}
	return pointerStep.Replace(name)
}

// at makes a Fault in the body.
func at(pointer, format string, args ...any) *Fault {
	return &Fault{Pointer: &pointer, Detail: fmt.Sprintf(format, args...)}
}

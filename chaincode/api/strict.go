package api

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"unicode/utf8"
)

// Decode reads exactly one JSON value into v, a pointer, with none of the leniency of
// encoding/json. It refuses unknown fields, a field given twice (the last would silently win), a
// field name in another case or with escapes (it would match all the same), anything after the
// value, and text that is not UTF-8 (it would be silently replaced). What two readers of a ledger
// could understand differently must not get onto it.
//
// v must be built of structs, slices and scalars; maps and interfaces are refused as unknown.
// Errors name a byte offset and never repeat the input, which may be personal data.
func Decode(data []byte, v any) error {
	if !utf8.Valid(data) {
		return errors.New("not UTF-8")
	}
	if err := json.Unmarshal(data, v); err != nil {
		return discreet(err)
	}
	w := walker{data: data}
	return w.value(shapeOf(reflect.TypeOf(v)))
}

// discreet is an error of encoding/json without the piece of input that it quotes.
func discreet(err error) error {
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("not JSON at byte %d", syntax.Offset)
	case errors.As(err, &mismatch):
		return fmt.Errorf("wrong type at byte %d", mismatch.Offset)
	default:
		return errors.New("a value is not of its form")
	}
}

// shape is what a type looks like in JSON. A nil shape is a scalar: its inside was checked by
// encoding/json.
type shape struct {
	names []string // of the fields of an object
	parts []*shape // their shapes, by the same index
	elem  *shape   // of the elements of an array
	list  bool
}

// maxFields is how many fields an object may have: one bit each says whether it was seen. Fields
// beyond it are refused as unknown.
const maxFields = 64

var (
	shapes          sync.Map // reflect.Type → *shape
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

func shapeOf(t reflect.Type) *shape {
	if known, ok := shapes.Load(t); ok {
		return known.(*shape)
	}
	s := newShape(t)
	shapes.Store(t, s)
	return s
}

func newShape(t reflect.Type) *shape {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case reflect.PointerTo(t).Implements(textUnmarshaler):
		return nil
	case t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8:
		return &shape{list: true, elem: shapeOf(t.Elem())}
	case t.Kind() == reflect.Struct:
		s := &shape{}
		for i := 0; i < t.NumField() && i < maxFields; i++ {
			name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			s.names = append(s.names, name)
			s.parts = append(s.parts, shapeOf(t.Field(i).Type))
		}
		return s
	default:
		return nil
	}
}

// walker goes through JSON that encoding/json has already accepted, so it never runs past the end.
type walker struct {
	data []byte
	at   int
}

func (w *walker) value(s *shape) error {
	switch w.peek() {
	case '{':
		if s == nil || s.list {
			return w.fail("object not expected")
		}
		return w.object(s)
	case '[':
		if s == nil || !s.list {
			return w.fail("array not expected")
		}
		return w.array(s)
	case '"':
		w.text()
	default:
		for w.at < len(w.data) && !strings.ContainsRune(",]} \t\r\n", rune(w.data[w.at])) {
			w.at++
		}
	}
	return nil
}

func (w *walker) object(s *shape) error {
	var seen uint64
	for w.at++; w.peek() != '}'; w.skip(',') {
		field := s.field(w.text())
		if field < 0 {
			return w.fail("unknown field")
		}
		if seen&(1<<field) != 0 {
			return w.fail("field given twice")
		}
		seen |= 1 << field
		w.skip(':')
		if err := w.value(s.parts[field]); err != nil {
			return err
		}
	}
	w.at++
	return nil
}

func (w *walker) array(s *shape) error {
	for w.at++; w.peek() != ']'; w.skip(',') {
		if err := w.value(s.elem); err != nil {
			return err
		}
	}
	w.at++
	return nil
}

// field is the index of the field of that very name, or -1.
func (s *shape) field(name []byte) int {
	for i, known := range s.names {
		if known == string(name) {
			return i
		}
	}
	return -1
}

// text steps over a string and returns what stands between its quotes, escapes as they are.
func (w *walker) text() []byte {
	start := w.at + 1
	for w.at++; w.data[w.at] != '"'; w.at++ {
		if w.data[w.at] == '\\' {
			w.at++
		}
	}
	w.at++
	return w.data[start : w.at-1]
}

// peek steps over white space and returns the byte that follows, 0 at the end.
func (w *walker) peek() byte {
	for ; w.at < len(w.data); w.at++ {
		switch c := w.data[w.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// skip steps over c, if it is what comes next.
func (w *walker) skip(c byte) {
	if w.peek() == c {
		w.at++
		w.peek()
	}
}

func (w *walker) fail(what string) error { return fmt.Errorf("%s at byte %d", what, w.at) }

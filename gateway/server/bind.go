package server

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
)

// maxSafe is 2⁵³−1: the largest integer that every JSON reader, a browser's too, keeps exactly.
const maxSafe = 1<<53 - 1

// maxFaults is how many faults one answer lists.
const maxFaults = 20

// faults collects what is wrong with a request, up to maxFaults.
type faults []Fault

func (f *faults) add(pointer, format string, args ...any) {
	if len(*f) < maxFaults {
		*f = append(*f, *at(pointer, format, args...))
	}
}

// bind copies n into v, which is a request of package teller: strings, integers, times, structs,
// pointers to structs and slices of structs. Names are compared exactly, a field that v does not
// have is a fault, and so is the absence of one that is not marked omitempty or omitzero.
func (f *faults) bind(n node, v reflect.Value, pointer string) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		f.bindTime(n, v, pointer)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.bind(n, v.Elem(), pointer)
	case reflect.Struct:
		f.bindObject(n, v, pointer)
	case reflect.Slice:
		f.bindArray(n, v, pointer)
	case reflect.String:
		f.bindString(n, v, pointer)
	case reflect.Int, reflect.Int64:
		f.bindInteger(n, v, pointer)
	default:
		panic(fmt.Sprintf("server: a request holds a %s", v.Type())) // caught by the first test that uses it
	}
}

func (f *faults) bindObject(n node, v reflect.Value, pointer string) {
	if !f.expect(n, isObject, pointer) {
		return
	}
	known := fieldsOf(v.Type())
	given := make(map[string]bool, len(n.fields))
	for _, field := range n.fields {
		inside := pointer + "/" + escape(field.name)
		member, ok := known[field.name]
		if !ok {
			f.add(inside, "is not a field of this request")
			continue
		}
		given[field.name] = true
		f.bind(field.value, v.FieldByIndex(member.index), inside)
	}
	for _, name := range known.required() {
		if !given[name] {
			f.add(pointer+"/"+name, "is required")
		}
	}
}

func (f *faults) bindArray(n node, v reflect.Value, pointer string) {
	if !f.expect(n, isArray, pointer) {
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.items), len(n.items)))
	for i, item := range n.items {
		f.bind(item, v.Index(i), fmt.Sprintf("%s/%d", pointer, i))
	}
}

// bindString refuses control characters, which could forge a line of a log or of a receipt, and
// U+FFFD, which is what is left of half a surrogate.
func (f *faults) bindString(n node, v reflect.Value, pointer string) {
	if !f.expect(n, isString, pointer) {
		return
	}
	if strings.ContainsFunc(n.text, func(r rune) bool { return unicode.IsControl(r) || r == unicode.ReplacementChar }) {
		f.add(pointer, "must be text without control characters")
		return
	}
	v.SetString(n.text)
}

// bindInteger reads the number as it is written: 12.0 and 1e2 are refused though they are whole,
// because a till that sends them counts in floats.
func (f *faults) bindInteger(n node, v reflect.Value, pointer string) {
	if !f.expect(n, isNumber, pointer) {
		return
	}
	if strings.ContainsAny(n.text, ".eE") {
		f.add(pointer, "must be a whole number without point or exponent: money is in minor units, 1250 and not 12.50")
		return
	}
	i, err := strconv.ParseInt(n.text, 10, 64)
	if err != nil || i > maxSafe || i < -maxSafe {
		f.add(pointer, "must be between -%d and %d", maxSafe, maxSafe)
		return
	}
	v.SetInt(i)
}

func (f *faults) bindTime(n node, v reflect.Value, pointer string) {
	if !f.expect(n, isString, pointer) {
		return
	}
	t, err := time.Parse(time.RFC3339, n.text)
	if err != nil || t.Year() < 1970 {
		f.add(pointer, "must be a time with its offset: 2026-11-22T17:45:00+01:00")
		return
	}
	v.Set(reflect.ValueOf(t))
}

func (f *faults) expect(n node, want kind, pointer string) bool {
	switch n.kind {
	case want:
		return true
	case isNull:
		f.add(pointer, "must not be null: leave the field out")
	default:
		f.add(pointer, "must be %s, not %s", want, n.kind)
	}
	return false
}

// members is what a struct type looks like in JSON.
type members map[string]member

type member struct {
	index    []int
	required bool
	order    int
}

// required is the names of the required members in the order of declaration.
func (m members) required() []string {
	names := make([]string, len(m))
	for name, member := range m {
		if member.required {
			names[member.order] = name
		}
	}
	kept := names[:0]
	for _, name := range names {
		if name != "" {
			kept = append(kept, name)
		}
	}
	return kept
}

// memberCache holds fieldsOf by type. It is bounded by the number of request types.
var memberCache sync.Map

func fieldsOf(t reflect.Type) members {
	if known, ok := memberCache.Load(t); ok {
		return known.(members)
	}
	found := members{}
	for _, f := range reflect.VisibleFields(t) {
		tag, tagged := f.Tag.Lookup("json")
		if !f.IsExported() || f.Anonymous || !tagged || tag == "-" {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		optional := strings.Contains(options, "omit")
		found[name] = member{index: f.Index, required: !optional, order: len(found)}
	}
	memberCache.Store(t, found)
	return found
}

package journal

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// maxLine bounds one line of a journal: a basket of a thousand lines fits several times.
const maxLine = 1 << 20

// ReadFile reads a journal of the own format, gzipped or not.
func ReadFile(path string) ([]Event, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	events, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return events, nil
}

// Read reads a journal of the own format. The first line that is not a valid event ends it with
// an error that names the line: half a journal is never imported by mistake.
func Read(r io.Reader) ([]Event, error) {
	plain, err := gunzip(r)
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(plain)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	var events []Event
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		event, err := parseLine(lines.Bytes())
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if len(events) == MaxEvents {
			return nil, fmt.Errorf("line %d: a journal has at most %d events", n, MaxEvents)
		}
		events = append(events, event)
	}
	return events, lines.Err()
}

// parseLine reads one event, refusing fields it does not know and anything after the object.
func parseLine(line []byte) (Event, error) {
	var e Event
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		return Event{}, err
	}
	if _, err := d.Token(); err != io.EOF {
		return Event{}, fmt.Errorf("something follows the event")
	}
	return e, e.check()
}

// gunzip looks at the first two bytes to tell a gzipped stream from a plain one.
func gunzip(r io.Reader) (io.Reader, error) {
	b := bufio.NewReader(r)
	magic, _ := b.Peek(2) // a stream that is too short to be gzipped, or cannot be read, is read as it is
	if bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return gzip.NewReader(b)
	}
	return b, nil
}

// Write writes events in the own format, one a line.
func Write(w io.Writer, events []Event) error {
	e := json.NewEncoder(w)
	for i := range events {
		if err := e.Encode(&events[i]); err != nil {
			return err
		}
	}
	return nil
}

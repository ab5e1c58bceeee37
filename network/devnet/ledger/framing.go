package ledger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// Private data is kept in records: length, its complement, checksum of the body, body. The complement
// tells a damaged length from a record that a crash cut short.
const frameHead = 12

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var (
	errFrameHead = errors.New("the length of a record is damaged")
	errFrameBody = errors.New("the checksum of a record is wrong")
)

func appendFrame(to, body []byte) []byte {
	length := uint32(len(body))
	to = binary.BigEndian.AppendUint32(to, length)
	to = binary.BigEndian.AppendUint32(to, ^length)
	to = binary.BigEndian.AppendUint32(to, crc32.Checksum(body, castagnoli))
	return append(to, body...)
}

// nextFrame finds the body of the first record in b and the length of the whole record.
func nextFrame(b []byte) (body []byte, n int, err error) {
	if len(b) < frameHead || len(bytes.Trim(b, "\x00")) == 0 {
		return nil, 0, errTorn
	}
	length := binary.BigEndian.Uint32(b)
	if ^length != binary.BigEndian.Uint32(b[4:]) {
		return nil, 0, errFrameHead
	}
	if uint64(length) > uint64(len(b)-frameHead) {
		return nil, 0, errTorn
	}
	n = frameHead + int(length)
	body = b[frameHead:n:n]
	if crc32.Checksum(body, castagnoli) != binary.BigEndian.Uint32(b[8:]) {
		return nil, 0, errFrameBody
	}
	return body, n, nil
}

// eachFrame hands every record of a file to yield with the offset of its body. A torn end is cut off
// where the file is the last of its log.
func eachFrame(f file, name string, last bool, yield func(offset int64, body []byte) error) error {
	all, err := contents(f)
	if err != nil {
		return err
	}
	for at := 0; at < len(all); {
		body, n, err := nextFrame(all[at:])
		if errors.Is(err, errTorn) && last {
			return f.truncate(int64(at))
		}
		if err == nil {
			err = yield(int64(at+frameHead), body)
		}
		if err != nil {
			return &CorruptError{File: name, Offset: int64(at), Reason: err.Error()}
		}
		at += n
	}
	return nil
}

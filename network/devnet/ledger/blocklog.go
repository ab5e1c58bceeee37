package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"sync"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"google.golang.org/protobuf/encoding/protowire"
)

const blockFilePrefix = "blockfile_"

// recentBlocks is how many of the newest blocks are kept decoded: streams mostly read the tip.
const recentBlocks = 32

// blockLog is the chain on disk: block after block in numbered files, each preceded by its length.
type blockLog struct {
	home  folder
	limit int64

	mu     sync.RWMutex
	files  []file
	places []place
	recent [recentBlocks]*common.Block
}

// place is where a record lies: file number, first byte and length of its body.
type place struct {
	file   int
	offset int64
	length int
}

// openBlockLog reads all blocks and hands each to yield, which may refuse it. A torn last write is cut
// off.
func openBlockLog(home folder, limit int64, yield func(*common.Block) error) (*blockLog, error) {
	l := &blockLog{home: home, limit: limit}
	names, err := numberedFiles(home, blockFilePrefix)
	if err != nil {
		return nil, err
	}
	for i, name := range names {
		f, err := home.open(name)
		if err == nil {
			l.files = append(l.files, f)
			err = l.load(f, name, i == len(names)-1, yield)
		}
		if err != nil {
			return nil, errors.Join(err, l.close())
		}
	}
	return l, nil
}

// numberedFiles lists the files of a log, which must be numbered without gaps.
func numberedFiles(home folder, prefix string) ([]string, error) {
	all, err := home.names()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, name := range all {
		var number int
		if n, err := fmt.Sscanf(name, prefix+"%06d", &number); n != 1 || err != nil || name != numberedName(prefix, number) {
			continue
		}
		if expected := numberedName(prefix, len(names)); name != expected {
			return nil, &CorruptError{File: expected, Reason: "the file is missing"}
		}
		names = append(names, name)
	}
	return names, nil
}

func numberedName(prefix string, number int) string {
	return fmt.Sprintf("%s%06d", prefix, number)
}

func (l *blockLog) load(f file, name string, last bool, yield func(*common.Block) error) error {
	all, err := contents(f)
	if err != nil {
		return err
	}
	for at := 0; at < len(all); {
		body, n, err := nextBlock(all[at:])
		if errors.Is(err, errTorn) && last {
			return f.truncate(int64(at))
		}
		var block *common.Block
		if err == nil {
			block, err = decodeWhole(body)
		}
		if err == nil {
			err = yield(block)
		}
		if err != nil {
			return &CorruptError{File: name, Offset: int64(at), Reason: err.Error()}
		}
		l.places = append(l.places, place{len(l.files) - 1, int64(at + n - len(body)), len(body)})
		at += n
	}
	return nil
}

// errTorn says that a record is cut short, as a crash in the middle of a write leaves it.
var errTorn = errors.New("the last write is incomplete")

var errLength = errors.New("a block is whole but its length is wrong")

// nextBlock finds the body of the first record in b and the length of the whole record.
func nextBlock(b []byte) (body []byte, n int, err error) {
	length, head := protowire.ConsumeVarint(b)
	switch {
	case len(bytes.Trim(b, "\x00")) == 0:
		// Some filesystems grow a file with zeros before the bytes arrive.
		return nil, 0, errTorn
	case head < 0 && len(b) < 10:
		return nil, 0, errTorn
	case head < 0:
		return nil, 0, protowire.ParseError(head)
	case length <= uint64(len(b)-head):
		n = head + int(length)
		return b[head:n], n, nil
	}
	// Too short, or a damaged length that would hide all blocks behind it?
	if block, _, err := decodeBlock(b[head:]); err == nil && bytes.Equal(DataHash(block.Data), block.Header.DataHash) {
		return nil, 0, errLength
	}
	return nil, 0, errTorn
}

// append writes a block and waits until it is on disk.
func (l *blockLog) append(block *common.Block) error {
	body := encodeBlock(block)
	record := protowire.AppendBytes(make([]byte, 0, len(body)+10), body)
	l.mu.Lock()
	defer l.mu.Unlock()
	f, err := l.current(int64(len(record)))
	if err != nil {
		return err
	}
	at := f.size() + int64(len(record)-len(body))
	if err := f.append(record); err != nil {
		return err
	}
	if err := f.sync(); err != nil {
		return err
	}
	l.places = append(l.places, place{len(l.files) - 1, at, len(body)})
	l.remember(block)
	return nil
}

// current is the file to append to, a new one where the record does not fit the last.
func (l *blockLog) current(size int64) (file, error) {
	if n := len(l.files); n > 0 && (l.files[n-1].size() == 0 || l.files[n-1].size()+size <= l.limit) {
		return l.files[n-1], nil
	}
	f, err := l.home.open(numberedName(blockFilePrefix, len(l.files)))
	if err == nil {
		l.files = append(l.files, f)
	}
	return f, err
}

func (l *blockLog) remember(block *common.Block) {
	l.recent[block.Header.Number%recentBlocks] = block
}

// read returns block n; found is false beyond the end.
func (l *blockLog) read(n uint64) (block *common.Block, found bool, err error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if n >= uint64(len(l.places)) {
		return nil, false, nil
	}
	if recent := l.recent[n%recentBlocks]; recent.GetHeader().GetNumber() == n && recent != nil {
		return recent, true, nil
	}
	at := l.places[n]
	body := make([]byte, at.length)
	if _, err := l.files[at.file].ReadAt(body, at.offset); err != nil {
		return nil, true, fmt.Errorf("read block [%d]: %w", n, err)
	}
	block, err = decodeWhole(body)
	if err != nil {
		return nil, true, &CorruptError{File: numberedName(blockFilePrefix, at.file), Offset: at.offset, Reason: err.Error()}
	}
	return block, true, nil
}

func (l *blockLog) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return closeAll(l.files)
}

func closeAll(files []file) error {
	var failed []error
	for _, f := range files {
		failed = append(failed, f.close())
	}
	return errors.Join(failed...)
}

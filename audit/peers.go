package audit

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"

	"github.com/zegel/zegel/audit/chain"
)

// other is another peer's copy of the chain, read side by side with the one being audited.
type other struct {
	next func() (*common.Block, error, bool)
	stop func()
	gone bool
}

// Compare audits everything that a source has and holds each block against the copies of other peers,
// by their names. each is called after every block. See Block for what fails it.
func (a *Auditor) Compare(source chain.Source, others map[string]chain.Source, each func()) error {
	open := map[string]*other{}
	for name, s := range others {
		o := &other{}
		o.next, o.stop = iter.Pull2(s(a.Next()))
		defer o.stop()
		open[name] = o
	}
	err := a.readBeside(source, func(b *common.Block) {
		for _, name := range slices.Sorted(maps.Keys(open)) {
			a.beside(name, open[name], b)
		}
		if each != nil {
			each()
		}
	})
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(open)) {
		o := open[name]
		if b, err, more := o.next(); more && !o.gone && err == nil {
			a.find(Finding{Code: CodePeersGap, Block: b.GetHeader().GetNumber(), Tx: -1,
				Message: "The peer " + name + " has more blocks than the one audited."})
		}
	}
	return nil
}

// readBeside is Read with the block handed on.
func (a *Auditor) readBeside(source chain.Source, each func(*common.Block)) error {
	for block, err := range source(a.Next()) {
		var unreadable *chain.UnreadableError
		switch {
		case errors.As(err, &unreadable):
			a.Unreadable(err)
			return ErrBroken
		case err != nil:
			return err
		}
		err := a.Block(block)
		each(block)
		if err != nil {
			return err
		}
	}
	return nil
}

// beside holds one block against another peer's.
func (a *Auditor) beside(name string, o *other, mine *common.Block) {
	if o.gone {
		return
	}
	number := mine.GetHeader().GetNumber()
	find := func(code Code, expected, found, message string) {
		a.find(Finding{Code: code, Block: number, Tx: -1, Expected: expected, Found: found, Message: message})
	}
	theirs, err, more := o.next()
	if !more || err != nil {
		o.gone = true
		why := "The blocks of the peer " + name + " end here."
		if err != nil {
			why = "The blocks of the peer " + name + " cannot be read further: " + err.Error() + "."
		}
		find(CodePeersGap, "", "", why)
		return
	}
	if number != theirs.GetHeader().GetNumber() {
		o.gone = true
		find(CodePeersGap, fmt.Sprint(number), fmt.Sprint(theirs.GetHeader().GetNumber()), "The peer "+name+" has another block in this place.")
		return
	}
	compareBlocks(name, mine, theirs, find)
}

func compareBlocks(name string, mine, theirs *common.Block, find func(code Code, expected, found, message string)) {
	hash, other := chain.HeaderHash(mine.GetHeader()), chain.HeaderHash(theirs.GetHeader())
	if hash != other || chain.DataHash(mine.GetData()) != chain.DataHash(theirs.GetData()) {
		find(CodeFork, fmt.Sprintf("%x", hash), fmt.Sprintf("%x", other), "The peer "+name+" holds another block: the chain is forked.")
		return
	}
	if !bytes.Equal(chain.Codes(mine), chain.Codes(theirs)) {
		find(CodePeersFlags, fmt.Sprintf("%x", chain.Codes(mine)), fmt.Sprintf("%x", chain.Codes(theirs)),
			"The peer "+name+" judges a transaction differently.")
	}
	a, err := chain.CommitHash(mine)
	b, err2 := chain.CommitHash(theirs)
	if err != nil || err2 != nil || !bytes.Equal(a, b) {
		find(CodePeersState, fmt.Sprintf("%x", a), fmt.Sprintf("%x", b), "The peer "+name+" came to another state.")
	}
}

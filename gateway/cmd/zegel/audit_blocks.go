package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"

	"github.com/zegel/zegel/audit/chain"
	"github.com/zegel/zegel/gateway/fabric"
)

// auditBlocks are the blocks to audit, and those to compare them with.
type auditBlocks struct {
	source chain.Source
	others map[string]chain.Source
	close  func() error
}

// peerFolders is where the peers of a data folder keep their ledgers: in this process, or on their own.
var peerFolders = []string{"ledger/peers/*", "peers/*", "*/peers/*", "nodes/*"}

// open finds the blocks that the flags name.
func (f *auditFlags) open(ctx context.Context) (*auditBlocks, error) {
	b := &auditBlocks{others: map[string]chain.Source{}, close: func() error { return nil }}
	var err error
	switch {
	case f.profile != "":
		err = f.dial(ctx, b)
	case f.files != "":
		b.source, err = chain.Open(f.files, f.channel)
	default:
		err = f.local(b)
	}
	if err != nil {
		return nil, err
	}
	for _, dir := range f.compare {
		other, err := chain.Open(dir, f.channel)
		if err != nil {
			return nil, errors.Join(err, b.close())
		}
		b.others[dir] = other
	}
	return b, nil
}

// local takes the blocks of the first peer of a data folder and compares those of the others.
func (f *auditFlags) local(b *auditBlocks) error {
	for _, pattern := range peerFolders {
		dirs, err := filepath.Glob(filepath.Join(f.data, filepath.FromSlash(pattern)))
		if err != nil {
			return err
		}
		for _, dir := range dirs {
			s, err := openPeer(dir, f.channel)
			switch {
			case err != nil:
			case b.source == nil:
				b.source = s
			default:
				b.others[filepath.Base(dir)] = s
			}
		}
	}
	if b.source == nil {
		return &exitError{exitUsage, fmt.Errorf("%s holds no peer's blocks; name a folder with --files or a peer with --profile", f.data)}
	}
	return nil
}

// openPeer finds the blocks below a peer's folder.
func openPeer(dir, channel string) (chain.Source, error) {
	var failed error
	for _, below := range []string{"", "ledger", "production", "data"} {
		s, err := chain.Open(filepath.Join(dir, below), channel)
		if err == nil {
			return s, nil
		}
		failed = errors.Join(failed, err)
	}
	return nil, failed
}

// dial reads from a peer, up to the height that it has now.
func (f *auditFlags) dial(ctx context.Context, b *auditBlocks) error {
	if f.identity == "" {
		return &exitError{exitUsage, errors.New("--profile needs --identity, the MSP folder of who reads")}
	}
	profile, err := fabric.LoadProfile(f.profile)
	if err != nil {
		return err
	}
	id, err := fabric.LoadIdentity(f.msp, f.identity)
	if err != nil {
		return err
	}
	client, err := fabric.Connect(profile, id, fabric.Options{})
	if err != nil {
		return err
	}
	height, err := client.Height(ctx)
	if err != nil {
		return errors.Join(err, client.Close())
	}
	b.source, b.close = streamed(ctx, client, height), client.Close
	return nil
}

var errEnoughBlocks = errors.New("enough blocks")

// streamed is a peer's blocks below height.
func streamed(ctx context.Context, client *fabric.Client, height uint64) chain.Source {
	return func(first uint64) iter.Seq2[*common.Block, error] {
		return func(yield func(*common.Block, error) bool) {
			if first >= height {
				return
			}
			err := client.Blocks(ctx, first, func(block *common.Block) error {
				if !yield(block, nil) || block.GetHeader().GetNumber()+1 >= height {
					return errEnoughBlocks
				}
				return nil
			})
			if !errors.Is(err, errEnoughBlocks) {
				yield(nil, err)
			}
		}
	}
}

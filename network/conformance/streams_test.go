package conformance_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/asn1"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"
)

// stream opens a stream for the step's signer at the step's peer, and ends it when the step does.
func (r *runner) stream(s *step) (*client.Network, context.Context, context.CancelFunc, error) {
	gateway, err := r.client(s)
	if err != nil {
		return nil, nil, nil, err
	}
	ctx, cancel := context.WithTimeout(r.ctx, patience)
	return gateway.GetNetwork(r.consortium.Channel), ctx, cancel, nil
}

// checkpoint is a transaction after which events are wanted.
type checkpoint struct {
	block uint64
	txid  string
}

func (c checkpoint) BlockNumber() uint64   { return c.block }
func (c checkpoint) TransactionID() string { return c.txid }

// events shows the chaincode events since the case began, or after the transaction kept as the step's word. A last
// event, which is not shown, marks the end. The stream of who may not read just ends.
func events(r *runner, s *step) outcome {
	network, ctx, cancel, err := r.stream(s)
	if err != nil {
		return bad(err.Error())
	}
	defer cancel()
	options := []client.ChaincodeEventsOption{client.WithStartBlock(r.start)}
	if len(s.words) > 0 {
		commit, err := r.request(s)
		if err != nil {
			return bad(err.Error())
		}
		found, err := commit.StatusWithContext(ctx)
		if err != nil {
			return bad(showError("commit status", err))
		}
		options = append(options, client.WithCheckpoint(checkpoint{found.BlockNumber, commit.TransactionID()}))
	}
	const last = "end"
	end, err := r.endorse(&step{text: s.text + " (end)", args: []string{"event", last, ""}})
	if err != nil {
		return bad(showError("endorse", err))
	}
	if _, err := r.order(end.tx); err != nil {
		return bad(showError("submit", err))
	}
	stream, err := network.ChaincodeEvents(ctx, r.consortium.Chaincode.Name, options...)
	if err != nil {
		return bad(showError("events", err))
	}
	var found []string
	for event := range stream {
		if event.TransactionID == end.proposal.TransactionID() {
			cancel()
			drain(stream)
			return good("%s", strings.Join(found, ", "))
		}
		if event.EventName == last {
			continue // of an earlier step
		}
		found = append(found, fmt.Sprintf("%s=%s in block %d", event.EventName, shown(string(event.Payload)), event.BlockNumber-r.start))
	}
	return bad("the stream ends")
}

func drain[T any](stream <-chan T) {
	for range stream {
	}
}

// take reads so many blocks of a stream.
func take[T any](stream <-chan T, count uint64, each func(T) error) error {
	for range count {
		block, open := <-stream
		if !open {
			return fmt.Errorf("the stream ends")
		}
		if err := each(block); err != nil {
			return err
		}
	}
	return nil
}

// filtered shows identifiers' codes and the names of events, of filtered blocks.
func filtered(r *runner, s *step) outcome {
	network, ctx, cancel, err := r.stream(s)
	if err != nil {
		return bad(err.Error())
	}
	defer cancel()
	stream, err := network.FilteredBlockEvents(ctx, client.WithStartBlock(r.start))
	if err != nil {
		return bad(showError("filtered", err))
	}
	var texts []string
	number := r.start
	err = take(stream, r.height()-r.start, func(block *peer.FilteredBlock) error {
		if block.GetNumber() != number || block.GetChannelId() != r.consortium.Channel {
			return fmt.Errorf("block %d of %s came, not %d", block.GetNumber(), block.GetChannelId(), number)
		}
		number++
		texts = append(texts, r.showFiltered(block))
		return nil
	})
	cancel()
	drain(stream)
	if err != nil {
		return bad(err.Error())
	}
	return good("%s", strings.Join(texts, " / "))
}

func (r *runner) showFiltered(block *peer.FilteredBlock) string {
	var texts []string
	for _, tx := range block.GetFilteredTransactions() {
		if tx.GetTxid() == r.filler.TransactionID() {
			continue
		}
		text := tx.GetTxValidationCode().String()
		for _, action := range tx.GetTransactionActions().GetChaincodeActions() {
			event := action.GetChaincodeEvent()
			text += fmt.Sprintf(" %s=%s", event.GetEventName(), shown(string(event.GetPayload())))
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", ")
}

// blocks reads whole blocks and checks that they hang together.
func blocks(r *runner, s *step) outcome {
	network, ctx, cancel, err := r.stream(s)
	if err != nil {
		return bad(err.Error())
	}
	defer cancel()
	stream, err := network.BlockEvents(ctx, client.WithStartBlock(r.start))
	if err != nil {
		return bad(showError("blocks", err))
	}
	var previous *common.Block
	var texts []string
	err = take(stream, r.height()-r.start, func(block *common.Block) error {
		if err := coherent(previous, block); err != nil {
			return err
		}
		previous = block
		found, err := verdicts(block)
		texts = append(texts, showBlocks([][]verdict{found}, r.filler.TransactionID()))
		return err
	})
	cancel()
	drain(stream)
	if err != nil {
		return bad(err.Error())
	}
	return good("%s", strings.Join(texts, " / "))
}

// coherent checks a block's hash of its data, and that it follows the block before, if there is one.
func coherent(previous, block *common.Block) error {
	data := sha256.Sum256(bytes.Join(block.GetData().GetData(), nil))
	if !bytes.Equal(data[:], block.GetHeader().GetDataHash()) {
		return fmt.Errorf("block %d: its data have another hash", block.GetHeader().GetNumber())
	}
	if n := len(block.GetMetadata().GetMetadata()); n != len(common.BlockMetadataIndex_name) {
		return fmt.Errorf("block %d has %d entries of metadata", block.GetHeader().GetNumber(), n)
	}
	if previous == nil {
		return nil
	}
	if block.GetHeader().GetNumber() != previous.GetHeader().GetNumber()+1 {
		return fmt.Errorf("block %d follows block %d", block.GetHeader().GetNumber(), previous.GetHeader().GetNumber())
	}
	hash, err := headerHash(previous.GetHeader())
	if err == nil && !bytes.Equal(hash, block.GetHeader().GetPreviousHash()) {
		err = fmt.Errorf("block %d names another predecessor", block.GetHeader().GetNumber())
	}
	return err
}

// checkChain checks every block of every peer, and that the peers agree: the commit hash covers all that a block has
// written.
func (w *world) checkChain(t *testing.T) {
	first := w.chains[w.peers[0]].all()
	for _, name := range w.peers {
		var previous *common.Block
		for i, block := range w.chains[name].all() {
			if err := coherent(previous, block); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for _, slot := range []common.BlockMetadataIndex{common.BlockMetadataIndex_TRANSACTIONS_FILTER, common.BlockMetadataIndex_COMMIT_HASH} {
				if !bytes.Equal(block.GetMetadata().GetMetadata()[slot], first[i].GetMetadata().GetMetadata()[slot]) {
					t.Errorf("block %d: %s and %s differ in %s", i, w.peers[0], name, slot)
				}
			}
			previous = block
		}
	}
}

// headerHash is the hash by which the next block names its predecessor.
func headerHash(header *common.BlockHeader) ([]byte, error) {
	encoded, err := asn1.Marshal(struct {
		Number       *big.Int
		PreviousHash []byte
		DataHash     []byte
	}{new(big.Int).SetUint64(header.GetNumber()), header.GetPreviousHash(), header.GetDataHash()})
	hash := sha256.Sum256(encoded)
	return hash[:], err
}

// private shows the private values that come with the blocks, and which block they came with.
func private(r *runner, s *step) outcome {
	network, ctx, cancel, err := r.stream(s)
	if err != nil {
		return bad(err.Error())
	}
	defer cancel()
	stream, err := network.BlockAndPrivateDataEvents(ctx, client.WithStartBlock(r.start))
	if err != nil {
		return bad(showError("private", err))
	}
	var texts []string
	err = take(stream, r.height()-r.start, func(block *peer.BlockAndPrivateData) error {
		found, err := showPrivate(block)
		if found != "" {
			texts = append(texts, fmt.Sprintf("block %d: %s", block.GetBlock().GetHeader().GetNumber()-r.start, found))
		}
		return err
	})
	cancel()
	drain(stream)
	if err != nil {
		return bad(err.Error())
	}
	return good("%s", strings.Join(texts, " / "))
}

func showPrivate(block *peer.BlockAndPrivateData) (string, error) {
	var texts []string
	for i := range block.GetBlock().GetData().GetData() {
		for _, one := range block.GetPrivateDataMap()[uint64(i)].GetNsPvtRwset() {
			for _, collection := range one.GetCollectionPvtRwset() {
				set := &kvrwset.KVRWSet{}
				if err := proto.Unmarshal(collection.GetRwset(), set); err != nil {
					return "", err
				}
				for _, write := range set.GetWrites() {
					texts = append(texts, fmt.Sprintf("%s %s=%s", collection.GetCollectionName(), write.GetKey(), shown(string(write.GetValue()))))
				}
			}
		}
	}
	return strings.Join(texts, ", "), nil
}

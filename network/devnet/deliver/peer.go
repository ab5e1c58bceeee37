package deliver

import (
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"github.com/zegel/zegel/network/devnet/policy"
)

// Peer implements peer.DeliverServer.
type Peer struct {
	peer.UnimplementedDeliverServer
	// Blocks and FilteredBlocks differ in who may read.
	Blocks         *Server
	FilteredBlocks *Server
	// Private returns the private data of a block that the signer may see.
	Private func(number uint64, signer policy.Signed) (map[uint64]*rwset.TxPvtReadWriteSet, error)
}

// Deliver streams whole blocks.
func (p *Peer) Deliver(stream peer.Deliver_DeliverServer) error {
	return p.Blocks.Serve(wholeStream{stream})
}

// DeliverFiltered streams blocks reduced to identifiers and codes.
func (p *Peer) DeliverFiltered(stream peer.Deliver_DeliverFilteredServer) error {
	return p.FilteredBlocks.Serve(filteredStream{stream})
}

// DeliverWithPrivateData streams whole blocks together with the private data the caller's organisation may hold.
func (p *Peer) DeliverWithPrivateData(stream peer.Deliver_DeliverWithPrivateDataServer) error {
	return p.Blocks.Serve(privateStream{stream, p})
}

func status(s common.Status) *peer.DeliverResponse {
	return &peer.DeliverResponse{Type: &peer.DeliverResponse_Status{Status: s}}
}

type wholeStream struct{ peer.Deliver_DeliverServer }

func (s wholeStream) SendStatus(code common.Status) error { return s.Send(status(code)) }

func (s wholeStream) SendBlock(block *common.Block, _ policy.Signed) error {
	return s.Send(&peer.DeliverResponse{Type: &peer.DeliverResponse_Block{Block: block}})
}

type filteredStream struct {
	peer.Deliver_DeliverFilteredServer
}

func (s filteredStream) SendStatus(code common.Status) error { return s.Send(status(code)) }

func (s filteredStream) SendBlock(block *common.Block, _ policy.Signed) error {
	filtered, err := Filtered(block)
	if err != nil {
		return s.Send(status(common.Status_BAD_REQUEST))
	}
	return s.Send(&peer.DeliverResponse{Type: &peer.DeliverResponse_FilteredBlock{FilteredBlock: filtered}})
}

type privateStream struct {
	peer.Deliver_DeliverWithPrivateDataServer
	peer *Peer
}

func (s privateStream) SendStatus(code common.Status) error { return s.Send(status(code)) }

func (s privateStream) SendBlock(block *common.Block, signer policy.Signed) error {
	private, err := s.peer.Private(block.GetHeader().GetNumber(), signer)
	if err != nil {
		return fmt.Errorf("error getting private data by block number %d: %w", block.GetHeader().GetNumber(), err)
	}
	return s.Send(&peer.DeliverResponse{Type: &peer.DeliverResponse_BlockAndPrivateData{
		BlockAndPrivateData: &peer.BlockAndPrivateData{Block: block, PrivateDataMap: private}}})
}

package conformance_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer/lifecycle"
	"google.golang.org/protobuf/proto"
)

// decoders show what system chaincodes answer.
var decoders = map[string]func(*runner, []byte) (string, error){
	"qscc GetChainInfo":                    decodeInfo,
	"qscc GetBlockByNumber":                decodeBlock,
	"qscc GetBlockByHash":                  decodeBlock,
	"qscc GetBlockByTxID":                  decodeBlock,
	"qscc GetTransactionByID":              decodeTransaction,
	"cscc GetChannels":                     decodeChannels,
	"cscc GetConfigBlock":                  decodeBlock,
	"cscc GetChannelConfig":                decodeConfig,
	"_lifecycle QueryChaincodeDefinition":  decodeDefinition,
	"_lifecycle QueryChaincodeDefinitions": decodeDefinitions,
}

// decodeInfo compares what the peer says of its chain with the blocks it has sent.
func decodeInfo(r *runner, answer []byte) (string, error) {
	info := &common.BlockchainInfo{}
	if err := proto.Unmarshal(answer, info); err != nil {
		return "", err
	}
	blocks := r.chains[r.peers[0]].all()
	last := blocks[len(blocks)-1].GetHeader()
	hash, err := headerHash(last)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("height %v, current hash %v, previous hash %v", info.GetHeight() == uint64(len(blocks)),
		bytes.Equal(info.GetCurrentBlockHash(), hash), bytes.Equal(info.GetPreviousBlockHash(), last.GetPreviousHash())), nil
}

// decodeBlock compares a block with the one of its number in the block stream.
func decodeBlock(r *runner, answer []byte) (string, error) {
	block := &common.Block{}
	if err := proto.Unmarshal(answer, block); err != nil {
		return "", err
	}
	number := block.GetHeader().GetNumber()
	known := r.chains[r.peers[0]].all()[number]
	if number == 0 {
		return fmt.Sprintf("the first block, the same %v", proto.Equal(block, known)), nil
	}
	return fmt.Sprintf("block %d, the same %v", int64(number-r.start), proto.Equal(block, known)), nil
}

func decodeTransaction(r *runner, answer []byte) (string, error) {
	tx := &peer.ProcessedTransaction{}
	if err := proto.Unmarshal(answer, tx); err != nil {
		return "", err
	}
	header, err := channelHeader(encode(tx.GetTransactionEnvelope()))
	return fmt.Sprintf("%s %s", header.GetTxId(), peer.TxValidationCode(tx.GetValidationCode())), err
}

func decodeChannels(_ *runner, answer []byte) (string, error) {
	channels := &peer.ChannelQueryResponse{}
	if err := proto.Unmarshal(answer, channels); err != nil {
		return "", err
	}
	var names []string
	for _, one := range channels.GetChannels() {
		names = append(names, one.GetChannelId())
	}
	return strings.Join(names, " "), nil
}

// decodeConfig lists the groups of the channel's configuration: who is a member, and who orders.
func decodeConfig(_ *runner, answer []byte) (string, error) {
	config := &common.Config{}
	if err := proto.Unmarshal(answer, config); err != nil {
		return "", err
	}
	var texts []string
	for name, group := range config.GetChannelGroup().GetGroups() {
		var members []string
		for member := range group.GetGroups() {
			members = append(members, member)
		}
		slices.Sort(members)
		texts = append(texts, name+" "+strings.Join(members, ","))
	}
	slices.Sort(texts)
	return strings.Join(texts, "; "), nil
}

func decodeDefinition(_ *runner, answer []byte) (string, error) {
	d := &lifecycle.QueryChaincodeDefinitionResult{}
	if err := proto.Unmarshal(answer, d); err != nil {
		return "", err
	}
	var approved []string
	for mspID, yes := range d.GetApprovals() {
		approved = append(approved, fmt.Sprintf("%s %v", mspID, yes))
	}
	slices.Sort(approved)
	return fmt.Sprintf("version %s, sequence %d, %s, %s, %d collections, approved by %s", d.GetVersion(), d.GetSequence(), d.GetEndorsementPlugin(),
		d.GetValidationPlugin(), len(d.GetCollections().GetConfig()), strings.Join(approved, " ")), nil
}

func decodeDefinitions(_ *runner, answer []byte) (string, error) {
	d := &lifecycle.QueryChaincodeDefinitionsResult{}
	if err := proto.Unmarshal(answer, d); err != nil {
		return "", err
	}
	var texts []string
	for _, one := range d.GetChaincodeDefinitions() {
		texts = append(texts, fmt.Sprintf("%s version %s, sequence %d", one.GetName(), one.GetVersion(), one.GetSequence()))
	}
	return strings.Join(texts, "; "), nil
}

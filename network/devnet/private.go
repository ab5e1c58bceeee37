package devnet

import (
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"github.com/zegel/zegel/network/devnet/endorser"
	"github.com/zegel/zegel/network/devnet/lifecycle"
	"github.com/zegel/zegel/network/devnet/msp"
	"github.com/zegel/zegel/network/devnet/policy"
)

// distribute keeps a private write set in this peer's transient store and hands each collection to other peers that
// may hold it, before the endorsement is signed. Nobody is asked again later: a peer that was down stays without.
func (p *node) distribute(txid string, height uint64, set *rwset.TxPvtReadWriteSet) error {
	shares := map[*node]*rwset.TxPvtReadWriteSet{}
	for _, namespace := range set.GetNsPvtRwset() {
		definition, found, err := lifecycle.Read(lifecycle.Unrecorded(p.ledger.Snapshot()), namespace.GetNamespace())
		if err != nil || !found {
			return fmt.Errorf("collection config package for %s chaincode is not provided", namespace.GetNamespace())
		}
		for _, written := range namespace.GetCollectionPvtRwset() {
			collection, found := definition.Collection(written.GetCollectionName())
			if !found {
				return fmt.Errorf("no configuration for collection %s found", written.GetCollectionName())
			}
			holders, err := p.holders(collection, namespace.GetNamespace())
			if err != nil {
				return err
			}
			for _, holder := range holders {
				share(shares, holder, set.GetDataModel(), namespace.GetNamespace(), written)
			}
		}
	}
	if err := p.ledger.StorePrivate(txid, height, set); err != nil {
		return err
	}
	for holder, part := range shares {
		if err := holder.ledger.StorePrivate(txid, height, part); err != nil {
			return fmt.Errorf("failed disseminating private data to %s: %w", holder.config.Name, err)
		}
	}
	return nil
}

// holders picks the other peers that get a collection's data: at most as many as the collection allows, one of each
// organisation first.
func (p *node) holders(collection *peer.StaticCollectionConfig, namespace string) ([]*node, error) {
	var first, rest []*node
	organisations := map[string]bool{}
	for _, other := range p.network.running() {
		if other == p || !endorser.MayHold(collection, other.mspID) {
			continue
		}
		if organisations[other.mspID] {
			rest = append(rest, other)
			continue
		}
		organisations[other.mspID] = true
		first = append(first, other)
	}
	eligible := append(first, rest...)
	if required := int(collection.GetRequiredPeerCount()); len(eligible) < required {
		return nil, fmt.Errorf("could not build private data dissemination plan for chaincode %s and collection %s: required to disseminate to at least %d peers, but know of only %d eligible peers",
			namespace, collection.GetName(), required, len(eligible))
	}
	return eligible[:min(len(eligible), int(collection.GetMaximumPeerCount()))], nil
}

func share(shares map[*node]*rwset.TxPvtReadWriteSet, holder *node, model rwset.TxReadWriteSet_DataModel, namespace string, written *rwset.CollectionPvtReadWriteSet) {
	part := shares[holder]
	if part == nil {
		part = &rwset.TxPvtReadWriteSet{DataModel: model}
		shares[holder] = part
	}
	for _, existing := range part.GetNsPvtRwset() {
		if existing.GetNamespace() == namespace {
			existing.CollectionPvtRwset = append(existing.CollectionPvtRwset, written)
			return
		}
	}
	part.NsPvtRwset = append(part.NsPvtRwset, &rwset.NsPvtReadWriteSet{Namespace: namespace,
		CollectionPvtRwset: []*rwset.CollectionPvtReadWriteSet{written}})
}

// private is the private data of a block that a signer may see: of the collections it is a member of, and of those that
// are not for members alone.
func (p *node) private(number uint64, signer policy.Signed) (map[uint64]*rwset.TxPvtReadWriteSet, error) {
	held, err := p.ledger.Private(number)
	if err != nil {
		return nil, err
	}
	signers := policy.Signers(p.network.channel.Directory(), signer)
	visible := map[uint64]*rwset.TxPvtReadWriteSet{}
	for transaction, set := range held {
		for _, namespace := range set.GetNsPvtRwset() {
			definition, found, err := lifecycle.Read(lifecycle.Unrecorded(p.ledger.Snapshot()), namespace.GetNamespace())
			if err != nil || !found {
				continue
			}
			for _, written := range namespace.GetCollectionPvtRwset() {
				collection, found := definition.Collection(written.GetCollectionName())
				if !found {
					continue
				}
				if !mayRead(collection, signers) {
					continue
				}
				part := map[*node]*rwset.TxPvtReadWriteSet{p: visible[transaction]}
				if visible[transaction] == nil {
					delete(part, p)
				}
				share(part, p, set.GetDataModel(), namespace.GetNamespace(), written)
				visible[transaction] = part[p]
			}
		}
	}
	return visible, nil
}

func mayRead(collection *peer.StaticCollectionConfig, signers []*msp.Identity) bool {
	if !collection.GetMemberOnlyRead() {
		return true
	}
	members, err := policy.Compile(collection.GetMemberOrgsPolicy().GetSignaturePolicy())
	return err == nil && members.Evaluate(signers) == nil
}

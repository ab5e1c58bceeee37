package tx

import (
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"google.golang.org/protobuf/proto"
)

// Namespace is what a transaction read and wrote of one chaincode.
type Namespace struct {
	Name        string
	Public      *kvrwset.KVRWSet
	Collections []Collection
}

// Collection is what a transaction read and wrote of one private collection, as hashes.
type Collection struct {
	Name   string
	Hashes *kvrwset.HashedRWSet
}

func (a *Action) openResults(encoded []byte) error {
	all := &rwset.TxReadWriteSet{}
	if err := proto.Unmarshal(encoded, all); err != nil {
		return fmt.Errorf("results: %w", err)
	}
	for _, packed := range all.GetNsRwset() {
		n := Namespace{Name: packed.GetNamespace(), Public: &kvrwset.KVRWSet{}}
		if err := proto.Unmarshal(packed.GetRwset(), n.Public); err != nil {
			return fmt.Errorf("results of %s: %w", n.Name, err)
		}
		for _, c := range packed.GetCollectionHashedRwset() {
			hashes := &kvrwset.HashedRWSet{}
			if err := proto.Unmarshal(c.GetHashedRwset(), hashes); err != nil {
				return fmt.Errorf("results of %s/%s: %w", n.Name, c.GetCollectionName(), err)
			}
			n.Collections = append(n.Collections, Collection{c.GetCollectionName(), hashes})
		}
		a.Results = append(a.Results, n)
	}
	return nil
}

// Of is what was read and written of one chaincode; nil if nothing.
func (a *Action) Of(name string) *Namespace {
	for i := range a.Results {
		if a.Results[i].Name == name {
			return &a.Results[i]
		}
	}
	return nil
}

package tx

import (
	"fmt"

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
	var ignored []byte
	namespaces, err := list(encoded, 2, &ignored)
	if err != nil {
		return fmt.Errorf("results: %w", err)
	}
	for _, packed := range namespaces {
		var name, public []byte
		hidden, err := list(packed, 3, &name, &public)
		if err != nil {
			return fmt.Errorf("results: %w", err)
		}
		n := Namespace{Name: string(name), Public: &kvrwset.KVRWSet{}}
		if err := proto.Unmarshal(public, n.Public); err != nil {
			return fmt.Errorf("results of %s: %w", n.Name, err)
		}
		for _, one := range hidden {
			var collection, hashes []byte
			if err := split(one, &collection, &hashes); err != nil {
				return fmt.Errorf("results of %s: %w", n.Name, err)
			}
			c := Collection{string(collection), &kvrwset.HashedRWSet{}}
			if err := proto.Unmarshal(hashes, c.Hashes); err != nil {
				return fmt.Errorf("results of %s/%s: %w", n.Name, c.Name, err)
			}
			n.Collections = append(n.Collections, c)
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

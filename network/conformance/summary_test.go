package conformance_test

import (
	"fmt"
	"strings"

	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"google.golang.org/protobuf/proto"
)

// summary tells in one line what a transaction has read and written, the chaincode's definition aside. A version is
// the block, counted from the case's first, and the place in it. Private keys are known by their hashes only, so they
// are counted.
func (p *prepared) summary(start uint64) string {
	var texts []string
	add := func(format string, args ...any) { texts = append(texts, fmt.Sprintf(format, args...)) }
	for i, one := range p.set.GetNsRwset() {
		if one.GetNamespace() == "_lifecycle" {
			continue
		}
		for _, read := range p.parts[i].GetReads() {
			add("read %s%s", shown(read.GetKey()), version(read.GetVersion(), start))
		}
		for _, scan := range p.parts[i].GetRangeQueriesInfo() {
			add("scan %s", showScan(scan, start))
		}
		for _, write := range p.parts[i].GetWrites() {
			if write.GetIsDelete() {
				add("delete %s", shown(write.GetKey()))
				continue
			}
			add("write %s=%s", shown(write.GetKey()), shown(string(write.GetValue())))
		}
		for _, write := range p.parts[i].GetMetadataWrites() {
			add("describe %s in %d entries", shown(write.GetKey()), len(write.GetEntries()))
		}
		for _, collection := range one.GetCollectionHashedRwset() {
			hashed := &kvrwset.HashedRWSet{}
			if err := proto.Unmarshal(collection.GetHashedRwset(), hashed); err != nil {
				add("%v", err)
			}
			add("%s: %s", collection.GetCollectionName(), showHashed(hashed, start))
		}
	}
	return strings.Join(texts, ", ")
}

func shown(text string) string { return show([]byte(text)) }

func version(v *kvrwset.Version, start uint64) string {
	if v == nil {
		return " (absent)"
	}
	return fmt.Sprintf(" (%d.%d)", int64(v.GetBlockNum()-start), v.GetTxNum())
}

func showScan(scan *kvrwset.RangeQueryInfo, start uint64) string {
	text := fmt.Sprintf("from %s to %s", shown(scan.GetStartKey()), shown(scan.GetEndKey()))
	if !scan.GetItrExhausted() {
		text += " unfinished"
	}
	if summary := scan.GetReadsMerkleHashes(); summary != nil {
		return fmt.Sprintf("%s as %d hashes of level %d and degree %d", text, len(summary.GetMaxLevelHashes()), summary.GetMaxLevel(), summary.GetMaxDegree())
	}
	reads := scan.GetRawReads().GetKvReads()
	if len(reads) > 5 {
		return fmt.Sprintf("%s %d rows", text, len(reads))
	}
	for _, read := range reads {
		text += " " + shown(read.GetKey()) + version(read.GetVersion(), start)
	}
	return text
}

func showHashed(set *kvrwset.HashedRWSet, start uint64) string {
	var texts []string
	for _, read := range set.GetHashedReads() {
		texts = append(texts, "read"+version(read.GetVersion(), start))
	}
	for _, write := range set.GetHashedWrites() {
		kind := "write"
		switch {
		case write.GetIsPurge():
			kind = "purge"
		case write.GetIsDelete():
			kind = "delete"
		}
		texts = append(texts, kind)
	}
	for range set.GetMetadataWrites() {
		texts = append(texts, "describe")
	}
	return strings.Join(texts, " ")
}

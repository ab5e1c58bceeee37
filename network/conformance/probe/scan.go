package probe

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
)

// scanOperations read many keys, or one key's past.
var scanOperations = map[string]operation{
	"range": {2, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		rows, err := s.GetStateByRange(a[0], a[1])
		return keys(rows, err, maxRows)
	}},
	"rows": {2, func(s shim.ChaincodeStubInterface, a []string) (string, error) { // like range, counted
		rows, err := s.GetStateByRange(a[0], a[1])
		found, err := keys(rows, err, maxRows)
		if err != nil || found == "" {
			return "0", err
		}
		return strconv.Itoa(strings.Count(found, ",") + 1), nil
	}},
	"peek": {3, func(s shim.ChaincodeStubInterface, a []string) (string, error) { // like range, stopping early
		limit, err := strconv.Atoi(a[2])
		if err != nil {
			return "", fmt.Errorf("peek %q: not a number", a[2])
		}
		rows, err := s.GetStateByRange(a[0], a[1])
		return keys(rows, err, limit)
	}},
	"page": {4, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		size, err := strconv.ParseInt(a[2], 10, 32)
		if err != nil {
			return "", fmt.Errorf("page %q: not a number", a[2])
		}
		rows, metadata, err := s.GetStateByRangeWithPagination(a[0], a[1], int32(size), a[3])
		found, err := keys(rows, err, maxRows)
		return fmt.Sprintf("%s (%d, next %q)", found, metadata.GetFetchedRecordsCount(), metadata.GetBookmark()), err
	}},
	"pagecount": {4, func(s shim.ChaincodeStubInterface, a []string) (string, error) { // like page, counted
		size, err := strconv.ParseInt(a[2], 10, 32)
		if err != nil {
			return "", fmt.Errorf("pagecount %q: not a number", a[2])
		}
		rows, metadata, err := s.GetStateByRangeWithPagination(a[0], a[1], int32(size), a[3])
		found, err := keys(rows, err, maxRows)
		return fmt.Sprintf("%d (%d, next %q)", strings.Count(found, ",")+1, metadata.GetFetchedRecordsCount(), metadata.GetBookmark()), err
	}},
	"partial": {1, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		rows, err := s.GetStateByPartialCompositeKey(a[0], a[1:])
		return attributes(s, rows, err)
	}},
	"pagepartial": {3, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		size, err := strconv.ParseInt(a[0], 10, 32)
		if err != nil {
			return "", fmt.Errorf("pagepartial %q: not a number", a[0])
		}
		rows, metadata, err := s.GetStateByPartialCompositeKeyWithPagination(a[2], a[3:], int32(size), a[1])
		found, err := attributes(s, rows, err)
		return fmt.Sprintf("%s (%d, next %q)", found, metadata.GetFetchedRecordsCount(), metadata.GetBookmark()), err
	}},
	"history": {1, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		return history(s, a[0], false)
	}},
	"past": {1, func(s shim.ChaincodeStubInterface, a []string) (string, error) { // like history, with identifiers and times
		return history(s, a[0], true)
	}},
	"rich": {1, func(s shim.ChaincodeStubInterface, a []string) (string, error) {
		rows, err := s.GetQueryResult(a[0])
		return keys(rows, err, maxRows)
	}},
}

// keys reads at most limit rows and closes the scan.
func keys(rows shim.StateQueryIteratorInterface, err error, limit int) (string, error) {
	if err != nil {
		return "", err
	}
	var found []string
	for len(found) < limit && rows.HasNext() {
		row, err := rows.Next()
		if err != nil {
			return "", errors.Join(err, rows.Close())
		}
		found = append(found, row.GetKey())
	}
	return strings.Join(found, ","), rows.Close()
}

// attributes shows composite keys as their parts.
func attributes(s shim.ChaincodeStubInterface, rows shim.StateQueryIteratorInterface, err error) (string, error) {
	if err != nil {
		return "", err
	}
	var found []string
	for rows.HasNext() {
		row, err := rows.Next()
		if err != nil {
			return "", errors.Join(err, rows.Close())
		}
		_, parts, err := s.SplitCompositeKey(row.GetKey())
		if err != nil {
			return "", errors.Join(err, rows.Close())
		}
		found = append(found, strings.Join(parts, "/"))
	}
	return strings.Join(found, ","), rows.Close()
}

func history(s shim.ChaincodeStubInterface, key string, full bool) (string, error) {
	rows, err := s.GetHistoryForKey(key)
	if err != nil {
		return "", err
	}
	var found []string
	for rows.HasNext() {
		row, err := rows.Next()
		if err != nil {
			return "", errors.Join(err, rows.Close())
		}
		text := string(row.GetValue())
		if row.GetIsDelete() {
			text += "deleted"
		}
		if full {
			text += " " + row.GetTxId() + " " + row.GetTimestamp().AsTime().Format(time.RFC3339Nano)
		}
		found = append(found, text)
	}
	return strings.Join(found, ","), rows.Close()
}

package host

import (
	"errors"
	"strconv"

	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/queryresult"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/ledger"
)

// historyBatch is how many modifications of a key go to the chaincode at once.
const historyBatch = 100

func getRange(h *Host, c *call, payload []byte) ([]byte, error) {
	request, page := &peer.GetStateByRange{}, &peer.QueryMetadata{}
	if err := decode(payload, request); err != nil {
		return nil, err
	}
	if err := decode(request.GetMetadata(), page); err != nil {
		return nil, err
	}
	if request.GetCollection() != "" {
		if err := h.mayRead(c, request.GetCollection()); err != nil {
			return nil, err
		}
		rows, err := c.Simulator.GetPrivateRange(c.namespace, request.GetCollection(), request.GetStartKey(), request.GetEndKey())
		if err != nil {
			return nil, err
		}
		return c.begin(stateQuery{rows})
	}
	if page.GetPageSize() != 0 || page.GetBookmark() != "" {
		return c.page(request, page)
	}
	rows, err := c.Simulator.GetStateRange(c.namespace, request.GetStartKey(), request.GetEndKey())
	if err != nil {
		return nil, err
	}
	return c.begin(stateQuery{rows})
}

// page answers a paginated query: the whole page at once, and where the next one begins.
func (c *call) page(request *peer.GetStateByRange, page *peer.QueryMetadata) ([]byte, error) {
	rows, err := c.Simulator.GetStatePage(c.namespace, request.GetStartKey(), request.GetEndKey(), page.GetPageSize(), page.GetBookmark())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	results, _, err := stateQuery{rows}.next()
	if err != nil {
		return nil, err
	}
	metadata, err := proto.Marshal(&peer.QueryResponseMetadata{FetchedRecordsCount: int32(len(results)), Bookmark: rows.Bookmark()})
	if err != nil {
		return nil, err
	}
	return proto.Marshal(&peer.QueryResponse{Results: results, Id: c.newID(), Metadata: metadata})
}

func getHistory(_ *Host, c *call, payload []byte) ([]byte, error) {
	request := &peer.GetHistoryForKey{}
	if err := decode(payload, request); err != nil {
		return nil, err
	}
	history, err := c.History(c.namespace, request.GetKey())
	if err != nil {
		return nil, err
	}
	return c.begin(&historyQuery{history: history})
}

// newID names a scan; the name means something within the call only.
func (c *call) newID() string {
	c.scans++
	return strconv.Itoa(c.scans)
}

// begin keeps a scan open and answers its first rows.
func (c *call) begin(q query) ([]byte, error) {
	id := c.newID()
	c.queries[id] = q
	return c.advance(id)
}

// advance answers the next rows of a scan and closes it at its end.
func (c *call) advance(id string) ([]byte, error) {
	results, more, err := c.queries[id].next()
	if err != nil || !more {
		c.closeQuery(id)
	}
	if err != nil {
		return nil, err
	}
	return proto.Marshal(&peer.QueryResponse{Results: results, HasMore: more, Id: id})
}

func (c *call) closeQuery(id string) {
	if q := c.queries[id]; q != nil {
		q.close()
		delete(c.queries, id)
	}
}

func queryNext(_ *Host, c *call, payload []byte) ([]byte, error) {
	request := &peer.QueryStateNext{}
	if err := decode(payload, request); err != nil {
		return nil, err
	}
	if c.queries[request.GetId()] == nil {
		return nil, errors.New("query iterator not found")
	}
	return c.advance(request.GetId())
}

func queryClose(_ *Host, c *call, payload []byte) ([]byte, error) {
	request := &peer.QueryStateClose{}
	if err := decode(payload, request); err != nil {
		return nil, err
	}
	c.closeQuery(request.GetId())
	return proto.Marshal(&peer.QueryResponse{Id: request.GetId()})
}

// stateQuery is a scan of public or private keys.
type stateQuery struct{ rows *ledger.Rows }

func (q stateQuery) next() ([]*peer.QueryResultBytes, bool, error) {
	batch, more, err := q.rows.Batch()
	if err != nil {
		return nil, false, err
	}
	results := make([]*peer.QueryResultBytes, len(batch))
	for i, row := range batch {
		if results[i], err = rowOf(row); err != nil {
			return nil, false, err
		}
	}
	return results, more, nil
}

func (q stateQuery) close() { q.rows.Close() }

// historyQuery walks the modifications of a key, newest first. It reads one ahead, to know whether there are more.
type historyQuery struct {
	history *ledger.History
	pending *queryresult.KeyModification
}

func (q *historyQuery) next() ([]*peer.QueryResultBytes, bool, error) {
	var results []*peer.QueryResultBytes
	for {
		modification := q.pending
		q.pending = nil
		if modification == nil {
			var err error
			if modification, err = q.history.Next(); err != nil || modification == nil {
				return results, false, err
			}
		}
		if len(results) == historyBatch {
			q.pending = modification
			return results, true, nil
		}
		row, err := rowOf(modification)
		if err != nil {
			return nil, false, err
		}
		results = append(results, row)
	}
}

func (q *historyQuery) close() {}

package api

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// ReadReply reads a reply as somebody must who may be older than the chaincode that wrote it: it
// passes over fields that it does not know, because a field added to an outcome must not stop a
// gateway or a statement that can do without. A reply of another version is refused: that is how a
// change announces itself that nobody may pass over. Errors never repeat the reply.
func ReadReply(payload []byte) (Reply, error) {
	var reply Reply
	if err := json.Unmarshal(payload, &reply); err != nil {
		return Reply{}, discreet(err)
	}
	if !utf8.Valid(payload) || reply.Version != Version {
		return Reply{}, fmt.Errorf("not a reply of version %d", Version)
	}
	return reply, nil
}

package host

import (
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"
)

// invoke runs another chaincode inside the same transaction. Its writes join the caller's; its event is dropped.
func (h *Host) invoke(c *call, payload []byte) ([]byte, error) {
	spec := &peer.ChaincodeSpec{}
	if err := decode(payload, spec); err != nil {
		return nil, err
	}
	answer, err := h.options.Rules.Call(c.Transaction, spec.GetChaincodeId().GetName(), spec.GetInput())
	if err != nil {
		return nil, err
	}
	encoded, err := proto.Marshal(answer)
	if err != nil {
		return nil, fmt.Errorf("marshal failed: %w", err)
	}
	return encoded, nil
}

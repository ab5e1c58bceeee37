package lifecycle

import (
	"bytes"
	"fmt"

	db "github.com/hyperledger/fabric-protos-go-apiv2/peer/lifecycle"
	"google.golang.org/protobuf/proto"
)

// Writer is a simulation that definitions are written through.
type Writer interface {
	State
	PutState(namespace, key string, value []byte) error
}

var deterministic = proto.MarshalOptions{Deterministic: true}

// Write puts a definition into the state, as CommitChaincodeDefinition does: fields that do not change are not
// written. The sequence has to be the next one.
func Write(state Writer, d *Definition) error {
	current, err := Sequence(state, d.Name)
	if err != nil {
		return err
	}
	if d.Sequence != current+1 {
		return fmt.Errorf("requested sequence is %d, but new definition must be sequence %d", d.Sequence, current+1)
	}
	metadata := &db.StateMetadata{Datatype: "ChaincodeDefinition",
		Fields: []string{fieldSequence, fieldEndorsement, fieldValidation, fieldCollections}}
	if err := put(state, metadataKey(d.Name), metadata); err != nil {
		return err
	}
	values := []*db.StateData{{Type: &db.StateData_Int64{Int64: d.Sequence}}}
	for _, part := range []proto.Message{d.Endorsement, d.Validation, d.Collections} {
		encoded, err := deterministic.Marshal(part)
		if err != nil {
			return fmt.Errorf("could not marshal the definition of %s: %w", d.Name, err)
		}
		values = append(values, &db.StateData{Type: &db.StateData_Bytes{Bytes: encoded}})
	}
	for i, value := range values {
		if err := put(state, fieldKey(d.Name, metadata.GetFields()[i]), value); err != nil {
			return err
		}
	}
	return nil
}

// put writes a value where it differs from what is there.
func put(state Writer, key string, value proto.Message) error {
	encoded, err := deterministic.Marshal(value)
	if err != nil {
		return fmt.Errorf("could not marshal %s: %w", key, err)
	}
	existing, err := state.GetState(Namespace, key)
	if err != nil || bytes.Equal(existing, encoded) {
		return err
	}
	return state.PutState(Namespace, key, encoded)
}

// Same says whether two definitions agree in everything but the sequence.
func Same(a, b *Definition) bool {
	return proto.Equal(a.Endorsement, b.Endorsement) && proto.Equal(a.Validation, b.Validation) &&
		proto.Equal(a.Collections, b.Collections)
}

package worldstate

// Stub is what Tx needs of Fabric: a part of the shim's ChaincodeStubInterface.
type Stub interface {
	// GetState returns the committed value, nothing if the key is absent. It never returns what
	// this transaction has written.
	GetState(key string) ([]byte, error)
	// GetMultipleStates returns the committed values of keys in their order, in one round trip
	// where the peer knows how. After an error of its database the peer answers with fewer values
	// than keys, and without an error.
	GetMultipleStates(keys ...string) ([][]byte, error)
	PutState(key string, value []byte) error

	// GetPrivateDataHash returns the SHA-256 of the committed value; every peer has it, also one
	// that must not have the value.
	GetPrivateDataHash(collection, key string) ([]byte, error)
	PutPrivateData(collection, key string, value []byte) error

	// StartWriteBatch holds writes back until FinishWriteBatch sends them together, where the peer
	// knows how; elsewhere both do nothing.
	StartWriteBatch()
	FinishWriteBatch() error
}

// PrivateStub is what Members needs of Fabric: a part of the shim's ChaincodeStubInterface. Only
// the peers of the collection's organisation can answer.
type PrivateStub interface {
	GetPrivateData(collection, key string) ([]byte, error)
	PutPrivateData(collection, key string, value []byte) error
	// PurgePrivateData deletes the value from the state and from the peer's history of it.
	PurgePrivateData(collection, key string) error

	// StartWriteBatch and FinishWriteBatch are those of Stub.
	StartWriteBatch()
	FinishWriteBatch() error
}

package channel

import (
	"fmt"

	"github.com/zegel/zegel/network/devnet/policy"
)

// The API resources that access is controlled for.
const (
	ResourcePropose         = "peer/Propose"
	ResourceCallChaincode   = "peer/ChaincodeToChaincode"
	ResourceBlocks          = "event/Block"
	ResourceFilteredBlocks  = "event/FilteredBlock"
	ResourceCommitStatus    = "gateway/CommitStatus"
	ResourceChaincodeEvents = "gateway/ChaincodeEvents"
)

// defaults is Fabric's access control list: who may use what, unless the channel's configuration says otherwise.
var defaults = map[string]string{
	ResourcePropose:         ApplicationWriters,
	ResourceCallChaincode:   ApplicationWriters,
	ResourceBlocks:          ApplicationReaders,
	ResourceFilteredBlocks:  ApplicationReaders,
	ResourceCommitStatus:    ApplicationReaders,
	ResourceChaincodeEvents: ApplicationReaders,

	"qscc/GetChainInfo":       ApplicationReaders,
	"qscc/GetBlockByNumber":   ApplicationReaders,
	"qscc/GetBlockByHash":     ApplicationReaders,
	"qscc/GetBlockByTxID":     ApplicationReaders,
	"qscc/GetTransactionByID": ApplicationReaders,
	"cscc/GetConfigBlock":     ApplicationReaders,
	"cscc/GetChannelConfig":   ApplicationReaders,

	"_lifecycle/QueryChaincodeDefinition":  ApplicationWriters,
	"_lifecycle/QueryChaincodeDefinitions": ApplicationWriters,
	"_lifecycle/CheckCommitReadiness":      ApplicationWriters,
	"_lifecycle/CommitChaincodeDefinition": ApplicationWriters,
}

// CheckAccess says, in Fabric's words, why a signer may not use a resource, or returns nil.
func (c *Channel) CheckAccess(resource string, signed policy.Signed) error {
	if reference, ok := c.acls[resource]; ok {
		if _, ok := c.policies[reference]; !ok {
			return fmt.Errorf("failed evaluating policy on signed data during check policy [%s]: [policy %s not found]", reference, reference)
		}
		if err := c.Evaluate(reference, signed); err != nil {
			return fmt.Errorf("failed evaluating policy on signed data during check policy [%s]: [%w]", reference, err)
		}
		return nil
	}
	reference, ok := defaults[resource]
	if !ok {
		return fmt.Errorf("Unmapped policy for %s", resource)
	}
	if err := c.Evaluate(reference, signed); err != nil {
		return fmt.Errorf("Failed evaluating policy on signed data during check policy on channel [%s] with policy [%s]: [%w]",
			c.id, reference, err)
	}
	return nil
}

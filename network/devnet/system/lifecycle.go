package system

import (
	"fmt"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	db "github.com/hyperledger/fabric-protos-go-apiv2/peer/lifecycle"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/network/devnet/channel"
	"github.com/zegel/zegel/network/devnet/ledger"
	"github.com/zegel/zegel/network/devnet/lifecycle"
	"github.com/zegel/zegel/network/devnet/transaction"
)

// Installed is a chaincode package on the peer.
type Installed struct{ Name, Version, PackageID string }

// Definitions answers about chaincode definitions: _lifecycle. Definitions are committed by the network itself, so
// nothing here writes.
type Definitions struct {
	Channel   *channel.Channel
	MSPID     string
	Installed func() []Installed
	// Approves says whether an organisation has agreed to the definitions there are.
	Approves func(mspID string) bool
}

// NeedsSimulator implements endorser.System.
func (Definitions) NeedsSimulator() bool { return true }

// Invoke implements endorser.System.
func (d Definitions) Invoke(p *transaction.Proposal, input *peer.ChaincodeInput, simulator *ledger.Simulator) *peer.Response {
	args := input.GetArgs()
	if len(args) != 2 {
		return shim.Error(fmt.Sprintf("lifecycle scc operations require exactly two arguments but received %d", len(args)))
	}
	function := string(args[0])
	if function == "QueryInstalledChaincodes" {
		if err := local(d.Channel, d.MSPID, "Admins", msp.MSPRole_ADMIN, p); err != nil {
			return shim.Error(fmt.Sprintf("Failed to authorize invocation due to failed ACL check: %s", err))
		}
		return encoded(d.installed(), nil)
	}
	if err := d.Channel.CheckAccess(lifecycle.Namespace+"/"+function, p.SignedBy()); err != nil {
		return shim.Error(fmt.Sprintf("Failed to authorize invocation due to failed ACL check: %s", err))
	}
	switch function {
	case "QueryChaincodeDefinition":
		return d.one(args[1], simulator)
	case "QueryChaincodeDefinitions":
		return d.all(simulator)
	default:
		return shim.Error(fmt.Sprintf("failed to invoke backing implementation of '%s': the network commits definitions itself", function))
	}
}

func (d Definitions) one(encodedArguments []byte, simulator *ledger.Simulator) *peer.Response {
	arguments := &db.QueryChaincodeDefinitionArgs{}
	if err := proto.Unmarshal(encodedArguments, arguments); err != nil {
		return shim.Error(fmt.Sprintf("failed to invoke backing implementation of 'QueryChaincodeDefinition': could not unmarshal input: %s", err))
	}
	definition, found, err := lifecycle.Read(simulator, arguments.GetName())
	switch {
	case err != nil:
		return shim.Error(fmt.Sprintf("failed to invoke backing implementation of 'QueryChaincodeDefinition': %s", err))
	case !found:
		return &peer.Response{Status: 404, Message: fmt.Sprintf("namespace %s is not defined", arguments.GetName())}
	}
	approvals := map[string]bool{}
	for _, organisation := range d.Channel.Organisations() {
		approvals[organisation] = d.Approves(organisation)
	}
	return encoded(&db.QueryChaincodeDefinitionResult{Sequence: definition.Sequence, Version: definition.Version(),
		EndorsementPlugin:   definition.Endorsement.GetEndorsementPlugin(),
		ValidationPlugin:    definition.Validation.GetValidationPlugin(),
		ValidationParameter: definition.Policy(), InitRequired: definition.Endorsement.GetInitRequired(),
		Collections: definition.Collections, Approvals: approvals}, nil)
}

func (d Definitions) all(simulator *ledger.Simulator) *peer.Response {
	result := &db.QueryChaincodeDefinitionsResult{}
	names, err := lifecycle.Names(simulator)
	if err != nil {
		return shim.Error(fmt.Sprintf("failed to invoke backing implementation of 'QueryChaincodeDefinitions': %s", err))
	}
	for _, name := range names {
		definition, found, err := lifecycle.Read(simulator, name)
		if err != nil || !found {
			return shim.Error(fmt.Sprintf("failed to invoke backing implementation of 'QueryChaincodeDefinitions': %v", err))
		}
		result.ChaincodeDefinitions = append(result.ChaincodeDefinitions, &db.QueryChaincodeDefinitionsResult_ChaincodeDefinition{
			Name: name, Sequence: definition.Sequence, Version: definition.Version(),
			EndorsementPlugin:   definition.Endorsement.GetEndorsementPlugin(),
			ValidationPlugin:    definition.Validation.GetValidationPlugin(),
			ValidationParameter: definition.Policy(), InitRequired: definition.Endorsement.GetInitRequired(),
			Collections: definition.Collections})
	}
	return encoded(result, nil)
}

func (d Definitions) installed() *db.QueryInstalledChaincodesResult {
	result := &db.QueryInstalledChaincodesResult{}
	for _, one := range d.Installed() {
		references := &db.QueryInstalledChaincodesResult_References{
			Chaincodes: []*db.QueryInstalledChaincodesResult_Chaincode{{Name: one.Name, Version: one.Version}}}
		result.InstalledChaincodes = append(result.InstalledChaincodes, &db.QueryInstalledChaincodesResult_InstalledChaincode{
			PackageId: one.PackageID, Label: one.Name + "_" + one.Version,
			References: map[string]*db.QueryInstalledChaincodesResult_References{d.Channel.ID(): references}})
	}
	return result
}

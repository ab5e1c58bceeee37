package contract

import (
	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/chaincode/worldstate"
)

// Apply carries out the commands of an api.Batch in their order, each accepted or refused by
// itself, and answers an api.Reply with one outcome each. The transient value api.TransientDetails
// holds what the channel must not see. The event api.EventApplied carries the same bytes as the
// answer.
//
// Apply refuses as a whole only what it cannot read (malformed_command); a failure of the peer
// fails the whole transaction too, and then nothing of it was written.
func (c *Contract) Apply(ctx *Context, batch string) (string, error) {
	reply, err := ctx.apply([]byte(batch))
	return string(reply), api.EncodeError(err)
}

func (ctx *Context) apply(argument []byte) ([]byte, error) {
	batch, err := api.DecodeBatch(argument)
	if err != nil {
		return nil, err
	}
	transient, err := ctx.GetStub().GetTransient()
	if err != nil {
		return nil, err
	}
	details, err := api.DecodeDetails(transient[api.TransientDetails], len(batch.Commands))
	if err != nil {
		return nil, err
	}
	if err := ctx.ledger.Prefetch(worldstate.KeysOf(ctx.caller.MSP, batch.Commands)...); err != nil {
		return nil, err
	}
	env := loyalty.Env{Caller: ctx.caller, Now: ctx.now}
	outcomes := make([]loyalty.Outcome, len(batch.Commands))
	for i, command := range batch.Commands {
		if outcomes[i], err = loyalty.Apply(ctx.ledger, env, command, details[i]); err != nil {
			return nil, err
		}
	}
	reply, err := api.EncodeReply(outcomes)
	if err != nil {
		return nil, err
	}
	return reply, ctx.GetStub().SetEvent(api.EventApplied, reply)
}

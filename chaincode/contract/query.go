package contract

import (
	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/chaincode/worldstate"
)

// GetAccount answers the api.AccountView of a member as it is at the transaction's time: what has
// expired is let go, though the ledger will only say so at the next command. It refuses
// member_unknown.
func (c *Contract) GetAccount(ctx *Context, member string) (string, error) {
	return answer(ctx.accountView(loyalty.MemberID(member)))
}

func (ctx *Context) accountView(member loyalty.MemberID) (*api.AccountView, error) {
	const absent = "There is no member with this reference."
	if !member.Valid() {
		return nil, loyalty.Refuse(loyalty.CodeMemberUnknown, absent)
	}
	account, err := ctx.ledger.Account(member)
	if account, err = found(account, err, loyalty.CodeMemberUnknown, absent); err != nil {
		return nil, err
	}
	view := api.AccountView(account.View(ctx.now))
	return &view, nil
}

// GetOperation answers the loyalty.Operation that an organisation's operation left. It refuses
// operation_unknown: then nothing was decided yet, and a cancel still can.
func (c *Contract) GetOperation(ctx *Context, msp, op string) (string, error) {
	return answer(ctx.operation(loyalty.MSPID(msp), loyalty.OpID(op)))
}

func (ctx *Context) operation(org loyalty.MSPID, op loyalty.OpID) (*loyalty.Operation, error) {
	const absent = "There is no such operation."
	if !op.Valid() {
		return nil, loyalty.Refuse(loyalty.CodeOperationUnknown, absent)
	}
	operation, err := ctx.ledger.Operation(org, op)
	return found(operation, err, loyalty.CodeOperationUnknown, absent)
}

// GetReceipt answers the loyalty.Receipt of a sale or return slip of an organisation. It refuses
// receipt_unknown.
func (c *Contract) GetReceipt(ctx *Context, msp, receipt string) (string, error) {
	return answer(ctx.receipt(loyalty.MSPID(msp), loyalty.ReceiptID(receipt)))
}

const noReceipt = "There is no such receipt."

func (ctx *Context) receipt(org loyalty.MSPID, id loyalty.ReceiptID) (*loyalty.Receipt, error) {
	if !id.Valid() {
		return nil, loyalty.Refuse(loyalty.CodeReceiptUnknown, noReceipt)
	}
	receipt, err := ctx.ledger.Receipt(org, id)
	return found(receipt, err, loyalty.CodeReceiptUnknown, noReceipt)
}

// GetOpening answers the opening of a sale of the caller's own chain, byte for byte as it is
// committed: a return must bring these bytes. It refuses receipt_unknown. Evaluate it, never
// submit it: the answer would be in a block.
func (c *Contract) GetOpening(ctx *Context, receipt string) (string, error) {
	opening, err := ctx.opening(loyalty.ReceiptID(receipt))
	return string(opening), api.EncodeError(err)
}

func (ctx *Context) opening(sale loyalty.ReceiptID) ([]byte, error) {
	if !sale.Valid() {
		return nil, loyalty.Refuse(loyalty.CodeReceiptUnknown, noReceipt)
	}
	opening, err := ctx.GetStub().GetPrivateData(worldstate.Baskets(ctx.caller.MSP), worldstate.OpeningKey(sale))
	if err == nil && len(opening) == 0 {
		return nil, loyalty.Refuse(loyalty.CodeReceiptUnknown, noReceipt)
	}
	return opening, err
}

// GetHold answers the api.HoldView of a hold, pending or ended. It refuses hold_unknown.
func (c *Contract) GetHold(ctx *Context, hold string) (string, error) {
	return answer(ctx.holdView(loyalty.HoldID(hold)))
}

func (ctx *Context) holdView(id loyalty.HoldID) (*api.HoldView, error) {
	const absent = "There is no such hold."
	if !id.Valid() {
		return nil, loyalty.Refuse(loyalty.CodeHoldUnknown, absent)
	}
	status, err := loyalty.FindHold(ctx.ledger, id, ctx.now)
	return found((*api.HoldView)(status), err, loyalty.CodeHoldUnknown, absent)
}

// Quote answers the api.Quotation of the transient basket: what the caller's chain would give for
// it now, and what the member, who may be empty, could pay with points. It refuses basket_missing
// and as loyalty.QuoteBasket does.
func (c *Contract) Quote(ctx *Context, member string) (string, error) {
	return answer(ctx.quote(loyalty.MemberID(member)))
}

func (ctx *Context) quote(member loyalty.MemberID) (*api.Quotation, error) {
	if member != "" && !member.Valid() {
		return nil, loyalty.Refuse(loyalty.CodeMemberUnknown, "There is no member with this reference.")
	}
	transient, err := ctx.GetStub().GetTransient()
	if err != nil {
		return nil, err
	}
	basket, err := api.DecodeBasket(transient[api.TransientBasket])
	if err != nil {
		return nil, err
	}
	env := loyalty.Env{Caller: ctx.caller, Now: ctx.now}
	quote, err := loyalty.QuoteBasket(ctx.ledger, env, member, basket)
	if err != nil {
		return nil, err
	}
	quotation := api.Quotation(quote)
	return &quotation, nil
}

// WhoAmI answers the api.Identity of the caller, whoever it is: the first thing to ask when
// something is not authorised.
func (c *Contract) WhoAmI(ctx *Context) (string, error) {
	identity := api.Identity{MSP: ctx.caller.MSP, Role: ctx.caller.Role, Certificate: ctx.certificate}
	if ctx.programme != nil {
		for _, org := range ctx.programme.Organisations {
			if org.MSP == ctx.caller.MSP {
				identity.Name, identity.Kind = org.Name, org.Kind
			}
		}
	}
	return answer(identity, nil)
}

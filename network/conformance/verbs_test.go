package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

// verbs is what a step can do.
var verbs = map[string]func(*runner, *step) outcome{
	"evaluate": evaluate,  // a query
	"endorse":  endorse,   // kept, not sent
	"submit":   submit,    // endorsed, sent and waited for
	"offline":  offline,   // the same, with every signature made elsewhere
	"again":    again,     // the kept proposal is sent to the endorsers again
	"order":    order,     // kept transactions are sent, with a filler to fill the block
	"send":     send,      // kept transactions are sent and nothing else
	"idle":     idle,      // so many blocks with nothing in them
	"status":   committed, // of a kept transaction
	"pending":  pending,   // the code of an error where there is no status yet
	"forge":    forge,     // a kept transaction, made wrong
	"set":      showSet,   // what a kept transaction has read and written
	"revive":   revived,   // waits until the probe answers on every peer again
	"upgrade":  upgrade,   // to the next definition of the probe
	"events":   events,    // of the probe, since the case began or after a transaction
	"filtered": filtered,  // filtered blocks since the case began
	"blocks":   blocks,    // whole blocks since the case began, hashes checked
	"private":  private,   // private data with the blocks since the case began
	"seek":     seek,      // a request to a deliver service
	"raw":      raw,       // a request that no client would send
	"sendto":   broadcast, // a kept transaction, sent to the orderer directly
}

func evaluate(r *runner, s *step) outcome {
	k, err := r.propose(s)
	if err != nil {
		return bad(err.Error())
	}
	ctx, cancel := context.WithTimeout(r.ctx, patience)
	defer cancel()
	answer, err := k.proposal.EvaluateWithContext(ctx)
	if err != nil {
		return bad(showError("evaluate", err))
	}
	if decode := decoders[s.on+" "+s.args[0]]; decode != nil {
		text, err := decode(r, answer)
		if err != nil {
			return bad(err.Error())
		}
		return good("%s", text)
	}
	r.tape.answers = append(r.tape.answers, s.text+"\n=> "+string(answer))
	return good("%s", show(answer))
}

func endorse(r *runner, s *step) outcome {
	k, err := r.endorse(s)
	if err != nil {
		return bad(showError("endorse", err))
	}
	return good("%s", show(k.tx.Result()))
}

func again(r *runner, s *step) outcome {
	k, err := r.find(s.words[0])
	if err == nil {
		err = r.endorseKept(k)
	}
	if err != nil {
		return bad(showError("endorse", err))
	}
	return good("%s", show(k.tx.Result()))
}

func submit(r *runner, s *step) outcome {
	k, err := r.endorse(s)
	if err != nil {
		return bad(showError("endorse", err))
	}
	return r.commit(k.tx)
}

// commit sends a transaction and waits for it, as a client does and as the blocks tell. Both must say the same.
func (r *runner) commit(tx *client.Transaction) outcome {
	ctx, cancel := context.WithTimeout(r.ctx, patience)
	defer cancel()
	from := r.height()
	submitted, err := tx.SubmitWithContext(ctx)
	if err != nil {
		return bad(showError("submit", err))
	}
	if _, err = r.filler.SubmitWithContext(ctx); err != nil {
		return bad(showError("submit", err))
	}
	blocks, err := r.await(ctx, from, 2)
	if err != nil {
		return bad(err.Error())
	}
	committed, err := submitted.StatusWithContext(ctx)
	if err != nil {
		return bad(showError("commit status", err))
	}
	text := showBlocks(blocks, r.filler.TransactionID())
	if text != committed.Code.String() {
		return bad(fmt.Sprintf("the block says %s, the status %s", text, committed.Code))
	}
	if committed.BlockNumber != from {
		return bad(fmt.Sprintf("the status says block %d, not %d", committed.BlockNumber, from))
	}
	if !committed.Successful {
		return bad(text)
	}
	if len(tx.Result()) > 0 {
		text += " " + show(tx.Result())
	}
	return good("%s", text)
}

// transactions finds what is kept under the step's words.
func (r *runner) transactions(s *step) ([]*client.Transaction, error) {
	var found []*client.Transaction
	for _, name := range s.words {
		k, err := r.find(name)
		if err != nil {
			return nil, err
		}
		if k.tx == nil {
			return nil, fmt.Errorf("%s is not endorsed", name)
		}
		found = append(found, k.tx)
	}
	return found, nil
}

func order(r *runner, s *step) outcome { return r.orderWith(s, r.order) }

func send(r *runner, s *step) outcome {
	return r.orderWith(s, func(transactions ...*client.Transaction) (string, error) {
		blocks, err := r.send(r.ctx, transactions...)
		return showBlocks(blocks, ""), err
	})
}

func (r *runner) orderWith(s *step, do func(...*client.Transaction) (string, error)) outcome {
	transactions, err := r.transactions(s)
	if err != nil {
		return bad(err.Error())
	}
	text, err := do(transactions...)
	if err != nil {
		return bad(showError("submit", err))
	}
	for _, code := range strings.Fields(text) {
		if code != "/" && code != peer.TxValidationCode_VALID.String() {
			return bad(text)
		}
	}
	return good("%s", text)
}

func idle(r *runner, s *step) outcome {
	n, err := strconv.ParseUint(s.words[0], 10, 8)
	if err == nil {
		err = r.pad(r.ctx, r.height()+n)
	}
	if err != nil {
		return bad(err.Error())
	}
	return good("")
}

// request is the commit status request for a kept transaction, by the step's signer to the step's peer.
func (r *runner) request(s *step) (*client.Commit, error) {
	k, err := r.find(s.words[0])
	if err != nil {
		return nil, err
	}
	gateway, err := r.client(s)
	if err != nil {
		return nil, err
	}
	return newCommit(r.world, gateway, k.proposal.TransactionID())
}

func committed(r *runner, s *step) outcome {
	commit, err := r.request(s)
	if err != nil {
		return bad(err.Error())
	}
	ctx, cancel := context.WithTimeout(r.ctx, patience)
	defer cancel()
	found, err := commit.StatusWithContext(ctx)
	if err != nil {
		return bad(showError("commit status", err))
	}
	return good("%s in block %d", found.Code, found.BlockNumber-r.start)
}

// aMoment is how long a step waits for what is not to come.
const aMoment = 200 * time.Millisecond

func pending(r *runner, s *step) outcome {
	commit, err := r.request(s)
	if err != nil {
		return bad(err.Error())
	}
	ctx, cancel := context.WithTimeout(r.ctx, aMoment)
	defer cancel()
	found, err := commit.StatusWithContext(ctx)
	if err != nil {
		return good("%s", statusOf(err).Code())
	}
	return bad(found.Code.String())
}

// offline makes a transaction with a client that has no key: everything is signed outside, as a till with its own key
// would have it.
func offline(r *runner, s *step) outcome {
	signer, err := r.signer(s.who())
	if err != nil {
		return bad(err.Error())
	}
	k, err := r.propose(s)
	if err != nil {
		return bad(err.Error())
	}
	text, err := r.signOutside(signer, k)
	if err != nil {
		return bad(showError("offline", err))
	}
	return good("%s", text)
}

func (r *runner) signOutside(signer *signer, k *kept) (string, error) {
	keyless, err := client.Connect(signer.id, client.WithClientConnection(r.dialled[r.peers[0]]))
	if err != nil {
		return "", err
	}
	defer func() { _ = keyless.Close() }()
	ctx, cancel := context.WithTimeout(r.ctx, patience)
	defer cancel()
	signed := func(made interface {
		Bytes() ([]byte, error)
		Digest() []byte
	}) (bytes, signature []byte, err error) {
		if bytes, err = made.Bytes(); err == nil {
			signature, err = signer.sign(made.Digest())
		}
		return bytes, signature, err
	}
	bytes, signature, err := signed(k.proposal)
	if err != nil {
		return "", err
	}
	proposal, err := keyless.NewSignedProposal(bytes, signature)
	if err != nil {
		return "", err
	}
	unsigned, err := proposal.EndorseWithContext(ctx)
	if err != nil {
		return "", err
	}
	if bytes, signature, err = signed(unsigned); err != nil {
		return "", err
	}
	tx, err := keyless.NewSignedTransaction(bytes, signature)
	if err != nil {
		return "", err
	}
	if _, err = r.order(tx); err != nil {
		return "", err
	}
	asked, err := newCommit(r.world, keyless, tx.TransactionID())
	if err != nil {
		return "", err
	}
	if bytes, signature, err = signed(asked); err != nil {
		return "", err
	}
	commit, err := keyless.NewSignedCommit(bytes, signature)
	if err != nil {
		return "", err
	}
	found, err := commit.StatusWithContext(ctx)
	if err != nil {
		return "", err
	}
	return found.Code.String(), nil
}

// upgrade commits the next definition. How many blocks that takes depends on the network, so they are made up to the
// same number.
func upgrade(r *runner, _ *step) outcome {
	const room = 10
	before := r.height()
	if err := r.upgrade(r.ctx); err != nil {
		return bad(err.Error())
	}
	if err := r.level(r.ctx); err != nil {
		return bad(err.Error())
	}
	if err := r.pad(r.ctx, before+room); err != nil {
		return bad(err.Error())
	}
	return good("")
}

func showSet(r *runner, s *step) outcome {
	k, err := r.find(s.words[0])
	if err != nil {
		return bad(err.Error())
	}
	bytes, err := k.tx.Bytes()
	if err != nil {
		return bad(err.Error())
	}
	p, err := unpackPrepared(bytes)
	if err != nil {
		return bad(err.Error())
	}
	return good("%s", p.summary(r.start))
}

// revived waits until the probe answers everywhere, after a step that has killed it.
func revived(r *runner, _ *step) outcome {
	ctx, cancel := context.WithTimeout(r.ctx, patience)
	defer cancel()
	for _, name := range r.peers {
		g, err := r.gateway("alpha", name)
		if err != nil {
			return bad(err.Error())
		}
		contract := g.GetNetwork(r.consortium.Channel).GetContract(r.consortium.Chaincode.Name)
		for err = errors.New("not yet"); err != nil; {
			if ctx.Err() != nil {
				return bad("the probe does not come back")
			}
			_, err = contract.EvaluateWithContext(ctx, "noop", client.WithEndorsingOrganizations(mspID(name)))
		}
	}
	return good("")
}

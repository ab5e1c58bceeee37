package fabric

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/zegel/zegel/chaincode/api"
)

// Check is one thing that has to be in order before a sale can be taken.
type Check struct {
	Name   string        `json:"name"`
	OK     bool          `json:"ok"`
	Detail string        `json:"detail"` // what is there, or what is missing in Fabric's words; names hosts and addresses
	Advice string        `json:"advice"` // what to do about what is missing; names nobody, so that anybody may read it
	Took   time.Duration `json:"took"`
}

// Readiness is the answers to all checks. A gateway is ready if all are in order.
type Readiness []Check

// OK reports whether every check is in order.
func (r Readiness) OK() bool {
	for _, check := range r {
		if !check.OK {
			return false
		}
	}
	return true
}

// Ready looks whether a transaction would go through now, and explains what is missing: the
// connection to one's own peer and its block stream, the channel's height, the chaincode at one's
// own peer, and at every organisation that has to endorse. It takes no longer than the deadlines of
// the queries it makes.
func (c *Client) Ready(ctx context.Context) Readiness {
	height := c.checkHeight(ctx) // first: it waits for the stream's first block
	checks := Readiness{c.checkStream(), height}
	for _, org := range c.endorsersAndOwn() {
		checks = append(checks, c.checkChaincode(ctx, org))
	}
	return checks
}

func (c *Client) checkStream() Check {
	check := Check{Name: "connection"}
	peer := c.peer()
	_, live, loss := c.commits.state()
	switch {
	case live:
		check.OK, check.Detail = true, fmt.Sprintf("%s at %s", peer.Name, peer.Address)
	case loss != nil:
		check.fail(loss)
	default:
		check.Detail, check.Advice = fmt.Sprintf("%s at %s has not answered yet", peer.Name, peer.Address), "the peer has not answered yet"
	}
	return check
}

func (c *Client) checkHeight(ctx context.Context) Check {
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, c.options.Evaluate)
	defer cancel()
	check := Check{Name: "channel"}
	height, err := c.Height(ctx)
	if err != nil {
		check.fail(err)
	} else {
		check.OK, check.Detail = true, fmt.Sprintf("%s has %d blocks", c.options.Channel, height)
	}
	check.Took = time.Since(start)
	return check
}

// endorsersAndOwn is where the chaincode has to answer: where reads go, and where endorsements come
// from.
func (c *Client) endorsersAndOwn() []string {
	home := c.peer().MSP
	orgs := []string{home}
	for _, org := range c.options.Endorsers {
		if org != home {
			orgs = append(orgs, org)
		}
	}
	return orgs
}

func (c *Client) checkChaincode(ctx context.Context, org string) Check {
	start := time.Now()
	check := Check{Name: "chaincode at " + org}
	answer, err := c.evaluate(ctx, c.peer(), org, request{name: api.WhoAmI})
	if err != nil {
		check.fail(err)
	} else {
		check.OK, check.Detail = true, "answers "+string(answer[:min(len(answer), 200)])
	}
	check.Took = time.Since(start)
	return check
}

// hints says what usually lies behind an error that Fabric words for its own developers.
var hints = []struct{ text, advice string }{
	{"no combination of peers can be derived", "the chaincode is not installed, approved and committed at enough organisations, or their peers have not found each other yet (anchor peers, gossip)"},
	{"failed to find any endorsing peers", "no peer of that organisation is known here: it is down, lacks the chaincode, or has not been found yet (anchor peers, gossip)"},
	{"no peers available to evaluate", "no peer has the chaincode installed and its definition committed"},
	{"could not launch chaincode", "the chaincode service of that organisation is not running, or not where its package says"},
	{"FORBIDDEN", "the channel's Readers policy does not know this identity: check the MSP ID, the certificate and its expiry"},
	{"NOT_FOUND", "the peer has not joined the channel"},
	{"access denied", "the peer does not accept this identity: check the MSP ID, the certificate and its expiry"},
	{"certificate signed by unknown authority", "the peer's TLS certificate does not lead to tlsCACerts of the connection profile"},
	{"connection refused", "nothing listens at the peer's address"},
	{"no such host", "the name of the peer's address cannot be resolved"},
	{"too many requests", "the peer is overloaded"},
}

// unclear is the advice on an error that no hint knows.
const unclear = "there is no answer; the log says why"

// fail says what is missing, and what to do about it.
func (c *Check) fail(err error) {
	c.Detail, c.Advice = err.Error(), unclear
	for _, h := range hints {
		if strings.Contains(c.Detail, h.text) {
			c.Advice = h.advice
			return
		}
	}
}

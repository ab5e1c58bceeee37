package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/teller"
)

// endpoint answers one call, or says why not: the error becomes a problem in one place.
type endpoint func(*Server, *call) error

// call is a request that has passed the gates before the endpoint.
type call struct {
	*gin.Context
	server *Server
	holder Key         // of the API key
	desk   teller.Desk // what the teller sees of it
	key    string      // the Idempotency-Key of a keyed route
}

// read decodes the body into the request that into points to and lets check look at it.
func (c *call) read(into any, check func(*form)) error {
	if err := checkMedia(c.Request.Header); err != nil {
		return err
	}
	body, err := readBody(c.Context, c.server.limits.BodyBytes)
	if err != nil {
		return err
	}
	return c.understand(body, into, check)
}

// readOptional is read for a request that may have no body at all.
func (c *call) readOptional(into any, check func(*form)) error {
	if c.Request.ContentLength == 0 {
		return c.understand([]byte("{}"), into, check)
	}
	return c.read(into, check)
}

func (c *call) understand(body []byte, into any, check func(*form)) error {
	f := &form{desk: c.desk, faults: decode(body, into)}
	if len(f.faults) == 0 {
		check(f)
	}
	return f.verdict()
}

// unchecked is for a request that has nothing to check.
func unchecked(*form) {}

// write lets the teller carry out a keyed write and answers with what became of it.
//
// The till that asked may be gone by now: that must not stop the work half-way, so only the
// server's own patience bounds it. When that runs out, nobody knows what became of the operation,
// and an error would be a lie: the answer is "pending".
func (c *call) write(kind loyalty.Kind, do func(context.Context) (teller.Answer, error)) error {
	operation := c.server.teller.OperationID(c.desk, c.key)
	leave, entered := c.server.flights.enter(operation)
	if !entered {
		p := problem(codeKeyInUse, "A request with this Idempotency-Key is still under way. Send the same again in a moment.")
		return about(p, operation)
	}
	defer leave()
	var answer teller.Answer
	err := c.patiently(func(ctx context.Context) (err error) {
		answer, err = do(ctx)
		return err
	})
	switch {
	case err != nil && undecided(err):
		return c.pending(teller.Answer{Operation: operation, Kind: string(kind)})
	case err != nil:
		return about(problemOf(err), operation)
	}
	return c.conclude(answer)
}

// patiently calls do, bounded by the server's patience but not by the caller's.
func (c *call) patiently(do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), c.server.limits.AnswerWithin)
	defer cancel()
	return do(ctx)
}

// conclude answers a write with what the rules said.
func (c *call) conclude(answer teller.Answer) error {
	if answer.Replayed {
		c.Header("Idempotency-Replayed", "true")
	}
	switch answer.Status {
	case statusPending:
		return c.pending(answer)
	case string(loyalty.StatusRefused), string(loyalty.StatusCancelled):
		return about(refused(loyalty.Code(answer.Code), answer.Message), answer.Operation)
	case string(loyalty.StatusApplied):
		c.Header("Location", operationPath(answer.Operation))
		status := http.StatusCreated
		if answer.Replayed {
			status = http.StatusOK
		}
		return c.json(status, answer)
	}
	return about(internal(fmt.Errorf("the teller answered with status %q", answer.Status)), answer.Operation)
}

// statusPending is the one status that is not an outcome: the ledger has not said yet.
const statusPending = "pending"

// pending is all that can be said of an operation whose outcome is not known: no figures, which
// would look like an answer.
type pending struct {
	Operation string `json:"operation"`
	Kind      string `json:"kind"`
	Status    string `json:"status"`
}

func (c *call) pending(answer teller.Answer) error {
	c.Header("Location", operationPath(answer.Operation))
	c.Header("Retry-After", "1")
	return c.json(http.StatusAccepted, pending{answer.Operation, answer.Kind, statusPending})
}

// about ties a problem to the operation it is about. It copies: a problem may be shared.
func about(p *Problem, operation string) *Problem {
	tied := *p
	tied.Operation, tied.Instance = operation, operationPath(operation)
	return &tied
}

func operationPath(id string) string { return "/v1/operations/" + id }

// reading bounds ctx of a read: nobody waits for an answer to a caller that has left.
func (c *call) reading() (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.Request.Context(), c.server.limits.AnswerWithin)
}

// json writes v. A v that cannot be written is a mistake of ours, found before the first byte.
func (c *call) json(status int, v any) error {
	return writeJSON(c.Context, status, "application/json", v)
}

func writeJSON(c *gin.Context, status int, media string, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return internal(err)
	}
	c.Data(status, media, append(body, '\n'))
	return nil
}

// memberParam is the member that the path names.
func (c *call) memberParam() (string, error) {
	id := c.Param("id")
	if !loyalty.MemberID(id).Valid() {
		return "", badParameter("id", "must be a member reference: 32 lower-case hex digits")
	}
	return id, nil
}

// operationParam is the operation that the path names: by its id, or as key:… by the
// Idempotency-Key under which this desk sent it, which is all a till knows that never got an answer.
func (c *call) operationParam() (string, error) {
	id := c.Param("id")
	if key, byKey := strings.CutPrefix(id, "key:"); byKey && keyForm.MatchString(key) {
		return c.server.teller.OperationID(c.desk, key), nil
	}
	if !loyalty.OpID(id).Valid() {
		return "", badParameter("id", "must be an operation's id (32 lower-case hex digits) or key: and an Idempotency-Key")
	}
	return id, nil
}

// checkQuery refuses query parameters that the route does not have: a misspelt one would be
// ignored in silence.
func checkQuery(query url.Values, known []string) error {
	for name, values := range query {
		if !slices.Contains(known, name) {
			return badParameter(escape(name), "is not a parameter of this request")
		}
		if len(values) > 1 {
			return badParameter(name, "must appear once")
		}
	}
	return nil
}

func badParameter(name, format string, args ...any) *Problem {
	p := problem(codeInvalidRequest, "The request is not formed as it should be; errors says where.")
	p.Errors = []Fault{{Parameter: name, Detail: fmt.Sprintf(format, args...)}}
	return p
}

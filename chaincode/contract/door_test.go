package contract_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/contract"
	"github.com/zegel/zegel/chaincode/loyalty"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const metadataQuery = "org.hyperledger.fabric:GetMetadata"

// TestThePublicSurfaceIsPinned fails when a method becomes, or is no longer, a transaction.
func TestThePublicSurfaceIsPinned(t *testing.T) {
	n := newNetwork(t)
	text, refusal := n.evaluate(proposal{who: till, name: metadataQuery})
	if refusal != nil {
		t.Fatal(refusal)
	}
	var got bytes.Buffer
	if err := json.Indent(&got, []byte(text), "", "  "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	path := filepath.Join("testdata", "metadata.golden.json")
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("the metadata changed:\n%s", got.String())
	}
}

func TestTheWireAndTheContractNameTheSameTransactions(t *testing.T) {
	n := newNetwork(t)
	text, refusal := n.evaluate(proposal{who: till, name: metadataQuery})
	if refusal != nil {
		t.Fatal(refusal)
	}
	var metadata struct {
		Contracts map[string]struct {
			Transactions []struct {
				Name       string   `json:"name"`
				Tag        []string `json:"tag"`
				Parameters []any    `json:"parameters"`
			} `json:"transactions"`
		} `json:"contracts"`
	}
	if err := json.Unmarshal([]byte(text), &metadata); err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, tx := range metadata.Contracts[api.Chaincode].Transactions {
		arity, known := api.Arity[tx.Name]
		if !known || arity != len(tx.Parameters) {
			t.Errorf("%s takes %d arguments; on the wire: %d, %v", tx.Name, len(tx.Parameters), arity, known)
		}
		if slices.Contains(tx.Tag, "submit") != submits(tx.Name) {
			t.Errorf("%s is tagged %v", tx.Name, tx.Tag)
		}
		found++
	}
	if found != len(api.Arity) {
		t.Errorf("the contract has %d transactions, the wire %d", found, len(api.Arity))
	}
}

// TestTheDoorIsExact sends what contract-api alone would let through.
func TestTheDoorIsExact(t *testing.T) {
	many := func(n int) []string { return slices.Repeat([]string{"{}"}, n) }
	cases := []struct {
		because string
		name    string
		args    []string
	}{
		{"no name", "", nil},
		{"a name nobody knows", "Mint", nil},
		{"a helper's name", "GetInfo", nil},
		{"the hook before", "BeforeTransaction", nil},
		{"the contract's name before it", "loyalty:GetProgramme", nil},
		{"an empty contract's name before it", ":GetProgramme", nil},
		{"a space after it", "GetProgramme ", nil},
		{"metadata with something to remember", metadataQuery, []string{"Jan Jansen"}},
		{"metadata in another case", "org.hyperledger.fabric:getMetadata", nil},
	}
	for name, arity := range api.Arity {
		lower := strings.ToLower(name[:1]) + name[1:]
		cases = append(cases, []struct {
			because string
			name    string
			args    []string
		}{
			{"wrong case of " + name, lower, many(arity)},
			{"wrong case throughout of " + name, strings.ToUpper(name), many(arity)},
			{"an argument too many for " + name, name, many(arity + 1)},
		}...)
		if arity > 0 {
			cases = append(cases, struct {
				because string
				name    string
				args    []string
			}{"an argument too few for " + name, name, many(arity - 1)})
		}
	}
	n := newNetwork(t)
	for _, c := range cases {
		t.Run(c.because, func(t *testing.T) {
			_, refusal := n.evaluate(proposal{who: till, name: c.name, args: c.args})
			if codeOf(refusal) != loyalty.CodeMalformedCommand {
				t.Errorf("refusal %v", refusal)
			}
			if refusal != nil && strings.Contains(refusal.Message, "Jan") {
				t.Error("the refusal repeats what it was sent")
			}
		})
	}
}

func TestHugeArgumentsAreRefusedUnread(t *testing.T) {
	n := newNetwork(t)
	huge := strings.Repeat(" ", api.MaxArgumentSize+1)
	_, refusal := n.evaluate(proposal{who: till, name: api.GetAccount, args: []string{huge}})
	if codeOf(refusal) != loyalty.CodeMalformedCommand {
		t.Errorf("refusal %v", refusal)
	}
}

func TestWhoeverCannotBeNamedIsRefused(t *testing.T) {
	n := newNetwork(t)
	for name, creator := range map[string][]byte{
		"nobody":               {},
		"bytes of no form":     []byte("\xff\xff\xff"),
		"no certificate":       serialise(t, korenaar, []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")),
		"an Idemix credential": serialise(t, korenaar, idemixAdmin(t)),
		"no organisation":      serialise(t, "", certificateOf(t, till)),
	} {
		t.Run(name, func(t *testing.T) {
			_, refusal := n.evaluate(proposal{who: till, creator: creator, name: api.WhoAmI})
			if codeOf(refusal) != loyalty.CodeNotAuthorised {
				t.Errorf("refusal %v", refusal)
			}
		})
	}
}

func TestTheClockOfATransactionIsBounded(t *testing.T) {
	cases := []struct {
		skew    time.Duration
		refused bool
	}{
		{0, false},
		{5 * time.Minute, false},
		{-5 * time.Minute, false},
		{5*time.Minute + time.Millisecond, true},
		{-5*time.Minute - time.Millisecond, true},
		{100 * 365 * 24 * time.Hour, true},
		{time.Until(time.Unix(0, 0)), true},
	}
	n := newNetwork(t)
	for _, c := range cases {
		t.Run(c.skew.String(), func(t *testing.T) {
			_, refusal := n.evaluate(proposal{who: till, skew: c.skew, name: api.WhoAmI})
			if got := codeOf(refusal) == loyalty.CodeClockOff; got != c.refused {
				t.Errorf("refusal %v", refusal)
			}
		})
	}
}

func TestTheSystemClockIsTheMachines(t *testing.T) {
	if gap := time.Since(contract.SystemClock()); gap < 0 || gap > time.Minute {
		t.Errorf("off by %v", gap)
	}
}

// panicking is a peer whose answer no chaincode expects.
type panicking struct{ *simulation }

func (panicking) GetTxTimestamp() (*timestamppb.Timestamp, error) { panic("peer") }

func TestAPanicFailsOneTransaction(t *testing.T) {
	n := newNetwork(t)
	s, _ := n.simulate(proposal{who: till, name: api.WhoAmI}, korenaar)
	logger := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	defer slog.SetDefault(logger)
	response := n.chaincode.Invoke(panicking{s})
	if response.GetStatus() != 500 || response.GetMessage() != "internal error" {
		t.Errorf("response %v", response)
	}
}

func TestInitDoesNothing(t *testing.T) {
	n := newNetwork(t)
	s, _ := n.simulate(proposal{who: till, name: api.WhoAmI}, korenaar)
	if response := n.chaincode.Init(s); response.GetStatus() != 200 || len(s.writes) != 0 {
		t.Errorf("response %v, writes %v", response, s.writes)
	}
}

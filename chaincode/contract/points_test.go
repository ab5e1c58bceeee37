package contract_test

import (
	"bytes"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/chaincode/worldstate"
)

func TestABatchReadsItsOwnWrites(t *testing.T) {
	n := newConsortium(t)
	earn, basket := earnOf(member, 1, 5000)
	redeem := loyalty.Command{
		Op: loyalty.OpID(hex32(2)), Print: loyalty.Fingerprint(hex32(2)), Kind: loyalty.KindRedeem, Member: member, Points: 20,
	}
	outcomes := n.apply(till, []loyalty.Command{enrolOf(member), earn, redeem, redeem}, []loyalty.Details{{}, basket, {}, {}})
	for i, want := range []struct {
		balance  loyalty.Points
		replayed bool
	}{{0, false}, {50, false}, {30, false}, {30, true}} {
		o := outcomes[i]
		if o.Status != loyalty.StatusApplied || o.Balance != want.balance || o.Replayed != want.replayed {
			t.Errorf("outcome %d: %+v", i, o)
		}
	}
	var view api.AccountView
	n.mustEvaluate(proposal{who: till, name: api.GetAccount, args: []string{string(member)}}, &view)
	if view.Balance != 30 {
		t.Errorf("balance %d", view.Balance)
	}
}

func TestTheEventIsTheAnswer(t *testing.T) {
	n := newConsortium(t)
	s, response := n.simulate(batchOf(t, till, []loyalty.Command{enrolOf(member)}, nil), korenaar)
	if s.event != api.EventApplied || !bytes.Equal(s.payload, response.GetPayload()) || len(s.payload) == 0 {
		t.Errorf("event %q %s, answer %s", s.event, s.payload, response.GetPayload())
	}
	if s.batching {
		t.Error("the write batch was left open")
	}
}

// TestAPoisonCommandChangesNoOther puts one bad command at every place of a good batch: the
// others must come out as if it were not there.
func TestAPoisonCommandChangesNoOther(t *testing.T) {
	noBasket, _ := earnOf(member, 7, 100)
	float, overdraft := noBasket, noBasket
	float.Print = "1.5"
	overdraft.Kind, overdraft.Receipt, overdraft.Points = loyalty.KindRedeem, "", loyalty.MaxPoints
	minting := overdraft
	minting.Points = -100
	poisons := map[string]loyalty.Command{
		"nothing":          {},
		"an unknown kind":  {Op: loyalty.OpID(hex32(7)), Kind: "mint", Member: member},
		"no basket":        noBasket,
		"no fingerprint":   float,
		"an overdraft":     overdraft,
		"negative points":  minting,
		"unknown member":   {Op: loyalty.OpID(hex32(7)), Print: loyalty.Fingerprint(hex32(7)), Kind: loyalty.KindRedeem, Member: neighbour, Points: 1},
		"unknown hold":     {Op: loyalty.OpID(hex32(7)), Print: loyalty.Fingerprint(hex32(7)), Kind: loyalty.KindVoid, Hold: loyalty.NewHoldID(member, loyalty.OpID(hex32(9)))},
		"keys of nonsense": {Op: "~", Member: "\x00", Receipt: "a~b", Hold: "/"},
	}
	earn, basket := earnOf(member, 1, 5000)
	good := []loyalty.Command{enrolOf(member), earn}
	details := []loyalty.Details{{}, basket}
	clean := newConsortium(t)
	want := clean.apply(till, good, details)

	for name, poison := range poisons {
		t.Run(name, func(t *testing.T) {
			for at := range len(good) + 1 {
				n := newConsortium(t)
				got := n.apply(till, slices.Insert(slices.Clone(good), at, poison), slices.Insert(slices.Clone(details), at, loyalty.Details{}))
				if got[at].Status != loyalty.StatusRefused || got[at].Code == "" {
					t.Fatalf("the poison at %d: %+v", at, got[at])
				}
				got = slices.Delete(got, at, at+1)
				if !bytes.Equal(asJSON(t, got), asJSON(t, want)) {
					t.Errorf("the poison at %d changed the others: %+v", at, got)
				}
				record := worldstate.OperationKey(korenaar, poison.Op)
				delete(n.ledger.state, record)
				if !maps.EqualFunc(n.ledger.state, clean.ledger.state, bytes.Equal) {
					t.Errorf("the poison at %d left more than its record", at)
				}
			}
		})
	}
}

func TestARepeatHearsTheSame(t *testing.T) {
	n := newConsortium(t)
	n.enrol(till, member)
	first := n.earn(till, member, 1, 5000)
	before := maps.Clone(n.ledger.state)
	n.now = n.now.Add(30 * 24 * time.Hour) // long after the sale could still arrive
	second := n.earn(till, member, 1, 5000)
	if !second.Replayed {
		t.Error("not a replay")
	}
	second.Replayed = false
	if !bytes.Equal(asJSON(t, first), asJSON(t, second)) {
		t.Errorf("first %+v\nthen %+v", first, second)
	}
	if !maps.EqualFunc(n.ledger.state, before, bytes.Equal) {
		t.Error("the repeat changed the ledger")
	}
}

func TestASaleIsTakenBackFromItsOpening(t *testing.T) {
	n := newConsortium(t)
	n.enrol(till, member)
	n.earn(till, member, 1, 5000)
	sale := hex32(1)
	opening, refusal := n.evaluate(proposal{who: till, name: api.GetOpening, args: []string{sale}})
	if refusal != nil {
		t.Fatal(refusal)
	}
	takeBack := func(number int) (loyalty.Command, loyalty.Details) {
		id := hex32(number)
		return loyalty.Command{
				Op: loyalty.OpID(id), Print: loyalty.Fingerprint(id), Kind: loyalty.KindReturn,
				Member: member, Receipt: loyalty.ReceiptID(id), Sale: loyalty.ReceiptID(sale),
			}, loyalty.Details{Return: &loyalty.Taken{
				Opening: []byte(opening), Amount: 1000, At: loyalty.InstantOf(noon),
			}}
	}
	one, taken := takeBack(2)
	two, again := takeBack(3)
	outcomes := n.apply(till, []loyalty.Command{one, two}, []loyalty.Details{taken, again})
	if outcomes[0].Points != 10 || outcomes[0].Balance != 40 {
		t.Errorf("first return: %+v", outcomes[0])
	}
	// The second brings the opening that the first has replaced in this very batch.
	if outcomes[1].Code != loyalty.CodeOpeningStale || outcomes[1].Recorded {
		t.Errorf("second return: %+v", outcomes[1])
	}
	fresh, refusal := n.evaluate(proposal{who: till, name: api.GetOpening, args: []string{sale}})
	if refusal != nil || fresh == opening {
		t.Errorf("the opening is still %s (%v)", fresh, refusal)
	}
	again.Return.Opening = []byte(fresh)
	if outcome := n.mustApply(till, two, again); outcome.Balance != 30 {
		t.Errorf("second return again: %+v", outcome)
	}
}

func TestOpeningsStayWithTheirChain(t *testing.T) {
	n := newConsortium(t)
	n.enrol(till, member)
	n.earn(till, member, 1, 5000)
	_, refusal := n.evaluate(proposal{who: otherTill, name: api.GetOpening, args: []string{hex32(1)}})
	if codeOf(refusal) != loyalty.CodeReceiptUnknown {
		t.Errorf("refusal %v", refusal)
	}
	for p := range n.ledger.values {
		if p.collection != "baskets-KorenaarMSP" || p.key != hex32(1) {
			t.Errorf("private value at %v", p)
		}
	}
}

func TestUnreadableStateFailsTheWholeBatch(t *testing.T) {
	n := newConsortium(t)
	n.enrol(till, member)
	n.ledger.state[worldstate.AccountKey(member)] = []byte("\x02from the future")
	earn, basket := earnOf(member, 1, 5000)
	s, response := n.simulate(batchOf(t, till, []loyalty.Command{enrolOf(neighbour), earn}, []loyalty.Details{{}, basket}), korenaar)
	if response.GetStatus() != 500 || api.DecodeError(response.GetMessage()) != nil || len(s.writes) != 0 {
		t.Errorf("response %v, writes %v", response, s.writes)
	}
}

func TestBatchesOfNoFormAreRefused(t *testing.T) {
	n := newConsortium(t)
	earn, basket := earnOf(member, 1, 5000)
	short := batchOf(t, till, []loyalty.Command{enrolOf(member), earn}, []loyalty.Details{basket})
	for name, p := range map[string]proposal{
		"not JSON":          {who: till, name: api.Apply, args: []string{"earn 100"}},
		"details too few":   short,
		"details of a form": {who: till, name: api.Apply, args: short.args, transient: map[string][]byte{api.TransientDetails: []byte(`[{"baskets":1},{}]`)}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, refusal := n.submit(p); codeOf(refusal) != loyalty.CodeMalformedCommand {
				t.Errorf("refusal %v", refusal)
			}
		})
	}
}

func FuzzApply(f *testing.F) {
	n := newConsortium(f)
	n.enrol(till, member)
	earn, basket := earnOf(member, 1, 5000)
	seed := batchOf(f, till, []loyalty.Command{enrolOf(neighbour), earn}, []loyalty.Details{{}, basket})
	f.Add(seed.args[0], seed.transient[api.TransientDetails])
	f.Add(`{"v":1,"commands":[{"op":"x","kind":"cancel"}]}`, []byte(`[null]`))
	f.Fuzz(func(t *testing.T, argument string, details []byte) {
		n.tb = t
		p := proposal{who: till, name: api.Apply, args: []string{argument}, transient: map[string][]byte{api.TransientDetails: details}}
		first, response := n.simulate(p, korenaar)
		second, again := n.simulate(p, clearing)
		if !first.same(second) || response.GetStatus() != again.GetStatus() {
			t.Fatal("endorsers disagree")
		}
		if response.GetStatus() != 200 && api.DecodeError(response.GetMessage()) == nil {
			t.Fatalf("no code: %s", response.GetMessage())
		}
	})
}

// TestABatchIsTwoRoundTrips bounds what a batch asks of the peer: the programme, and everything
// that its commands name. A key forgotten in worldstate.KeysOf shows here.
func TestABatchIsTwoRoundTrips(t *testing.T) {
	n := newConsortium(t)
	n.enrol(till, member)
	n.enrol(till, neighbour)
	n.earn(till, member, 1, 5000)
	held := n.mustApply(till, loyalty.Command{
		Op: loyalty.OpID(hex32(2)), Print: loyalty.Fingerprint(hex32(2)), Kind: loyalty.KindHold, Member: member, Points: 20,
	}, loyalty.Details{}).Hold
	earn, basket := earnOf(member, 3, 5000)
	as := func(number int, command loyalty.Command) loyalty.Command {
		command.Op, command.Print = loyalty.OpID(hex32(number)), loyalty.Fingerprint(hex32(number))
		return command
	}
	commands := []loyalty.Command{
		earn,
		as(4, loyalty.Command{Kind: loyalty.KindCapture, Hold: held, Points: 5, Receipt: loyalty.ReceiptID(hex32(40))}),
		as(5, loyalty.Command{Kind: loyalty.KindRedeem, Member: member, Points: 5, Receipt: loyalty.ReceiptID(hex32(50))}),
		as(6, loyalty.Command{Kind: loyalty.KindTransfer, Member: member, To: neighbour, Points: 5}),
		{Kind: loyalty.KindCancel, Op: loyalty.OpID(hex32(7))},
	}
	details := make([]loyalty.Details, len(commands))
	details[0] = basket
	s, response := n.simulate(batchOf(t, till, commands, details), korenaar)
	reply, err := api.DecodeReply(response.GetPayload())
	if err != nil {
		t.Fatalf("%v: %s", err, response.GetMessage())
	}
	for i, o := range reply.Outcomes {
		if o.Status == loyalty.StatusRefused {
			t.Errorf("%s: %+v", commands[i].Kind, o)
		}
	}
	if s.roundTrip != 2 {
		t.Errorf("%d round trips", s.roundTrip)
	}
}

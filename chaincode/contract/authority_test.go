package contract_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
)

// The columns of testdata/authority.txt: organisations, and in each the roles by one letter.
var (
	organisations = []struct{ kind, msp string }{
		{"chain", korenaar}, {"clearing", clearing}, {"auditor", auditor}, {"stranger", stranger},
	}
	roles = []struct{ letter, name string }{
		{"p", "pos"}, {"a", "agent"}, {"m", "manager"}, {"d", "admin"}, {"u", "auditor"}, {"-", ""}, {"x", "root"},
	}
)

// TestTheTableOfAuthority tries every transaction and every command as every caller and compares
// who may with a table that a person can read. A letter says that the role may.
func TestTheTableOfAuthority(t *testing.T) {
	var text strings.Builder
	text.WriteString("# Who may: p pos, a agent, m manager, d admin, u auditor, - no role, x another role.\n")
	for _, stage := range []struct {
		name    string
		network *network
	}{
		{"with a programme in force", newConsortium(t)},
		{"before the first programme", newNetwork(t)},
	} {
		fmt.Fprintf(&text, "\n# %s\n%-20s", stage.name, "#")
		for _, org := range organisations {
			fmt.Fprintf(&text, " %-8s", org.kind)
		}
		for _, row := range authorityRows(t) {
			fmt.Fprintf(&text, "\n%-20s", row.name)
			for _, org := range organisations {
				text.WriteString(" ")
				for _, role := range roles {
					text.WriteString(mark(stage.network, row.attempt, identity{org.msp, role.name}, role.letter))
				}
				text.WriteString(" ")
			}
		}
		text.WriteString("\n")
	}
	got := trimLines(text.String())
	path := filepath.Join("testdata", "authority.txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("authority changed:\n%s\nwant:\n%s", got, want)
	}
}

type attempt func(n *network, who identity) loyalty.Code

type authorityRow struct {
	name    string
	attempt attempt
}

// authorityRows is every transaction of the wire, Apply once for each kind of command.
func authorityRows(t *testing.T) []authorityRow {
	var rows []authorityRow
	for _, kind := range []loyalty.Kind{
		loyalty.KindEnrol, loyalty.KindEarn, loyalty.KindHold, loyalty.KindCapture, loyalty.KindVoid,
		loyalty.KindRedeem, loyalty.KindReturn, loyalty.KindTransfer, loyalty.KindCancel,
	} {
		rows = append(rows, authorityRow{"Apply " + string(kind), func(n *network, who identity) loyalty.Code {
			command, details := anyCommand(kind)
			text, refusal := n.evaluate(batchOf(t, who, []loyalty.Command{command}, []loyalty.Details{details}))
			if refusal != nil {
				return refusal.Code
			}
			reply, err := api.DecodeReply([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			if reply.Outcomes[0].Code == loyalty.CodeMalformedCommand {
				t.Fatalf("%s proves nothing: %+v", kind, reply.Outcomes[0])
			}
			return reply.Outcomes[0].Code
		}})
	}
	var names []string
	for name := range api.Arity {
		if name != api.Apply {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		rows = append(rows, authorityRow{name, func(n *network, who identity) loyalty.Code {
			args := slices.Repeat([]string{"x"}, api.Arity[name])
			_, refusal := n.evaluate(proposal{who: who, name: name, args: args})
			return codeOf(refusal)
		}})
	}
	return rows
}

// anyCommand is a well-formed command of a kind; whether it applies does not matter.
func anyCommand(kind loyalty.Kind) (loyalty.Command, loyalty.Details) {
	command, details := earnOf(member, 1, 5000)
	command.Kind = kind
	switch kind {
	case loyalty.KindEarn:
		return command, details
	case loyalty.KindReturn:
		command.Sale = loyalty.ReceiptID(hex32(2))
		return command, loyalty.Details{Return: &loyalty.Taken{Opening: []byte("{}"), Amount: 1, At: loyalty.InstantOf(noon)}}
	case loyalty.KindHold, loyalty.KindRedeem:
		command.Points = 1
	case loyalty.KindCapture, loyalty.KindVoid:
		command.Member, command.Receipt, command.Hold = "", "", loyalty.NewHoldID(member, loyalty.OpID(hex32(3)))
	case loyalty.KindTransfer:
		command.Receipt, command.To, command.Points = "", neighbour, 1
	case loyalty.KindCancel:
		command = loyalty.Command{Op: command.Op, Kind: kind}
	default:
		command.Receipt = ""
	}
	return command, loyalty.Details{}
}

func mark(n *network, try attempt, who identity, letter string) string {
	switch try(n, who) {
	case loyalty.CodeNotAuthorised, loyalty.CodeProgrammeUnknown:
		return "."
	}
	return letter
}

func trimLines(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

package consortium_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/zegel/zegel/network"
	"github.com/zegel/zegel/network/consortium"
	"github.com/zegel/zegel/network/identity"
)

func sample(t *testing.T) consortium.Consortium {
	t.Helper()
	c, err := consortium.Default()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheSampleIsThreeChainsAClearingHouseAndAnAuditor(t *testing.T) {
	c := sample(t)
	want := []string{"KorenaarMSP", "DuinmarktMSP", "LindeboomMSP", "ClearingMSP", "AuditorMSP"}
	if got := c.MSPIDs(); !slices.Equal(got, want) {
		t.Errorf("organisations %v, want %v", got, want)
	}
	for i, o := range c.Chains() {
		if o.MSPID != want[i] || o.GatewayPort != 8081+i || len(o.Peers) != 1 {
			t.Errorf("issuer %d is %+v", i, o)
		}
	}
	if o := c.WithOrderers(); len(o) != 1 || o[0].MSPID != "ClearingMSP" || len(o[0].Orderers) != 1 {
		t.Errorf("orderers: %+v", o)
	}
}

func TestTheEndorsementPolicyIsTwoOfTheFourWithPeers(t *testing.T) {
	want := "OutOf(2, 'KorenaarMSP.peer', 'DuinmarktMSP.peer', 'LindeboomMSP.peer', 'ClearingMSP.peer')"
	if got := sample(t).EndorsementPolicy(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestOnlyPersonalDataIsEndorsedByTheChainAlone(t *testing.T) {
	collections := sample(t).Collections()
	if len(collections) != 6 {
		t.Fatalf("%d collections, want two for each chain", len(collections))
	}
	for _, c := range collections {
		if own := c.EndorsementPolicy != nil; own != strings.HasPrefix(c.Name, "profiles-") {
			t.Errorf("%s: own endorsement policy %v", c.Name, own)
		}
		if !c.MemberOnlyRead || !c.MemberOnlyWrite || c.RequiredPeerCount != 0 || c.MaxPeerCount != 1 || c.BlockToLive != 0 {
			t.Errorf("%+v", c)
		}
	}
}

func TestTheAuditorReadsAndCannotWrite(t *testing.T) {
	auditor, err := sample(t).Organisation("AuditorMSP")
	if err != nil {
		t.Fatal(err)
	}
	want := []consortium.Rule{
		{Name: "Readers", Rule: "OR('AuditorMSP.member')"},
		{Name: "Writers", Rule: "OutOf(2, 'AuditorMSP.admin')"},
		{Name: "Admins", Rule: "OR('AuditorMSP.admin')"},
		{Name: "Endorsement", Rule: "OR('AuditorMSP.peer')"},
	}
	if got := auditor.Rules(); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestEachRoleHasItsUser(t *testing.T) {
	for name, want := range map[string]string{
		"Korenaar": "admin pos agent manager", "Clearing": "admin manager", "Auditor": "admin auditor",
	} {
		o, err := sample(t).Organisation(name)
		if err != nil {
			t.Fatal(err)
		}
		var roles []string
		for _, m := range o.Users() {
			roles = append(roles, m.Role)
			if isAdmin := m.Kind == identity.Admin; isAdmin != (m.Role == "admin") {
				t.Errorf("%s of %s is a %s", m.Role, name, m.Kind)
			}
		}
		if got := strings.Join(roles, " "); got != want {
			t.Errorf("%s has %s, want %s", name, got, want)
		}
	}
}

func TestThreeOrderersAreOneChangedLine(t *testing.T) {
	text := strings.Replace(string(network.Sample), "orderers: {count: 1", "orderers: {count: 3", 1)
	c, err := consortium.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	orderers := c.WithOrderers()[0].Orderers
	if len(orderers) != 3 || orderers[2].Host != "orderer2.clearing.example" || orderers[2].Port != 7520 {
		t.Errorf("%+v", orderers)
	}
}

// TestTheReleaseDecidesTheCapabilities: a node that lacks one of its channel's capabilities stops.
func TestTheReleaseDecidesTheCapabilities(t *testing.T) {
	for release, want := range map[string]string{"2.5.16": "V2_0", "2.5": "V2_0", "3.0.0": "V3_0", "3.1.5": "V3_0", "4.0.0-beta": "V3_0"} {
		c, err := consortium.Parse([]byte(strings.Replace(string(network.Sample), "fabric: 3.1.5", "fabric: '"+release+"'", 1)))
		if err != nil {
			t.Fatal(err)
		}
		got := c.Capabilities()
		if got.Channel != want || got.Orderer != "V2_0" || got.Application != "V2_5" || c.LongTerm() != (want == "V2_0") {
			t.Errorf("%s: %+v, long-term %v", release, got, c.LongTerm())
		}
		if !strings.HasPrefix(release, c.Release()) {
			t.Errorf("%s is of the line %s", release, c.Release())
		}
	}
}

func TestShiftMovesEveryPortAndLeavesTheOriginal(t *testing.T) {
	c := sample(t)
	before := c.Ports()
	moved, err := c.Shift(1000)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range moved.Ports() {
		if p.Number != before[i].Number+1000 {
			t.Errorf("%s: %d", p.Owner, p.Number)
		}
	}
	if !slices.Equal(c.Ports(), before) {
		t.Error("the original moved too")
	}
	if _, err := c.Shift(60000); err == nil {
		t.Error("port 67100 was accepted")
	}
}

// TestAMistakeIsNamed changes the sample in one place; the error must say which.
func TestAMistakeIsNamed(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"channel: loyalty", "channel: Loyalty", "channel"},
		{"channel: loyalty", "chanel: loyalty", "chanel"},
		{"fabric: 3.1.5", "fabric: latest", "fabric"},
		{"fabric: 3.1.5", "fabric: 2.2.15", "fabric"},
		{"fabric: 3.1.5", "fabric: 3", "fabric"},
		{"fabric: 3.1.5", "fabric: 3.1.5/peer", "fabric"},
		{"messages: 1 ", "messages: 0 ", "block.messages"},
		{"timeout: 100ms", "timeout: 100", "Duration"},
		{"timeout: 100ms", "timeout: soon", "soon"},
		{"timeout: 100ms", "timeout: 0s", "block.timeout"},
		{"absoluteMegabytes: 48", "absoluteMegabytes: 64", "block.absoluteMegabytes"},
		{"preferredMegabytes: 16", "preferredMegabytes: 49", "block.preferredMegabytes"},
		{"endorsements: 2", "endorsements: 5", "chaincode.endorsements"},
		{"sequence: 1", "sequence: 0", "chaincode.sequence"},
		{"version: 1.0.0", "version: 1 0", "chaincode.version"},
		{"probe: WhoAmI", "probe: 'who am i'", "chaincode.probe"},
		{"name: Duinmarkt", "name: duinmarkt", "organisations[1]"},
		{"msp: DuinmarktMSP", "msp: Duinmarkt'MSP", "organisations[1]"},
		{"msp: DuinmarktMSP", "msp: KorenaarMSP", "KorenaarMSP"},
		{"domain: duinmarkt.example", "domain: ../etc", "organisations[1]"},
		{"kind: clearing", "kind: bank", "organisations[3]"},
		{"kind: auditor", "kind: auditor\n    peers: {count: 1, port: 7600}", "organisations[4]"},
		{"kind: auditor", "kind: chain\n    gateway: 8084\n    peers: {count: 1, port: 7600}", "chains come first"},
		{"gateway: 8082", "gateway: 8081", "port 8081"},
		{"gateway: 8082", "gateway: 0", "organisations[1]"},
		{"port: 7200", "port: 7100", "port 7100"},
		{"port: 7200", "port: 65530", ""},
		{"port: 7200", "port: 65535", "port 65536"},
		{"orderers: {count: 1, port: 7500}", "orderers: {count: 0, port: 7500}", "orderers"},
		{"    orderers: {count: 1, port: 7500}", "", "orderer"},
		{"peers: {count: 1, port: 7300}", "peers: {count: 1000, port: 7300}", "organisations[2]"},
		{"kind: auditor", "kind: auditor\n---\nmore: yes", "more than one"},
	} {
		t.Run(c.new, func(t *testing.T) {
			text := strings.Replace(string(network.Sample), c.old, c.new, 1)
			if text == string(network.Sample) {
				t.Fatalf("the sample has no %q", c.old)
			}
			_, err := consortium.Parse([]byte(text))
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that names %q", err, c.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(network.Sample)
	f.Add([]byte("channel: x\norganisations: [{name: A}]"))
	f.Add([]byte("&a [*a, *a]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := consortium.Parse(text)
		if err != nil {
			return
		}
		for _, p := range c.Ports() {
			if p.Number < 1 || p.Number > 65535 {
				t.Errorf("port %d was accepted", p.Number)
			}
		}
	})
}

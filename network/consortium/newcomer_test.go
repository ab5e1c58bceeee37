package consortium_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/zegel/zegel/network/consortium"
)

var boterbloem = consortium.Newcomer{Name: "Boterbloem", MSPID: "BoterbloemMSP", Domain: "boterbloem.example", Port: 7600}

func admitted(t *testing.T, c consortium.Consortium) consortium.Consortium {
	t.Helper()
	next, err := c.Admit(boterbloem, "1.1.0")
	if err != nil {
		t.Fatal(err)
	}
	return next
}

func TestANewcomerIsTheLastChainAndChangesNobody(t *testing.T) {
	c := sample(t)
	next := admitted(t, c)
	var names []string
	for _, o := range next.Organisations {
		names = append(names, o.Name)
	}
	if want := []string{"Korenaar", "Duinmarkt", "Lindeboom", "Boterbloem", "Clearing", "Auditor"}; !slices.Equal(names, want) {
		t.Errorf("organisations %v, want %v", names, want)
	}
	chain := next.Organisations[3]
	if chain.GatewayPort != 8084 || chain.Peers[0].Port != 7600 || chain.Peers[0].Host != "peer0.boterbloem.example" {
		t.Errorf("%+v", chain)
	}
	if next.Chaincode.Sequence != 2 || next.Chaincode.Version != "1.1.0" || c.Chaincode.Sequence != 1 || len(c.Organisations) != 5 {
		t.Errorf("chaincode %+v, of before %+v", next.Chaincode, c.Chaincode)
	}
	if collections := next.Collections(); collections[6].Name != "profiles-BoterbloemMSP" || collections[7].Name != "baskets-BoterbloemMSP" {
		t.Errorf("collections %+v", collections)
	}
	if policy := next.EndorsementPolicy(); !strings.Contains(policy, "'BoterbloemMSP.peer'") {
		t.Errorf("policy %s", policy)
	}
	newcomers, err := next.Newcomers(c)
	if err != nil || len(newcomers) != 1 || newcomers[0].MSPID != "BoterbloemMSP" {
		t.Errorf("%v %v", newcomers, err)
	}
}

func TestANewcomerHasNamesAndPortsOfItsOwn(t *testing.T) {
	for want, change := range map[string]func(*consortium.Newcomer){
		"appears twice":   func(n *consortium.Newcomer) { n.MSPID = "KorenaarMSP" },
		"port 7100":       func(n *consortium.Newcomer) { n.Port = 7100 },
		"port 8083":       func(n *consortium.Newcomer) { n.GatewayPort = 8083 },
		"domain":          func(n *consortium.Newcomer) { n.Domain = "../boterbloem" },
		"name":            func(n *consortium.Newcomer) { n.Name = "boterbloem" },
		"want 1 to 65535": func(n *consortium.Newcomer) { n.Port = 0 },
	} {
		n := boterbloem
		change(&n)
		if _, err := sample(t).Admit(n, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := sample(t).Admit(boterbloem, "1.1 0"); err == nil {
		t.Error("a version with a space was accepted")
	}
}

func TestNobodyIsAdmittedByChangingTheOthers(t *testing.T) {
	c := sample(t)
	moved, err := admitted(t, c).Shift(10)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := moved.Newcomers(c); err == nil || !strings.Contains(err.Error(), "Korenaar is described otherwise") {
		t.Error(err)
	}
	if _, err := c.Newcomers(admitted(t, c)); err == nil || !strings.Contains(err.Error(), "Boterbloem runs") {
		t.Error(err)
	}
}

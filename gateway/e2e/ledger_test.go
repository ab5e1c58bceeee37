package e2e_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"google.golang.org/protobuf/proto"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/fabric"
	"github.com/zegel/zegel/gateway/teller"
)

// asMember connects to the ledger as one of an organisation's users, past any gateway of ours.
func asMember(t *testing.T, organisation, role string, options fabric.Options) *fabric.Client {
	t.Helper()
	o, err := world.consortium.Organisation(organisation)
	if err != nil {
		t.Fatal(err)
	}
	user, err := o.User(role)
	if err != nil {
		t.Fatal(err)
	}
	profile, err := fabric.LoadProfile(filepath.Join(world.dir, "gateways", "connection-profiles", organisation+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	identity, err := fabric.LoadIdentity(o.MSPID, o.Folder(world.crypto).MemberMSP(user))
	if err != nil {
		t.Fatal(err)
	}
	options.Log, options.Resolve = quiet(), 3*time.Second
	client, err := fabric.Connect(profile, identity, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// blocks reads the whole channel as the auditor.
func blocks(t *testing.T) [][]byte {
	t.Helper()
	auditor := asMember(t, "Auditor", "auditor", fabric.Options{})
	height, err := auditor.Height(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	enough := errors.New("enough")
	err = auditor.Blocks(t.Context(), 0, func(b *common.Block) error {
		text, err := proto.Marshal(b)
		if err != nil {
			return err
		}
		all = append(all, text)
		if b.GetHeader().GetNumber()+1 >= height {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) {
		t.Fatal(err)
	}
	return all
}

// TestNoPersonalDataInAnyBlock enrols a population of canaries, lets them shop, and reads every
// byte of every block.
func TestNoPersonalDataInAnyBlock(t *testing.T) {
	d := tillOf(t, 0)
	var secrets []string
	for i := range 20 {
		name, phone := fmt.Sprintf("Canary%02d Zwartkop", i), fmt.Sprintf("+3165%07d", 1_000_000+int(time.Now().UnixNano()%1_000_000)+i)
		email := fresh("canary") + "@mail.example"
		member := d.post("/v1/members", teller.Enrolment{Name: name, Phone: phone, Email: email}).answer(t).Member
		s := sale()
		d.earn(member, s, 1_234)
		secrets = append(secrets, name, phone, phone[1:], email, s.Receipt, "sku-0")
	}
	needles := map[string]string{}
	for _, secret := range secrets {
		for how, text := range disguises(secret) {
			needles[text] = secret + " " + how
		}
	}
	all := blocks(t)
	for n, block := range all {
		for text, what := range needles {
			if bytes.Contains(block, []byte(text)) {
				t.Errorf("block %d holds %s", n, what)
			}
		}
	}
	t.Logf("%d blocks, %d needles", len(all), len(needles))
}

// disguises is how a text could stand in a block, the unsalted hash among them.
func disguises(text string) map[string]string {
	sum := sha256.Sum256([]byte(text))
	return map[string]string{
		"as it is": text, "in hex": hex.EncodeToString([]byte(text)), "in base64": base64.StdEncoding.EncodeToString([]byte(text))[:len(text)],
		"hashed": string(sum[:]), "hashed, in hex": hex.EncodeToString(sum[:]), "hashed, in base64": base64.StdEncoding.EncodeToString(sum[:]),
	}
}

// TestADictionaryOfPhoneNumbersFindsNobody hashes every number around a member's own, in the ways
// somebody who knows the key layout would try, and looks for the hashes in the blocks.
func TestADictionaryOfPhoneNumbersFindsNobody(t *testing.T) {
	d := tillOf(t, 0)
	base := 600_000_000 + time.Now().UnixNano()%90_000_000
	number := func(i int64) string { return fmt.Sprintf("+31%09d", base+i) }
	d.post("/v1/members", teller.Enrolment{Name: "Dirk", Phone: number(500)}).answer(t)
	whole := bytes.Join(blocks(t), nil)
	known := hashesIn(whole)
	for i := range int64(1000) {
		for _, key := range []string{number(i), number(i)[1:], "l~" + number(i), "lookup~" + number(i), "phone:" + number(i)} {
			once := sha256.Sum256([]byte(key))
			twice := sha256.Sum256([]byte(hex.EncodeToString(once[:])))
			if known[once] || known[twice] {
				t.Fatalf("the hash of %q is in a block", key)
			}
		}
	}
	t.Logf("%d possible hashes in the blocks, none found", len(known))
}

// hashesIn is every run of 32 bytes in text that follows a protobuf length of 32.
func hashesIn(text []byte) map[[32]byte]bool {
	known := map[[32]byte]bool{}
	for i := 0; i+33 <= len(text); i++ {
		if text[i] == 32 {
			known[[32]byte(text[i+1:i+33])] = true
		}
	}
	return known
}

// enrolCommand is what anybody who can reach a peer could send.
func enrolCommand(t *testing.T) api.Batch {
	t.Helper()
	id := func() string {
		sum := sha256.Sum256([]byte(fresh("forged")))
		return hex.EncodeToString(sum[:16])
	}
	return api.Batch{Version: api.Version, Commands: []loyalty.Command{{
		Op: loyalty.OpID(id()), Print: loyalty.Fingerprint(id()), Kind: loyalty.KindEnrol, Member: loyalty.MemberID(id()),
	}}}
}

// TestAChainAloneMovesNothing lets a chain endorse its own transaction by itself.
func TestAChainAloneMovesNothing(t *testing.T) {
	alone := asMember(t, "Korenaar", "pos", fabric.Options{Endorsers: []string{"KorenaarMSP"}})
	batch := enrolCommand(t)
	_, err := alone.Apply(t.Context(), batch, nil)
	if err == nil || !strings.Contains(err.Error(), "ENDORSEMENT_POLICY_FAILURE") {
		t.Fatalf("a chain alone enrolled a member: %v", err)
	}
	_, err = alone.Evaluate(t.Context(), api.GetAccount, []string{string(batch.Commands[0].Member)}, nil)
	var refusal *loyalty.Error
	if !errors.As(err, &refusal) || refusal.Code != loyalty.CodeMemberUnknown {
		t.Fatalf("the member is there: %v", err)
	}
}

// TestTheAuditorReadsAndCannotWrite uses the auditor's own identity.
func TestTheAuditorReadsAndCannotWrite(t *testing.T) {
	member := tillOf(t, 0).enrol()
	auditor := asMember(t, "Auditor", "auditor", fabric.Options{Endorsers: []string{"KorenaarMSP", "ClearingMSP"}})
	if _, err := auditor.Evaluate(t.Context(), api.GetAccount, []string{member}, nil); err != nil {
		t.Fatalf("the auditor cannot read an account: %v", err)
	}
	if _, err := auditor.Apply(t.Context(), enrolCommand(t), nil); err == nil || !strings.Contains(err.Error(), string(loyalty.CodeNotAuthorised)) {
		t.Fatalf("the auditor wrote: %v", err)
	}
}

// TestAChainReadsNoOtherChainsMembers asks for personal data in every way a chain has.
func TestAChainReadsNoOtherChainsMembers(t *testing.T) {
	korenaar, duinmarkt := tillOf(t, 0), tillOf(t, 1)
	member := korenaar.enrol()
	agent := duinmarkt.as(duinmarkt.chain.Keys.Agent)
	if r := agent.send("GET", "/v1/members/"+member+"/profile", "", ""); r.Status < 400 {
		t.Errorf("another chain's gateway answers: %s", r.Body)
	}
	asked, err := json.Marshal(api.Profile{Member: loyalty.MemberID(member)})
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{"pos", "agent", "manager"} {
		client := asMember(t, "Duinmarkt", role, fabric.Options{})
		answer, err := client.Evaluate(t.Context(), api.GetProfile, nil, map[string][]byte{api.TransientProfile: asked})
		if err == nil {
			t.Errorf("role %s of another chain reads a profile: %d bytes", role, len(answer))
		}
	}
}

// TestAChainCannotEarnForAnother: there is no field for it, so the best a chain can do is sign
// itself; the points it makes are its own debt.
func TestAChainCannotEarnForAnother(t *testing.T) {
	duinmarkt := tillOf(t, 1)
	member := tillOf(t, 0).enrol()
	duinmarkt.earn(member, sale(), 700)
	for _, lot := range duinmarkt.account(member).Lots {
		if lot.Issuer != duinmarkt.chain.MSP {
			t.Fatalf("an earn at %s made %s owe: %+v", duinmarkt.chain.MSP, lot.Issuer, lot)
		}
	}
}

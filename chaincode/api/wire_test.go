package api_test

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
)

func codeOf(err error) loyalty.Code {
	var refusal *loyalty.Error
	if errors.As(err, &refusal) {
		return refusal.Code
	}
	return ""
}

func TestBatchesRoundTrip(t *testing.T) {
	commands := []loyalty.Command{{Op: "1", Kind: loyalty.KindEarn}, {Op: "2", Kind: loyalty.KindCancel}}
	argument, err := api.EncodeBatch(commands)
	if err != nil {
		t.Fatal(err)
	}
	batch, err := api.DecodeBatch(argument)
	if err != nil || len(batch.Commands) != 2 || batch.Commands[1] != commands[1] {
		t.Errorf("%+v, %v", batch, err)
	}
}

func TestBatchesAreRefused(t *testing.T) {
	tooMany, err := api.EncodeBatch(make([]loyalty.Command, api.MaxBatch+1))
	if err != nil {
		t.Fatal(err)
	}
	for name, argument := range map[string]string{
		"empty":             ``,
		"no commands":       `{"v":1,"commands":[]}`,
		"another version":   `{"v":2,"commands":[{"op":"1"}]}`,
		"no version":        `{"commands":[{"op":"1"}]}`,
		"an unknown field":  `{"v":1,"commands":[{"op":"1","amount":12}]}`,
		"too many commands": string(tooMany),
		"too large":         `{"v":1,"commands":[{"op":"` + strings.Repeat("0", api.MaxArgumentSize) + `"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := api.DecodeBatch([]byte(argument)); codeOf(err) != loyalty.CodeMalformedCommand {
				t.Errorf("err = %v", err)
			}
		})
	}
}

func TestDetailsStandByTheirCommands(t *testing.T) {
	basket := &loyalty.Basket{Salt: "00", Currency: "EUR", Total: 5}
	transient, err := api.EncodeDetails([]loyalty.Details{{Basket: basket}, {}})
	if err != nil {
		t.Fatal(err)
	}
	details, err := api.DecodeDetails(transient, 2)
	if err != nil || details[0].Basket.Total != 5 || details[1].Basket != nil {
		t.Errorf("%+v, %v", details, err)
	}
	if details, err := api.DecodeDetails(nil, 3); err != nil || len(details) != 3 {
		t.Errorf("absent details: %+v, %v", details, err)
	}
	if details, err := api.DecodeDetails([]byte(`[null,null]`), 2); err != nil || len(details) != 2 {
		t.Errorf("null details: %+v, %v", details, err)
	}
	for name, transient := range map[string][]byte{
		"one too few": []byte(`[{}]`),
		"no array":    []byte(`{}`),
		"too large":   bytes.Repeat([]byte(" "), api.MaxDetailsSize+1),
	} {
		if _, err := api.DecodeDetails(transient, 2); codeOf(err) != loyalty.CodeMalformedCommand {
			t.Errorf("%s: err = %v", name, err)
		}
	}
}

func TestRepliesRoundTrip(t *testing.T) {
	payload, err := api.EncodeReply([]loyalty.Outcome{{Op: "1", Status: loyalty.StatusRefused, Code: loyalty.CodeHoldExpired}})
	if err != nil {
		t.Fatal(err)
	}
	reply, err := api.DecodeReply(payload)
	if err != nil || reply.Version != api.Version || reply.Outcomes[0].Code != loyalty.CodeHoldExpired {
		t.Errorf("%+v, %v", reply, err)
	}
	if _, err := api.DecodeReply([]byte(`[]`)); err == nil {
		t.Error("an array is not a reply")
	}
}

func TestProfilesAreRefused(t *testing.T) {
	const hex32 = "0123456789abcdef0123456789abcdef"
	hex64 := hex32 + hex32
	for name, text := range map[string]string{
		"missing":               ``,
		"plain personal data":   `{"name":"Jan Jansen"}`,
		"a plain phone number":  `{"lookup":["+31612345678"]}`,
		"a member of no form":   `{"member":"Jan"}`,
		"a short salt":          `{"salt":"00"}`,
		"a lookup twice":        `{"lookup":["` + hex64 + `","` + hex64 + `"]}`,
		"too many lookups":      `{"lookup":["a","b","c","d","e"]}`,
		"too much":              strings.Repeat(" ", api.MaxProfileSize+1),
		"a sealed part too big": `{"sealed":"` + strings.Repeat("AAAA", api.MaxSealedSize/3+1) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := api.DecodeProfile([]byte(text))
			if codeOf(err) != loyalty.CodeMalformedProfile {
				t.Errorf("err = %v", err)
			}
			if err != nil && (strings.Contains(err.Error(), "Jan") || strings.Contains(err.Error(), "316")) {
				t.Errorf("%v repeats personal data", err)
			}
		})
	}
}

func TestManyProfilesRoundTrip(t *testing.T) {
	profiles := make([]api.Profile, api.MaxProfiles)
	for i := range profiles {
		profiles[i] = api.Profile{
			Member: loyalty.MemberID(fmt.Sprintf("%032x", i)), Lookup: []string{fmt.Sprintf("%064x", i)},
			Sealed: bytes.Repeat([]byte{1}, api.MaxSealedSize), Salt: fmt.Sprintf("%032x", i),
		}
	}
	transient, err := api.EncodeProfiles(profiles)
	if err != nil {
		t.Fatal(err)
	}
	if read, err := api.DecodeProfiles(transient); err != nil || !reflect.DeepEqual(read, profiles) {
		t.Errorf("%d profiles, %v", len(read), err)
	}
}

func TestManyProfilesAreRefused(t *testing.T) {
	const hex32 = "0123456789abcdef0123456789abcdef"
	good := `{"member":"` + hex32 + `","sealed":"AQID","salt":"` + hex32 + `"}`
	for name, text := range map[string]string{
		"missing":                   ``,
		"null":                      `null`,
		"none":                      `[]`,
		"one without its array":     good,
		"one too many":              `[` + strings.Repeat(good+",", api.MaxProfiles) + good + `]`,
		"one of them incomplete":    `[` + good + `,{"member":"` + hex32 + `"}]`,
		"one of them null":          `[` + good + `,null]`,
		"one of them personal data": `[` + good + `,{"name":"Jan Jansen"}]`,
		"one of them of no form":    `[` + good + `,{"member":"Jan","sealed":"AQID","salt":"` + hex32 + `"}]`,
		"too much":                  strings.Repeat(" ", api.MaxProfilesSize+1),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := api.DecodeProfiles([]byte(text))
			if codeOf(err) != loyalty.CodeMalformedProfile {
				t.Errorf("err = %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "Jan") {
				t.Errorf("%v repeats personal data", err)
			}
		})
	}
}

func TestProfilesHoldWhatTheCallNeeds(t *testing.T) {
	const hex32 = "0123456789abcdef0123456789abcdef"
	lookup := []string{hex32 + hex32}
	full := api.Profile{Member: hex32, Lookup: lookup, Sealed: []byte{1}, Salt: hex32}
	cases := []struct {
		name                   string
		profile                api.Profile
		record, member, lookup bool
	}{
		{"everything", full, true, false, false},
		{"no lookup", api.Profile{Member: hex32, Sealed: []byte{1}, Salt: hex32}, true, false, false},
		{"no salt", api.Profile{Member: hex32, Lookup: lookup, Sealed: []byte{1}}, false, false, false},
		{"member alone", api.Profile{Member: hex32}, false, true, false},
		{"lookup alone", api.Profile{Lookup: lookup}, false, false, true},
		{"member and lookup", api.Profile{Member: hex32, Lookup: lookup}, false, false, false},
		{"two lookups", api.Profile{Lookup: append(lookup, lookup...)}, false, false, false},
		{"nothing", api.Profile{}, false, false, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := c.profile
			got := [3]bool{p.CheckRecord() == nil, p.CheckMember() == nil, p.CheckLookup() == nil}
			if got != [3]bool{c.record, c.member, c.lookup} {
				t.Errorf("record, member, lookup: %v", got)
			}
		})
	}
}

func TestErrorsSurviveTheRoad(t *testing.T) {
	refusal := loyalty.Refuse(loyalty.CodeInsufficientPoints, "40 points needed, \"6\" available")
	sent := api.EncodeError(fmt.Errorf("apply: %w", refusal))
	for _, road := range []string{"%s", "chaincode response 500, %s", "evaluate call to endorser returned error: chaincode response 500, %s\n"} {
		if got := api.DecodeError(fmt.Sprintf(road, sent)); got == nil || *got != *refusal {
			t.Errorf("%q: got %v", road, got)
		}
	}
}

func TestOtherErrorsStayInternal(t *testing.T) {
	plain := errors.New("disk full")
	if got := api.EncodeError(plain); got != plain {
		t.Errorf("got %v", got)
	}
	if api.EncodeError(nil) != nil {
		t.Error("no error became one")
	}
	for _, text := range []string{
		"", "disk full", "loyalty-error:", "loyalty-error:{", "loyalty-error:{}", "loyalty-error:[1]",
		"loyalty-error:" + strings.Repeat(" ", 5000) + `{"code":"x"}`,
	} {
		if got := api.DecodeError(text); got != nil {
			t.Errorf("%.40q was read as %v", text, got)
		}
	}
}

func FuzzDecodeError(f *testing.F) {
	f.Add(`chaincode response 500, loyalty-error:{"code":"hold_expired","message":"too late"}`)
	f.Fuzz(func(t *testing.T, text string) {
		if refusal := api.DecodeError(text); refusal != nil && refusal.Code == "" {
			t.Error("a refusal without a code")
		}
	})
}

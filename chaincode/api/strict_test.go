package api_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
)

func TestDecodeAcceptsOneSpelling(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"plain", `{"sku":"a","quantity":1,"amount":2}`, ""},
		{"with white space", " {\n\t\"sku\" : \"a\" , \"quantity\" : 1 }\r\n", ""},
		{"with an escaped value", `{"sku":"\u0061\"\\"}`, ""},
		{"empty", `{}`, ""},
		{"null", `null`, ""},
		{"unknown field", `{"price":1}`, "unknown field"},
		{"unknown field with an object", `{"price":{"a":[1]}}`, "unknown field"},
		{"field twice", `{"sku":"a","sku":"b"}`, "field given twice"},
		{"field in another case", `{"SKU":"a"}`, "unknown field"},
		{"field with an escape", `{"\u0073ku":"a"}`, "unknown field"},
		{"field without a name", `{"":1}`, "unknown field"},
		{"two values", `{} {}`, "not JSON"},
		{"cut off", `{"sku":"a"`, "not JSON"},
		{"nothing", ``, "not JSON"},
		{"float", `{"amount":1.5}`, "wrong type"},
		{"exponent", `{"amount":1e3}`, "wrong type"},
		{"overflow", `{"amount":9223372036854775808}`, "wrong type"},
		{"text for a number", `{"amount":"secret"}`, "wrong type"},
		{"array for an object", `[]`, "wrong type"},
		{"not UTF-8", "{\"sku\":\"\xff\"}", "not UTF-8"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var line loyalty.Line
			err := api.Decode([]byte(c.text), &line)
			switch {
			case c.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("err = %v, want %q", err, c.want)
			case err != nil && strings.Contains(err.Error(), "secret"):
				t.Errorf("%v repeats the input", err)
			}
		})
	}
}

func TestDecodeLooksInsideArrays(t *testing.T) {
	for _, text := range []string{
		`{"lines":[{"sku":"a"},{"sku":"a","sku":"b"}]}`,
		`{"lines":[{"sku":"a","Quantity":1}]}`,
	} {
		var basket loyalty.Basket
		if err := api.Decode([]byte(text), &basket); err == nil {
			t.Errorf("%s was accepted", text)
		}
	}
}

func TestDecodeRefusesWhatHasNoShape(t *testing.T) {
	var anything struct {
		Map map[string]int `json:"map"`
		Any any            `json:"any"`
	}
	for _, text := range []string{`{"map":{"a":1}}`, `{"any":{"a":1}}`, `{"any":[1]}`} {
		if err := api.Decode([]byte(text), &anything); err == nil {
			t.Errorf("%s was accepted", text)
		}
	}
}

func TestDecodeReadsMonths(t *testing.T) {
	var outcome loyalty.Outcome
	if err := api.Decode([]byte(`{"expiry":"2027-11"}`), &outcome); err != nil || outcome.Expiry.String() != "2027-11" {
		t.Errorf("%v, %v", outcome.Expiry, err)
	}
	if err := api.Decode([]byte(`{"expiry":"2027-13"}`), &outcome); err == nil {
		t.Error("a month that does not exist was accepted")
	}
}

// fuzzDecode checks that what Decode accepts, encoding/json reads as the same, and that writing
// and reading it again changes nothing.
func fuzzDecode[T any](t *testing.T, data []byte) {
	t.Helper()
	var strict, lenient, again T
	if api.Decode(data, &strict) != nil {
		return
	}
	if err := json.Unmarshal(data, &lenient); err != nil || !reflect.DeepEqual(strict, lenient) {
		t.Fatalf("read as %+v and as %+v (%v)", strict, lenient, err)
	}
	text, err := json.Marshal(strict)
	if err != nil {
		t.Fatal(err)
	}
	if err := api.Decode(text, &again); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

func FuzzDecodeBatch(f *testing.F) {
	f.Add([]byte(`{"v":1,"commands":[{"op":"00000000000000000000000000000001","kind":"earn"}]}`))
	f.Add([]byte(`{"v":1,"commands":[{"op":"a","op":"b"}]}`))
	f.Add([]byte(`{"v":1,"commands":null,"Commands":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzDecode[api.Batch](t, data)
		if batch, err := api.DecodeBatch(data); err == nil && len(batch.Commands) == 0 {
			t.Error("an empty batch was accepted")
		}
	})
}

func FuzzDecodeDetails(f *testing.F) {
	f.Add([]byte(`[{"basket":{"salt":"00","currency":"EUR","total":100,"lines":[{"sku":"a","amount":100,"quantity":1}]}}]`))
	f.Add([]byte(`[null,{"return":{"opening":"e30=","lines":[{"line":1,"quantity":1}]}}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzDecode[[]loyalty.Details](t, data)
		if details, err := api.DecodeDetails(data, 2); err == nil && len(details) != 2 {
			t.Errorf("%d details for 2 commands", len(details))
		}
	})
}

func FuzzDecodeProfile(f *testing.F) {
	f.Add([]byte(`{"member":"00000000000000000000000000000001","sealed":"AQID","salt":"00000000000000000000000000000001"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzDecode[api.Profile](t, data)
		_, _ = api.DecodeProfile(data)
	})
}

func FuzzDecodeProfiles(f *testing.F) {
	f.Add([]byte(`[{"member":"00000000000000000000000000000001","sealed":"AQID","salt":"00000000000000000000000000000001"}]`))
	f.Add([]byte(`[{"lookup":["a","a"]},null]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzDecode[[]api.Profile](t, data)
		profiles, err := api.DecodeProfiles(data)
		if err == nil && (len(profiles) == 0 || len(profiles) > api.MaxProfiles) {
			t.Errorf("%d profiles were accepted", len(profiles))
		}
		for _, p := range profiles {
			if p.CheckRecord() != nil {
				t.Errorf("%+v was accepted", p)
			}
		}
	})
}

package loyalty_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/zegel/zegel/chaincode/loyalty"
)

func sampleOpening() *loyalty.Opening {
	return &loyalty.Opening{Version: 1, Basket: loyalty.Basket{
		Salt: id("salt"), Currency: "EUR", Total: 1000, ByPoints: 100, Store: "12", Terminal: "3", Receipt: "R<1>", At: 1_790_000_000_000,
		Lines: []loyalty.Line{{SKU: "tea", Quantity: 3, Amount: 700}, {SKU: "café", Category: "food", Quantity: 1, Amount: 300}},
	}, Returned: loyalty.Returned{Amount: 10, Lines: []int64{1, 0}}}
}

func TestAnOpeningHasOneForm(t *testing.T) {
	text, err := loyalty.OpeningBytes(sampleOpening())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(text), `{"v":1,"basket":{"salt":"`) {
		t.Errorf("got %s", text)
	}
	parsed, err := loyalty.ParseOpening(text)
	if err != nil {
		t.Fatal(err)
	}
	again, err := loyalty.OpeningBytes(parsed)
	if err != nil || !bytes.Equal(text, again) {
		t.Errorf("got %s, %v", again, err)
	}
	edit := func(old, new string) string { return strings.Replace(string(text), old, new, 1) }
	for what, bad := range map[string]string{
		"nothing":              "",
		"null":                 "null",
		"another version":      edit(`"v":1`, `"v":2`),
		"a space":              edit(`"v":1`, `"v": 1`),
		"something after it":   string(text) + "\n",
		"an unknown field":     edit(`"v":1`, `"v":1,"w":1`),
		"a field twice":        edit(`"v":1`, `"v":1,"v":1`),
		"another spelling":     edit(`"v":1`, `"V":1`),
		"another escape":       edit(`tea`, `\u0074ea`),
		"broken UTF-8":         edit(`tea`, "t\xffa"),
		"a float":              edit(`"total":1000`, `"total":1000.0`),
		"an exponent":          edit(`"total":1000`, `"total":1e3`),
		"a total off":          edit(`"total":1000`, `"total":1001`),
		"no salt":              edit(id("salt"), ""),
		"an empty list":        edit(`"lines":[1,0]`, `"lines":[]`),
		"too few lines back":   edit(`"lines":[1,0]`, `"lines":[1]`),
		"more back than sold":  edit(`"lines":[1,0]`, `"lines":[4,0]`),
		"less than none back":  edit(`"lines":[1,0]`, `"lines":[-1,0]`),
		"more money than sold": edit(`"amount":10,"lines":[1,0]`, `"amount":1001`),
		"all of it twice":      edit(`"amount":10,"lines":[1,0]`, `"amount":1000,"lines":[1,0]`),
		"less than no money":   edit(`"amount":10,`, `"amount":-1,`),
		"too long":             strings.Repeat(" ", loyalty.MaxOpeningSize+1),
	} {
		t.Run(what, func(t *testing.T) {
			if o, err := loyalty.ParseOpening([]byte(bad)); err == nil {
				t.Errorf("accepted %s as %+v", bad, o)
			}
		})
	}
}

func TestTheLargestBasketFits(t *testing.T) {
	o := &loyalty.Opening{Version: 1, Basket: *(newWorld(t).basket(0, words("K earn anna s")))}
	long := strings.Repeat("<", loyalty.MaxTextSize) // six bytes each in JSON
	o.Basket.Store, o.Basket.Terminal, o.Basket.Receipt = long, long, long
	for range loyalty.MaxLines {
		o.Basket.Lines = append(o.Basket.Lines, loyalty.Line{
			SKU: long, Category: long, Quantity: loyalty.MaxQuantity, Amount: loyalty.MaxMinor / loyalty.MaxLines,
		})
		o.Returned.Lines = append(o.Returned.Lines, loyalty.MaxQuantity)
	}
	o.Basket.Total = loyalty.MaxMinor
	text, err := loyalty.OpeningBytes(o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := loyalty.ParseOpening(text); err != nil {
		t.Error(err)
	}
	o.Basket.Lines = append(o.Basket.Lines, o.Basket.Lines[0])
	if refusal := o.Basket.Check(); refusal == nil || refusal.Code != loyalty.CodeBasketMalformed {
		t.Errorf("one line more: %v", refusal)
	}
}

func TestAReturnHasLimits(t *testing.T) {
	for what, row := range map[string]struct {
		taken loyalty.Taken
		want  loyalty.Code
	}{
		"as many lines as a basket": {loyalty.Taken{Opening: []byte("x"), Lines: takenLines(loyalty.MaxLines), At: 1}, ""},
		"more lines":                {loyalty.Taken{Opening: []byte("x"), Lines: takenLines(loyalty.MaxLines + 1), At: 1}, loyalty.CodeBasketMalformed},
		"the largest opening":       {loyalty.Taken{Opening: make([]byte, loyalty.MaxOpeningSize), Amount: 1, At: 1}, ""},
		"a larger opening":          {loyalty.Taken{Opening: make([]byte, loyalty.MaxOpeningSize+1), Amount: 1, At: 1}, loyalty.CodeBasketMalformed},
		"no opening":                {loyalty.Taken{Amount: 1, At: 1}, loyalty.CodeBasketMissing},
	} {
		t.Run(what, func(t *testing.T) {
			got := loyalty.Code("")
			if refusal := row.taken.Check(); refusal != nil {
				got = refusal.Code
			}
			if got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

func takenLines(n int) []loyalty.TakenLine {
	lines := make([]loyalty.TakenLine, n)
	for i := range lines {
		lines[i] = loyalty.TakenLine{Line: i + 1, Quantity: 1}
	}
	return lines
}

func FuzzParseOpening(f *testing.F) {
	text, err := loyalty.OpeningBytes(sampleOpening())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"v":1,"basket":{},"returned":{}}`))
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, text []byte) {
		o, err := loyalty.ParseOpening(text)
		if err != nil {
			return
		}
		again, err := loyalty.OpeningBytes(o)
		if err != nil || !bytes.Equal(again, text) {
			t.Errorf("read %s, wrote %s, %v", text, again, err)
		}
	})
}

func FuzzBasketCheck(f *testing.F) {
	f.Add(id("salt"), "EUR", int64(1000), int64(0), "tea", int64(2), int64(1000), int64(1))
	f.Add("", "eur", int64(-1), int64(2), "\xff", int64(0), int64(-1), int64(-1))
	f.Fuzz(func(t *testing.T, salt, currency string, total, by int64, sku string, quantity, amount, at int64) {
		b := &loyalty.Basket{
			Salt: salt, Currency: currency, Total: total, ByPoints: by, Store: "1", Terminal: "1", Receipt: "1", At: loyalty.Instant(at),
			Lines: []loyalty.Line{{SKU: sku, Quantity: quantity, Amount: amount}},
		}
		if refusal := b.Check(); refusal != nil {
			if loyalty.ClassOf(refusal.Code) != loyalty.ClassInvalid {
				t.Errorf("%s is no matter of shape", refusal.Code)
			}
			return
		}
		text, err := loyalty.OpeningBytes(&loyalty.Opening{Version: 1, Basket: *b})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := loyalty.ParseOpening(text); err != nil {
			t.Errorf("a basket that passes cannot be read back: %v\n%s", err, text)
		}
	})
}

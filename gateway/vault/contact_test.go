package vault_test

import (
	"strings"
	"testing"

	"github.com/zegel/zegel/gateway/vault"
)

func TestPhones(t *testing.T) {
	for text, ok := range map[string]bool{
		"+31201234567":      true,
		"+1234567":          true,
		"+123456789012345":  true,
		"+1234567890123456": false, // 16 digits
		"+123456":           false, // 6 digits
		"0201234567":        false, // no country code
		"0031201234567":     false,
		"+0201234567":       false, // no country begins with 0
		"+31 20 1234567":    false,
		"+31-20-1234567":    false,
		"+31201234567\n":    false,
		"+３１２０１２３４５６７":      false, // full-width digits
		"":                  false,
		"+":                 false,
	} {
		p, err := vault.ParsePhone(text)
		if (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
		if ok && string(p) != text {
			t.Errorf("%q became %q", text, p)
		}
	}
}

func TestEmails(t *testing.T) {
	for text, want := range map[string]string{
		"jan@example.nl":                         "jan@example.nl",
		"Jan@EXAMPLE.nl":                         "Jan@example.nl",
		"j.a.n+zegel@mail.example.nl":            "j.a.n+zegel@mail.example.nl",
		"o'brien@example.ie":                     "o'brien@example.ie",
		"jan@xn--bcher-kva.example":              "jan@xn--bcher-kva.example",
		"jan@bücher.example":                     "",
		"jan@example":                            "",
		"jan@.nl":                                "",
		"jan@-example.nl":                        "",
		"jan@example-.nl":                        "",
		"jan@example..nl":                        "",
		".jan@example.nl":                        "",
		"jan.@example.nl":                        "",
		"ja..n@example.nl":                       "",
		"\"jan\"@example.nl":                     "",
		"jan@@example.nl":                        "",
		"Jan <jan@example.nl>":                   "",
		" jan@example.nl":                        "",
		"jan@example.nl\r\n":                     "",
		"@example.nl":                            "",
		"jan":                                    "",
		"":                                       "",
		strings.Repeat("a", 64) + "@example.nl":  strings.Repeat("a", 64) + "@example.nl",
		strings.Repeat("a", 65) + "@example.nl":  "",
		"a@" + strings.Repeat("b", 64) + ".nl":   "",
		"a@" + strings.Repeat("b.", 126) + "nlx": "",
	} {
		got, err := vault.ParseEmail(text)
		if string(got) != want || (err == nil) != (want != "") {
			t.Errorf("%q became %q, %v", text, got, err)
		}
	}
}

func TestARefusedContactIsNotRepeated(t *testing.T) {
	_, err := vault.ParsePhone("0612345678")
	if strings.Contains(err.Error(), "0612345678") {
		t.Error("the error holds the number")
	}
	_, err = vault.ParseEmail("jan@nowhere")
	if strings.Contains(err.Error(), "nowhere") {
		t.Error("the error holds the address")
	}
}

func FuzzContactsAreStable(f *testing.F) {
	f.Add("+31201234567")
	f.Add("Jan@EXAMPLE.nl")
	f.Fuzz(func(t *testing.T, text string) {
		if p, err := vault.ParsePhone(text); err == nil {
			if again, err := vault.ParsePhone(string(p)); err != nil || again != p {
				t.Errorf("%q: %q, %v", p, again, err)
			}
		}
		if e, err := vault.ParseEmail(text); err == nil {
			if again, err := vault.ParseEmail(string(e)); err != nil || again != e {
				t.Errorf("%q: %q, %v", e, again, err)
			}
		}
	})
}

package teller

import (
	"embed"
	"fmt"
	"strconv"
	"strings"
	"text/template"
	"unicode/utf8"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// columns is what the narrowest paper in use takes: 80 mm at the usual font.
const columns = 42

// The texts are one file per language. They are ASCII only: till printers have code pages.
//
//go:embed text/en.tmpl
var languages embed.FS

var texts = template.Must(template.New("texts").Funcs(template.FuncMap{
	"row": row, "points": pointsText, "money": money, "wrap": wrap, "short": short, "clock": clock,
}).ParseFS(languages, "text/en.tmpl"))

// slip is what a template of an answer sees.
type slip struct {
	Answer
	Chain        string
	BalanceWorth int64  // minor units that the balance stands for
	Unit         string // their currency; empty if not known
}

// answerText is the lines of an answer that a till can print, at most columns wide.
func (t *Teller) answerText(a Answer, p loyalty.Programme) []string {
	name := a.Kind
	if a.Status != string(loyalty.StatusApplied) {
		name = a.Status
	}
	return lines(name, slip{a, t.config.Chain, worth(p, loyalty.Points(a.Balance)), p.Currency})
}

// quoteText is the lines of a quote.
func (t *Teller) quoteText(q Quote) []string {
	return lines("quote", struct {
		Quote
		Chain string
	}{q, t.config.Chain})
}

// lines fills a template in. A slip with a text that is not there, or that fails, would be a till
// without a receipt: it gets none rather than half of one, and a test fills every template in.
func lines(name string, data any) []string {
	var b strings.Builder
	if texts.Lookup(name) == nil || texts.ExecuteTemplate(&b, name, data) != nil {
		return nil
	}
	var all []string
	for _, line := range strings.Split(b.String(), "\n") {
		if line = strings.TrimRight(line, " "); line != "" {
			all = append(all, cut(line))
		}
	}
	return all
}

// row puts a label at the left and a value at the right.
func row(label, value string) string {
	space := columns - utf8.RuneCountInString(label) - utf8.RuneCountInString(value)
	if space < 1 {
		return label + "\n" + strings.Repeat(" ", max(0, columns-utf8.RuneCountInString(value))) + value
	}
	return label + strings.Repeat(" ", space) + value
}

// wrap breaks a sentence at its spaces.
func wrap(text string) string {
	var b strings.Builder
	used := 0
	for _, word := range strings.Fields(text) {
		size := utf8.RuneCountInString(word)
		switch {
		case used == 0:
		case used+1+size > columns:
			b.WriteByte('\n')
			used = 0
		default:
			b.WriteByte(' ')
			used++
		}
		b.WriteString(word)
		used += size
	}
	return b.String()
}

func cut(line string) string {
	if utf8.RuneCountInString(line) <= columns {
		return line
	}
	return string([]rune(line)[:columns])
}

// pointsText is a number with a comma between thousands.
func pointsText(n int64) string {
	digits, sign := strconv.FormatInt(n, 10), ""
	if n < 0 {
		digits, sign = digits[1:], "-"
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// decimals is how many digits of a currency's minor units stand behind the point, where it is not
// two (ISO 4217).
var decimals = map[string]int{
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0,
	"UGX": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
}

// money is an amount of minor units, not below zero, as a price: "EUR 12.05".
func money(currency string, minor int64) string {
	places, odd := decimals[currency]
	if !odd {
		places = 2
	}
	if places == 0 {
		return fmt.Sprintf("%s %d", currency, minor)
	}
	digits := fmt.Sprintf("%0*d", places+1, minor)
	return currency + " " + digits[:len(digits)-places] + "." + digits[len(digits)-places:]
}

// short is the beginning of a long name, as far as a person compares it.
func short(name string) string { return name[:min(8, len(name))] }

// clock is when a hold lapses, in the till's own words: hours and minutes, UTC.
func clock(a Answer) string {
	if a.Expires == nil {
		return ""
	}
	return a.Expires.UTC().Format("15:04") + " UTC"
}

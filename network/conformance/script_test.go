package conformance_test

import (
	"fmt"
	"strconv"
	"strings"
)

// A case is a script: one step in each line, and after an arrow what is observed.
//
//	submit: put ~k old                 -> VALID
//	a = endorse as beta: add ~n 1      -> 1
//	order a b                          -> VALID MVCC_READ_CONFLICT
//	evaluate: fail no                  -> evaluate Unknown: evaluate call to endorser returned error: chaincode response 500, no
//	| AlphaMSP alpha: chaincode response 500, no
//
// A step is a verb (see verbs_test.go), its words, and after a colon what the probe is to do. Without an arrow
// the step has to succeed, whatever it answers; a line that begins with | continues what is observed. Words may be
// preceded by modifiers:
//
//	as WHO           who signs; alpha, Alpha's till, unless another is named
//	at PEER          whose peer is called; the signer's own, or Alpha's
//	by ORG,ORG       the organisations that shall endorse
//	on CHAINCODE     the chaincode that is called; the probe
//	in CHANNEL       the channel it is called in
//	with KEY=VALUE   transient data
//	flaw NAME        what is wrong with the proposal (see flaws_test.go)
//
// In arguments, ~ stands for a prefix of the case's own, so that no case sees another's keys; $a for the transaction
// identifier of what was kept as a; @N and #N for the number and the hash of the Nth block since the case began.
type Case struct {
	Name   string
	Script string
}

// An area is a chapter of the corpus.
type area struct {
	name  string
	cases []Case
}

// step is one line of a script.
type step struct {
	text   string
	keep   string // the name under which the transaction is kept
	verb   string
	words  []string
	as, at string
	by     []string
	on, in string
	with   map[string][]byte
	flaw   string
	args   []string
	// want is nil where the step only has to succeed.
	want *string
}

func parse(script string) ([]*step, error) {
	var steps []*step
	for _, line := range strings.Split(script, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if more, ok := strings.CutPrefix(line, "|"); ok {
			if len(steps) == 0 || steps[len(steps)-1].want == nil {
				return nil, fmt.Errorf("%q continues nothing", line)
			}
			*steps[len(steps)-1].want += "\n" + strings.TrimSpace(more)
			continue
		}
		s, err := parseStep(line)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", line, err)
		}
		steps = append(steps, s)
	}
	return steps, nil
}

func parseStep(line string) (*step, error) {
	s := &step{text: line}
	if before, want, ok := strings.Cut(line, "->"); ok {
		want = strings.TrimSpace(want)
		line, s.want = strings.TrimSpace(before), &want
	}
	head, arguments, called := strings.Cut(line+" ", ": ")
	if called {
		var err error
		if s.args, err = tokens(arguments); err != nil {
			return nil, err
		}
	}
	words, err := tokens(head)
	if err != nil {
		return nil, err
	}
	if len(words) > 2 && words[1] == "=" {
		s.keep, words = words[0], words[2:]
	}
	if len(words) == 0 {
		return nil, fmt.Errorf("no verb")
	}
	s.verb = words[0]
	return s, s.modify(words[1:])
}

// modify takes modifiers and words.
func (s *step) modify(words []string) error {
	for len(words) > 0 {
		word, value := words[0], ""
		if len(words) > 1 {
			value = words[1]
		}
		switch word {
		case "as":
			s.as = value
		case "at":
			s.at = value
		case "by":
			s.by = strings.Split(value, ",")
		case "on":
			s.on = value
		case "in":
			s.in = value
		case "flaw":
			s.flaw = value
		case "with":
			name, text, _ := strings.Cut(value, "=")
			s.with = map[string][]byte{name: []byte(text)}
		default:
			s.words, words = append(s.words, word), words[1:]
			continue
		}
		if value == "" {
			return fmt.Errorf("%s what?", word)
		}
		words = words[2:]
	}
	return nil
}

// tokens splits at spaces. A token may be a Go string in double quotes.
func tokens(text string) ([]string, error) {
	var found []string
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		if text[0] != '"' {
			token, rest, _ := strings.Cut(text, " ")
			found, text = append(found, token), rest
			continue
		}
		quoted, err := strconv.QuotedPrefix(text)
		if err != nil {
			return nil, fmt.Errorf("unfinished quotes: %s", text)
		}
		token, err := strconv.Unquote(quoted)
		if err != nil {
			return nil, err
		}
		found, text = append(found, token), text[len(quoted):]
	}
	return found, nil
}

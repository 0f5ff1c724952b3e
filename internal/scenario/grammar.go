package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dues-billing/dues/money"
)

// A form is one verb as it is written: words in capitals stand for values, a|b is a choice, [a b] may be left out together,
// and WORD… takes all that follows. The forms are the whole language; docs/scenarios.md explains each.
type form struct {
	verb    string
	pattern string
}

// actions are what happens, in the order of a customer's life.
var actions = []form{
	{"at", "TIME"},
	{"signup", "WHO"},
	{"subscribe", "WHO PRICE with CARD"},
	{"challenge", "WHO succeed|fail"},
	{"change", "WHO PRICE"},
	{"card", "WHO CARD"},
	{"cancel", "WHO"},
	{"resume", "WHO"},
}

// expectations are what must be true then.
var expectations = []form{
	{"subscription", "WHO PRICE STATUS [until TIME]"},
	{"invoice", "WHO NUMBER AMOUNT CURRENCY STATUS"},
	{"events", "WHO WORD…"},
	{"access", "WHO LEVEL PLAN [until TIME]"},
	{"entitled", "WHO FEATURE yes|no|LIMIT"},
	{"license", "WHO ASSET until TIME"},
	{"mails", "WHO WORD…"},
}

// cards are the test cards by what they do.
var cards = map[string]string{
	"ok":             "4242424242424242",
	"fails-later":    "4000000000000341", // can be saved; every charge after that fails
	"declined":       "4000000000000002",
	"3d-secure":      "4000002500003155", // asks for authentication when it is set up
	"3d-secure-each": "4000002760003184", // asks for it at every payment, renewals too
}

// args are the values of a statement by the names of its form.
type args map[string]string

// match reads words by the form's pattern. Its error says what the form looks like.
func (f form) match(words []string) (got args, rest []string, err error) {
	wrong := fmt.Errorf("want: %s %s", f.verb, f.pattern)
	got = args{}
	for part := range strings.FieldsSeq(f.pattern) {
		switch {
		case len(words) == 0 && strings.HasPrefix(part, "["):
			return got, nil, nil
		case len(words) == 0:
			return nil, nil, wrong
		case strings.HasSuffix(part, "…"):
			got[part] = strings.Join(words, " ")
			return got, words, nil
		}
		part = strings.Trim(part, "[]")
		if !take(part, words[0], got) {
			return nil, nil, wrong
		}
		if err := check(part, words[0]); err != nil {
			return nil, nil, err
		}
		words = words[1:]
	}
	if len(words) > 0 {
		return nil, nil, wrong
	}
	return got, nil, nil
}

// take reads one word by one part of a pattern.
func take(part, word string, got args) bool {
	for choice := range strings.SplitSeq(part, "|") {
		if choice == strings.ToUpper(choice) { // a value
			got[choice] = word
			return true
		}
		if choice == word {
			got[part] = word
			return true
		}
	}
	return false
}

// check refuses values that can never be right, so that a slip of the pen is found before anything runs.
func check(part, word string) error {
	switch part {
	case "TIME":
		_, err := parseTime(word)
		return err
	case "CARD":
		if _, known := cards[word]; !known && !digits(word) {
			return fmt.Errorf("no card %q: write its number, or one of %s", word, strings.Join(cardNames(), ", "))
		}
	case "NUMBER":
		if n, ok := strings.CutPrefix(word, "#"); !ok || !digits(n) {
			return fmt.Errorf("the invoice must look like #2, got %q", word)
		}
	case "yes|no|LIMIT":
		if word != "yes" && word != "no" && !digits(word) {
			return fmt.Errorf("an entitlement is yes, no or a number, got %q", word)
		}
	}
	return nil
}

// parseTime reads a moment in UTC; a day alone is its midnight.
func parseTime(word string) (time.Time, error) {
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.Parse(layout, word); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("a time looks like 2026-01-15 or 2026-01-15T10:00, in UTC; got %q", word)
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func cardNames() []string {
	var names []string
	for name := range cards {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// number reads the value of NUMBER, which check has seen.
func (a args) number() int {
	n, _ := strconv.Atoi(a["NUMBER"][1:])
	return n
}

// time reads a value of TIME, which check has seen; zero when the form was written without it.
func (a args) time() time.Time {
	t, _ := parseTime(a["TIME"])
	return t
}

// amount reads AMOUNT and CURRENCY.
func (a args) amount() (money.Amount, error) { return money.Parse(a["AMOUNT"] + " " + a["CURRENCY"]) }

// card returns the number of the card that CARD names.
func (a args) card() string {
	if number, ok := cards[a["CARD"]]; ok {
		return number
	}
	return a["CARD"]
}

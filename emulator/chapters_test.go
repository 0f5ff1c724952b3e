package emulator_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/emulator/engine"
)

// Our notes on Stripe say how it behaves, chapter by chapter, with numbers and sequences. The files in testdata/chapters hold these, each story
// in an account of its own, as requests and what they must answer:
//
//	## a title                              begins a story
//	clock 2027-01-31                        a test clock, on which payers are from then on
//	payer ada pm_card_visa k=v              a customer with a default card; - is none
//	price pro 2000 usd month k=v            a recurring price of a product named Pro
//	sub = POST /v1/subscriptions k=v k=v    a request; $sub is then its id, and $sub.items.data.0.id what stands there
//	  status active                         below a request: what must stand at a path of its answer
//	  keys id object                        below a request: all keys of its answer, in order
//	  keysof items.data.0 id object         below a request: all keys of what stands at a path, in order
//	  ! 400 invalid_request_error …         below a request: the refusal that it must be: status, type, code, param: message; what stands below
//	                                        it is of the error
//	advance 2027-02-28+3600                 moves the clock
//	version 2022-11-15                      the API version of the requests from here on; - is the library's own
//	dunning unpaid                          what becomes of subscriptions whose retries are over
//	setting tax_rounding=invoice            another setting of the account, a number or a word
//	challenge $paid fail                    the payer's answer on the 3-D Secure page: succeed or fail
//	events customer. invoice.               the events since the last look, all or by what their types begin with, must be those listed below
//	kept                                    looks, and expects nothing
//	told = invoice.updated                  the newest event of a type
//	lines sub.latest_invoice                the lines of an invoice must be those listed below, each an amount and a text
//
// In a value @2027-02-28 is that moment, at noon if it names no hour, +n adds seconds to it, null is null, absent is no such key and ~^in_ is
// what must match. A + in a parameter is a blank.
func TestTheChaptersOfOurNotesHold(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/chapters/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no chapters: %v", err)
	}
	server := behave(t)
	// Stripe's schema is that of its newest version: the answers to others are not held against it.
	old := emulator.Start(t, func(o *emulator.Options) { o.Settings.AdvanceIntervals = 0 })
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, told := range strings.Split(string(text), "\n## ")[1:] {
			title, body, _ := strings.Cut(told, "\n")
			name := strings.TrimSuffix(filepath.Base(file), ".txt") + " " + title
			key := fmt.Sprintf("sk_test_%s%d", strings.NewReplacer(".txt", "", "_", "", "-", "").Replace(filepath.Base(file)), i)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				from := server.Server
				if strings.Contains(body, "\nversion ") {
					from = old
				}
				c := &chapter{account: newAccount(t, from, key), known: map[string]object{}}
				c.live(body)
			})
		}
	}
}

// chapter is a story that runs.
type chapter struct {
	account
	known   map[string]object
	onClock string   // the id of the clock, once there is one
	answer  object   // of the last request
	refused string   // what the last request was refused with
	listed  []string // what the lines below must be, one after the other
	listing bool
	seen    string // the newest event of the last look
	line    string
}

func (c *chapter) live(body string) {
	c.Helper()
	for line := range strings.Lines(body) {
		c.line = strings.TrimRight(line, " \n")
		trimmed := strings.TrimSpace(c.line)
		switch {
		case trimmed == "" || strings.HasPrefix(trimmed, "#"):
		case strings.HasPrefix(c.line, "  "):
			c.below(trimmed)
		default:
			c.closed()
			c.step(trimmed)
		}
	}
	c.closed()
}

// closed says whether all that was listed was named, and all refusals wanted.
func (c *chapter) closed() {
	c.Helper()
	for _, more := range c.listed {
		c.Errorf("before %q: not told of: %s", c.line, more)
	}
	if c.refused != "" {
		c.Fatalf("before %q: refused with %s", c.line, c.refused)
	}
	c.listed, c.listing = nil, false
}

func (c *chapter) step(line string) {
	c.Helper()
	name, rest, ok := strings.Cut(line, " = ")
	if !ok {
		name, rest = "", line
	}
	words := strings.Fields(c.filled(rest))
	switch words[0] {
	case "clock":
		c.onClock = c.clock(words[1])
		c.known["clock"] = object{"id": c.onClock}
	case "payer":
		c.known[words[1]] = object{"id": c.payer(c.onClock, strings.Trim(words[2], "-"))}
		if len(words) > 3 {
			c.known[words[1]] = c.do("POST /v1/customers/"+c.known[words[1]].id(), strings.Join(words[3:], "&"))
		}
	case "price":
		form := fmt.Sprintf("product_data[name]=%s&unit_amount=%s&currency=%s&recurring[interval]=%s&", strings.ToUpper(words[1][:1])+words[1][1:], words[2], words[3], words[4])
		c.known[words[1]] = c.do("POST /v1/prices", form+strings.Join(words[5:], "&"))
	case "version":
		c.version = strings.Trim(words[1], "-")
	case "dunning":
		c.setting(`{"end_of_dunning":"` + words[1] + `"}`)
	case "setting":
		key, value, _ := strings.Cut(words[1], "=")
		if !json.Valid([]byte(value)) {
			value = strconv.Quote(value)
		}
		c.setting(`{"` + key + `":` + value + `}`)
	case "challenge":
		var e *engine.Error
		if _, err := c.World(c.key).Apply(engine.ResolveChallenge{Intent: words[1], Outcome: words[2]}); errors.As(err, &e) {
			c.refused = fmt.Sprintf("%d %s %s %s: %s", e.Status, e.Type, e.Code, e.Param, e.Message)
		}
	case "advance":
		c.advance(c.onClock, c.moment(strings.TrimPrefix(words[1], "@")))
	case "events":
		c.listed, c.listing = c.told(words[1:]), true
	case "kept":
		c.told(nil)
	case "lines":
		c.listed, c.listing = c.linesOf(words[1]), true
	case "GET", "POST", "DELETE":
		c.request(name, words[0]+" "+words[1], strings.Join(words[2:], "&"))
	default:
		page := c.do("GET /v1/events?limit=1&type="+words[0], "")
		list, _ := page["data"].([]any)
		if len(list) == 0 {
			c.Fatalf("%q: no such event", c.line)
		}
		c.answer = object(list[0].(map[string]any))
		c.known[name] = c.answer
	}
}

// setting changes the settings of the account that a JSON object names.
func (c *chapter) setting(text string) {
	c.Helper()
	var wrong error
	if err := c.World(c.key).ChangeSettings(func(x *engine.Settings) { wrong = json.Unmarshal([]byte(text), x) }); err != nil || wrong != nil {
		c.Fatal(err, wrong)
	}
}

func (c *chapter) request(name, request, form string) {
	c.Helper()
	if strings.HasPrefix(request, "GET") || strings.HasPrefix(request, "DELETE") {
		if form != "" {
			request, form = request+"?"+form, ""
		}
	}
	answer, err := c.try(request, form)
	if c.answer, c.refused = answer, ""; err != nil {
		c.answer, c.refused = failed(c.T, err), refusalText(c.T, err)
		return
	}
	if name != "" {
		c.known[name] = answer
	}
}

// below is a line that says what must be.
func (c *chapter) below(line string) {
	c.Helper()
	if c.listing {
		for _, want := range c.wanted(line) {
			if len(c.listed) == 0 {
				c.Errorf("there is no %s", want)
				continue
			}
			if c.listed[0] != want {
				c.Errorf("got  %s\nwant %s\nthen %s", c.listed[0], want, strings.Join(c.listed[1:], ", "))
			}
			c.listed = c.listed[1:]
		}
		return
	}
	if want, ok := strings.CutPrefix(line, "! "); ok {
		c.want(c.line, c.refused, c.filled(want))
		c.refused = ""
		return
	}
	if c.refused != "" {
		c.Fatalf("before %q: refused with %s", c.line, c.refused)
	}
	path, want, _ := strings.Cut(line, " ")
	if path == "keys" {
		c.want(c.line, strings.Join(slices.Sorted(maps.Keys(c.answer)), " "), want)
		return
	}
	if path == "keysof" {
		at, keys, _ := strings.Cut(want, " ")
		var part map[string]any
		if json.Unmarshal([]byte(found(c.answer, at)), &part) != nil {
			c.Errorf("%s: no object", c.line)
		}
		c.want(c.line, strings.Join(slices.Sorted(maps.Keys(part)), " "), keys)
		return
	}
	want = c.filled(strings.TrimSpace(want))
	got := found(c.answer, path)
	if pattern, ok := strings.CutPrefix(want, "~"); ok && regexp.MustCompile(pattern).MatchString(got) {
		return
	}
	c.want(path, got, want)
}

// wanted are the entries that a line lists: an invoice's line, or types of events.
func (c *chapter) wanted(line string) []string {
	if _, err := strconv.ParseInt(strings.Fields(line)[0], 10, 64); err == nil {
		return []string{c.filled(line)}
	}
	return strings.Fields(line)
}

var (
	named   = regexp.MustCompile(`\$[a-z]\w*(\.\w+)*`)
	instant = regexp.MustCompile(`@[0-9]{4}-[0-9T:-]+(\+[0-9]+)?`)
)

// filled puts values in place of names and moments.
func (c *chapter) filled(text string) string {
	text = instant.ReplaceAllStringFunc(text, func(s string) string { return strconv.FormatInt(c.moment(s[1:]), 10) })
	return named.ReplaceAllStringFunc(text, func(s string) string {
		name, path, more := strings.Cut(s[1:], ".")
		o, known := c.known[name]
		if !known {
			return s
		}
		if !more {
			path = "id"
		}
		return found(o, path)
	})
}

func (c *chapter) moment(at string) int64 {
	at, plus, _ := strings.Cut(at, "+")
	seconds, _ := strconv.ParseInt(plus, 10, 64)
	if n, err := strconv.ParseInt(at, 10, 64); err == nil {
		return n + seconds
	}
	when, err := time.Parse("2006-01-02T15:04:05", (at + "T12:00:00")[:19])
	if err != nil {
		c.Fatal(err)
	}
	return when.Unix() + seconds
}

// told are the types of the events since the last look.
func (c *chapter) told(kinds []string) (types []string) {
	var newest string
	for after := ""; ; {
		page := c.do("GET /v1/events?limit=100"+after, "")
		for _, item := range page["data"].([]any) {
			o := object(item.(map[string]any))
			if newest == "" {
				newest = o.id()
			}
			if o.id() == c.seen {
				c.seen = newest
				return types
			}
			if kind := o.say("type"); wants(kind, kinds) {
				types = append([]string{kind}, types...)
			}
			after = "&starting_after=" + o.id()
		}
		if page.say("has_more") != "true" {
			c.seen = newest
			return types
		}
	}
}

// wants says whether a type begins with one of the kinds; without any, all but those of the clock are wanted.
func wants(kind string, kinds []string) bool {
	for _, k := range kinds {
		if strings.HasPrefix(kind, k) {
			return true
		}
	}
	return len(kinds) == 0 && !strings.HasPrefix(kind, "test_helpers.")
}

func (c *chapter) linesOf(id string) (lines []string) {
	for _, item := range c.do("GET /v1/invoices/"+id+"/lines?limit=100", "")["data"].([]any) {
		lines = append(lines, object(item.(map[string]any)).say("amount description"))
	}
	return lines
}

// found is what stands at a path, as JSON; a text without its quotes.
func found(o object, path string) string {
	var value any = map[string]any(o)
	for key := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			inner, ok := v[key]
			if !ok {
				return "absent"
			}
			value = inner
		case []any:
			i, err := strconv.Atoi(key)
			if key == "#" {
				value = len(v)
				continue
			}
			if err != nil || i >= len(v) {
				return "absent"
			}
			value = v[i]
		default:
			return "absent"
		}
	}
	if text, ok := value.(string); ok {
		return text
	}
	out, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(out)
}

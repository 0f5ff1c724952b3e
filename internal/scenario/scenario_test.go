package scenario

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dues-billing/dues/money"
)

func TestASlipOfThePenIsNamedWithItsLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"nothing at all", "# only a comment\n", "a story begins with at TIME"},
		{"no beginning", "signup ada", "a story begins with at TIME"},
		{"an unknown verb", "at 2026-01-01\nsingup ada", `x.txt:2: singup ada: no verb "singup" here; there are at, signup, subscribe`},
		{"an action among expectations", "at 2026-01-01\nexpect invoice ada #1 1.00 EUR paid  signup ada", `no verb "signup" here; there are subscription`},
		{"a word too few", "at 2026-01-01\nsubscribe ada premium-monthly", "want: subscribe WHO PRICE with CARD"},
		{"a word too many", "at 2026-01-01\nresume ada now", "want: resume WHO"},
		{"another choice", "at 2026-01-01\nchallenge ada maybe", "want: challenge WHO succeed|fail"},
		{"half an option", "at 2026-01-01\nexpect subscription ada p active until", "want: subscription WHO PRICE STATUS [until TIME]"},
		{"an option misspelt", "at 2026-01-01\nexpect subscription ada p active till 2026-02-01", "want: subscription"},
		{"no list", "at 2026-01-01\nexpect mails ada", "want: mails WHO WORD…"},
		{"nothing expected", "at 2026-01-01\nexpect", "what is expected?"},
		{"no time", "at January", "a time looks like 2026-01-15"},
		{"time that runs backwards", "at 2026-02-01\nat 2026-01-01", "x.txt:2: at 2026-01-01: time goes forward"},
		{"an unknown card", "at 2026-01-01\ncard ada gold", `no card "gold"`},
		{"an invoice without number", "at 2026-01-01\nexpect invoice ada 1 1.00 EUR paid", "must look like #2"},
		{"a fraction of a cent", "at 2026-01-01\nexpect invoice ada #1 1.005 EUR paid", "1.005"},
		{"no code of a refusal", "at 2026-01-01\nkeep ada refused maybe", `no code "maybe"; there are [invalid`},
		{"a refusal of what Stripe does", "at 2026-01-01\nsignup ada refused conflict", "want: signup WHO"},
		{"no entitlement", "at 2026-01-01\nexpect entitled ada export maybe", "yes, no or a number"},
	} {
		_, err := Parse("x.txt", c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

// tape is a driver that writes down what it is told, and shows what it is given.
type tape struct {
	did  []string
	seen []Seen // one for each look; the last stays
}

func (d *tape) say(format string, args ...any) error {
	d.did = append(d.did, fmt.Sprintf(format, args...))
	return nil
}

func (d *tape) Move(_ context.Context, to time.Time) error {
	return d.say("move %s", to.Format(time.RFC3339))
}
func (d *tape) SignUp(_ context.Context, who string) error { return d.say("signup %s", who) }
func (d *tape) Subscribe(_ context.Context, who, price, card string) error {
	return d.say("subscribe %s %s %s", who, price, card)
}
func (d *tape) Challenge(_ context.Context, who string, ok bool) error {
	return d.say("challenge %s %t", who, ok)
}
func (d *tape) Change(_ context.Context, who, price string) error {
	return d.say("change %s %s", who, price)
}
func (d *tape) Card(_ context.Context, who, card string) error { return d.say("card %s %s", who, card) }
func (d *tape) Cancel(_ context.Context, who string, undo bool) error {
	return d.say("cancel %s undo=%t", who, undo)
}
func (d *tape) Seen(context.Context, string) (Seen, error) {
	now := d.seen[0]
	if len(d.seen) > 1 {
		d.seen = d.seen[1:]
	}
	return now, nil
}

func run(t *testing.T, text string, d Driver, patience time.Duration) error {
	t.Helper()
	story, err := Parse("x.txt", text)
	if err != nil {
		t.Fatal(err)
	}
	return Run(t.Context(), story, d, Options{Log: t.Logf, Patience: patience, Pause: func(context.Context) {}})
}

func TestEveryVerbReachesTheDriver(t *testing.T) {
	t.Parallel()
	d := &tape{}
	err := run(t, `
at 2026-01-01   signup ada
at 2026-01-01T10:30   subscribe ada premium-monthly with 3d-secure   challenge ada fail	challenge ada succeed
change ada premium-yearly
card ada 4000000000000341
cancel ada   resume ada`, d, 0)
	want := []string{
		"move 2026-01-01T00:00:00Z", "signup ada", "move 2026-01-01T10:30:00Z", "subscribe ada premium-monthly 4000002500003155",
		"challenge ada false", "challenge ada true", "change ada premium-yearly", "card ada 4000000000000341",
		"cancel ada undo=false", "cancel ada undo=true",
	}
	if diff := cmp.Diff(want, d.did); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func ada() Seen {
	end := time.Date(2026, 2, 15, 10, 5, 0, 0, time.UTC)
	return Seen{
		Subscription: Subscription{Price: "premium-monthly", Status: "active", PeriodEnd: end},
		Invoices:     []Invoice{{money.New(0, "eur"), "paid"}, {money.New(1900, "eur"), "open"}},
		Events:       []string{"invoice.created", "invoice.paid"},
		Service: &Service{
			Level: "full", Plan: "premium", Until: end, Features: map[string]string{"export": "yes", "projects": "100"},
			Licenses: map[string]time.Time{"handbook": end}, Mails: []string{"welcome", "receipt"},
		},
	}
}

func TestAnExpectationSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ expect, want string }{
		{"subscription ada premium-monthly active until 2026-02-15T10:05:00", ""},
		{"subscription ada premium-monthly active until 2026-02-15", ""},
		{"subscription ada premium-monthly active", ""},
		{"subscription ada premium-monthly past_due", `status: got "active", want "past_due"`},
		{"subscription ada premium-yearly active", `price: got "premium-monthly", want "premium-yearly"`},
		{"subscription ada premium-monthly active until 2026-02-15T10:05:01", `until: got "2026-02-15T10:05:00"`},
		{"invoice ada #2 19.00 EUR open", ""},
		{"invoice ada #2 19.00 EUR paid", `status: got "open", want "paid"`},
		{"invoice ada #2 19.01 EUR open", `total: got "19.00 EUR", want "19.01 EUR"`},
		{"invoice ada #3 19.00 EUR open", "there are 2 invoices"},
		{"events ada invoice.created invoice.paid", ""},
		{"events ada invoice.created", `events: got "invoice.created invoice.paid", want "invoice.created"`},
		{"access ada full premium until 2026-02-15", ""},
		{"access ada none premium", `level: got "full", want "none"`},
		{"entitled ada export yes   entitled ada projects 100", ""},
		{"entitled ada export no", `entitlement: got "yes", want "no"`},
		{"license ada handbook until 2026-02-15", ""},
		{"license ada handbook until 2026-02-16", `license until: got "2026-02-15"`},
		{"mails ada welcome receipt", ""},
		{"mails ada welcome", `mails: got "welcome receipt", want "welcome"`},
		{"mails ada welcome receipt\nexpect mails ada none", ""},
	} {
		err := run(t, "at 2026-01-01\nexpect "+c.expect, &tape{seen: []Seen{ada()}}, 0)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", c.expect, err, c.want)
		}
	}
}

func TestTheEmulatorAloneIsNotAskedForTheService(t *testing.T) {
	t.Parallel()
	alone := ada()
	alone.Service = nil
	err := run(t, "at 2026-01-01\nexpect access ada none starter   mails ada none   entitled ada export no   license ada x until 2026-01-01",
		&tape{seen: []Seen{alone}}, 0)
	if err != nil {
		t.Error(err)
	}
}

func TestAnExpectationWaitsForTheBackground(t *testing.T) {
	t.Parallel()
	early := ada()
	early.Service = &Service{Mails: []string{"welcome"}}
	if err := run(t, "at 2026-01-01\nexpect mails ada welcome receipt", &tape{seen: []Seen{early, early, ada()}}, time.Minute); err != nil {
		t.Error(err)
	}
	if err := run(t, "at 2026-01-01\nexpect mails ada welcome receipt", &tape{seen: []Seen{early}}, time.Millisecond); err == nil {
		t.Error("what never comes true was taken for true")
	}
}

func TestTheDocumentExplainsEveryForm(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "scenarios.md"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(doc), `\|`, "|") // as a table of Markdown writes it
	for _, f := range forms(false) {
		if form := "`" + f.verb + " " + f.pattern + "`"; !strings.Contains(text, form) {
			t.Errorf("docs/scenarios.md does not explain %s", form)
		}
	}
	for _, f := range forms(true) {
		if form := "`expect " + f.verb + " " + f.pattern + "`"; !strings.Contains(text, form) {
			t.Errorf("docs/scenarios.md does not explain %s", form)
		}
	}
	for name := range cards {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("docs/scenarios.md does not name the card %s", name)
		}
	}
}

func TestEveryStoryCanBeRead(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "scenarios", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal("no stories", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(filepath.Base(name), string(text)); err != nil {
			t.Error(err)
		}
		if !strings.Contains(string(text), "\n# rows: ") && !strings.Contains(string(text), "\n# features: ") {
			t.Errorf("%s names no row of the mission and no feature", name)
		}
	}
}

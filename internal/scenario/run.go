// Package scenario runs the life stories of subscriptions in testdata/scenarios: text files that the emulator alone and the
// whole service must both live through. docs/scenarios.md explains how they are written.
package scenario

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dues-billing/dues/money"
)

// A Driver lets the customers of a story act. Every method returns when what it caused has settled.
type Driver interface {
	// Move sets the time; the first call says when the world begins.
	Move(ctx context.Context, to time.Time) error
	// SignUp makes the customer, on the free plan.
	SignUp(ctx context.Context, who string) error
	// Subscribe buys a price by the hosted page with a card; it returns at the 3-D Secure challenge when the card asks for one.
	Subscribe(ctx context.Context, who, price, card string) error
	// Challenge answers the open 3-D Secure challenge.
	Challenge(ctx context.Context, who string, succeed bool) error
	// Change moves the customer to a price with the saved card.
	Change(ctx context.Context, who, price string) error
	// Card saves a card in the portal, in place of the one before.
	Card(ctx context.Context, who, card string) error
	// Cancel ends the subscription at the period's end, in the portal, or takes that back.
	Cancel(ctx context.Context, who string, undo bool) error
	// Seen returns how the customer stands.
	Seen(ctx context.Context, who string) (Seen, error)
}

// Seen is how a customer stands. The provider's side is known to every driver, the service's side only to those that run it.
type Seen struct {
	Subscription Subscription // the newest
	Invoices     []Invoice    // oldest first
	Events       []string     // types, oldest first
	Service      *Service     // nil: there is no service in this run
}

// Subscription is what is known of the newest subscription.
type Subscription struct {
	id, item  string // at the provider
	Price     string
	Status    string
	PeriodEnd time.Time
}

// Invoice is what is known of an invoice.
type Invoice struct {
	Total  money.Amount
	Status string
}

// Service is what the service says of a customer.
type Service struct {
	Level    string
	Plan     string
	Until    time.Time            // of access, without the leeway
	Features map[string]string    // yes, no or a number
	Licenses map[string]time.Time // end of each
	Mails    []string             // kinds, oldest first
}

// Options says how a story is run.
type Options struct {
	// Log is told each statement before it runs.
	Log func(format string, args ...any)
	// Patience is how long an expectation may take to come true, for what happens in the background. 0: it must be true at once.
	Patience time.Duration
	// Pause waits a moment between two looks, or returns when ctx is over.
	Pause func(ctx context.Context)
}

// pauseMax is how long Pause waits.
const pauseMax = 5 * time.Millisecond

// Pause waits a moment, or until ctx is over. It is what Options.Pause is outside of the runner's own tests.
func Pause(ctx context.Context) {
	moment := time.NewTimer(pauseMax)
	defer moment.Stop()
	select {
	case <-ctx.Done():
	case <-moment.C:
	}
}

// Run tells a story to a driver. Its error names the line, what was expected there and what was seen.
func Run(ctx context.Context, story *Story, d Driver, o Options) error {
	r := runner{driver: d, options: o, told: map[string]int{}}
	for _, step := range story.Steps {
		o.Log("%s:%d: %s", story.Name, step.Line, step.Text)
		run := r.act
		if step.expect {
			run = r.expect
		}
		if err := run(ctx, step); err != nil {
			return fmt.Errorf("%s:%d: %s: %w", story.Name, step.Line, step.Text, err)
		}
	}
	return nil
}

type runner struct {
	driver  Driver
	options Options
	told    map[string]int // how many events or mails of each customer earlier expectations have spoken of
}

func (r runner) act(ctx context.Context, step Step) error {
	if step.asks() {
		return r.askService(ctx, step)
	}
	who, a := step.args["WHO"], step.args
	switch step.verb {
	case "at":
		return r.driver.Move(ctx, a.time())
	case "signup":
		return r.driver.SignUp(ctx, who)
	case "subscribe":
		return r.driver.Subscribe(ctx, who, a["PRICE"], a.card())
	case "challenge":
		return r.driver.Challenge(ctx, who, a["succeed|fail"] == "succeed")
	case "change":
		return r.driver.Change(ctx, who, a["PRICE"])
	case "card":
		return r.driver.Card(ctx, who, a.card())
	case "cancel":
		return r.driver.Cancel(ctx, who, false)
	case "resume":
		return r.driver.Cancel(ctx, who, true)
	}
	panic("a verb of the grammar that the runner does not know: " + step.verb)
}

// expect looks until the expectation is true or patience ends.
func (r runner) expect(ctx context.Context, step Step) error {
	patience, cancel := context.WithTimeout(ctx, r.options.Patience)
	defer cancel()
	for {
		wrong, answered := r.lookAtService(ctx, step)
		if !answered {
			seen, err := r.driver.Seen(ctx, step.args["WHO"])
			if err != nil {
				return err
			}
			wrong = r.compare(step, seen)
		}
		if wrong == nil || patience.Err() != nil {
			return wrong
		}
		r.options.Pause(patience)
	}
}

func (r runner) compare(step Step, seen Seen) error {
	switch step.verb {
	case "subscription":
		return compareSubscription(step.args, seen.Subscription)
	case "invoice":
		return compareInvoice(step.args, seen.Invoices)
	case "events":
		return r.compareWords(step, seen.Events)
	}
	if seen.Service == nil {
		return nil // there is nobody to ask in a run of the emulator alone
	}
	switch step.verb {
	case "access":
		return compareAccess(step.args, seen.Service)
	case "entitled":
		return same("entitlement", step.args["LIMIT"]+step.args["yes|no|LIMIT"], seen.Service.Features[step.args["FEATURE"]])
	case "license":
		return sameTime("license until", step.args, seen.Service.Licenses[step.args["ASSET"]])
	case "mails":
		return r.compareWords(step, seen.Service.Mails)
	}
	panic("an expectation of the grammar that the runner does not know: " + step.verb)
}

// compareWords compares a list with what has been added since the last expectation of its kind; "none" is the empty list.
func (r runner) compareWords(step Step, all []string) error {
	key := step.verb + " " + step.args["WHO"]
	want := step.words
	if slices.Equal(want, []string{"none"}) {
		want = nil
	}
	got := all[min(r.told[key], len(all)):]
	if !slices.Equal(want, got) {
		return same(step.verb, strings.Join(want, " "), strings.Join(got, " "))
	}
	r.told[key] = len(all)
	return nil
}

func compareSubscription(a args, got Subscription) error {
	return errors.Join(
		same("price", a["PRICE"], got.Price), same("status", a["STATUS"], got.Status), sameTime("until", a, got.PeriodEnd))
}

func compareInvoice(a args, invoices []Invoice) error {
	want, err := a.amount()
	if err != nil {
		return err
	}
	n := a.number()
	if n < 1 || n > len(invoices) {
		return fmt.Errorf("there are %d invoices", len(invoices))
	}
	got := invoices[n-1]
	return errors.Join(same("total", want.String(), got.Total.String()), same("status", a["STATUS"], got.Status))
}

func compareAccess(a args, got *Service) error {
	return errors.Join(same("level", a["LEVEL"], got.Level), same("plan", a["PLAN"], got.Plan), sameTime("until", a, got.Until))
}

func same(what, want, got string) error {
	if want != got {
		return fmt.Errorf("%s: got %q, want %q", what, got, want)
	}
	return nil
}

// sameTime compares with TIME when the statement has one; a day alone means any moment of that day.
func sameTime(what string, a args, got time.Time) error {
	layout := "2006-01-02T15:04:05"
	switch {
	case a["TIME"] == "":
		return nil
	case len(a["TIME"]) == len("2006-01-02"):
		layout = "2006-01-02"
	}
	return same(what, a.time().Format(layout), got.UTC().Format(layout))
}

package mailer

import (
	"embed"
	"strings"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/tongue"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

// Languages are those that mails are written in, as BCP 47 names them. Who wants another gets that of the Renderer.
var Languages = tongue.Languages

//go:embed words/*.tmpl
var wordFiles embed.FS

// spoken are the words of each language.
var spoken = tongue.MustRead(wordFiles)

// told is what the words may speak of, as it is written in their language. What is not known, or not so, is empty.
type told struct {
	Brand    string
	Name     string // how the customer is called: the first word of the name
	Plan     string
	PlanFrom string
	Amount   string
	Invoice  string // its number
	Until    string // the end of the period, or of the trial
	PaidAt   string
	RetryAt  string
	FailedAt string
	EndsAt   string // when the plan ends without a payment
	Attempt  int
	Whole    bool // all that was paid was given back
	Confirm  bool // the bank waits for the customer
	CardLink bool // the button opens a page for another card
}

// writer writes one mail. The first error is kept, and what follows it is empty.
type writer struct {
	words tongue.Words
	service.MailData
	told told
	err  error
}

func newWriter(w tongue.Words, brand string, d service.MailData) *writer {
	t := &writer{words: w, MailData: d}
	first, _, _ := strings.Cut(strings.TrimSpace(d.Account.Name), " ")
	t.told = told{
		Brand: brand, Name: first, Plan: d.Plan, PlanFrom: d.PlanFrom, Amount: t.money(d.Amount), Invoice: d.Invoice,
		Until: t.day(d.PeriodEnd), PaidAt: t.day(d.PaidAt), RetryAt: t.day(d.RetryAt), FailedAt: t.day(d.FailedAt), EndsAt: t.day(d.EndsAt),
		Attempt: d.Attempt, Confirm: d.Confirm, Whole: !d.Returned.IsZero() && d.Returned == d.Paid,
		CardLink: !d.Confirm && webURL(d.URL) != "" && d.URL != d.ManageURL,
	}
	return t
}

func (w *writer) line(name string) string { return w.about(name, w.told) }

func (w *writer) about(name string, about any) string {
	return w.noting(func() (string, error) { return w.words.Say(name, about) })
}

// noting returns a text, and keeps the first error of all.
func (w *writer) noting(say func() (string, error)) (text string) {
	if w.err == nil {
		text, w.err = say()
	}
	return text
}

// paragraphs is a text with its paragraphs, which blank lines end.
func (w *writer) paragraphs(name string) (all []string) {
	whole := w.noting(func() (string, error) { return w.words.Write(name, w.told) })
	for part := range strings.SplitSeq(whole, "\n\n") {
		if text := tongue.OneLine(part); text != "" {
			all = append(all, text)
		}
	}
	return all
}

func (w *writer) money(a money.Amount) string { return w.words.Money(a) }

// day is a day, in UTC as Stripe's are; "" when it is not known.
func (w *writer) day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return w.noting(func() (string, error) { return w.words.Day(t) })
}

// price is what a plan costs and how often; "" when it is not known.
func (w *writer) price(p billing.Price) string {
	if p.Key == "" {
		return ""
	}
	return w.noting(func() (string, error) { return w.words.Price(p.Amount, string(p.Interval), p.IntervalCount) })
}

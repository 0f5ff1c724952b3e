// Package mailer writes the mails of Dues and sends them: a Renderer makes HTML and text from the same words, SMTP and Log send.
package mailer

import (
	"fmt"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

// Renderer writes each kind of mail in the name of one company, in the language of the account. It implements service.MailRenderer.
type Renderer struct{ brand, language string }

var _ service.MailRenderer = Renderer{}

// NewRenderer returns a Renderer for brand: the company's name, as its customers know it.
func NewRenderer(brand string) Renderer { return Renderer{brand: brand} }

// In returns the Renderer with the language of accounts that have none, or one that is not spoken here: one of Languages, English unless said.
func (r Renderer) In(language string) Renderer {
	r.language = language
	return r
}

// kinds say what each mail shows beside its words, by the kinds that package billing names.
var kinds = map[string]func(w *writer, l *letter){
	billing.WelcomeMail:         func(w *writer, l *letter) { l.to(w, "account", w.ManageURL) },
	billing.ReceiptMail:         paid,
	billing.RenewedMail:         paid,
	billing.PaymentFailedMail:   paymentFailed,
	billing.ActionRequiredMail:  func(w *writer, l *letter) { l.sum(w); l.to(w, "confirm", firstURL(w.URL, w.ManageURL)) },
	billing.PlanChangedMail:     planChanged,
	billing.BackToFreeMail:      func(w *writer, l *letter) { l.to(w, "choose", firstURL(w.URL, w.ManageURL)) },
	billing.RefundedMail:        refunded,
	billing.TrialEndingMail:     trialEnding,
	billing.RenewalReminderMail: renewalReminder,
	billing.PaymentReminderMail: owed,
	billing.LastReminderMail:    owed,
}

// Render implements service.MailRenderer.
func (r Renderer) Render(kind string, data service.MailData) (service.Mail, error) {
	show, ok := kinds[kind]
	if !ok {
		return service.Mail{}, fmt.Errorf("mailer: there is no mail of kind %q", kind)
	}
	w := newWriter(spoken.For(data.Account.Locale, r.language), r.brand, data)
	l := letter{
		language: w.words.Language, brand: r.brand,
		subject: w.line(kind + ".subject"), preview: w.line(kind + ".preview"), title: w.line(kind + ".title"),
		text: w.paragraphs(kind + ".text"), after: w.paragraphs(kind + ".after"), foot: w.line("foot"),
	}
	show(w, &l)
	if w.err != nil {
		return service.Mail{}, w.err
	}
	return l.mail()
}

// sum shows the one figure that the mail is about.
func (l *letter) sum(w *writer) {
	if !w.Amount.IsZero() {
		l.amount = w.told.Amount
	}
}

// fact shows a figure by its name, unless it is not known.
func (l *letter) fact(w *writer, name, value string) {
	if value != "" {
		l.facts = append(l.facts, design.MailFact{Name: w.line("fact." + name), Value: value})
	}
}

// lines show what an invoice says, in the provider's words.
func (l *letter) lines(w *writer) {
	for _, line := range w.Lines {
		l.facts = append(l.facts, design.MailFact{Name: line.Description, Value: w.money(line.Amount)})
	}
}

func (l *letter) to(w *writer, button, href string) {
	l.button, l.href = w.line("button."+button), href
}

// toInvoice leads to the page of the invoice, or else to the account page. The page offers the invoice as PDF; a PDF behind the button would surprise
// on a phone.
func (l *letter) toInvoice(w *writer, invoice, account string) {
	if w.URL != w.ManageURL && webURL(w.URL) != "" {
		l.to(w, invoice, w.URL)
		return
	}
	l.to(w, account, w.ManageURL)
}

func paid(w *writer, l *letter) {
	l.sum(w)
	l.lines(w)
	if len(l.facts) > 0 {
		l.fact(w, "total", w.told.Amount)
		l.total = true
	}
	l.toInvoice(w, "invoice", "account")
}

func paymentFailed(w *writer, l *letter) {
	l.sum(w)
	l.toInvoice(w, "pay", "card")
}

func planChanged(w *writer, l *letter) {
	l.fact(w, "before", w.PlanFrom)
	l.fact(w, "now", w.Plan)
	l.fact(w, "price", w.price(w.Price))
	l.fact(w, "paid until", w.told.Until)
	l.to(w, "account", w.ManageURL)
}

func refunded(w *writer, l *letter) {
	l.sum(w)
	if w.Returned == (money.Amount{}) {
		l.lines(w)
	} else {
		l.fact(w, "paid", w.money(w.Paid))
		l.fact(w, "given back", w.money(w.Returned.Neg()))
	}
	l.toInvoice(w, "invoice", "account")
}

func trialEnding(w *writer, l *letter) {
	l.fact(w, "plan", w.Plan)
	l.fact(w, "trial until", w.told.Until)
	l.fact(w, "after that", w.price(w.Price))
	l.to(w, "manage", w.ManageURL)
}

func renewalReminder(w *writer, l *letter) {
	l.fact(w, "plan", w.Plan)
	l.fact(w, "renews on", w.told.Until)
	if !w.Amount.IsZero() {
		l.fact(w, "you pay", w.told.Amount)
	}
	l.to(w, "manage", w.ManageURL)
}

// owed is what the reminders of a payment have in common.
func owed(w *writer, l *letter) {
	l.sum(w)
	button := "card"
	if w.Confirm {
		button = "confirm"
	}
	l.to(w, button, firstURL(w.URL, w.ManageURL))
}

func firstURL(urls ...string) string {
	for _, u := range urls {
		if webURL(u) != "" {
			return u
		}
	}
	return ""
}

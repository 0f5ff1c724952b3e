// Package mailer writes the mails of Dues and sends them: a Renderer makes HTML and text from the same words, SMTP and Log send.
package mailer

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/service"
)

// Renderer writes each kind of mail in the name of one company. It implements service.MailRenderer.
type Renderer struct{ brand string }

var _ service.MailRenderer = Renderer{}

// NewRenderer returns a Renderer for brand: the company's name, as its customers know it.
func NewRenderer(brand string) Renderer { return Renderer{brand} }

// kinds are the letters, by the kinds that package billing names.
var kinds = map[string]func(brand string, d service.MailData) letter{
	billing.WelcomeMail:        welcome,
	billing.ReceiptMail:        receipt,
	billing.RenewedMail:        renewed,
	billing.PaymentFailedMail:  paymentFailed,
	billing.ActionRequiredMail: actionRequired,
	billing.PlanChangedMail:    planChanged,
	billing.BackToFreeMail:     backToFree,
	billing.RefundedMail:       refunded,
	billing.TrialEndingMail:    trialEnding,

	billing.RenewalReminderMail: renewalReminder,
	billing.PaymentReminderMail: paymentReminder,
	billing.LastReminderMail:    lastReminder,
}

// Render implements service.MailRenderer.
func (r Renderer) Render(kind string, data service.MailData) (service.Mail, error) {
	write, ok := kinds[kind]
	if !ok {
		return service.Mail{}, fmt.Errorf("mailer: there is no mail of kind %q", kind)
	}
	return write(r.brand, data).mail(r.brand)
}

func welcome(brand string, d service.MailData) letter {
	l := letter{
		subject: "Welcome to " + brand,
		preview: "Your account is ready.",
		title:   greeting("Welcome", d),
		text:    []string{"Your account is ready."},
		button:  "Go to your account",
		href:    d.ManageURL,
	}
	if d.Plan != "" {
		l.text = []string{fmt.Sprintf("Your account is ready, and you are on %s. You can change your plan at any time.", d.Plan)}
	}
	return l
}

func receipt(brand string, d service.MailData) letter {
	l := paid(d)
	l.subject = fmt.Sprintf("Your receipt from %s: %s", brand, design.FormatMoney(d.Amount))
	l.title = greeting("Thank you", d)
	l.text = []string{"Your payment went through."}
	if until := day(d.PeriodEnd); until != "" {
		l.after = append(l.after, fmt.Sprintf("Your %s is paid until %s and then renews by itself.", planWord(d.Plan), until))
	}
	return l
}

func renewed(_ string, d service.MailData) letter {
	l := paid(d)
	l.subject = fmt.Sprintf("Your %s has been renewed", planWord(d.Plan))
	l.title = l.subject
	l.text = []string{"Your payment for the next period went through. There is nothing to do."}
	if until := day(d.PeriodEnd); until != "" {
		l.subject = fmt.Sprintf("Your %s has been renewed until %s", planWord(d.Plan), until)
		l.after = append(l.after, fmt.Sprintf("It is paid until %s and then renews by itself.", until))
	}
	return l
}

// paid holds what receipts and renewals have in common.
func paid(d service.MailData) letter {
	l := letter{preview: design.FormatMoney(d.Amount) + " paid.", amount: d.Amount}
	for _, line := range d.Lines {
		l.facts = append(l.facts, design.MailFact{Name: line.Description, Value: design.FormatMoney(line.Amount)})
	}
	if len(l.facts) > 0 {
		l.facts = append(l.facts, design.MailFact{Name: "Total paid", Value: design.FormatMoney(d.Amount)})
		l.total = true
	}
	switch when := day(d.PaidAt); {
	case d.Invoice != "" && when != "":
		l.after = append(l.after, fmt.Sprintf("Invoice %s, paid on %s.", d.Invoice, when))
	case d.Invoice != "":
		l.after = append(l.after, fmt.Sprintf("Invoice %s.", d.Invoice))
	}
	// The hosted page shows the invoice and offers it as PDF; a PDF behind the button would surprise on a phone.
	l.button, l.href = buttonTo(d, "View the invoice", "Go to your account")
	return l
}

func paymentFailed(_ string, d service.MailData) letter {
	l := letter{
		subject: fmt.Sprintf("Your payment of %s did not go through", design.FormatMoney(d.Amount)),
		preview: "Please check your card.",
		title:   "Your payment did not go through",
		text:    []string{fmt.Sprintf("We tried to charge your card for %s, and it was declined.", named(d.Plan))},
		amount:  d.Amount,
	}
	l.button, l.href = buttonTo(d, "Pay now", "Update your card")
	if d.Attempt > 1 {
		l.text[0] = fmt.Sprintf("We tried to charge your card for %s again, for the %s time, and it was declined.", named(d.Plan), ordinal(d.Attempt))
	}
	if next := day(d.RetryAt); next != "" {
		l.after = []string{fmt.Sprintf("We will try again on %s. You need not wait: pay now, or change the card in your account.", next)}
	} else {
		l.after = []string{"This was the last try. Without a payment your plan ends."}
	}
	return l
}

func actionRequired(_ string, d service.MailData) letter {
	return letter{
		subject: fmt.Sprintf("Please confirm your payment of %s", design.FormatMoney(d.Amount)),
		preview: "Your bank asks you to confirm it.",
		title:   "Please confirm your payment",
		text:    []string{fmt.Sprintf("Your bank asks you to confirm the payment for %s. It takes a minute, and nothing is charged before.", named(d.Plan))},
		amount:  d.Amount,
		button:  "Confirm the payment",
		href:    firstURL(d.URL, d.ManageURL),
	}
}

func planChanged(_ string, d service.MailData) letter {
	l := letter{
		subject: fmt.Sprintf("You are now on %s", cmp.Or(d.Plan, "another plan")),
		preview: "Your plan has changed.",
		title:   fmt.Sprintf("You are now on %s", cmp.Or(d.Plan, "another plan")),
		text:    []string{"Your plan has changed, starting now."},
		button:  "Go to your account",
		href:    d.ManageURL,
	}
	add := func(name, value string) {
		if value != "" {
			l.facts = append(l.facts, design.MailFact{Name: name, Value: value})
		}
	}
	add("Before", d.PlanFrom)
	add("Now", d.Plan)
	if d.Price.Key != "" {
		add("Price", priceText(d.Price))
	}
	add("Paid until", day(d.PeriodEnd))
	return l
}

func backToFree(_ string, d service.MailData) letter {
	return letter{
		subject: fmt.Sprintf("You are back on %s", cmp.Or(d.Plan, freePlan)),
		preview: fmt.Sprintf("Your %s has ended.", planWord(d.PlanFrom)),
		title:   fmt.Sprintf("You are back on %s", cmp.Or(d.Plan, freePlan)),
		text: []string{
			fmt.Sprintf("Your %s has ended, and nothing more will be charged. You are on %s again.", planWord(d.PlanFrom), cmp.Or(d.Plan, freePlan)),
			"You can come back at any time.",
		},
		button: "Choose a plan",
		href:   firstURL(d.URL, d.ManageURL),
	}
}

// greeting adds the first word of the name, when there is one.
func greeting(word string, d service.MailData) string {
	if first, _, _ := strings.Cut(strings.TrimSpace(d.Account.Name), " "); first != "" {
		return word + ", " + first
	}
	return word
}

// freePlan and named stand in for a plan whose name is not known, such as one that left the catalogue.
const freePlan = "the free plan"

func named(plan string) string { return cmp.Or(plan, "your plan") }

func planWord(name string) string { return strings.TrimSpace(name + " plan") }

func priceText(p billing.Price) string {
	amount := design.FormatMoney(p.Amount)
	if p.IntervalCount == 1 {
		return fmt.Sprintf("%s per %s", amount, p.Interval)
	}
	return fmt.Sprintf("%s every %d %ss", amount, p.IntervalCount, p.Interval)
}

// ordinal writes 2nd, 3rd, 4th.
func ordinal(n int) string {
	switch {
	case n%100 >= 11 && n%100 <= 13:
	case n%10 == 1:
		return fmt.Sprintf("%dst", n)
	case n%10 == 2:
		return fmt.Sprintf("%dnd", n)
	case n%10 == 3:
		return fmt.Sprintf("%drd", n)
	}
	return fmt.Sprintf("%dth", n)
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return design.FormatDate(t)
}

// buttonTo returns the page of the invoice, with its word, or else the account page with its own.
func buttonTo(d service.MailData, invoice, account string) (word, href string) {
	if d.URL != d.ManageURL && webURL(d.URL) != "" {
		return invoice, d.URL
	}
	return account, d.ManageURL
}

func firstURL(urls ...string) string {
	for _, u := range urls {
		if webURL(u) != "" {
			return u
		}
	}
	return ""
}

package service

import (
	"context"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

// Sender sends mails. Sending the same Mail twice must be harmless: its Key goes out as Message-ID.
type Sender interface {
	Send(ctx context.Context, mail Mail) error
}

// MailRenderer writes a mail of a kind (billing.WelcomeMail …) from its data. It sets Subject, HTML and Text; the service fills
// in the rest. An unknown kind is an error.
type MailRenderer interface {
	Render(kind string, data MailData) (Mail, error)
}

// Mail is one message, ready to go.
type Mail struct {
	Key     string // unique: a mail with a key leaves once
	To      string
	Name    string // the recipient's
	Subject string
	HTML    string
	Text    string
}

// MailData is what a mail can speak of: the facts at the moment of the transition, zero where a kind has no use for them.
type MailData struct {
	Account   billing.Account
	Plan      string // the name of the plan the mail is about
	PlanFrom  string // plan_changed, back_to_free: the name of the plan before
	Price     billing.Price
	Invoice   string       // the invoice's number
	Amount    money.Amount // paid, or due when the payment failed, or given back
	Lines     []MailLine   // receipt, renewed: in the provider's words
	Paid      money.Amount // refunded: what was paid …
	Returned  money.Amount // … and what was given back of it in all
	PaidAt    time.Time
	PeriodEnd time.Time // the provider's end of the period, zero when unknown
	Attempt   int       // payment_failed: how often it was tried
	RetryAt   time.Time // payment_failed: when it is tried again, zero when it is not
	URL       string    // the button: where to pay or confirm, or the account page
	FailedAt  time.Time // payment_reminder, last_reminder: since when it is owed
	EndsAt    time.Time // payment_reminder, last_reminder: when the subscription is ended, zero when that is not next
	Confirm   bool      // payment_reminder, last_reminder: the bank asks the customer to confirm the payment at URL; else URL takes another card
	PDF       string    // receipt, renewed: the invoice as PDF, "" when there is none
	ManageURL string    // the app's account page
}

// MailLine is one line of a receipt.
type MailLine struct {
	Description string
	Amount      money.Amount
}

package mailer

import (
	"fmt"
	"time"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

// Gallery is every mail in every state. Where the state of the text matters too, tests hold it.
func Gallery() []design.Shot {
	var shots []design.Shot
	for _, s := range samples() {
		mail, err := NewRenderer("Northwind").Render(s.kind, s.data)
		if err != nil {
			panic(fmt.Sprintf("mailer: gallery: %v", err))
		}
		shots = append(shots, design.Shot{Name: "mail/" + s.name, Component: templ.Raw(mail.HTML)})
	}
	return shots
}

type sample struct {
	name, kind string
	data       service.MailData
}

func samples() []sample {
	start := time.Date(2026, time.January, 15, 10, 0, 0, 0, time.UTC)
	end := time.Date(2026, time.February, 15, 10, 0, 0, 0, time.UTC)
	price := billing.Price{Key: "premium-monthly", Amount: money.New(1900, "eur"), Interval: billing.Month, IntervalCount: 1}
	base := service.MailData{
		Account:   billing.Account{ID: "ada", Email: "ada@example.com", Name: "Ada Lovelace"},
		Plan:      "Premium",
		Price:     price,
		Invoice:   "AB3XK9QZ-0007",
		Amount:    price.Amount,
		Lines:     []service.MailLine{{Description: "1 × Premium (at €19.00 / month)", Amount: price.Amount}},
		PaidAt:    start,
		PeriodEnd: end,
		URL:       "https://pay.example.com/invoice/7",
		PDF:       "https://pay.example.com/invoice/7/pdf",
		ManageURL: "https://northwind.example/account",
	}
	with := func(change func(d *service.MailData)) service.MailData {
		d := base
		change(&d)
		return d
	}
	return []sample{
		{"welcome", billing.WelcomeMail, with(func(d *service.MailData) { d.Plan = "Starter" })},
		{"welcome-nameless", billing.WelcomeMail, with(func(d *service.MailData) { d.Plan, d.Account.Name = "", "" })},
		{"receipt", billing.ReceiptMail, base},
		{"receipt-upgrade", billing.ReceiptMail, with(func(d *service.MailData) {
			d.Lines = []service.MailLine{
				{Description: "Unused time on Premium after 20 Jan 2026", Amount: money.New(-1594, "eur")},
				{Description: "Remaining time on Premium yearly after 20 Jan 2026", Amount: money.New(18740, "eur")},
			}
			d.Amount, d.URL, d.PeriodEnd = money.New(17146, "eur"), d.ManageURL, start.AddDate(1, 0, 0)
		})},
		{"renewed", billing.RenewedMail, base},
		{"payment-failed", billing.PaymentFailedMail, with(func(d *service.MailData) {
			d.Attempt, d.RetryAt = 1, time.Date(2026, time.February, 18, 11, 0, 0, 0, time.UTC)
		})},
		{"payment-failed-again", billing.PaymentFailedMail, with(func(d *service.MailData) {
			d.Attempt, d.RetryAt = 3, time.Date(2026, time.March, 2, 11, 0, 0, 0, time.UTC)
		})},
		{"payment-failed-last", billing.PaymentFailedMail, with(func(d *service.MailData) { d.Attempt, d.URL = 5, d.ManageURL })},
		{"action-required", billing.ActionRequiredMail, base},
		{"plan-changed", billing.PlanChangedMail, with(func(d *service.MailData) { d.PlanFrom, d.URL = "Starter", d.ManageURL })},
		{"refunded", billing.RefundedMail, with(func(d *service.MailData) {
			d.Lines, d.Paid, d.Returned = nil, money.New(1900, "eur"), money.New(1900, "eur")
		})},
		{"refunded-in-part", billing.RefundedMail, with(func(d *service.MailData) {
			d.Amount = money.New(500, "eur")
			d.Lines, d.Paid, d.Returned = nil, money.New(1900, "eur"), money.New(900, "eur")
		})},
		{"trial-ending", billing.TrialEndingMail, with(func(d *service.MailData) { d.URL = d.ManageURL })},
		{"renewal-reminder", billing.RenewalReminderMail, with(func(d *service.MailData) {
			d.Amount, d.PeriodEnd, d.URL = money.New(19000, "eur"), start.AddDate(1, 0, 0), d.ManageURL
		})},
		{"renewal-reminder-usage", billing.RenewalReminderMail, with(func(d *service.MailData) { d.Amount, d.URL = money.Amount{}, d.ManageURL })},
		{"payment-reminder", billing.PaymentReminderMail, with(func(d *service.MailData) {
			d.FailedAt, d.RetryAt, d.URL = end, end.AddDate(0, 0, 5), "https://billing.example.com/card?of=YWRh&until=tc2x&mac=x"
		})},
		{"payment-reminder-confirm", billing.PaymentReminderMail, with(func(d *service.MailData) { d.FailedAt, d.Confirm = end, true })},
		{"last-reminder", billing.LastReminderMail, with(func(d *service.MailData) {
			d.FailedAt, d.EndsAt, d.URL = end, end.AddDate(0, 0, 14), "https://billing.example.com/card?of=YWRh&until=tc2x&mac=x"
		})},
		{"receipt-de", billing.ReceiptMail, with(func(d *service.MailData) { d.Account.Locale = "de-AT" })},
		{"receipt-fr", billing.ReceiptMail, with(func(d *service.MailData) { d.Account.Locale = "fr" })},
		{"receipt-es", billing.ReceiptMail, with(func(d *service.MailData) { d.Account.Locale = "es-MX" })},
		{"back-to-free", billing.BackToFreeMail, with(func(d *service.MailData) { d.PlanFrom, d.Plan, d.URL = "Premium", "Starter", d.ManageURL })},
	}
}

package mailer

import (
	"fmt"

	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/service"
)

func renewalReminder(_ string, d service.MailData) letter {
	renews := "soon"
	if until := day(d.PeriodEnd); until != "" {
		renews = "on " + until
	}
	l := letter{
		subject: fmt.Sprintf("Your %s renews %s", planWord(d.Plan), renews),
		preview: "There is nothing to do, if you want to keep it.",
		title:   fmt.Sprintf("Your %s renews %s", planWord(d.Plan), renews),
		text: []string{
			"It renews by itself, and the payment method that you have saved is charged. There is nothing to do, if you want to keep it.",
			"To change or to cancel it, or to pay with another card, go to your account before that day.",
		},
		button: "Manage your plan",
		href:   d.ManageURL,
	}
	add := func(name, value string) {
		if value != "" {
			l.facts = append(l.facts, design.MailFact{Name: name, Value: value})
		}
	}
	add("Plan", d.Plan)
	add("Renews on", day(d.PeriodEnd))
	if !d.Amount.IsZero() {
		add("As it stands, you pay", design.FormatMoney(d.Amount))
	}
	return l
}

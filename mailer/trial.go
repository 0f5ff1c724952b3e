package mailer

import (
	"fmt"

	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/service"
)

func trialEnding(_ string, d service.MailData) letter {
	ends := "soon"
	if !d.PeriodEnd.IsZero() {
		ends = "on " + day(d.PeriodEnd)
	}
	l := letter{
		subject: fmt.Sprintf("Your trial of %s ends %s", named(d.Plan), ends),
		preview: fmt.Sprintf("Your trial of %s ends soon.", named(d.Plan)),
		title:   "Your trial ends soon",
		text: []string{
			fmt.Sprintf("Your trial of %s ends %s. It goes on after that with the payment method that you have saved; without one, it ends.", named(d.Plan), ends),
			"Nothing is charged when you cancel before.",
		},
		facts:  []design.MailFact{{Name: "Plan", Value: named(d.Plan)}},
		button: "Manage your plan",
		href:   d.ManageURL,
	}
	if !d.PeriodEnd.IsZero() {
		l.facts = append(l.facts, design.MailFact{Name: "Trial until", Value: day(d.PeriodEnd)})
	}
	if d.Price.Key != "" {
		l.facts = append(l.facts, design.MailFact{Name: "After that", Value: priceText(d.Price)})
	}
	return l
}

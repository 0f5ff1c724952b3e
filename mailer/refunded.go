package mailer

import (
	"fmt"

	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/service"
)

func refunded(brand string, d service.MailData) letter {
	what := "a part of what you paid for " + named(d.Plan)
	if len(d.Lines) == 2 && d.Lines[0].Amount == d.Lines[1].Amount.Neg() {
		what = "what you paid for " + named(d.Plan)
	}
	l := letter{
		subject: fmt.Sprintf("Your refund from %s: %s", brand, design.FormatMoney(d.Amount)),
		preview: "It is on its way to you.",
		title:   "Your refund is on its way",
		text:    []string{fmt.Sprintf("We have given back %s, to the card it was paid with. Banks take up to ten days to show it.", what)},
		amount:  d.Amount,
	}
	for _, line := range d.Lines {
		l.facts = append(l.facts, design.MailFact{Name: line.Description, Value: design.FormatMoney(line.Amount)})
	}
	if when := day(d.PaidAt); d.Invoice != "" && when != "" {
		l.after = append(l.after, fmt.Sprintf("It is about invoice %s, paid on %s.", d.Invoice, when))
	}
	l.button, l.href = buttonTo(d, "View the invoice", "Go to your account")
	return l
}

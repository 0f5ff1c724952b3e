package mailer

import (
	"fmt"

	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/service"
)

func paymentReminder(_ string, d service.MailData) letter {
	l := owed(d)
	l.subject = fmt.Sprintf("Your payment of %s is still open", design.FormatMoney(d.Amount))
	l.title = "Your payment is still open"
	return l
}

func lastReminder(_ string, d service.MailData) letter {
	l := owed(d)
	l.subject = fmt.Sprintf("Last reminder: your payment of %s is still open", design.FormatMoney(d.Amount))
	l.title = "This is our last reminder"
	return l
}

// owed is what the reminders of a payment have in common.
func owed(d service.MailData) letter {
	l := letter{preview: "It takes a minute to put that right.", amount: d.Amount}
	on, since := "", ""
	if when := day(d.FailedAt); when != "" {
		on, since = " on "+when, " since "+when
	}
	switch {
	case d.Confirm:
		l.text = []string{fmt.Sprintf("Your bank has waited%s for you to confirm the payment for %s. Without that nothing is paid.", since, named(d.Plan))}
		l.button, l.href = "Confirm the payment", firstURL(d.URL, d.ManageURL)
	default:
		l.text = []string{fmt.Sprintf("The payment for %s failed%s, and has not come since.", named(d.Plan), on)}
		l.button, l.href = "Update your card", firstURL(d.URL, d.ManageURL)
		if l.href != webURL(d.ManageURL) {
			l.after = append(l.after, "The button opens a page where you can enter another card. For a week you need not sign in for it.")
		}
	}
	if next := day(d.RetryAt); next != "" {
		l.after = append(l.after, fmt.Sprintf("We will try again on %s.", next))
	}
	if ends := day(d.EndsAt); ends != "" {
		l.preview = fmt.Sprintf("Without a payment your plan ends on %s.", ends)
		l.after = append(l.after, fmt.Sprintf("Without a payment your %s ends on %s.", planWord(d.Plan), ends))
	}
	return l
}

package catalog

import (
	"github.com/dues-billing/dues/billing"
)

// renewalDays is how far ahead customers are reminded of a renewal when the file says that they are, and not when.
const renewalDays = 7

// readMails reads which mails are sent that nothing but the time brings about.
func readMails(n node) billing.Mails {
	var m billing.Mails
	reminder := n.keys("renewal_reminder")("renewal_reminder")
	key := reminder.keys("days", "all_periods")
	if reminder.given() {
		m.RenewalReminder = billing.RenewalReminder{Days: renewalDays, AllPeriods: key("all_periods").flag()}
	}
	if days := key("days"); days.given() {
		m.RenewalReminder.Days = within(days, 1, billing.RenewalDaysMax)
	}
	return m
}

func (w *writer) mails(m billing.Mails) {
	r := m.RenewalReminder
	if r.Days == 0 {
		return
	}
	p := pairs{}
	p.number("days", int64(r.Days))
	p.flag("all_periods", r.AllPeriods)
	w.line(0, "")
	w.line(0, "mails:")
	w.line(1, "renewal_reminder: %s", p)
}

package catalog

import (
	"slices"
	"strings"

	"github.com/dues-billing/dues/billing"
)

// renewalDays is how far ahead customers are reminded of a renewal when the file says that they are, and not when.
const renewalDays = 7

// readMails reads which mails are sent that nothing but the time brings about, and which are not sent.
func readMails(n node) billing.Mails {
	var m billing.Mails
	mails := n.keys("renewal_reminder", "off")
	reminder := mails("renewal_reminder")
	key := reminder.keys("days", "all_periods")
	if reminder.given() {
		m.RenewalReminder = billing.RenewalReminder{Days: renewalDays, AllPeriods: key("all_periods").flag()}
	}
	if days := key("days"); days.given() {
		m.RenewalReminder.Days = within(days, 1, billing.RenewalDaysMax)
	}
	for _, off := range mails("off").list(len(billing.MailKinds)) {
		kind := off.text(idBytesMax)
		switch {
		case !slices.Contains(billing.MailKinds, kind):
			off.problem("there is no mail %q; there are %s", kind, strings.Join(billing.MailKinds, ", "))
		case slices.Contains(m.Off, kind):
			off.problem("%q is there twice", kind)
		default:
			m.Off = append(m.Off, kind)
		}
	}
	return m
}

func (w *writer) mails(m billing.Mails) {
	r := m.RenewalReminder
	if r.Days == 0 && len(m.Off) == 0 {
		return
	}
	w.line(0, "")
	w.line(0, "mails:")
	if r.Days > 0 {
		p := pairs{}
		p.number("days", int64(r.Days))
		p.flag("all_periods", r.AllPeriods)
		w.line(1, "renewal_reminder: %s", p)
	}
	if len(m.Off) > 0 {
		w.line(1, "off: [%s]", strings.Join(m.Off, ", "))
	}
}

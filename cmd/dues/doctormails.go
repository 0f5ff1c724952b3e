package main

import (
	"fmt"

	"github.com/dues-billing/dues/billing"
)

// twice are the mails that Stripe sends too, when its settings say so. Its API does not tell them, so the doctor can only remind.
func (v *visit) twice(plans billing.Catalog) {
	const where = "in Stripe's dashboard, Settings, Billing, Subscriptions and emails, turn off %s: else your customers get two, and no API tells us"
	hint := func(check, says, mails string) {
		v.findings = append(v.findings, finding{Check: check, OK: true, Says: says, Mend: fmt.Sprintf(where, mails)})
	}
	if n := len(plans.Dunning.Steps); n > 0 {
		hint("dunning", fmt.Sprintf("%d reminders of what is not paid", n), "the emails about failed payments and about payments to confirm")
	}
	if days := plans.Mails.RenewalReminder.Days; days > 0 {
		hint("renewals", fmt.Sprintf("customers are reminded %d days ahead", days), "the emails about upcoming renewals")
	}
}

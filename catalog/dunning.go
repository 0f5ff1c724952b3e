package catalog

import (
	"time"

	"github.com/dues-billing/dues/billing"
)

const (
	stepsMax    = 20
	dunningDays = 365
)

// readDunning reads how customers who have not paid are reminded, and what happens in the end.
func readDunning(n node, c billing.Catalog) billing.Dunning {
	var d billing.Dunning
	key := n.keys("steps", "finally")
	steps, last := key("steps"), time.Duration(0)
	end := key("finally").keys("after", "do")
	if n.given() && len(steps.list(stepsMax)) == 0 {
		steps.problem("at least one step is needed: nobody is cut off who was not told")
	}
	for _, at := range steps.list(stepsMax) {
		step := at.keys("after", "mail")
		s := billing.DunningStep{After: days(step("after"), last), Mail: billing.PaymentReminderMail}
		if step("mail").given() {
			s.Mail = oneOf(step("mail"), billing.PaymentReminderMail, billing.LastReminderMail)
		}
		d.Steps, last = append(d.Steps, s), s.After
	}
	if !key("finally").given() {
		return d
	}
	d.FinallyAfter = days(end("after"), last)
	d.Finally = oneOf(end("do"), billing.DunningCancels, billing.DunningFrees, billing.DunningUnpaid)
	if d.Finally == billing.DunningFrees && c.FreePlan == "" && len(c.FreePlans) == 0 {
		end("do").problem("the catalogue has no free plan; say cancel")
	}
	return d
}

// days reads a number of whole days that is more than the one before.
func days(n node, before time.Duration) time.Duration {
	const day = 24 * time.Hour
	d := duration(n)
	switch {
	case d <= 0 || d%day != 0 || d > dunningDays*day:
		n.problem("whole days since the first failure are needed here, such as 3d, and a year at most")
	case d <= before:
		n.problem("has to be later than the step before it")
	}
	return d
}

func (w *writer) dunning(d billing.Dunning) {
	if len(d.Steps) == 0 {
		return
	}
	w.line(0, "")
	w.line(0, "dunning:")
	w.line(1, "steps:")
	for _, s := range d.Steps {
		w.line(2, "- %s", pairs{"after: " + durationText(s.After), "mail: " + s.Mail})
	}
	if d.Finally != "" {
		w.line(1, "finally: %s", pairs{"after: " + durationText(d.FinallyAfter), "do: " + string(d.Finally)})
	}
}

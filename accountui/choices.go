package accountui

import (
	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
)

// reasons are why somebody may cancel, in the order of billing.CancelFeedback; saying nothing comes first.
func (v cancelView) reasons() []design.Option {
	all := []design.Option{{Value: "", Text: v.text("feedback.none")}}
	for _, f := range billing.CancelFeedback {
		all = append(all, design.Option{Value: f, Text: v.text("feedback." + f)})
	}
	return all
}

// button says what pressing it does.
func (v changeView) button() string {
	switch {
	case v.Preview == nil:
		return v.text("change.pay")
	case v.Preview.Planned.When == billing.ChangeAtEnd:
		return v.text("change.schedule")
	case v.Preview.AmountDue.Minor > 0:
		return v.about("change.charge", v.money(v.Preview.AmountDue))
	}
	return v.text("change.do")
}

// nextPlan says what the plan changes to, "" when it stays.
func (v homeView) nextPlan() string {
	if v.Status.Next.At.IsZero() {
		return ""
	}
	return v.about("plan.next", struct{ Plan, At string }{v.NextName, v.day(v.Status.Next.At)})
}

package httpapi

import (
	"slices"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// OfGroup says of which group of plans the subscription is that a request is about. The framework looks into embedded structs that are exported
// only.
type OfGroup struct {
	Group string `query:"group" doc:"The group of plans whose subscription is meant; the default one unless said"`
}

func (g OfGroup) group() billing.Group { return billing.Group(g.Group) }

// The inputs of requests about the subscription of a group.
type (
	byIDInGroup struct {
		ID string `path:"id" doc:"The app's own id"`
		OfGroup
	}
	oneselfInGroup struct{ OfGroup }

	withBodyInGroup[T any] struct {
		OfGroup
		withBody[T]
	}
	withBodyOfInGroup[T any] struct {
		ID string `path:"id" doc:"The app's own id"`
		OfGroup
		withBody[T]
	}
)

// GroupAccess is what an account has in another group of plans than the default one, in the words of Account.
type GroupAccess struct {
	Group        billing.Group          `json:"group"`
	Plan         billing.PlanID         `json:"plan"`
	PlanName     string                 `json:"plan_name"`
	Price        string                 `json:"price"`
	Subscription billing.SubscriptionID `json:"subscription"`
	Status       billing.Status         `json:"status"`
	Access       billing.Level          `json:"access" enum:"full,limited,free,none"`
	Until        *Moment                `json:"until" nullable:"true"`
	PeriodEnd    *Moment                `json:"period_end" nullable:"true"`
	CancelAt     *Moment                `json:"cancel_at" nullable:"true"`
	Quantity     int64                  `json:"quantity,omitempty"`
	Next         *NextPlan              `json:"next,omitempty"`
	Paused       bool                   `json:"paused,omitempty"`
	Why          string                 `json:"why"`
	Action       billing.Action         `json:"action" enum:",update_payment_method,confirm_payment"`
	ActionURL    string                 `json:"action_url"`
}

// appendJSON implements rendered.
func (g GroupAccess) appendJSON(to []byte) []byte {
	o := open(to)
	o.text("group", string(g.Group))
	o.text("plan", string(g.Plan))
	o.text("plan_name", g.PlanName)
	o.text("price", g.Price)
	o.text("subscription", string(g.Subscription))
	o.text("status", string(g.Status))
	o.text("access", string(g.Access))
	o.moment("until", g.Until)
	o.moment("period_end", g.PeriodEnd)
	o.moment("cancel_at", g.CancelAt)
	if g.Quantity != 0 {
		o.number("quantity", g.Quantity)
	}
	if g.Next != nil {
		o.value("next", g.Next)
	}
	if g.Paused {
		o.truth("paused", true)
	}
	o.text("why", g.Why)
	o.text("action", string(g.Action))
	o.text("action_url", g.ActionURL)
	return o.close()
}

func groupsOf(s service.Status) []GroupAccess {
	var all []GroupAccess
	for _, a := range s.Others {
		all = append(all, GroupAccess{
			Group: a.Group, Plan: a.Plan, PlanName: a.PlanName, Price: a.Price, Subscription: a.Subscription, Status: a.Status,
			Access: a.Level, Until: moment(a.Until), PeriodEnd: moment(a.PeriodEnd), CancelAt: moment(a.CancelAt),
			Quantity: a.Quantity, Next: nextOf(a.Next), Paused: a.Paused, Why: a.Why, Action: a.Action, ActionURL: a.ActionURL,
		})
	}
	return all
}

// in is what an account has in a group; every group of the catalogue is among them.
func in(s service.Status, group billing.Group) billing.Access {
	all := s.Accesses()
	return all[slices.IndexFunc(all, func(a billing.Access) bool { return a.Group == group })]
}

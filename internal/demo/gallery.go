package demo

import (
	"time"

	"github.com/dues-billing/dues/internal/design"
)

// galleryNow is the moment at which all gallery pages are shown.
var galleryNow = time.Date(2027, time.February, 3, 9, 12, 0, 0, time.UTC)

// Gallery is every page of the demonstration in every state, made from views written by hand.
func Gallery() []design.Shot {
	shots := []design.Shot{
		{Name: "demo/front", Component: frontPage(galleryFrame("Fieldnotes", "/", false), "", "")},
		{Name: "demo/front-wrong-address", Component: frontPage(galleryFrame("Fieldnotes", "/", false), "ada@", "This does not look like an e-mail address.")},
	}
	shots = append(shots, galleryNotes()...)
	shots = append(shots, galleryMoney()...)
	return append(shots,
		design.Shot{Name: "demo/handbook", Component: handbookPage(galleryFrame("The Field Handbook", "/handbook", true), *galleryHandbook(5, true))},
		design.Shot{Name: "demo/handbook-locked", Component: lockedPage(galleryFrame("Locked", "/handbook", true), "The Field Handbook comes with Premium", "Each paid month licenses it for that month.")},
		design.Shot{Name: "demo/unreachable", Component: sorryPage(galleryFrame("Not reachable", "/", true), "Billing did not answer", "Fieldnotes asked Dues and got no useful answer. Try again in a moment; the log of the server says more.")},
	)
}

func galleryFrame(title, current string, in bool) frame {
	f := frame{
		Base: "#", Title: title, Current: current, Inbox: "#", Dashboard: "#", Admin: "#",
		Time: &timebar{Path: "#", Back: current, Now: galleryNow, Next: "in 28 days"},
	}
	if in {
		f.Email = "ada@example.com"
	}
	return f
}

func galleryDay(days int) *time.Time {
	t := galleryNow.AddDate(0, 0, days)
	return &t
}

func galleryHandbook(endsIn int, valid bool) *license {
	return &license{Asset: assetHandbook, Name: "The Field Handbook", EndsAt: *galleryDay(endsIn), Valid: valid}
}

func galleryStarter() account {
	return account{
		Plan: "starter", PlanName: "Starter", Price: "starter_monthly", Subscription: "sub_1", Status: "active", Access: "full",
		PeriodEnd: galleryDay(28), Why: "Starter costs nothing.",
	}
}

func galleryPremium() account {
	return account{
		Plan: "premium", PlanName: "Premium", Price: "premium_monthly", Subscription: "sub_2", Status: "active", Access: "full",
		PeriodEnd: galleryDay(28), Until: galleryDay(30), Why: "Premium is paid until 3 March 2027.",
		Card: &card{Brand: "visa", Last4: "4242", ExpMonth: 12, ExpYear: 2034},
	}
}

func galleryNotes() []design.Shot {
	f := galleryFrame("Projects", "/", true)
	projects := []project{
		{ID: 1, Name: "Spring bird count", CreatedAt: *galleryDay(-40)}, {ID: 2, Name: "River survey, lower reach", CreatedAt: *galleryDay(-12)},
		{ID: 3, Name: "Heath after the fire", CreatedAt: *galleryDay(-2)},
	}
	starter := notesView{frame: f, Account: galleryStarter(), Projects: projects[:1], Limit: 3}
	full := starter
	full.Projects = projects
	empty := starter
	empty.Projects, empty.NameFault = nil, "Give the project a name of at most 80 characters."
	premium := notesView{frame: f, Account: galleryPremium(), Projects: projects, Limit: 100, Export: true, Handbook: galleryHandbook(28, true)}
	upgraded := premium
	upgraded.Upgraded = true
	failed := premium
	failed.Account.Status, failed.Account.Action, failed.Account.ActionURL = "past_due", "update_payment_method", "#"
	failed.Account.Why = "The payment of 3 February 2027 failed. It is tried again on 6 February, and Premium stays open until then."
	failed.Account.Card = &card{Brand: "visa", Last4: "0341", ExpMonth: 12, ExpYear: 2034}
	confirm := failed
	confirm.Account.Action, confirm.Account.Why = "confirm_payment", "Your bank wants you to confirm the payment of €19.00. Until then the renewal is unpaid."
	canceled := premium
	canceled.Account.CancelAt = galleryDay(28)
	back := starter
	back.Handbook = galleryHandbook(-3, false)
	back.Projects = projects
	back.Account.Card = failed.Account.Card
	return []design.Shot{
		{Name: "demo/starter", Component: notesPage(starter)}, {Name: "demo/starter-full", Component: notesPage(full)},
		{Name: "demo/starter-empty", Component: notesPage(empty)}, {Name: "demo/premium", Component: notesPage(premium)},
		{Name: "demo/upgraded", Component: notesPage(upgraded)}, {Name: "demo/payment-failed", Component: notesPage(failed)},
		{Name: "demo/confirm-payment", Component: notesPage(confirm)}, {Name: "demo/canceling", Component: notesPage(canceled)},
		{Name: "demo/back-on-starter", Component: notesPage(back)},
	}
}

func galleryPlans(current string) []plan {
	starter := plan{
		ID: "starter", Name: "Starter", Description: "For a first look around.",
		Prices:   []price{{Key: "starter_monthly", Amount: 0, Currency: "eur", Interval: "month", IntervalCount: 1}},
		Features: []planFeature{{Name: "Projects", Type: "limit", Enabled: true, Limit: 3}, {Name: "Export", Type: "boolean"}},
	}
	premium := plan{
		ID: "premium", Name: "Premium", Description: "For those who go out every week.",
		Prices: []price{
			{Key: "premium_monthly", Amount: 1900, Currency: "eur", Interval: "month", IntervalCount: 1},
			{Key: "premium_yearly", Amount: 19000, Currency: "eur", Interval: "year", IntervalCount: 1},
		},
		Features: []planFeature{{Name: "Projects", Type: "limit", Enabled: true, Limit: 100}, {Name: "Export", Type: "boolean", Enabled: true}},
	}
	premium.Assets = append(premium.Assets, struct {
		Name string `json:"name"`
	}{"The Field Handbook"})
	plans := []plan{starter, premium}
	for i := range plans {
		for j := range plans[i].Prices {
			if plans[i].Prices[j].Key == current {
				plans[i].Current, plans[i].Prices[j].Current = true, true
			}
		}
	}
	return plans
}

func galleryMoney() []design.Shot {
	free := pricingView{frame: galleryFrame("Pricing", "/pricing", true), Plans: galleryPlans("starter_monthly")}
	turned := free
	turned.TurnedBack = true
	paying := free
	paying.Plans = galleryPlans("premium_monthly")
	line := func(text string) []struct {
		Description string `json:"description"`
	} {
		return []struct {
			Description string `json:"description"`
		}{{text}}
	}
	bill := billingView{frame: galleryFrame("Billing", "/billing", true), Account: galleryPremium(), Email: "ada@example.com", Invoices: []invoice{
		{Number: "A1B2C3D4-0003", Status: "paid", Currency: "eur", Total: 1900, CreatedAt: galleryNow, URL: "#", Lines: line("1 × Premium (at €19.00 / month)")},
		{Number: "A1B2C3D4-0002", Status: "paid", Currency: "eur", Total: 1900, CreatedAt: *galleryDay(-31), URL: "#", Lines: line("1 × Premium (at €19.00 / month)")},
		{Number: "A1B2C3D4-0001", Status: "paid", Currency: "eur", Total: 0, CreatedAt: *galleryDay(-40), URL: "#", Lines: line("1 × Starter (at €0.00 / month)")},
	}}
	title, text := refused("needs_confirmation")
	none := billingView{frame: bill.frame, Account: galleryStarter(), Email: bill.Email}
	return []design.Shot{
		{Name: "demo/pricing", Component: pricingPage(free)}, {Name: "demo/pricing-turned-back", Component: pricingPage(turned)},
		{Name: "demo/pricing-premium", Component: pricingPage(paying)}, {Name: "demo/billing", Component: billingPage(bill)},
		{Name: "demo/billing-starter", Component: billingPage(none)}, {Name: "demo/change-refused", Component: refusedPage(galleryFrame("Not changed", "/pricing", true), title, text)},
	}
}

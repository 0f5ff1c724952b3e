package pages

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/internal/design"
)

func portalPath(token string) string { return "/p/session/" + token }

// visit is a portal session with what its pages need.
type visit struct {
	world    *engine.World
	now      int64
	session  *engine.PortalSession
	customer *engine.Customer
	features engine.PortalFeatures
	config   *engine.PortalConfiguration
}

func visitOf(w *engine.World, now int64, session *engine.PortalSession) visit {
	v := visit{world: w, now: now, session: session}
	if c, ok := engine.Get[engine.Customer](w, session.Customer); ok {
		v.customer, v.now = c, timeOn(w, now, c.TestClock)
	}
	if c, ok := engine.Get[engine.PortalConfiguration](w, session.Configuration); ok {
		v.config, v.features = c, c.Features
	}
	return v
}

// path is an address below the session's.
func (v visit) path(parts ...string) string {
	return strings.Join(append([]string{portalPath(v.session.Token)}, parts...), "/")
}

// home is where an action goes back to: inside a deep link that is the
// application, for the rest of the portal is out of sight there.
func (v visit) home() string {
	if v.session.Flow != nil && v.session.ReturnURL != "" {
		return outward(v.session.ReturnURL)
	}
	return v.path("home")
}

func (v visit) frame() portalFrame {
	f := portalFrame{
		Company: v.world.Settings().AccountName, Headline: "Manage your billing", ReturnHref: outward(v.session.ReturnURL),
		Customer: cmp.Or(v.customer.Email, v.customer.Name), HomePath: v.home(),
	}
	if c := v.config; c != nil {
		f.Headline = cmp.Or(c.Headline, f.Headline)
		f.TermsHref, f.PolicyHref = outward(c.TermsOfServiceURL), outward(c.PrivacyPolicyURL)
	}
	return f
}

func portalViewOf(v visit) portalView {
	out := portalView{
		Frame: v.frame(), NewCardPath: v.path("cards", "new"),
		ShowCards: v.features.PaymentMethodUpdate, ShowBills: v.features.InvoiceHistory,
		Details: detailFacts(v), DetailsPath: v.path("details"),
	}
	paying := map[string]bool{} // the cards that live plans are charged to
	for _, sub := range engine.All[engine.Subscription](v.world, engine.ListSubscriptions{Page: engine.WholePage, Customer: engine.Some(v.customer.ID), Status: engine.Some("all")}) {
		if plan := v.plan(sub); live(sub) {
			out.Plans = append(out.Plans, plan)
			paying[v.payer(sub)] = true
		} else if sub.Status == engine.SubCanceled {
			out.Past = append(out.Past, plan)
		}
	}
	for _, method := range engine.All[engine.PaymentMethod](v.world, engine.ListPaymentMethods{Page: engine.WholePage, Customer: engine.Some(v.customer.ID)}) {
		out.Cards = append(out.Cards, v.card(method, paying[method.ID]))
	}
	for _, inv := range engine.All[engine.Invoice](v.world, engine.ListInvoices{Page: engine.WholePage, Customer: engine.Some(v.customer.ID)}) {
		if inv.Status != engine.InvoiceDraft {
			out.Bills = append(out.Bills, v.bill(inv))
		}
	}
	return out
}

// live says whether a subscription still runs.
func live(sub *engine.Subscription) bool {
	return sub.Status != engine.SubCanceled && sub.Status != engine.SubIncompleteExpired
}

// plan is one subscription as its customer sees it.
func (v visit) plan(sub *engine.Subscription) portalPlan {
	name, price := PlanTexts(v.world, sub)
	out := portalPlan{Name: name, Price: price, Status: sub.Status, Note: planNote(v.world, sub)}
	if !live(sub) {
		return out
	}
	if method, ok := engine.Get[engine.PaymentMethod](v.world, v.payer(sub)); ok {
		out.Card = cardText(method.Card)
	}
	if inv, ok := engine.Get[engine.Invoice](v.world, sub.LatestInvoice); ok && inv.Status == engine.InvoiceOpen && sub.Status != engine.SubTrialing {
		out.Warn = design.FormatMoney(amountOf(inv.AmountRemaining, inv.Currency)) + " could not be collected."
		out.WarnHref, out.WarnText = invoicePath(v.world.AccountID(), inv.HostedToken), "Pay it now"
	}
	out.SwitchPath = v.switchPath(sub)
	if !v.features.SubscriptionCancel.Enabled {
		return out
	}
	switch {
	case sub.CancelAtPeriodEnd || sub.CancelAt > 0:
		out.ResumePath = v.path("subscriptions", sub.ID, "resume")
	default:
		out.CancelPath = v.path("subscriptions", sub.ID, "cancel")
	}
	return out
}

// payer is the card that a subscription is charged to.
func (v visit) payer(sub *engine.Subscription) string {
	return cmp.Or(sub.DefaultPaymentMethod, v.customer.InvoiceSettings.DefaultPaymentMethod)
}

// PlanTexts are what a subscription is called and what it costs.
func PlanTexts(w *engine.World, sub *engine.Subscription) (name, price string) {
	var names, prices []string
	for _, item := range sub.Items {
		p, ok := engine.Get[engine.Price](w, item.Price)
		if !ok {
			continue
		}
		if product, ok := engine.Get[engine.Product](w, p.Product); ok && !slices.Contains(names, product.Name) {
			names = append(names, product.Name)
		}
		quantity := int64(1)
		if item.Quantity != nil {
			quantity = *item.Quantity
		}
		prices = append(prices, priceText(p, quantity))
	}
	return strings.Join(names, " and "), strings.Join(prices, " + ")
}

// planNote says what happens next to a subscription.
func planNote(w *engine.World, sub *engine.Subscription) string {
	switch {
	case sub.Status == engine.SubCanceled:
		return "Ended on " + dayText(sub.EndedAt)
	case sub.CancelAt > 0:
		return "Ends on " + dayText(sub.CancelAt)
	case sub.CancelAtPeriodEnd:
		return "Ends on " + dayText(PeriodEnd(sub))
	case sub.Status == engine.SubTrialing:
		return "The trial ends on " + dayText(sub.TrialEnd)
	case sub.Status == engine.SubActive:
		return "Renews on " + dayText(PeriodEnd(sub))
	case sub.Status == engine.SubIncomplete:
		return "Waits for its first payment"
	}
	if inv, ok := engine.Get[engine.Invoice](w, sub.LatestInvoice); ok && inv.NextPaymentAttempt > 0 {
		return "The next attempt is on " + dayText(inv.NextPaymentAttempt)
	}
	return ""
}

// PeriodEnd is when the current period of a subscription ends.
func PeriodEnd(sub *engine.Subscription) int64 {
	var end int64
	for _, item := range sub.Items {
		end = max(end, item.CurrentPeriodEnd)
	}
	return end
}

// card is one saved card. A card that pays for something is not offered for
// removal: the next payment would fail.
func (v visit) card(method *engine.PaymentMethod, pays bool) portalCard {
	usual := v.customer.InvoiceSettings.DefaultPaymentMethod
	out := portalCard{
		Brand: method.Card.Brand, Last4: method.Card.Last4, Expiry: cardExpiry(method.Card), Expired: expired(method.Card, moment(v.now)),
		Default: method.ID == usual || usual == "" && pays,
	}
	if !out.Default {
		out.DefaultPath = v.path("cards", method.ID, "default")
	}
	if !out.Default && !pays {
		out.RemovePath = v.path("cards", method.ID, "remove")
	}
	return out
}

func (v visit) bill(inv *engine.Invoice) portalBill {
	out := portalBill{Date: moment(inv.Created), Name: inv.Number, Amount: amountOf(inv.Total, inv.Currency), Status: inv.Status}
	if sub, ok := engine.Get[engine.Subscription](v.world, inv.Subscription); ok {
		out.Name, _ = PlanTexts(v.world, sub)
	}
	if inv.HostedToken != "" {
		out.Href = invoicePath(v.world.AccountID(), inv.HostedToken)
	}
	return out
}

// cancelsAtOnce says whether a cancellation takes effect now, not with the period.
func (v visit) cancelsAtOnce() bool { return v.features.SubscriptionCancel.Mode == "immediately" }

func portalCancelViewOf(v visit, sub *engine.Subscription) portalCancelView {
	out := portalCancelView{
		Frame: v.frame(), Path: v.path("subscriptions", sub.ID, "cancel"), Plan: v.plan(sub), Ends: moment(PeriodEnd(sub)),
		Now: v.cancelsAtOnce(),
	}
	out.Plan.CancelPath, out.Plan.ResumePath, out.Plan.SwitchPath = "", "", ""
	if v.features.SubscriptionCancel.ReasonEnabled {
		out.Reasons = cancelReasons(v.features.SubscriptionCancel.ReasonOptions)
	}
	return out
}

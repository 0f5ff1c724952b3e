package engine

import (
	"iter"
	"reflect"
	"slices"
	"strings"
)

// Notice is what an endpoint is told of an event: the event itself, which carries its object, or a thin event, which only names it.
//
// Thin events cost nothing while nobody wants them: they are read off the event log and not stored. Every event has a thin twin, v1. before
// its type, and some have finer ones besides, such as v1.customer.subscription.item_added. A few events are thin only.
type Notice struct {
	Event *Event
	Type  string
	Twin  int // 0 is the event itself, n its n-th thin event
}

// thinPrefix begins the ids of thin events; a character that counts them and the characters of their event's id follow.
const thinPrefix = "evt_test_65"

// ID is the notice's own id.
func (n Notice) ID() string {
	if n.Twin == 0 {
		return n.Event.ID
	}
	return thinPrefix + alphabet[n.Twin:n.Twin+1] + strings.TrimPrefix(n.Event.ID, "evt_")
}

// thinType says that a type is that of a thin event.
func thinType(kind string) bool {
	return strings.HasPrefix(kind, "v1.") || strings.HasPrefix(kind, "v2.")
}

// ThinOnly says that an event has no twin that carries its object: the first version of the API does not know it.
func (e *Event) ThinOnly() bool { return thinType(e.Type) }

// Thin are the thin events of an event.
func (e *Event) Thin() []Notice {
	var types []string
	switch {
	case e.ThinOnly():
		types = []string{e.Type}
	case !strings.HasPrefix(e.Type, "customer.source."): // what came before thin events has none
		types = append(append(types, "v1."+e.Type), e.finer()...)
	}
	out := make([]Notice, len(types))
	for i, kind := range types {
		out[i] = Notice{Event: e, Type: kind, Twin: i + 1}
	}
	return out
}

// Notice finds an event, or a thin one, by its id.
func (w *World) Notice(id string) (Notice, bool) {
	rest, thin := strings.CutPrefix(id, thinPrefix)
	if !thin {
		e, ok := Get[Event](w, id)
		return Notice{Event: e}.named(), ok && !e.ThinOnly()
	}
	if rest == "" {
		return Notice{}, false
	}
	e, ok := Get[Event](w, "evt_"+rest[1:])
	if !ok {
		return Notice{}, false
	}
	twin := strings.IndexByte(alphabet, rest[0])
	all := e.Thin()
	if twin < 1 || twin > len(all) {
		return Notice{}, false
	}
	return all[twin-1], true
}

// named takes the type of the event itself.
func (n Notice) named() Notice {
	if n.Event != nil {
		n.Type = n.Event.Type
	}
	return n
}

// Notices are what an endpoint is told of events, in their order.
func (e *WebhookEndpoint) Notices(events iter.Seq[*Event]) []Notice {
	var out []Notice
	for event := range events {
		if pinged, isPing := event.Object.(*WebhookEndpoint); isPing { // to one endpoint, whatever it has asked for
			if pinged.ID == e.ID && !e.Disabled {
				out = append(out, event.Thin()...)
			}
			continue
		}
		if itself := (Notice{Event: event}).named(); !event.ThinOnly() && e.Wants(itself.Type) {
			out = append(out, itself)
		}
		if e.Thin {
			out = append(out, slices.DeleteFunc(event.Thin(), func(n Notice) bool { return !e.Wants(n.Type) })...)
		}
	}
	return out
}

// Takes says whether an event can be sent to an endpoint at all, wanted or not.
func (e *WebhookEndpoint) Takes(n Notice) bool {
	if pinged, isPing := n.Event.Object.(*WebhookEndpoint); isPing {
		return pinged.ID == e.ID
	}
	return e.Thin == (n.Twin > 0)
}

// finerTypes are the thin events that tell what of an object has changed; no event of the first version has their name. Stripe has further
// ones whose change no event of the first version tells: they are refused where they are asked for.
var finerTypes = []string{
	"customer.discount.source_changed", "customer.subscription.active", "customer.subscription.cancel_at_changed", "customer.subscription.default_payment_method_changed",
	"customer.subscription.incomplete", "customer.subscription.incomplete_expired", "customer.subscription.item_added",
	"customer.subscription.item_price_changed", "customer.subscription.item_quantity_changed", "customer.subscription.item_removed",
	"customer.subscription.item_tax_rates_changed", "customer.subscription.past_due", "customer.subscription.trialing",
	"customer.subscription.unpaid", "entitlements.active_entitlement_summary.entitlement_added",
	"entitlements.active_entitlement_summary.entitlement_removed", "invoice.discount_added", "invoice.discount_removed",
	"invoice.line_item_added", "invoice.line_item_pricing_changed", "invoice.line_item_quantity_changed", "invoice.line_item_removed",
	"price.activated", "price.deactivated", "price.lookup_key_changed", "price.tax_behavior_changed", "product.activated",
	"product.deactivated", "product.default_price_changed", "product.tax_code_changed", "subscription_schedule.phase_added",
	"subscription_schedule.phase_end_date_changed", "subscription_schedule.phase_removed", "subscription_schedule.phase_trial_end_changed",
}

// The events that are thin only.
const (
	meterErrors  = "v1.billing.meter.error_report_triggered"
	meterUnknown = "v1.billing.meter.no_meter_found"
	pingEvent    = "v2.core.event_destination.ping"
)

// ThinOwnTypes are the types of thin events that are no twins of events of the first version.
func ThinOwnTypes() []string {
	out := []string{meterErrors, meterUnknown, pingEvent}
	for _, kind := range finerTypes {
		out = append(out, "v1."+kind)
	}
	return out
}

// finer are the types of the thin events that say which part of its object an event changed, in the order of finerTypes.
func (e *Event) finer() []string {
	said := map[string]bool{}
	say := func(kind string, so bool) {
		if so {
			said[kind] = true
		}
	}
	switch o := e.Object.(type) {
	case *Subscription:
		before, _ := e.Before.(*Subscription)
		if before != nil || e.Type == "customer.subscription.created" {
			o.tellChanges(before, say)
		}
	case *EntitlementSummary:
		before, _ := e.Before.(*EntitlementSummary)
		if before != nil {
			added, removed := gainsAndLosses(before.Entitlements, o.Entitlements, func(a *ActiveEntitlement) string { return a.ID })
			say("entitlements.active_entitlement_summary.entitlement_added", added)
			say("entitlements.active_entitlement_summary.entitlement_removed", removed)
		}
	case *Discount:
		before, _ := e.Before.(*Discount)
		say("customer.discount.source_changed", before != nil && before.Coupon != o.Coupon)
	case *Invoice:
		if before, _ := e.Before.(*Invoice); before != nil {
			o.tellChanges(before, say)
		}
	case *Price:
		if before, _ := e.Before.(*Price); before != nil && e.Type == "price.updated" {
			say("price.activated", o.Active && !before.Active)
			say("price.deactivated", !o.Active && before.Active)
			say("price.lookup_key_changed", o.LookupKey != before.LookupKey)
			say("price.tax_behavior_changed", o.TaxBehavior != before.TaxBehavior)
		}
	case *Product:
		if before, _ := e.Before.(*Product); before != nil {
			say("product.activated", o.Active && !before.Active)
			say("product.deactivated", !o.Active && before.Active)
			say("product.default_price_changed", o.DefaultPrice != before.DefaultPrice)
			say("product.tax_code_changed", o.TaxCode != before.TaxCode)
		}
	case *SubscriptionSchedule:
		if before, _ := e.Before.(*SubscriptionSchedule); before != nil {
			o.tellChanges(before, say)
		}
	}
	var out []string
	for _, kind := range finerTypes {
		if said[kind] {
			out = append(out, "v1."+kind)
		}
	}
	return out
}

// tellChanges says what became of a subscription; before is nil for a new one.
func (s *Subscription) tellChanges(before *Subscription, say func(kind string, so bool)) {
	const prefix = "customer.subscription."
	say(prefix+s.Status, before == nil || before.Status != s.Status)
	if before == nil {
		return
	}
	say(prefix+"cancel_at_changed", before.CancelAt != s.CancelAt)
	say(prefix+"default_payment_method_changed", before.DefaultPaymentMethod != s.DefaultPaymentMethod)
	added, removed := gainsAndLosses(before.Items, s.Items, func(i *SubscriptionItem) string { return i.ID })
	say(prefix+"item_added", added)
	say(prefix+"item_removed", removed)
	for _, item := range s.Items {
		i := slices.IndexFunc(before.Items, func(old *SubscriptionItem) bool { return old.ID == item.ID })
		if i < 0 {
			continue
		}
		old := before.Items[i]
		say(prefix+"item_price_changed", old.Price != item.Price)
		say(prefix+"item_quantity_changed", !reflect.DeepEqual(old.Quantity, item.Quantity))
		say(prefix+"item_tax_rates_changed", !slices.Equal(old.TaxRates, item.TaxRates))
	}
}

// tellChanges says what became of the lines and discounts of a draft.
func (inv *Invoice) tellChanges(before *Invoice, say func(kind string, so bool)) {
	added, removed := gainsAndLosses(before.Discounts, inv.Discounts, func(id string) string { return id })
	say("invoice.discount_added", added)
	say("invoice.discount_removed", removed)
	if before.Status != InvoiceDraft {
		return
	}
	added, removed = gainsAndLosses(before.Lines, inv.Lines, func(l *InvoiceLine) string { return l.ID })
	say("invoice.line_item_added", added)
	say("invoice.line_item_removed", removed)
	for _, line := range inv.Lines {
		i := slices.IndexFunc(before.Lines, func(old *InvoiceLine) bool { return old.ID == line.ID })
		if i < 0 {
			continue
		}
		old := before.Lines[i]
		say("invoice.line_item_pricing_changed", old.Price != line.Price || !reflect.DeepEqual(old.UnitAmount, line.UnitAmount))
		say("invoice.line_item_quantity_changed", !reflect.DeepEqual(old.Quantity, line.Quantity) || !reflect.DeepEqual(old.Used, line.Used))
	}
}

// tellChanges says what became of the phases of a schedule, which are known by when they begin.
func (s *SubscriptionSchedule) tellChanges(before *SubscriptionSchedule, say func(kind string, so bool)) {
	start := func(p *Phase) int64 { return p.Start }
	added, removed := gainsAndLosses(before.Phases, s.Phases, start)
	say("subscription_schedule.phase_added", added)
	say("subscription_schedule.phase_removed", removed)
	for _, phase := range s.Phases {
		i := slices.IndexFunc(before.Phases, func(old *Phase) bool { return old.Start == phase.Start })
		if i >= 0 {
			say("subscription_schedule.phase_end_date_changed", before.Phases[i].End != phase.End)
			say("subscription_schedule.phase_trial_end_changed", before.Phases[i].TrialEnd != phase.TrialEnd)
		}
	}
}

// gainsAndLosses says whether a list has elements that an earlier one had not, and the other way round.
func gainsAndLosses[T any, K comparable](before, after []T, key func(T) K) (gained, lost bool) {
	had := map[K]bool{}
	for _, element := range before {
		had[key(element)] = true
	}
	for _, element := range after {
		if !had[key(element)] {
			gained = true
		}
		delete(had, key(element))
	}
	return gained, len(had) > 0
}

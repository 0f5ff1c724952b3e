package wire

import (
	"fmt"

	"github.com/dues-billing/dues/emulator/engine"
)

// view renders objects of a world in Stripe's JSON. It is used while the world is locked.
type view struct {
	world *engine.World
	base  string // the public URL of the hosted pages
	era   *era   // the API version that is rendered
	// events is the version that an event is rendered in, given its own. A function, for versions render and what renders has views.
	events  func(version string) *era
	pending map[string]int // endpoints that have not taken an event yet, by event id
	prices  pastPrices
	seq     int64 // the number of the event being rendered, 0 for what is so now
	at      int64 // its time
}

// priceOf is the price that stands inside another object.
func (v *view) priceOf(id string) (*engine.Price, bool) {
	for _, past := range v.prices[id] {
		if 0 < v.seq && v.seq < past.until {
			return past.price, true
		}
	}
	return engine.Get[engine.Price](v.world, id)
}

// render turns an object of the engine into JSON of the view's version.
func (v *view) render(o any) object {
	rendered := v.native(o)
	v.adapt(rendered)
	return rendered
}

// native renders in the native version, with the keys besides that older versions show: adapt takes away what does not belong.
func (v *view) native(o any) object {
	switch o := o.(type) {
	case *engine.Deleted:
		return object{"id": o.ID, "object": o.Object, "deleted": true}
	case *engine.Plan:
		return v.plan(o.Price)
	case *engine.Customer:
		return v.customer(o)
	case *engine.CustomerBalanceTransaction:
		return v.balanceTransactionOf(o)
	case *engine.Product:
		return v.product(o)
	case *engine.Price:
		return v.price(o)
	case *engine.Coupon:
		return v.coupon(o)
	case *engine.PromotionCode:
		return v.promotionCode(o)
	case *engine.Discount:
		return v.discount(o)
	case *engine.DeletedDiscount:
		return v.deletedDiscount(o)
	case *engine.Invoice:
		return v.invoice(o)
	case *engine.InvoiceLine:
		return v.line(o)
	case *engine.InvoiceItem:
		return v.invoiceItem(o)
	case *engine.InvoiceTemplate:
		return v.invoiceTemplate(o)
	case *engine.CreditNote:
		return v.creditNote(o)
	case *engine.CreditNoteLine:
		return v.creditNoteLine(o)
	case *engine.InvoicePayment:
		return v.invoicePayment(o)
	}
	return v.nativeRest(o)
}

// nativeRest renders what is neither a customer's, nor sold, nor paid: entitlements, pages, and the developer's own.
func (v *view) nativeRest(o any) object {
	switch o := o.(type) {
	case *engine.Feature:
		return v.feature(o)
	case *engine.ProductFeature:
		return v.productFeature(o)
	case *engine.ActiveEntitlement:
		return v.entitlement(o)
	case *engine.EntitlementSummary:
		return v.entitlementSummary(o)
	case *engine.CheckoutSession:
		return v.checkoutSession(o)
	case *engine.CheckoutLine:
		return v.checkoutLine(o)
	case *engine.PaymentLink:
		return v.paymentLink(o)
	case *engine.CustomerSession:
		return v.customerSession(o)
	case *engine.PortalSession:
		return v.portalSession(o)
	case *engine.PortalConfiguration:
		return v.portalConfiguration(o)
	case *engine.TestClock:
		return v.testClock(o)
	case *engine.WebhookEndpoint:
		return v.webhookEndpoint(o)
	case *engine.Event:
		return v.event(o)
	}
	return v.ofFamily(o)
}

// ofFamily renders the objects of the families that have a rendering of their own.
func (v *view) ofFamily(o any) object {
	for _, family := range []func(any) object{v.usageObject, v.taxObject} {
		if rendered := family(o); rendered != nil {
			return rendered
		}
	}
	if made, ok := v.renderMoney(o); ok {
		return made
	}
	if rendered := v.subscriptionObject(o); rendered != nil {
		return rendered
	}
	panic(fmt.Sprintf("wire: no rendering for %T", o))
}

// list renders a page of a list.
func (v *view) list(l *engine.Listing, url string) object {
	data := make([]any, len(l.Data))
	for i, o := range l.Data {
		data[i] = v.render(o)
	}
	return object{"object": "list", "data": data, "has_more": l.HasMore, "url": url}
}

// inside is a list inside an object that shows everything it has.
func (v *view) inside(data []any, url string) object {
	return object{"object": "list", "data": data, "has_more": false, "url": url}
}

// Values that are null when they were not given.

func orNull[T comparable](value T) any {
	var zero T
	if value == zero {
		return nil
	}
	return value
}

func pointee[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

// metadata is never null.
func metadata(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

// texts is a list that is never null.
func texts(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

package wire

import "github.com/dues-billing/dues/emulator/engine"

// loaders find the object that an expandable id names, by the schema that stands there.
var loaders = map[string]func(*engine.World, string) (any, bool){
	"balance_transaction":          load[engine.BalanceTransaction],
	"billing.meter":                load[engine.Meter],
	"billing_portal.configuration": load[engine.PortalConfiguration],
	"card":                         loadCard,
	"charge":                       load[engine.Charge],
	"checkout.session":             load[engine.CheckoutSession],
	"payment_link":                 load[engine.PaymentLink],
	"coupon":                       load[engine.Coupon],
	"credit_note":                  load[engine.CreditNote],
	"customer":                     load[engine.Customer],
	"customer_balance_transaction": load[engine.CustomerBalanceTransaction],
	"discount":                     load[engine.Discount],
	"entitlements.feature":         load[engine.Feature],
	"dispute":                      load[engine.Dispute],
	"invoice":                      load[engine.Invoice],
	"payment_intent":               load[engine.PaymentIntent],
	"payment_method":               load[engine.PaymentMethod],
	"price":                        load[engine.Price],
	"product":                      load[engine.Product],
	"promotion_code":               load[engine.PromotionCode],
	"quote":                        load[engine.Quote],
	"refund":                       load[engine.Refund],
	"setup_attempt":                load[engine.SetupAttempt],
	"setup_intent":                 load[engine.SetupIntent],
	"subscription":                 load[engine.Subscription],
	"subscription_schedule":        load[engine.SubscriptionSchedule],
	"tax_id":                       load[engine.TaxID],
	"tax_rate":                     load[engine.TaxRate],
	"test_helpers.test_clock":      load[engine.TestClock],

	"billing.credit_balance_transaction": load[engine.CreditBalanceTransaction],
	"billing.credit_grant":               load[engine.CreditGrant],
}

func load[T any](w *engine.World, id string) (any, bool) {
	found, ok := engine.Get[T](w, id)
	return found, ok
}

// loadCard finds a card of the old kind.
func loadCard(w *engine.World, id string) (any, bool) {
	card, ok := engine.Get[engine.PaymentMethod](w, id)
	if !ok || !card.Legacy() {
		return nil, false
	}
	return &engine.Source{Card: card}, true
}

// lazyFields are left out of an object unless expanded, by the object's name: what they hold, given the object's id.
var lazyFields = map[string]map[string]func(v *view, id string) any{
	"price": {
		"currency_options": of(func(_ *view, p *engine.Price) any { return currencyOptions(p) }),
		"tiers":            of(func(_ *view, p *engine.Price) any { return tiers(p.Tiers) }),
	},
	"plan": {
		"tiers": of(func(_ *view, p *engine.Price) any { return tiers(p.Tiers) }),
	},
	"coupon": {
		"applies_to":       of(func(_ *view, c *engine.Coupon) any { return appliesTo(c) }),
		"currency_options": of(func(_ *view, c *engine.Coupon) any { return couponCurrencies(c) }),
	},
	"customer": {
		"cash_balance":           func(*view, string) any { return nil },
		"invoice_credit_balance": of(func(_ *view, c *engine.Customer) any { return creditBalance(c) }),
		"sources":                (*view).sources,
		"subscriptions": func(v *view, id string) any {
			return v.counted(engine.ListSubscriptions{Customer: engine.Some(id)}, "/v1/customers/"+id+"/subscriptions")
		},
		"tax": func(*view, string) any {
			return object{"automatic_tax": "unrecognized_location", "ip_address": nil, "location": nil, "provider": "stripe"}
		},
		"tax_ids": func(v *view, id string) any {
			return v.part(engine.ListCustomerTaxIDs{Customer: id}, "/v1/customers/"+id+"/tax_ids")
		},
	},
	"invoice": {
		"confirmation_secret": of((*view).confirmationSecret),
		"payments": func(v *view, id string) any {
			return v.part(engine.ListInvoicePayments{Invoice: engine.Some(id)}, "/v1/invoices/payments")
		},
	},
	"quote": {
		"line_items": of((*view).quoteLines),
	},
	"checkout.session": {
		"line_items": of((*view).checkoutLines),
	},
	"payment_link": {
		"line_items": of((*view).paymentLinkLines),
	},
	"charge": {
		"refunds": func(v *view, id string) any {
			return v.counted(engine.ListRefunds{Charge: engine.Some(id)}, "/v1/charges/"+id+"/refunds")
		},
	},
}

// of makes a lazy field of an object in the world. A preview is not in the world, and has none of them.
func of[T any](field func(v *view, o *T) any) func(v *view, id string) any {
	return func(v *view, id string) any {
		found, ok := engine.Get[T](v.world, id)
		if !ok {
			return nil
		}
		return field(v, found)
	}
}

// creditBalance is the customer's balance by currency, with the sign of credit.
func creditBalance(c *engine.Customer) object {
	if c.Balance >= 0 {
		return object{}
	}
	return object{c.Currency: -c.Balance}
}

// confirmationSecret is how the payer's browser pays an invoice.
func (v *view) confirmationSecret(i *engine.Invoice) any {
	intent, ok := engine.Get[engine.PaymentIntent](v.world, i.PaymentIntent)
	if !ok {
		return nil
	}
	return object{"client_secret": intent.ClientSecret, "type": "payment_intent"}
}

func (v *view) checkoutLines(s *engine.CheckoutSession) any {
	return v.inside(v.checkoutItems(s.Lines), "/v1/checkout/sessions/"+s.ID+"/line_items")
}

// part is a list inside an object: its first page, empty for an object that is not in the world.
func (v *view) part(q engine.Query, url string) object {
	page, err := v.world.Query(q)
	if err != nil {
		page = &engine.Listing{}
	}
	return v.list(page, url)
}

// counted is a part that tells how much it shows.
func (v *view) counted(q engine.Query, url string) object {
	o := v.part(q, url)
	o["total_count"] = len(o["data"].([]any))
	return o
}

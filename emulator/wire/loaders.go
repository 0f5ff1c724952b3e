package wire

import "github.com/dues-billing/dues/emulator/engine"

// loaders find the object that an expandable id names, by the schema that stands there.
var loaders = map[string]func(*engine.World, string) (any, bool){
	"balance_transaction":          load[engine.BalanceTransaction],
	"billing_portal.configuration": load[engine.PortalConfiguration],
	"charge":                       load[engine.Charge],
	"checkout.session":             load[engine.CheckoutSession],
	"customer":                     load[engine.Customer],
	"invoice":                      load[engine.Invoice],
	"payment_intent":               load[engine.PaymentIntent],
	"payment_method":               load[engine.PaymentMethod],
	"price":                        load[engine.Price],
	"product":                      load[engine.Product],
	"refund":                       load[engine.Refund],
	"setup_intent":                 load[engine.SetupIntent],
	"subscription":                 load[engine.Subscription],
	"test_helpers.test_clock":      load[engine.TestClock],
}

func load[T any](w *engine.World, id string) (any, bool) {
	found, ok := engine.Get[T](w, id)
	return found, ok
}

// lazyFields are left out of an object unless expanded, by the object's name: what they hold, given the object's id.
var lazyFields = map[string]map[string]func(v *view, id string) any{
	"price": {
		"currency_options": func(v *view, id string) any { return currencyOptions(must[engine.Price](v, id)) },
		"tiers":            func(v *view, id string) any { return tiers(must[engine.Price](v, id).Tiers) },
	},
	"plan": {
		"tiers": func(v *view, id string) any { return tiers(must[engine.Price](v, id).Tiers) },
	},
	"customer": {
		"cash_balance":           func(*view, string) any { return nil },
		"invoice_credit_balance": func(v *view, id string) any { return creditBalance(must[engine.Customer](v, id)) },
		"sources":                func(v *view, id string) any { return v.inside(nil, "/v1/customers/"+id+"/sources") },
		"subscriptions": func(v *view, id string) any {
			return v.counted(engine.ListSubscriptions{Customer: engine.Some(id)}, "/v1/customers/"+id+"/subscriptions")
		},
		"tax": func(*view, string) any {
			return object{"automatic_tax": "unrecognized_location", "ip_address": nil, "location": nil, "provider": "stripe"}
		},
		"tax_ids": func(v *view, id string) any { return v.inside(nil, "/v1/customers/"+id+"/tax_ids") },
	},
	"invoice": {
		"confirmation_secret": func(v *view, id string) any { return v.confirmationSecret(must[engine.Invoice](v, id)) },
		"payments": func(v *view, id string) any {
			page, err := v.world.Query(engine.ListInvoicePayments{Invoice: engine.Some(id)})
			if err != nil {
				return nil
			}
			return v.list(page, "/v1/invoices/payments")
		},
	},
	"checkout.session": {
		"line_items": func(v *view, id string) any { return v.checkoutLines(must[engine.CheckoutSession](v, id)) },
	},
	"charge": {
		"refunds": func(v *view, id string) any {
			return v.counted(engine.ListRefunds{Charge: engine.Some(id)}, "/v1/charges/"+id+"/refunds")
		},
	},
}

// must reads the object that was just rendered.
func must[T any](v *view, id string) *T {
	found, ok := engine.Get[T](v.world, id)
	if !ok {
		panic("wire: a rendered object is not in the world: " + id)
	}
	return found
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

func (v *view) checkoutLines(s *engine.CheckoutSession) object {
	data := make([]any, len(s.Lines))
	for i, line := range s.Lines {
		data[i] = v.checkoutLine(line)
	}
	return v.inside(data, "/v1/checkout/sessions/"+s.ID+"/line_items")
}

// counted is a list inside an object, with the number of what it shows.
func (v *view) counted(q engine.Query, url string) object {
	page, err := v.world.Query(q)
	if err != nil {
		panic("wire: the list inside an object cannot be read: " + err.Error())
	}
	o := v.list(page, url)
	o["total_count"] = len(page.Data)
	return o
}

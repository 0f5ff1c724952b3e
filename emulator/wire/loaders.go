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

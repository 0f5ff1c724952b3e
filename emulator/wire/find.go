package wire

import (
	"maps"
	"slices"

	"github.com/dues-billing/dues/emulator/engine"
)

// findable are the objects that the API reads by an id of their own and that no other object names so that it could be expanded.
var findable = map[string]func(*engine.World, string) (any, bool){
	"billing.alert":          load[engine.Alert],
	"billing_portal.session": load[engine.PortalSession],
	"event":                  load[engine.Event],
	"invoiceitem":            load[engine.InvoiceItem],
	"invoice_payment":        load[engine.InvoicePayment],
	"shipping_rate":          load[engine.ShippingRate],
	"webhook_endpoint":       load[engine.WebhookEndpoint],
	"entitlements.active":    load[engine.ActiveEntitlement],
}

// byID are the ways to find an object when only its id is known, in an order that is always the same.
var byID = func() []func(*engine.World, string) (any, bool) {
	all := maps.Clone(loaders)
	maps.Copy(all, findable)
	var ways []func(*engine.World, string) (any, bool)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		ways = append(ways, all[name])
	}
	return ways
}()

// Find is the object of a world with an id, if [World.JSON] shows it.
func Find(w *engine.World, id string) (any, bool) {
	for _, way := range byID {
		if found, ok := way(w, id); ok {
			return found, true
		}
	}
	return nil, false
}

// JSON is an object of the world by its id, as the API answers it in the account's version.
func (w World) JSON(id string) ([]byte, bool) {
	a := w.account
	a.mu.Lock()
	defer a.mu.Unlock()
	found, ok := Find(a.world, id)
	if !ok {
		return nil, false
	}
	return inMode(a.key, encode(a.view().render(found))), true
}

// Chaos are the things that go wrong with the world's webhooks.
func (w World) Chaos() []Chaos {
	var out []Chaos
	w.account.locked(func() { out = slices.Clone(w.account.chaos) })
	return out
}

package wire

import (
	"sync"

	"github.com/dues-billing/dues/emulator/engine"
)

// NativeVersion is the API version in whose shape objects are rendered before they are adapted to the version asked for. It is the one that
// stripe-go v86 pins.
const NativeVersion = "2026-06-24.dahlia"

// oldestVersion is the first of the releases whose shapes are served: basil moved periods, payments and taxes to where they are now.
const oldestVersion = "2025-03-31.basil"

// laterVersions came after the OpenAPI document that the parameter table is made from.
var laterVersions = []string{"2026-09-30.endive", "2026-10-28.endive"}

// knownVersions are all versions that Stripe has, from the enum of an endpoint's api_version.
var knownVersions = sync.OnceValue(func() map[string]bool {
	known := map[string]bool{}
	create := stripeSpec().ops["POST /v1/webhook_endpoints"].params()
	for _, version := range create.fields["api_version"].values {
		known[version] = true
	}
	return known
})

// checkVersion refuses a version that Stripe does not have, and one older than what this emulator renders. Versions begin with their date,
// so they compare as texts.
func checkVersion(version string) *engine.Error {
	if !knownVersions()[version] {
		return badRequest("", "", "Invalid Stripe API version: %s", shorten(version))
	}
	if version < oldestVersion {
		return badRequest("version_unsupported", "", "This emulator speaks Stripe's API from %s on; %s is a version of Stripe that it does not render.",
			oldestVersion, version)
	}
	return nil
}

// modernize rewrites the request forms of the endive releases to those of dahlia, which the commands read:
// billing_cycle_anchor[type]=now was billing_cycle_anchor=now, and allowed_payment_method_types was payment_method_types. In the other
// direction it gives the words of ui_mode before dahlia their names of today.
func modernize(form *Node) {
	if mode := form.Child("ui_mode"); mode != nil {
		for today, before := range uiModes {
			if mode.Text == before {
				mode.Text = today
			}
		}
	}
	for _, n := range []*Node{form, form.Child("subscription_details")} {
		if n == nil {
			continue
		}
		if anchor := n.Child("billing_cycle_anchor"); anchor != nil && anchor.branch {
			if kind := anchor.Child("type"); kind != nil && len(anchor.Children) == 1 {
				*anchor = *kind
			}
		}
	}
	if form.Child("payment_method_types") == nil {
		if types := form.Remove("allowed_payment_method_types"); types != nil {
			form.add("payment_method_types", types)
		}
	}
}

// since lists the keys that came into objects with a version, by object; a rendering for an older version leaves them out.
var since = []struct {
	version string
	object  string
	keys    []string
}{
	{"2026-06-24.dahlia", "payment_intent", []string{"managed_payments", "allowed_payment_method_types", "shared_payment_granted_token"}},
	{"2026-05-27.dahlia", "subscription", []string{"billing_schedules"}},
	{"2026-05-27.dahlia", "invoice", []string{"amount_paid_off_stripe"}},
	{"2026-03-25.dahlia", "", []string{"customer_account"}},
	{"2026-03-25.dahlia", "line_item", []string{"quantity_decimal"}},
	{"2026-03-25.dahlia", "invoiceitem", []string{"quantity_decimal"}},
	{"2026-03-25.dahlia", "payment_method", []string{"shared_payment_granted_token"}},
	{"2026-03-25.dahlia", "checkout.session", []string{"integration_identifier"}},
	{"2025-12-15.clover", "line_item", []string{"subtotal"}},
	{"2025-09-30.clover", "invoiceitem", []string{"net_amount", "proration_details"}},
	{"2025-06-30.basil", "subscription", []string{"billing_mode"}},
}

// uiModesSince is the version in which the words of Checkout's ui_mode changed.
const uiModesSince = "2026-03-25.dahlia"

// uiModes are the words for Checkout's ui_mode before dahlia.
var uiModes = map[string]string{"hosted_page": "hosted", "embedded_page": "embedded", "elements": "custom"}

// sourcesSince is the version in which the coupon of a discount and of a promotion code moved into an object of its own. Before it, the whole
// coupon stood in its place.
const sourcesSince = "2025-09-30.clover"

// couponOf are the keys that hold the coupon since then, by object.
var couponOf = map[string]string{"discount": "source", "promotion_code": "promotion"}

// adapt turns a rendering of the native version into that of another one, in place.
func (v *view) adapt(x any, version string) {
	if version == NativeVersion {
		return
	}
	switch x := x.(type) {
	case object:
		name := text(x["object"])
		if name == "event" {
			return // it was rendered in its own version
		}
		for _, s := range since {
			if version < s.version && (s.object == name || s.object == "" && name != "") {
				for _, key := range s.keys {
					delete(x, key)
				}
			}
		}
		if name == "checkout.session" && version < uiModesSince {
			if word, ok := uiModes[text(x["ui_mode"])]; ok {
				x["ui_mode"] = word
			}
		}
		if key := couponOf[name]; key != "" && version < sourcesSince {
			if holder, ok := x[key].(object); ok {
				x["coupon"] = v.resolve(holder["coupon"], []string{"coupon"})
				delete(x, key)
			}
		}
		for _, inner := range x {
			v.adapt(inner, version)
		}
	case []any:
		for _, inner := range x {
			v.adapt(inner, version)
		}
	case []object:
		for _, inner := range x {
			v.adapt(inner, version)
		}
	}
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

package wire

import "github.com/dues-billing/dues/emulator/engine"

// The changes of the years before the trains, when a version was a date.

var featuresNamed = &change{
	version: "2024-04-10", what: "the features of a product are marketing features",
	params: []paramChange{
		{op: createProduct, came: []string{"marketing_features"}, went: marketing, rewrite: renameFeatures},
		{op: updateProduct, came: []string{"marketing_features"}, went: map[string]string{"features": "([{name!:s80}]/<>)"}, rewrite: renameFeatures},
	},
	before: map[string]func(*view, object){"product": func(_ *view, o object) { o["features"] = o["marketing_features"] }},
	came:   map[string][]string{"product": {"marketing_features"}},
}

var marketing = map[string]string{"features": "[{name!:s80}]"}

func renameFeatures(form *Node) {
	if features := form.Remove("features"); features != nil {
		form.add("marketing_features", features)
	}
}

var captureLater = &change{
	version: "2024-04-10", what: "a charge is captured after the answer unless the request says otherwise",
	params: []paramChange{{op: createIntent, rewrite: byDefault("automatic", "capture_method")}},
}

// byDefault gives a parameter the value that it had when it was absent.
func byDefault(value string, path ...string) func(*Node) {
	return func(form *Node) {
		if form.Child(path[0]) == nil {
			form.setText(value, path...)
		}
	}
}

var methodsByDefault = &change{
	version: "2023-08-16", what: "the account's payment methods are offered unless the request says otherwise",
	params: []paramChange{{op: createIntent, rewrite: cardsOnly}, {op: createSetup, rewrite: cardsOnly}},
}

func cardsOnly(form *Node) {
	if form.Child("automatic_payment_methods") == nil {
		byDefault("card", "payment_method_types", "0")(form)
	}
}

var latestCharge = &change{
	version: "2022-11-15", what: "a payment names its latest charge, and charges do not carry their refunds",
	came: map[string][]string{"payment_intent": {"latest_charge"}},
	before: map[string]func(*view, object){
		"payment_intent": func(v *view, o object) {
			id := text(o["id"])
			o["charges"] = v.nativePart(engine.ListCharges{PaymentIntent: engine.Some(id)}, "/v1/charges?payment_intent="+id)
		},
		"charge": func(v *view, o object) {
			id := text(o["id"])
			o["refunds"] = v.nativePart(engine.ListRefunds{Charge: engine.Some(id)}, "/v1/charges/"+id+"/refunds")
		},
	},
	fields: map[string]map[string]field{"payment_intent": {"charges": {targets: []string{"charge"}}}},
}

// nativePart is a counted part as it stands inside an object that adapt is at.
func (v *view) nativePart(q engine.Query, url string) object {
	page, err := v.world.Query(q)
	if err != nil {
		page = &engine.Listing{}
	}
	data := make([]any, len(page.Data))
	for i, o := range page.Data {
		data[i] = v.native(o)
	}
	return object{"object": "list", "data": data, "has_more": page.HasMore, "total_count": len(data), "url": url}
}

var pendingItemsExcluded = &change{
	version: "2022-08-01", what: "an invoice does not take what is pending unless the request says so; customers lose their default currency",
	params: []paramChange{
		{op: createInvoice, rewrite: byDefault("include", "pending_invoice_items_behavior")},
		{op: createSession, refuse: paymentAtOnce},
	},
	before: map[string]func(*view, object){"customer": func(_ *view, o object) {
		if o["deleted"] != true {
			o["default_currency"] = o["currency"]
		}
	}},
}

// paymentAtOnce refuses a session that would have had its PaymentIntent from the start.
func paymentAtOnce(form *Node) *engine.Error {
	if mode := form.Child("mode"); mode == nil || mode.Text != "payment" {
		return nil
	}
	return badRequest("version_unsupported", "mode", "Before version 2022-08-01 a session in payment mode has a PaymentIntent at once, which this "+
		"emulator does not make.")
}

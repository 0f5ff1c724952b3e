package wire

import (
	"strconv"
	"strings"

	"github.com/dues-billing/dues/emulator/engine"
)

const basil = "2025-03-31.basil"

var basilMode = &change{
	version: "2025-06-30.basil", what: "subscriptions have a billing mode",
	params: []paramChange{{op: createSubscription, came: []string{"billing_mode"}}},
	came:   map[string][]string{"subscription": {"billing_mode"}, "subscription_schedule": {"billing_mode"}},
}

// basilThresholds took billing thresholds away; they came back two versions later.
var basilThresholds = &change{
	version: basil, what: "billing thresholds are gone",
	params: thresholdChanges(func(path, kind string) paramChange { return paramChange{went: map[string]string{path: kind}} }),
	before: map[string]func(*view, object){"subscription": (*view).thresholdsBefore, "subscription_item": (*view).itemThresholdBefore},
}

// unlessThere shows a key as null.
func unlessThere(key string) func(*view, object) {
	return func(_ *view, o object) {
		if _, there := o[key]; !there {
			o[key] = nil
		}
	}
}

// basilSubscriptions moved periods to the items, and discounts into lists.
var basilSubscriptions = &change{
	version: basil, what: "periods belong to the items of a subscription, discounts stand in lists",
	params: []paramChange{
		{op: createSubscription, went: oneDiscount, rewrite: discountIntoList},
		{op: updateSubscription, went: oneDiscount, rewrite: discountIntoList},
		{op: "POST /v1/customers/{customer}/subscriptions", went: oneDiscount, rewrite: discountIntoList},
		{op: "POST " + theirs, went: oneDiscount, rewrite: discountIntoList},
		{op: previewInvoice, went: map[string]string{"coupon": "s5000"}, rewrite: discountIntoList},
	},
	before: map[string]func(*view, object){
		"subscription": func(v *view, o object) {
			o["current_period_start"], o["current_period_end"] = periodOf(o["items"])
			v.firstDiscount(o)
			for _, key := range []string{"plan", "quantity"} { // null, not absent, when there are several items
				unlessThere(key)(v, o)
			}
		},
		"subscription_item": func(_ *view, o object) {
			delete(o, "current_period_start")
			delete(o, "current_period_end")
		},
		"subscription_schedule": func(_ *view, o object) {
			phases, _ := o["phases"].([]any)
			for _, phase := range phases {
				if p, ok := phase.(object); ok {
					p["coupon"] = couponOf(p["discounts"])
				}
			}
		},
	},
	fields: map[string]map[string]field{
		"subscription": {"discount": {targets: []string{"discount"}}},
	},
}

// oneDiscount is any text: an empty one unsets it.
var oneDiscount = map[string]string{"coupon": "<?>", "promotion_code": "<?>"}

// discountIntoList makes coupon=x the list of discounts that it stands for; an empty coupon empties it.
func discountIntoList(form *Node) {
	for _, key := range []string{"coupon", "promotion_code"} {
		one := form.Remove(key)
		switch {
		case one == nil:
		case one.Text == "":
			if form.Child("discounts") == nil {
				form.add("discounts", one)
			}
		default:
			form.put([]string{"discounts", "", key}, one.Text) //nolint:errcheck // a discounts that is no list is refused by the definition
		}
	}
}

// periodOf is the period that a subscription had before its items had their own: the one that ends first.
func periodOf(items any) (start, end any) {
	list, _ := items.(object)
	data, _ := list["data"].([]any)
	for _, item := range data {
		o, _ := item.(object)
		if e, ok := o["current_period_end"].(int64); ok && (end == nil || e < end.(int64)) {
			start, end = o["current_period_start"], e
		}
	}
	return start, end
}

// firstDiscount shows the first of the discounts as the only one, whole.
func (v *view) firstDiscount(o object) {
	o["discount"] = nil
	switch list := o["discounts"].(type) {
	case []string:
		if len(list) > 0 {
			o["discount"] = v.inPlace(list[0], "discount")
		}
	case []any:
		if len(list) > 0 {
			o["discount"] = v.inPlace(list[0], "discount")
		}
	}
}

// couponOf is the id of the first coupon in a list of discounts to be, or null.
func couponOf(discounts any) any {
	if list, ok := discounts.([]any); ok && len(list) > 0 {
		if first, ok := list[0].(object); ok {
			return first["coupon"]
		}
	}
	return nil
}

// basilInvoices gave invoices and their lines a parent and took the payment, the taxes and the price out of them.
var basilInvoices = &change{
	version: basil, what: "invoices have a parent and payments, lines a parent and a pricing",
	params: []paramChange{
		{op: createInvoiceItem, came: []string{"pricing"}, went: itemPrice, rewrite: itemPricing},
		{op: updateInvoiceItem, came: []string{"pricing"}, went: itemPrice, rewrite: itemPricing},
		{op: upcomingInvoice, refuse: refuseTwice, rewrite: flatPreview},
		{op: upcomingLines, refuse: refuseTwice, rewrite: flatPreview},
	},
	came: map[string][]string{
		"invoice":     {"amount_overpaid", "confirmation_secret", "parent", "payments", "total_taxes"},
		"line_item":   {"parent", "pricing", "taxes"},
		"invoiceitem": {"parent", "pricing"},
		"credit_note": {"refunds", "total_taxes"},
	},
	went: map[string][]string{"invoice": {"charge", "paid_out_of_band", "payment_intent"}},
	before: map[string]func(*view, object){
		"invoice": (*view).invoiceBeforeBasil, "line_item": (*view).lineBeforeBasil, "invoiceitem": (*view).itemBeforeBasil,
		"credit_note": (*view).creditNoteBeforeBasil, "credit_note_line_item": taxesBeforeBasil,
	},
	fields: map[string]map[string]field{
		"invoice": {
			"charge": expandable("charge"), "discount": {targets: []string{"discount"}}, "payment_intent": expandable("payment_intent"),
			"quote": expandable("quote"), "subscription": expandable("subscription"),
		},
		"line_item":   {"plan": {targets: []string{"plan"}}, "price": {targets: []string{"price"}}},
		"invoiceitem": {"plan": {targets: []string{"plan"}}, "price": {targets: []string{"price"}}, "subscription": expandable("subscription")},
		"credit_note": {"refund": expandable("refund")},
	},
}

func expandable(schema string) field { return field{targets: []string{schema}, byID: true} }

var itemPrice = map[string]string{"price": "s5000", "unit_amount": "i"}

// itemPricing says an item's price and its whole unit amount in the words of basil.
func itemPricing(form *Node) {
	form.nest("price", "pricing", "price")
	if amount := form.Remove("unit_amount"); amount != nil && form.Child("unit_amount_decimal") == nil {
		form.add("unit_amount_decimal", amount)
	}
}

// invoiceBeforeBasil is an invoice that names its subscription, its payment and its tax itself.
func (v *view) invoiceBeforeBasil(o object) {
	if _, there := o["total_taxes"]; !there {
		return
	}
	o["quote"], o["subscription"], o["subscription_details"] = nil, nil, object{"metadata": nil}
	if parent, ok := o["parent"].(object); ok {
		if details, ok := parent["subscription_details"].(object); ok {
			o["subscription"], o["subscription_details"] = details["subscription"], object{"metadata": details["metadata"]}
			if date, ok := details["subscription_proration_date"]; ok {
				o["subscription_proration_date"] = date
			}
		}
		if details, ok := parent["quote_details"].(object); ok {
			o["quote"] = details["quote"]
		}
	}
	o["paid"] = o["status"] == engine.InvoicePaid
	o["tax"], o["total_tax_amounts"] = sumOfTaxes(o["total_taxes"]), taxAmounts(o["total_taxes"])
	o["application_fee_amount"], o["transfer_data"] = nil, nil
	if lines, ok := o["lines"].(object); ok && strings.HasPrefix(text(o["id"]), "upcoming_in_") { // what is to come had no id
		delete(o, "id")
		for _, line := range listOf(lines["data"]) {
			line["invoice"] = nil
		}
	}
	v.firstDiscount(o)
}

func (v *view) lineBeforeBasil(o object) {
	parent, ok := o["parent"].(object)
	if !ok {
		return
	}
	o["type"] = "subscription"
	details, ok := parent["subscription_item_details"].(object)
	if !ok {
		details, _ = parent["invoice_item_details"].(object)
	}
	o["proration"], o["proration_details"], o["subscription"] = details["proration"], details["proration_details"], details["subscription"]
	if item := details["invoice_item"]; item != nil {
		o["type"], o["invoice_item"] = "invoiceitem", item
	}
	if item := details["subscription_item"]; item != nil {
		o["subscription_item"] = item
	}
	v.priceBeforeBasil(o)
	o["tax_rates"] = v.ratesOf(o["taxes"])
	taxesBeforeBasil(v, o)
}

func (v *view) itemBeforeBasil(o object) {
	if _, there := o["pricing"]; !there {
		return
	}
	o["subscription"] = nil
	if parent, ok := o["parent"].(object); ok {
		if details, ok := parent["subscription_details"].(object); ok {
			o["subscription"] = details["subscription"]
			if item := details["subscription_item"]; item != nil {
				o["subscription_item"] = item
			}
		}
	}
	v.priceBeforeBasil(o)
	o["unit_amount"], o["unit_amount_decimal"] = nil, nil
	if quantity, ok := o["quantity"].(int64); ok && quantity != 0 {
		if amount := o["amount"].(int64); amount%quantity == 0 {
			o["unit_amount"], o["unit_amount_decimal"] = amount/quantity, strconv.FormatInt(amount/quantity, 10)
		}
	}
	if pricing, ok := o["pricing"].(object); ok && pricing["unit_amount_decimal"] != nil {
		o["unit_amount"], o["unit_amount_decimal"] = wholeText(pricing["unit_amount_decimal"]), pricing["unit_amount_decimal"]
	}
}

// wholeText is a decimal text as an integer when it is one, else null.
func wholeText(decimal any) any {
	if n, err := strconv.ParseInt(text(decimal), 10, 64); err == nil {
		return n
	}
	return nil
}

// priceBeforeBasil shows the whole price, and the plan that a recurring one also is.
func (v *view) priceBeforeBasil(o object) {
	o["price"], o["plan"] = nil, nil
	pricing, _ := o["pricing"].(object)
	details, _ := pricing["price_details"].(object)
	price, ok := v.priceOf(text(details["price"]))
	if !ok {
		return
	}
	o["price"] = v.price(price)
	if price.Recurring != nil {
		o["plan"] = v.plan(price)
	}
}

// taxesBeforeBasil tells the taxes of a line with their rates, and the amounts without them.
func taxesBeforeBasil(_ *view, o object) {
	taxes, there := o["taxes"]
	if !there {
		return
	}
	o["tax_amounts"] = taxAmounts(taxes)
	delete(o, "taxes")
	amount, ok := o["amount"].(int64)
	if !ok {
		return
	}
	for _, tax := range listOf(taxes) {
		if tax["tax_behavior"] == "inclusive" {
			amount -= tax["amount"].(int64)
		}
	}
	o["amount_excluding_tax"], o["unit_amount_excluding_tax"] = amount, nil
	if quantity, ok := o["quantity"].(int64); ok && quantity != 0 && amount%quantity == 0 {
		o["unit_amount_excluding_tax"] = strconv.FormatInt(amount/quantity, 10)
	}
}

func (v *view) creditNoteBeforeBasil(o object) {
	taxes, there := o["total_taxes"]
	if !there {
		return
	}
	o["tax_amounts"], o["refund"] = taxAmounts(taxes), nil
	if refunds := listOf(o["refunds"]); len(refunds) > 0 {
		o["refund"] = refunds[0]["refund"]
	}
}

// listOf are the objects of a list.
func listOf(list any) []object {
	all, _ := list.([]any)
	var out []object
	for _, one := range all {
		if o, ok := one.(object); ok {
			out = append(out, o)
		}
	}
	return out
}

// taxAmounts are taxes in the words of before: the rate by its id, inclusive as a yes or no.
func taxAmounts(taxes any) []any {
	out := []any{}
	for _, tax := range listOf(taxes) {
		rate, _ := tax["tax_rate_details"].(object)
		out = append(out, object{
			"amount": tax["amount"], "inclusive": tax["tax_behavior"] == "inclusive", "tax_rate": rate["tax_rate"],
			"taxability_reason": tax["taxability_reason"], "taxable_amount": tax["taxable_amount"],
		})
	}
	return out
}

// sumOfTaxes is the tax of an invoice, null without any.
func sumOfTaxes(taxes any) any {
	all := listOf(taxes)
	if len(all) == 0 {
		return nil
	}
	var sum int64
	for _, tax := range all {
		sum += tax["amount"].(int64)
	}
	return sum
}

// ratesOf are the whole tax rates of taxes.
func (v *view) ratesOf(taxes any) []any {
	out := []any{}
	for _, tax := range listOf(taxes) {
		rate, _ := tax["tax_rate_details"].(object)
		if _, known := loaders["tax_rate"]; known && rate != nil {
			out = append(out, v.inPlace(rate["tax_rate"], "tax_rate"))
		}
	}
	return out
}

// basilPayments took the invoice out of payments, and the address of a session to what it collected.
var basilPayments = &change{
	version: basil, what: "payments do not name their invoice; sessions collect the address",
	went: map[string][]string{"charge": {"invoice"}, "payment_intent": {"invoice"}},
	before: map[string]func(*view, object){"checkout.session": func(_ *view, o object) {
		if collected, ok := o["collected_information"].(object); ok {
			o["shipping_details"] = collected["shipping_details"]
		}
	}},
	came: map[string][]string{"": {"presentment_details"}, "customer_balance_transaction": {"checkout_session"}},
	fields: map[string]map[string]field{
		"charge": {"invoice": expandable("invoice")}, "payment_intent": {"invoice": expandable("invoice")},
	},
}

package wire

import "github.com/dues-billing/dues/emulator/engine"

// change is what one version of Stripe's API did: how requests of earlier versions are read, and how today's objects are shown to them.
// Everything in it is about the step from its version to the one before; versions further back are reached step by step.
type change struct {
	version string
	what    string // for people

	params []paramChange

	came   map[string][]string                // the keys that it brought, by object, "" for all: earlier versions lack them
	went   map[string][]string                // the keys that renderings carry for earlier versions, and that it took away
	before map[string]func(v *view, o object) // turns an object of this version into one of the version before
	after  map[string]func(v *view, o object) // of versions after the native one: turns an object into this version's
	fields map[string]map[string]field        // what could be expanded before, by object
}

// paramChange is what a change did to the parameters of an operation.
type paramChange struct {
	op      string                         // METHOD PATH
	came    []string                       // paths of the parameters that it brought
	went    map[string]string              // paths of those that it took away, with their definition in the words of specText; ! marks a required one
	refuse  func(form *Node) *engine.Error // what the version before did otherwise, and this emulator does not do
	brought map[string]string              // of versions after the native one: paths of the parameters that it brought, with their definition
	rewrite func(form *Node)               // says a request of the version before in the words of this one
}

// changes are Stripe's, newest first. What it adds within a train is in the list since the trains began (acacia); what it added before
// reached all versions.
var changes = []*change{
	endiveStatus,
	{
		version: "2026-06-24.dahlia", what: "payments can be managed, and their methods allowed",
		came: map[string][]string{"payment_intent": {"managed_payments", "allowed_payment_method_types", "shared_payment_granted_token"}},
	},
	{
		version: "2026-05-27.dahlia", what: "billing schedules; amounts paid elsewhere; a test clock takes a customer",
		params: []paramChange{{op: "POST /v1/test_helpers/test_clocks", came: []string{"customer"}}},
		came:   map[string][]string{"subscription": {"billing_schedules"}, "invoice": {"amount_paid_off_stripe"}},
	},
	dahliaWords,
	{
		version: "2026-03-25.dahlia", what: "quantities as decimals; accounts as customers",
		came: map[string][]string{
			"": {"customer_account"}, "line_item": {"quantity_decimal"}, "invoiceitem": {"quantity_decimal"},
			"payment_method": {"shared_payment_granted_token"}, "checkout.session": {"integration_identifier"},
		},
		before: map[string]func(*view, object){"payment_intent": func(_ *view, o object) { cutReference(o) }},
	},
	{
		version: "2025-12-15.clover", what: "lines tell their subtotal",
		came: map[string][]string{"line_item": {"subtotal"}},
	},
	{
		version: "2025-10-29.clover", what: "payments tell what they are for",
		came: map[string][]string{"payment_intent": {"payment_details"}, "setup_intent": {"excluded_payment_method_types"}},
	},
	cloverSources,
	cloverPhases,
	{
		version: "2025-09-30.clover", what: "proration details of items; names of businesses and people; branding",
		came: map[string][]string{
			"invoiceitem": {"net_amount", "proration_details"}, "customer": {"business_name", "individual_name"},
			"checkout.session": {"branding_settings", "name_collection"},
		},
	},
	{
		version: "2025-08-27.basil", what: "portal configurations have names",
		came: map[string][]string{"billing_portal.configuration": {"name"}, "payment_intent": {"excluded_payment_method_types"}},
	},
	{
		version: "2025-07-30.basil", what: "where a session came from",
		came: map[string][]string{"checkout.session": {"origin_context"}},
	},
	basilMode,
	{
		version: "2025-05-28.basil", what: "credit notes before and after the payment; billing thresholds are back",
		params: thresholdChanges(func(path, _ string) paramChange { return paramChange{came: []string{path}} }),
		came: map[string][]string{
			"credit_note": {"pre_payment_amount", "post_payment_amount"}, "subscription": {"billing_thresholds"}, "subscription_item": {"billing_thresholds"},
		},
	},
	{
		version: "2025-04-30.basil", what: "wallets of a session",
		came: map[string][]string{"checkout.session": {"wallet_options"}},
	},
	basilInvoices,
	basilSubscriptions,
	basilPhases,
	basilMeters,
	basilPayments,
	basilThresholds,
	{
		version: "2025-02-24.acacia", what: "what a session collected",
		came: map[string][]string{"checkout.session": {"collected_information"}},
	},
	{
		version: "2025-01-27.acacia", what: "discounts of a session",
		came: map[string][]string{"checkout.session": {"discounts"}},
	},
	{
		version: "2024-11-20.acacia", what: "prices in the payer's currency",
		came: map[string][]string{"checkout.session": {"adaptive_pricing"}},
	},
	featuresNamed,
	captureLater,
	methodsByDefault,
	latestCharge,
	pendingItemsExcluded,
}

// Operations that several changes are about.
const (
	createSubscription  = "POST /v1/subscriptions"
	updateSubscription  = "POST /v1/subscriptions/{subscription_exposed_id}"
	createItem          = "POST /v1/subscription_items"
	updateItem          = "POST /v1/subscription_items/{item}"
	createInvoiceItem   = "POST /v1/invoiceitems"
	updateInvoiceItem   = "POST /v1/invoiceitems/{invoiceitem}"
	createInvoice       = "POST /v1/invoices"
	previewInvoice      = "POST /v1/invoices/create_preview"
	createPromotionCode = "POST /v1/promotion_codes"
	createSession       = "POST /v1/checkout/sessions"
	createIntent        = "POST /v1/payment_intents"
	createSetup         = "POST /v1/setup_intents"
	createProduct       = "POST /v1/products"
	updateProduct       = "POST /v1/products/{id}"
)

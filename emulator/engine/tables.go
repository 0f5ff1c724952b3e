package engine

import "strings"

// tables are all objects of a world. Index names are those of the list filters they serve; "clock" serves unfiltered lists, which hide the
// objects of test clocks.
type tables struct {
	customers      *table[Customer]
	balances       *table[CustomerBalanceTransaction]
	products       *table[Product]
	prices         *table[Price]
	coupons        *table[Coupon]
	promotions     *table[PromotionCode]
	discounts      *table[Discount]
	methods        *table[PaymentMethod]
	payments       *table[PaymentIntent]
	setups         *table[SetupIntent]
	charges        *table[Charge]
	refunds        *table[Refund]
	movements      *table[BalanceTransaction]
	subscriptions  *table[Subscription]
	items          *table[SubscriptionItem]
	invoices       *table[Invoice]
	invoiceItems   *table[InvoiceItem]
	invoicePays    *table[InvoicePayment]
	checkouts      *table[CheckoutSession]
	configurations *table[PortalConfiguration]
	portals        *table[PortalSession]
	endpoints      *table[WebhookEndpoint]
	clocks         *table[TestClock]
	events         *table[Event]

	list []anyTable // all of the above, in this order
}

func newTables() tables {
	ts := tables{
		customers: newTable("customer", func(o *Customer) string { return o.ID }).
			byAny("clock", func(o *Customer) string { return hideIf(o.Deleted, o.TestClock) }).
			by("email", func(o *Customer) string { return hideIf(o.Deleted, o.Email) }),
		balances: newTable("customer_balance_transaction", func(o *CustomerBalanceTransaction) string { return o.ID }).
			by("customer", func(o *CustomerBalanceTransaction) string { return o.Customer }).
			by("invoice", func(o *CustomerBalanceTransaction) string { return o.Invoice }),
		products: newTable("product", func(o *Product) string { return o.ID }),
		prices: newTable("price", func(o *Price) string { return o.ID }).
			by("product", func(o *Price) string { return o.Product }).
			by("lookup_key", func(o *Price) string { return o.LookupKey }),
		coupons: newTable("coupon", func(o *Coupon) string { return o.ID }),
		promotions: newTable("promotion_code", func(o *PromotionCode) string { return o.ID }).
			by("coupon", func(o *PromotionCode) string { return o.Coupon }).
			by("code", func(o *PromotionCode) string { return strings.ToLower(o.Code) }),
		discounts: newTable("discount", func(o *Discount) string { return o.ID }),
		methods: newTable("payment_method", func(o *PaymentMethod) string { return o.ID }).
			by("customer", func(o *PaymentMethod) string { return o.Customer }),
		payments: newTable("payment_intent", func(o *PaymentIntent) string { return o.ID }).
			byAny("clock", func(o *PaymentIntent) string { return o.TestClock }).
			by("customer", func(o *PaymentIntent) string { return o.Customer }),
		setups: newTable("setup_intent", func(o *SetupIntent) string { return o.ID }).
			byAny("clock", func(o *SetupIntent) string { return o.TestClock }).
			by("customer", func(o *SetupIntent) string { return o.Customer }).
			by("payment_method", func(o *SetupIntent) string { return o.PaymentMethod }),
		charges: newTable("charge", func(o *Charge) string { return o.ID }).
			byAny("clock", func(o *Charge) string { return o.TestClock }).
			by("customer", func(o *Charge) string { return o.Customer }).
			by("payment_intent", func(o *Charge) string { return o.PaymentIntent }),
		refunds: newTable("refund", func(o *Refund) string { return o.ID }).
			by("charge", func(o *Refund) string { return o.Charge }).
			by("payment_intent", func(o *Refund) string { return o.PaymentIntent }),
		movements: newTable("balance_transaction", func(o *BalanceTransaction) string { return o.ID }).
			by("source", func(o *BalanceTransaction) string { return o.Source }),
		subscriptions: newTable("subscription", func(o *Subscription) string { return o.ID }).
			by("customer", func(o *Subscription) string { return o.Customer }).
			byAny("clock", func(o *Subscription) string { return o.TestClock }),
		items: newTable("subscription_item", func(o *SubscriptionItem) string { return o.ID }).
			by("subscription", func(o *SubscriptionItem) string { return o.Subscription }).
			by("price", func(o *SubscriptionItem) string { return o.Price }),
		invoices: newTable("invoice", func(o *Invoice) string { return o.ID }).
			by("customer", func(o *Invoice) string { return o.Customer }).
			by("subscription", func(o *Invoice) string { return o.Subscription }).
			by("held", func(o *Invoice) string { return hideIf(len(o.Awaiting) == 0, heldInvoice) }).
			by("hosted_token", func(o *Invoice) string { return hideIf(o.HostedToken == "", o.HostedToken) }).
			byAny("clock", func(o *Invoice) string { return o.TestClock }),
		invoiceItems: newTable("invoiceitem", func(o *InvoiceItem) string { return o.ID }).
			by("customer", func(o *InvoiceItem) string { return o.Customer }).
			by("invoice", func(o *InvoiceItem) string { return o.Invoice }).
			by("pending", func(o *InvoiceItem) string { return hideIf(o.Invoice != "", o.Customer) }).
			byAny("clock", func(o *InvoiceItem) string { return o.TestClock }),
		invoicePays: newTable("invoice_payment", func(o *InvoicePayment) string { return o.ID }).
			by("invoice", func(o *InvoicePayment) string { return o.Invoice }).
			by("payment_intent", func(o *InvoicePayment) string { return o.PaymentIntent }),
		checkouts: newTable("checkout.session", func(o *CheckoutSession) string { return o.ID }).
			byAny("clock", func(o *CheckoutSession) string { return o.TestClock }).
			by("customer", func(o *CheckoutSession) string { return o.Customer }).
			by("subscription", func(o *CheckoutSession) string { return o.Subscription }).
			by("payment_intent", func(o *CheckoutSession) string { return o.PaymentIntent }),
		configurations: newTable("billing_portal.configuration", func(o *PortalConfiguration) string { return o.ID }),
		portals: newTable("billing_portal.session", func(o *PortalSession) string { return o.ID }).
			by("token", func(o *PortalSession) string { return o.Token }),
		endpoints: newTable("webhook_endpoint", func(o *WebhookEndpoint) string { return o.ID }),
		clocks:    newTable("test_helpers.test_clock", func(o *TestClock) string { return o.ID }),
		events: newTable("event", func(o *Event) string { return o.ID }).
			by("type", func(o *Event) string { return o.Type }),
	}
	ts.list = []anyTable{
		ts.customers, ts.balances, ts.products, ts.prices, ts.coupons, ts.promotions, ts.discounts, ts.methods, ts.payments, ts.setups, ts.charges, ts.refunds, ts.movements,
		ts.subscriptions, ts.items, ts.invoices, ts.invoiceItems, ts.invoicePays, ts.checkouts, ts.configurations, ts.portals,
		ts.endpoints, ts.clocks, ts.events,
	}
	return ts
}

// hideIf leaves an object out of an index.
func hideIf(hidden bool, value string) string {
	if hidden {
		return noIndex
	}
	return value
}

// anyTable is a table whatever it holds.
type anyTable interface {
	dump() dumpedTable
}

// tableOf finds the table that holds objects of type T. The list is short, so walking it beats a map.
func tableOf[T any](w *World) *table[T] {
	for _, tb := range w.tables.list {
		if found, ok := tb.(*table[T]); ok {
			return found
		}
	}
	panic("engine: no table for this type")
}

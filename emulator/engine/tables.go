package engine

import "strings"

// tables are all objects of a world, by family. A family declares its tables in one struct and opens them in one function; its file is where
// their indexes are. Index names are those of the list filters they serve; "clock" serves unfiltered lists, which hide the objects of test clocks.
type tables struct {
	customerTables
	catalogueTables
	discountTables
	taxTables
	paymentTables
	subscriptionTables
	scheduleTables
	quoteTables
	invoiceTables
	creditTables
	templateTables
	usageTables
	entitlementTables
	pageTables
	disputeTables
	sourceTables
	shippingTables
	developerTables
	mailTables

	list []anyTable // all of them, in the order they were opened
}

func newTables() tables {
	var ts tables
	for _, family := range []func() []anyTable{
		ts.customerTables.open,
		ts.catalogueTables.open,
		ts.discountTables.open,
		ts.taxTables.open,
		ts.paymentTables.open,
		ts.subscriptionTables.open,
		ts.scheduleTables.open,
		ts.quoteTables.open,
		ts.invoiceTables.open,
		ts.creditTables.open,
		ts.templateTables.open,
		ts.usageTables.open,
		ts.entitlementTables.open,
		ts.pageTables.open,
		ts.disputeTables.open,
		ts.sourceTables.open,
		ts.shippingTables.open,
		ts.developerTables.open,
		ts.mailTables.open,
	} {
		ts.list = append(ts.list, family()...)
	}
	return ts
}

// customerTables hold customers and what is on their balances.
type customerTables struct {
	customers *table[Customer]
	balances  *table[CustomerBalanceTransaction]
}

func (ts *customerTables) open() []anyTable {
	ts.customers = newTable("customer", func(o *Customer) string { return o.ID }).
		byAny("clock", func(o *Customer) string { return hideIf(o.Deleted, o.TestClock) }).
		by("email", func(o *Customer) string { return hideIf(o.Deleted, o.Email) })
	ts.balances = newTable("customer_balance_transaction", func(o *CustomerBalanceTransaction) string { return o.ID }).
		by("customer", func(o *CustomerBalanceTransaction) string { return o.Customer }).
		by("invoice", func(o *CustomerBalanceTransaction) string { return o.Invoice })
	return []anyTable{ts.customers, ts.balances}
}

// catalogueTables hold what is sold and for how much.
type catalogueTables struct {
	products *table[Product]
	prices   *table[Price]
}

func (ts *catalogueTables) open() []anyTable {
	ts.products = newTable("product", func(o *Product) string { return o.ID })
	ts.prices = newTable("price", func(o *Price) string { return o.ID }).
		by("product", func(o *Price) string { return o.Product }).
		by("lookup_key", func(o *Price) string { return o.LookupKey })
	return []anyTable{ts.products, ts.prices}
}

// discountTables hold what is taken off.
type discountTables struct {
	coupons    *table[Coupon]
	promotions *table[PromotionCode]
	discounts  *table[Discount]
}

func (ts *discountTables) open() []anyTable {
	ts.coupons = newTable("coupon", func(o *Coupon) string { return o.ID })
	ts.promotions = newTable("promotion_code", func(o *PromotionCode) string { return o.ID }).
		by("coupon", func(o *PromotionCode) string { return o.Coupon }).
		by("code", func(o *PromotionCode) string { return strings.ToLower(o.Code) })
	ts.discounts = newTable("discount", func(o *Discount) string { return o.ID })
	return []anyTable{ts.coupons, ts.promotions, ts.discounts}
}

// paymentTables hold how money moves.
type paymentTables struct {
	methods   *table[PaymentMethod]
	payments  *table[PaymentIntent]
	setups    *table[SetupIntent]
	charges   *table[Charge]
	refunds   *table[Refund]
	movements *table[BalanceTransaction]
}

func (ts *paymentTables) open() []anyTable {
	ts.methods = newTable("payment_method", func(o *PaymentMethod) string { return o.ID }).
		by("customer", func(o *PaymentMethod) string { return o.Customer })
	ts.payments = newTable("payment_intent", func(o *PaymentIntent) string { return o.ID }).
		byAny("clock", func(o *PaymentIntent) string { return o.TestClock }).
		by("customer", func(o *PaymentIntent) string { return o.Customer })
	ts.setups = newTable("setup_intent", func(o *SetupIntent) string { return o.ID }).
		byAny("clock", func(o *SetupIntent) string { return o.TestClock }).
		by("customer", func(o *SetupIntent) string { return o.Customer }).
		by("payment_method", func(o *SetupIntent) string { return o.PaymentMethod })
	ts.charges = newTable("charge", func(o *Charge) string { return o.ID }).
		byAny("clock", func(o *Charge) string { return o.TestClock }).
		by("customer", func(o *Charge) string { return o.Customer }).
		by("payment_intent", func(o *Charge) string { return o.PaymentIntent })
	ts.refunds = newTable("refund", func(o *Refund) string { return o.ID }).
		by("charge", func(o *Refund) string { return o.Charge }).
		by("payment_intent", func(o *Refund) string { return o.PaymentIntent })
	ts.movements = newTable("balance_transaction", func(o *BalanceTransaction) string { return o.ID }).
		by("source", func(o *BalanceTransaction) string { return o.Source })
	return []anyTable{ts.methods, ts.payments, ts.setups, ts.charges, ts.refunds, ts.movements}
}

// subscriptionTables hold what bills again and again.
type subscriptionTables struct {
	subscriptions *table[Subscription]
	items         *table[SubscriptionItem]
}

func (ts *subscriptionTables) open() []anyTable {
	ts.subscriptions = newTable("subscription", func(o *Subscription) string { return o.ID }).
		by("customer", func(o *Subscription) string { return o.Customer }).
		byAny("clock", func(o *Subscription) string { return o.TestClock })
	ts.items = newTable("subscription_item", func(o *SubscriptionItem) string { return o.ID }).
		by("subscription", func(o *SubscriptionItem) string { return o.Subscription }).
		by("price", func(o *SubscriptionItem) string { return o.Price })
	return []anyTable{ts.subscriptions, ts.items}
}

// invoiceTables hold bills.
type invoiceTables struct {
	invoices     *table[Invoice]
	invoiceItems *table[InvoiceItem]
	invoicePays  *table[InvoicePayment]
}

func (ts *invoiceTables) open() []anyTable {
	ts.invoices = newTable("invoice", func(o *Invoice) string { return o.ID }).
		by("customer", func(o *Invoice) string { return o.Customer }).
		by("subscription", func(o *Invoice) string { return o.Subscription }).
		by("held", func(o *Invoice) string { return hideIf(len(o.Awaiting) == 0, heldInvoice) }).
		by("hosted_token", func(o *Invoice) string { return hideIf(o.HostedToken == "", o.HostedToken) }).
		byAny("clock", func(o *Invoice) string { return o.TestClock })
	ts.invoiceItems = newTable("invoiceitem", func(o *InvoiceItem) string { return o.ID }).
		by("customer", func(o *InvoiceItem) string { return o.Customer }).
		by("invoice", func(o *InvoiceItem) string { return o.Invoice }).
		by("pending", func(o *InvoiceItem) string { return hideIf(o.Invoice != "", o.Customer) }).
		byAny("clock", func(o *InvoiceItem) string { return o.TestClock })
	ts.invoicePays = newTable("invoice_payment", func(o *InvoicePayment) string { return o.ID }).
		by("invoice", func(o *InvoicePayment) string { return o.Invoice }).
		by("payment_intent", func(o *InvoicePayment) string { return o.PaymentIntent })
	return []anyTable{ts.invoices, ts.invoiceItems, ts.invoicePays}
}

// pageTables hold the sessions of hosted pages.
type pageTables struct {
	checkouts      *table[CheckoutSession]
	configurations *table[PortalConfiguration]
	portals        *table[PortalSession]
	links          *table[PaymentLink]
}

func (ts *pageTables) open() []anyTable {
	ts.checkouts = newTable("checkout.session", func(o *CheckoutSession) string { return o.ID }).
		byAny("clock", func(o *CheckoutSession) string { return o.TestClock }).
		by("customer", func(o *CheckoutSession) string { return o.Customer }).
		by("subscription", func(o *CheckoutSession) string { return o.Subscription }).
		by("payment_intent", func(o *CheckoutSession) string { return o.PaymentIntent }).
		by("payment_link", func(o *CheckoutSession) string { return o.PaymentLink }).
		by("recovery", func(o *CheckoutSession) string { return o.recoveryToken() })
	ts.configurations = newTable("billing_portal.configuration", func(o *PortalConfiguration) string { return o.ID })
	ts.portals = newTable("billing_portal.session", func(o *PortalSession) string { return o.ID }).
		by("token", func(o *PortalSession) string { return o.Token })
	ts.links = newTable("payment_link", func(o *PaymentLink) string { return o.ID }).
		by("token", func(o *PaymentLink) string { return o.Token })
	return []anyTable{ts.checkouts, ts.configurations, ts.portals, ts.links}
}

// developerTables hold what developers look at and steer by.
type developerTables struct {
	endpoints *table[WebhookEndpoint]
	clocks    *table[TestClock]
	events    *eventLog
}

func (ts *developerTables) open() []anyTable {
	ts.endpoints = newTable("webhook_endpoint", func(o *WebhookEndpoint) string { return o.ID })
	ts.clocks = newTable("test_helpers.test_clock", func(o *TestClock) string { return o.ID })
	ts.events = newEventLog()
	return []anyTable{ts.endpoints, ts.clocks, ts.events}
}

// hideIf leaves an object out of an index.
func hideIf(hidden bool, value string) string {
	if hidden {
		return noIndex
	}
	return value
}

// rows are the objects of a kind, for reading: a table or the event log.
type rows[T any] interface {
	get(id string) (*T, bool)
	slot(id string) (int32, bool)
	span(index, value string) span
	at(slot int32) *T // nil where a removed object was
}

// rowsOf finds the objects of type T.
func rowsOf[T any](w *World) rows[T] {
	for _, tb := range w.tables.list {
		if found, ok := tb.(*table[T]); ok {
			return found
		}
	}
	log, ok := any(w.keptEvents()).(rows[T])
	if !ok {
		panic("engine: no table for this type")
	}
	return log
}

// anyTable is a table whatever it holds.
type anyTable interface {
	dump() dumpedTable
	copyTo(t *tx, other anyTable)
}

// tableOf finds the table that holds objects of type T. The list is short, so walking it beats a map.
func tableOf[T any](w *World) *table[T] {
	found, ok := rowsOf[T](w).(*table[T])
	if !ok {
		panic("engine: events have no table")
	}
	return found
}

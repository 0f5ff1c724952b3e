package wire

import (
	"slices"

	"github.com/dues-billing/dues/emulator/engine"
)

// routes is the whole map of what is served, by family. One line is one operation, paths as Stripe's OpenAPI document spells them.
var routes = slices.Concat(
	customerRoutes,
	catalogueRoutes,
	discountRoutes,
	taxRoutes,
	subscriptionRoutes,
	customerSubscriptionRoutes,
	scheduleRoutes,
	quoteRoutes,
	invoiceRoutes,
	searchRoutes,
	templateRoutes,
	creditNoteRoutes,
	usageRoutes,
	paymentRoutes,
	entitlementRoutes,
	disputeRoutes,
	moneyRoutes,
	shippingRoutes,
	pageRoutes,
	paymentLinkRoutes,
	developerRoutes,
)

var customerRoutes = []*route{
	post("/v1/customers", "CreateCustomer"),
	list("/v1/customers", engine.ListCustomers{}),
	retrieve[engine.Customer]("/v1/customers/{customer}", "customer", "id"),
	post("/v1/customers/{customer}", "UpdateCustomer"),
	remove("/v1/customers/{customer}", "DeleteCustomer"),
	post("/v1/customers/{customer}/balance_transactions", "CreateCustomerBalanceTransaction"),
	list("/v1/customers/{customer}/balance_transactions", engine.ListCustomerBalanceTransactions{}),
	read("/v1/customers/{customer}/balance_transactions/{transaction}", customersOwn("customer_balance_transaction", "transaction", balanceOwner)),
	post("/v1/customers/{customer}/balance_transactions/{transaction}", "UpdateCustomerBalanceTransaction"),
	list("/v1/customers/{customer}/payment_methods", engine.ListPaymentMethods{}),
	post("/v1/customer_sessions", "CreateCustomerSession"),
	read("/v1/customers/{customer}/payment_methods/{payment_method}", customersOwn("PaymentMethod", "payment_method", methodOwner)),
}

var catalogueRoutes = []*route{
	post("/v1/products", "CreateProduct"),
	list("/v1/products", engine.ListProducts{}),
	retrieve[engine.Product]("/v1/products/{id}", "product", "id"),
	post("/v1/products/{id}", "UpdateProduct"),
	remove("/v1/products/{id}", "DeleteProduct"),

	post("/v1/prices", "CreatePrice"),
	list("/v1/prices", engine.ListPrices{}),
	read("/v1/prices/{price}", price),
	post("/v1/prices/{price}", "UpdatePrice"),

	post("/v1/plans", "CreatePlan"),
	list("/v1/plans", engine.ListPlans{}),
	read("/v1/plans/{plan}", plan),
	post("/v1/plans/{plan}", "UpdatePlan"),
	remove("/v1/plans/{plan}", "DeletePlan"),
}

var discountRoutes = []*route{
	post("/v1/coupons", "CreateCoupon"),
	list("/v1/coupons", engine.ListCoupons{}),
	read("/v1/coupons/{coupon}", coupon),
	post("/v1/coupons/{coupon}", "UpdateCoupon"),
	remove("/v1/coupons/{coupon}", "DeleteCoupon"),

	read("/v1/customers/{customer}/discount", func(w *engine.World, ids []string) (any, error) { return w.DiscountOf(ids[0]) }),
	remove("/v1/customers/{customer}/discount", "DeleteCustomerDiscount"),
	remove("/v1/subscriptions/{subscription_exposed_id}/discount", "DeleteSubscriptionDiscount"),

	post("/v1/promotion_codes", "CreatePromotionCode"),
	list("/v1/promotion_codes", engine.ListPromotionCodes{}),
	retrieve[engine.PromotionCode]("/v1/promotion_codes/{promotion_code}", "promotion code", "promotion_code"),
	post("/v1/promotion_codes/{promotion_code}", "UpdatePromotionCode"),
}

var subscriptionRoutes = []*route{
	post("/v1/subscriptions", "CreateSubscription"),
	list("/v1/subscriptions", engine.ListSubscriptions{}),
	retrieve[engine.Subscription]("/v1/subscriptions/{subscription_exposed_id}", "subscription", "id"),
	post("/v1/subscriptions/{subscription_exposed_id}", "UpdateSubscription"),
	remove("/v1/subscriptions/{subscription_exposed_id}", "CancelSubscription"),
	post("/v1/subscriptions/{subscription}/migrate", "MigrateSubscription"),
	post("/v1/subscriptions/{subscription}/resume", "ResumeSubscription"),

	post("/v1/subscription_items", "CreateSubscriptionItem"),
	list("/v1/subscription_items", engine.ListSubscriptionItems{}),
	retrieve[engine.SubscriptionItem]("/v1/subscription_items/{item}", "subscription_item", "item"),
	post("/v1/subscription_items/{item}", "UpdateSubscriptionItem"),
	remove("/v1/subscription_items/{item}", "DeleteSubscriptionItem"),
}

var invoiceRoutes = []*route{
	post("/v1/invoices", "CreateInvoice"),
	post("/v1/invoices/create_preview", "CreatePreview"),
	list("/v1/invoices", engine.ListInvoices{}),
	retrieve[engine.Invoice]("/v1/invoices/{invoice}", "invoice", "invoice"),
	post("/v1/invoices/{invoice}", "UpdateInvoice"),
	remove("/v1/invoices/{invoice}", "DeleteInvoice"),
	post("/v1/invoices/{invoice}/finalize", "FinalizeInvoice"),
	post("/v1/invoices/{invoice}/pay", "PayInvoice"),
	post("/v1/invoices/{invoice}/void", "VoidInvoice"),
	post("/v1/invoices/{invoice}/mark_uncollectible", "MarkInvoiceUncollectible"),
	post("/v1/invoices/{invoice}/send", "SendInvoice"),
	list("/v1/invoices/{invoice}/lines", engine.ListInvoiceLines{}),
	post("/v1/invoices/{invoice}/lines/{line_item_id}", "UpdateInvoiceLine"),
	post("/v1/invoices/{invoice}/attach_payment", "AttachInvoicePayment"),
	post("/v1/invoices/{invoice}/add_lines", "AddInvoiceLines"),
	post("/v1/invoices/{invoice}/update_lines", "UpdateInvoiceLines"),
	post("/v1/invoices/{invoice}/remove_lines", "RemoveInvoiceLines"),

	post("/v1/invoiceitems", "CreateInvoiceItem"),
	list("/v1/invoiceitems", engine.ListInvoiceItems{}),
	retrieve[engine.InvoiceItem]("/v1/invoiceitems/{invoiceitem}", "invoiceitem", "invoiceitem"),
	post("/v1/invoiceitems/{invoiceitem}", "UpdateInvoiceItem"),
	remove("/v1/invoiceitems/{invoiceitem}", "DeleteInvoiceItem"),

	list("/v1/invoice_payments", engine.ListInvoicePayments{}),
	retrieve[engine.InvoicePayment]("/v1/invoice_payments/{invoice_payment}", "invoice_payment", "invoice_payment"),
}

var paymentRoutes = []*route{
	post("/v1/payment_methods", "CreatePaymentMethod"),
	list("/v1/payment_methods", engine.ListPaymentMethods{}),
	retrieve[engine.PaymentMethod]("/v1/payment_methods/{payment_method}", "PaymentMethod", "payment_method"),
	post("/v1/payment_methods/{payment_method}", "UpdatePaymentMethod"),
	post("/v1/payment_methods/{payment_method}/attach", "AttachPaymentMethod"),
	post("/v1/payment_methods/{payment_method}/detach", "DetachPaymentMethod"),

	post("/v1/payment_intents", "CreatePaymentIntent"),
	list("/v1/payment_intents", engine.ListPaymentIntents{}),
	single("/v1/payment_intents/{intent}", engine.ReadPaymentIntent{}),
	post("/v1/payment_intents/{intent}", "UpdatePaymentIntent"),
	post("/v1/payment_intents/{intent}/confirm", "ConfirmPaymentIntent"),
	post("/v1/payment_intents/{intent}/cancel", "CancelPaymentIntent"),
	post("/v1/payment_intents/{intent}/capture", "CapturePaymentIntent"),

	post("/v1/setup_intents", "CreateSetupIntent"),
	list("/v1/setup_intents", engine.ListSetupIntents{}),
	single("/v1/setup_intents/{intent}", engine.ReadSetupIntent{}),
	post("/v1/setup_intents/{intent}", "UpdateSetupIntent"),
	post("/v1/setup_intents/{intent}/confirm", "ConfirmSetupIntent"),
	post("/v1/setup_intents/{intent}/cancel", "CancelSetupIntent"),

	list("/v1/charges", engine.ListCharges{}),
	retrieve[engine.Charge]("/v1/charges/{charge}", "charge", "id"),
	post("/v1/charges/{charge}", "UpdateCharge"),
	retrieve[engine.BalanceTransaction]("/v1/balance_transactions/{id}", "balance transaction", "id"),

	post("/v1/refunds", "CreateRefund"),
	list("/v1/refunds", engine.ListRefunds{}),
	retrieve[engine.Refund]("/v1/refunds/{refund}", "refund", "refund"),
	post("/v1/refunds/{refund}", "UpdateRefund"),
}

var pageRoutes = []*route{
	post("/v1/checkout/sessions", "CreateCheckoutSession"),
	list("/v1/checkout/sessions", engine.ListCheckoutSessions{}),
	retrieve[engine.CheckoutSession]("/v1/checkout/sessions/{session}", "checkout.session", "session"),
	post("/v1/checkout/sessions/{session}", "UpdateCheckoutSession"),
	post("/v1/checkout/sessions/{session}/expire", "ExpireCheckoutSession"),
	list("/v1/checkout/sessions/{session}/line_items", engine.ListCheckoutLines{}),

	post("/v1/billing_portal/configurations", "CreatePortalConfiguration"),
	list("/v1/billing_portal/configurations", engine.ListPortalConfigurations{}),
	retrieve[engine.PortalConfiguration]("/v1/billing_portal/configurations/{configuration}", "billing_portal.configuration", "configuration"),
	post("/v1/billing_portal/configurations/{configuration}", "UpdatePortalConfiguration"),
	post("/v1/billing_portal/sessions", "CreatePortalSession"),
}

var developerRoutes = []*route{
	list("/v1/events", engine.ListEvents{}),
	read("/v1/events/{id}", snapshotEvent),

	post("/v1/webhook_endpoints", "CreateWebhookEndpoint"),
	list("/v1/webhook_endpoints", engine.ListWebhookEndpoints{}),
	read("/v1/webhook_endpoints/{webhook_endpoint}", func(w *engine.World, ids []string) (any, error) { return w.EndpointOfV1(ids[0]) }),
	post("/v1/webhook_endpoints/{webhook_endpoint}", "UpdateWebhookEndpoint"),
	remove("/v1/webhook_endpoints/{webhook_endpoint}", "DeleteWebhookEndpoint"),

	post("/v1/test_helpers/test_clocks", "CreateTestClock"),
	list("/v1/test_helpers/test_clocks", engine.ListTestClocks{}),
	retrieve[engine.TestClock]("/v1/test_helpers/test_clocks/{test_clock}", "test_clock", "test_clock"),
	remove("/v1/test_helpers/test_clocks/{test_clock}", "DeleteTestClock"),
	post("/v1/test_helpers/test_clocks/{test_clock}/advance", "AdvanceTestClock"),
}

// price hides a price that was deleted through the plan API, although subscriptions go on with it.
func price(w *engine.World, ids []string) (any, error) {
	if found, ok := engine.Get[engine.Price](w, ids[0]); ok && !found.Deleted {
		return found, nil
	}
	return nil, engine.NotFound("price", ids[0], "price")
}

// snapshotEvent reads an event that carries its object; thin ones are read by the second version of the API.
func snapshotEvent(w *engine.World, ids []string) (any, error) {
	if n, ok := w.Notice(ids[0]); ok && n.Twin == 0 {
		return n.Event, nil
	}
	return nil, engine.NotFound("event", ids[0], "id")
}

// coupon hides a coupon that was deleted, although discounts go on with it.
func coupon(w *engine.World, ids []string) (any, error) {
	if found, ok := engine.Get[engine.Coupon](w, ids[0]); ok && !found.Deleted {
		return found, nil
	}
	return nil, engine.NotFound("coupon", ids[0], "coupon")
}

func plan(w *engine.World, ids []string) (any, error) {
	if found, ok := w.PlanByID(ids[0]); ok {
		return found, nil
	}
	return nil, engine.NotFound("plan", ids[0], "plan")
}

// customersOwn reads an object that belongs to the customer in the path; another customer's is as unknown as one that is not there.
func customersOwn[T any](kind, param string, owner func(*T) string) func(*engine.World, []string) (any, error) {
	return func(w *engine.World, ids []string) (any, error) {
		customer, id := ids[0], ids[1]
		if c, ok := engine.Get[engine.Customer](w, customer); !ok || c.Deleted {
			return nil, engine.NotFound("customer", customer, "id")
		}
		if found, ok := engine.Get[T](w, id); ok && owner(found) == customer {
			return found, nil
		}
		return nil, engine.NotFound(kind, id, param)
	}
}

func balanceOwner(b *engine.CustomerBalanceTransaction) string { return b.Customer }

func methodOwner(m *engine.PaymentMethod) string { return m.Customer }

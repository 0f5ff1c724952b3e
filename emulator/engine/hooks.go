package engine

// This file is where the payments side and the invoices side meet. Payments never look into an invoice, invoices never into a card.

// presence says whether the payer is there to answer a challenge.
type presence int

const (
	offSession    presence = iota // the merchant alone: a renewal, a retry, POST /v1/invoices/{id}/pay by default
	onSession                     // the payer is there and can be challenged
	authenticated                 // the payer is there and has just passed the challenge
)

// payment is how an attempt to take money ended. Exactly one of paid, err and needsAction tells it: err is set when the attempt was declined.
type payment struct {
	intent      *PaymentIntent
	paid        bool
	needsAction bool
	err         *Error
}

// Provided by the payments side (payment_invoice.go):
//
//	func (t *tx) createInvoiceIntent(inv *Invoice) *PaymentIntent
//	    makes the PaymentIntent of an invoice that was just finalized with an amount due; emits payment_intent.created. The caller stores the
//	    id in inv.PaymentIntent and makes the InvoicePayment.
//	func (t *tx) payInvoiceIntent(inv *Invoice, method string, who presence) payment
//	    one attempt with the payment method; emits charge.succeeded, payment_intent.succeeded | charge.failed, payment_intent.payment_failed |
//	    payment_intent.requires_action. It does not touch the invoice: the caller does (attempt_count, paid, events).
//	func (t *tx) cancelInvoiceIntent(inv *Invoice)
//	    cancels the PaymentIntent of an invoice that was voided or paid out of band; emits payment_intent.canceled.
//
// Provided by the invoices side, called when an intent that belongs to an invoice changes outside of payInvoiceIntent (a confirm through the
// API, a challenge that was answered, the hosted invoice page):
//
//	func (t *tx) invoicePaid(inv *Invoice, intent *PaymentIntent)
//	func (t *tx) invoicePaymentFailed(inv *Invoice, intent *PaymentIntent, cause *Error)
//	func (t *tx) invoiceActionRequired(inv *Invoice, intent *PaymentIntent)
//
//	func (t *tx) createSubscription(c CreateSubscription, who presence) (*Subscription, error)
//	    the body of POST /v1/subscriptions, also used by Checkout with who = authenticated or onSession.

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

// Of the payments side (payment_invoice.go): createInvoiceIntent makes the PaymentIntent of an invoice that was just finalized with an amount
// due, payInvoiceIntent makes one attempt, cancelInvoiceIntent ends it. None of them touches the invoice: attempt counts, statuses and events
// of the invoice are the caller's.
//
// Of the invoices side (invoice.go): invoicePaid, invoicePaymentFailed and invoiceActionRequired are told when an intent that belongs to an
// invoice changes outside of payInvoiceIntent: a confirm through the API, an answered challenge, the hosted invoice page (see follow).
// createSubscription (subscription_create.go) is the body of POST /v1/subscriptions; Checkout comes there too, with its payer.

package stripeprovider

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"unicode/utf8"

	"github.com/stripe/stripe-go/v86"
)

// What every renewal asks for is read here instead of by the SDK: that goes over an answer once for each level of objects in it, to decode a
// hundred fields of which the mirror holds twenty. These functions go over it once and fill what mirror.go and charge.go read, and no more;
// TestWhatIsReadHereIsWhatTheSDKReads holds both together.

// get asks for one object. Errors are the SDK's, and so is trying again.
func (c *Client) get(ctx context.Context, path, id string, expand []string) (*stripe.APIResponse, error) {
	params := &stripe.RawParams{}
	params.Context = ctx
	path = stripe.FormatURLPath("/v1/"+path+"/%s", id)
	if len(expand) > 0 {
		path += "?" + url.Values{"expand[]": expand}.Encode()
	}
	return c.raw.RawRequest(http.MethodGet, path, c.key, "", params)
}

// retrieve asks for one object and reads it.
func retrieve[T any](ctx context.Context, c *Client, path, id string, expand []string, read func(*walker) *T) (*T, *stripe.APIResponse, error) {
	answer, err := c.get(ctx, path, id, expand)
	if err != nil {
		return nil, nil, err
	}
	w := walker{text: answer.RawJSON}
	if !utf8.Valid(w.text) { // a database of UTF-8 would refuse the whole customer
		w.text = bytes.ToValidUTF8(w.text, []byte("\uFFFD"))
	}
	found := read(&w)
	if !w.ended() {
		return nil, nil, fmt.Errorf("the answer to GET /v1/%s is no JSON", path)
	}
	return found, answer, nil
}

func (c *Client) retrieveInvoice(ctx context.Context, id string) (*stripe.Invoice, error) {
	invoice, answer, err := retrieve(ctx, c, "invoices", id, invoiceWith, readInvoice)
	if err == nil {
		invoice.LastResponse = answer
	}
	return invoice, err
}

func (c *Client) retrieveSubscription(ctx context.Context, id string) (*stripe.Subscription, error) {
	sub, answer, err := retrieve(ctx, c, "subscriptions", id, nil, readSubscription)
	if err == nil {
		sub.LastResponse = answer
	}
	return sub, err
}

func (c *Client) retrieveCharge(ctx context.Context, id string) (*stripe.Charge, error) {
	charge, answer, err := retrieve(ctx, c, "charges", id, chargeWith, readCharge)
	if err == nil {
		charge.LastResponse = answer
	}
	return charge, err
}

func readInvoice(w *walker) *stripe.Invoice {
	i := &stripe.Invoice{}
	w.object(func(name []byte) {
		switch string(name) {
		case "id":
			i.ID = w.string()
		case "number":
			i.Number = w.string()
		case "status":
			i.Status = stripe.InvoiceStatus(w.string())
		case "billing_reason":
			i.BillingReason = stripe.InvoiceBillingReason(w.string())
		case "currency":
			i.Currency = stripe.Currency(w.string())
		case "total":
			i.Total = w.number()
		case "amount_due":
			i.AmountDue = w.number()
		case "amount_paid":
			i.AmountPaid = w.number()
		case "attempt_count":
			i.AttemptCount = w.number()
		case "created":
			i.Created = w.number()
		case "next_payment_attempt":
			i.NextPaymentAttempt = w.number()
		case "auto_advance":
			i.AutoAdvance = w.yes()
		case "collection_method":
			i.CollectionMethod = stripe.InvoiceCollectionMethod(w.string())
		case "due_date":
			i.DueDate = w.number()
		case "metadata":
			w.only(invoiceKey, func() { i.Metadata = map[string]string{invoiceKey: w.string()} })
		case "hosted_invoice_url":
			i.HostedInvoiceURL = w.string()
		case "invoice_pdf":
			i.InvoicePDF = w.string()
		case "customer":
			i.Customer = referred(w, func(id string) *stripe.Customer { return &stripe.Customer{ID: id} })
		case "status_transitions":
			i.StatusTransitions = &stripe.InvoiceStatusTransitions{}
			w.only("paid_at", func() { i.StatusTransitions.PaidAt = w.number() })
		case "parent":
			w.only("subscription_details", func() {
				i.Parent = &stripe.InvoiceParent{SubscriptionDetails: &stripe.InvoiceParentSubscriptionDetails{}}
				w.only("subscription", func() { i.Parent.SubscriptionDetails.Subscription = readSubscriptionOrID(w) })
			})
		case "payments":
			i.Payments = &stripe.InvoicePaymentList{}
			w.only("data", func() {
				w.list(func() { i.Payments.Data = append(i.Payments.Data, readPayment(w)) })
			})
		case "lines":
			i.Lines = &stripe.InvoiceLineItemList{}
			i.Lines.HasMore = w.page(func() { i.Lines.Data = append(i.Lines.Data, readLine(w)) })
		default:
			w.skip()
		}
	})
	return i
}

func readPayment(w *walker) *stripe.InvoicePayment {
	p := &stripe.InvoicePayment{}
	w.object(func(name []byte) {
		switch string(name) {
		case "status":
			p.Status = w.string()
		case "is_default":
			p.IsDefault = w.yes()
		case "payment":
			p.Payment = &stripe.InvoicePaymentPayment{}
			w.only("payment_intent", func() { p.Payment.PaymentIntent = readIntent(w) })
		default:
			w.skip()
		}
	})
	return p
}

func readIntent(w *walker) *stripe.PaymentIntent {
	if w.peek() != '{' {
		return referred(w, func(id string) *stripe.PaymentIntent { return &stripe.PaymentIntent{ID: id} })
	}
	p := &stripe.PaymentIntent{}
	w.object(func(name []byte) {
		switch string(name) {
		case "id":
			p.ID = w.string()
		case "status":
			p.Status = stripe.PaymentIntentStatus(w.string())
		case "payment_method":
			p.PaymentMethod = readMethodID(w)
		case "latest_charge":
			p.LatestCharge = referred(w, func(id string) *stripe.Charge { return &stripe.Charge{ID: id} })
		case "last_payment_error":
			w.only("code", func() { p.LastPaymentError = &stripe.Error{Code: stripe.ErrorCode(w.string())} })
		default:
			w.skip()
		}
	})
	return p
}

func readLine(w *walker) *stripe.InvoiceLineItem {
	l := &stripe.InvoiceLineItem{}
	w.object(func(name []byte) {
		switch string(name) {
		case "id":
			l.ID = w.string()
		case "description":
			l.Description = w.string()
		case "amount":
			l.Amount = w.number()
		case "currency":
			l.Currency = stripe.Currency(w.string())
		case "quantity":
			l.Quantity = w.number()
		case "period":
			l.Period = &stripe.Period{}
			w.objectOrNull(func(name []byte) {
				switch string(name) {
				case "start":
					l.Period.Start = w.number()
				case "end":
					l.Period.End = w.number()
				default:
					w.skip()
				}
			})
		case "parent":
			l.Parent = &stripe.InvoiceLineItemParent{
				SubscriptionItemDetails: &stripe.InvoiceLineItemParentSubscriptionItemDetails{},
				InvoiceItemDetails:      &stripe.InvoiceLineItemParentInvoiceItemDetails{},
			}
			w.objectOrNull(func(name []byte) {
				switch string(name) {
				case "subscription_item_details":
					w.only("proration", func() { l.Parent.SubscriptionItemDetails.Proration = w.yes() })
				case "invoice_item_details":
					w.only("proration", func() { l.Parent.InvoiceItemDetails.Proration = w.yes() })
				default:
					w.skip()
				}
			})
		case "pricing":
			w.only("price_details", func() {
				w.only("price", func() {
					price := referred(w, func(id string) *stripe.Price { return &stripe.Price{ID: id} })
					l.Pricing = &stripe.InvoiceLineItemPricing{PriceDetails: &stripe.InvoiceLineItemPricingPriceDetails{Price: price}}
				})
			})
		default:
			w.skip()
		}
	})
	return l
}

func readSubscriptionOrID(w *walker) *stripe.Subscription {
	if w.peek() == '{' {
		return readSubscription(w)
	}
	return referred(w, func(id string) *stripe.Subscription { return &stripe.Subscription{ID: id} })
}

func readSubscription(w *walker) *stripe.Subscription {
	s := &stripe.Subscription{}
	w.object(func(name []byte) {
		switch string(name) {
		case "id":
			s.ID = w.string()
		case "status":
			s.Status = stripe.SubscriptionStatus(w.string())
		case "currency":
			s.Currency = stripe.Currency(w.string())
		case "start_date":
			s.StartDate = w.number()
		case "created":
			s.Created = w.number()
		case "trial_end":
			s.TrialEnd = w.number()
		case "cancel_at":
			s.CancelAt = w.number()
		case "canceled_at":
			s.CanceledAt = w.number()
		case "ended_at":
			s.EndedAt = w.number()
		case "cancel_at_period_end":
			s.CancelAtPeriodEnd = w.yes()
		case "default_payment_method":
			s.DefaultPaymentMethod = readMethodID(w)
		case "customer":
			s.Customer = referred(w, func(id string) *stripe.Customer { return &stripe.Customer{ID: id} })
		case "cancellation_details":
			s.CancellationDetails = &stripe.SubscriptionCancellationDetails{}
			w.only("reason", func() { s.CancellationDetails.Reason = stripe.SubscriptionCancellationDetailsReason(w.string()) })
		case "pause_collection":
			if w.peek() == '{' {
				s.PauseCollection = &stripe.SubscriptionPauseCollection{}
			}
			w.skip()
		case "pending_update":
			if w.peek() == '{' {
				s.PendingUpdate = &stripe.SubscriptionPendingUpdate{}
			}
			w.only("expires_at", func() { s.PendingUpdate.ExpiresAt = w.number() })
		case "latest_invoice":
			s.LatestInvoice = referred(w, func(id string) *stripe.Invoice { return &stripe.Invoice{ID: id} })
		case "schedule":
			s.Schedule = referred(w, func(id string) *stripe.SubscriptionSchedule { return &stripe.SubscriptionSchedule{ID: id} })
		case "items":
			s.Items = &stripe.SubscriptionItemList{}
			s.Items.HasMore = w.page(func() { s.Items.Data = append(s.Items.Data, readItem(w)) })
		default:
			w.skip()
		}
	})
	return s
}

func readItem(w *walker) *stripe.SubscriptionItem {
	i := &stripe.SubscriptionItem{}
	w.object(func(name []byte) {
		switch string(name) {
		case "id":
			i.ID = w.string()
		case "quantity":
			i.Quantity = w.number()
		case "current_period_start":
			i.CurrentPeriodStart = w.number()
		case "current_period_end":
			i.CurrentPeriodEnd = w.number()
		case "price":
			i.Price = readPrice(w)
		default:
			w.skip()
		}
	})
	return i
}

func readPrice(w *walker) *stripe.Price {
	if w.peek() != '{' {
		return referred(w, func(id string) *stripe.Price { return &stripe.Price{ID: id} })
	}
	p := &stripe.Price{}
	w.object(func(name []byte) {
		switch string(name) {
		case "id":
			p.ID = w.string()
		case "currency":
			p.Currency = stripe.Currency(w.string())
		case "unit_amount":
			p.UnitAmount = w.number()
		case "lookup_key":
			p.LookupKey = w.string()
		case "metadata":
			w.only(priceKey, func() { p.Metadata = map[string]string{priceKey: w.string()} })
		default:
			w.skip()
		}
	})
	return p
}

func readCharge(w *walker) *stripe.Charge {
	c := &stripe.Charge{}
	w.object(func(name []byte) {
		switch string(name) {
		case "id":
			c.ID = w.string()
		case "status":
			c.Status = stripe.ChargeStatus(w.string())
		case "currency":
			c.Currency = stripe.Currency(w.string())
		case "amount":
			c.Amount = w.number()
		case "amount_captured":
			c.AmountCaptured = w.number()
		case "amount_refunded":
			c.AmountRefunded = w.number()
		case "captured":
			c.Captured = w.yes()
		case "refunded":
			c.Refunded = w.yes()
		case "metadata":
			w.only(purchaseKey, func() { c.Metadata = map[string]string{purchaseKey: w.string()} })
		case "payment_method_details":
			w.only("card", func() {
				w.only("capture_before", func() {
					c.PaymentMethodDetails = &stripe.ChargePaymentMethodDetails{Card: &stripe.ChargePaymentMethodDetailsCard{CaptureBefore: w.number()}}
				})
			})
		case "created":
			c.Created = w.number()
		case "disputed":
			c.Disputed = w.yes()
		case "failure_code":
			c.FailureCode = w.string()
		case "payment_method":
			c.PaymentMethod = w.string()
		case "payment_intent":
			c.PaymentIntent = referred(w, func(id string) *stripe.PaymentIntent { return &stripe.PaymentIntent{ID: id} })
		case "customer":
			c.Customer = referred(w, func(id string) *stripe.Customer { return &stripe.Customer{ID: id} })
		case "refunds":
			c.Refunds = &stripe.RefundList{}
			c.Refunds.HasMore = w.page(func() { c.Refunds.Data = append(c.Refunds.Data, readRefund(w)) })
		default:
			w.skip()
		}
	})
	return c
}

func readRefund(w *walker) *stripe.Refund {
	r := &stripe.Refund{}
	w.object(func(name []byte) {
		switch string(name) {
		case "id":
			r.ID = w.string()
		case "status":
			r.Status = stripe.RefundStatus(w.string())
		case "reason":
			r.Reason = stripe.RefundReason(w.string())
		case "balance_transaction":
			r.BalanceTransaction = referred(w, func(id string) *stripe.BalanceTransaction { return &stripe.BalanceTransaction{ID: id} })
		case "amount":
			r.Amount = w.number()
		case "currency":
			r.Currency = stripe.Currency(w.string())
		case "created":
			r.Created = w.number()
		default:
			w.skip()
		}
	})
	return r
}

func readMethodID(w *walker) *stripe.PaymentMethod {
	return referred(w, func(id string) *stripe.PaymentMethod { return &stripe.PaymentMethod{ID: id} })
}

// referred reads an id, an object in the place of one, or null, which is nil.
func referred[T any](w *walker, of func(id string) *T) *T {
	if id := readID(w); id != "" {
		return of(id)
	}
	return nil
}

// only reads one member of an object, or null.
func (w *walker) only(member string, read func()) {
	w.objectOrNull(func(name []byte) {
		if string(name) == member {
			read()
		} else {
			w.skip()
		}
	})
}

// page reads a page of a list, or null, and reports whether there are more.
func (w *walker) page(row func()) (more bool) {
	w.objectOrNull(func(name []byte) {
		switch string(name) {
		case "data":
			w.list(row)
		case "has_more":
			more = w.yes()
		default:
			w.skip()
		}
	})
	return more
}

// list calls row for each value of an array, or for none of null; row has to step over it.
func (w *walker) list(row func()) {
	if w.peek() == 'n' {
		w.skip()
		return
	}
	w.expect('[')
	if w.peek() == ']' {
		w.at++
		return
	}
	for !w.failed {
		row()
		switch w.next() {
		case ',':
		case ']':
			return
		default:
			w.failed = true
		}
	}
}

// number reads a whole number, or null, which is 0.
func (w *walker) number() int64 {
	text := string(w.skip())
	if text == "null" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	w.failed = w.failed || err != nil
	return n
}

// yes reads true; false and null are false.
func (w *walker) yes() bool { return string(w.skip()) == "true" }

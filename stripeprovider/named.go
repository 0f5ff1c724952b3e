package stripeprovider

import (
	"context"
	"slices"
	"strings"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// named is what a customer's events name, each once.
type named struct {
	subscriptions, invoices, intents, charges []string
	disputes                                  bool // of the charges
	methods                                   bool
}

// besides are the events by which alone nothing changes that the mirror holds: what follows from them has events of its own.
var besides = []string{"invoiceitem.", "invoice.upcoming", "setup_intent.", "entitlements."}

func isBeside(kind string) bool {
	return slices.ContainsFunc(besides, func(prefix string) bool { return strings.HasPrefix(kind, prefix) })
}

// namedBy reads what events name. ok is false when one is about something that only the whole tells: a hosted page, the customer's
// deletion, or what we do not know.
func namedBy(events []service.NamedObject) (n named, ok bool) {
	for _, e := range events {
		switch kind := e.Event; {
		case isBeside(kind):
		case e.ID == "":
			return named{}, false
		case strings.HasPrefix(kind, "customer.subscription."):
			n.subscriptions = with(n.subscriptions, e.ID)
		case strings.HasPrefix(kind, "invoice."):
			n.invoices = with(n.invoices, e.ID)
		case strings.HasPrefix(kind, "payment_intent."):
			n.intents = with(n.intents, e.ID)
		case strings.HasPrefix(kind, "charge."), strings.HasPrefix(kind, "refund."):
			n.charges = with(n.charges, e.ID)
			n.disputes = n.disputes || strings.HasPrefix(kind, "charge.dispute.")
		case kind == "customer.updated", strings.HasPrefix(kind, "payment_method."):
			n.methods = true
		default:
			return named{}, false
		}
	}
	return n, true
}

func with(ids []string, id string) []string {
	if slices.Contains(ids, id) {
		return ids
	}
	return append(ids, id)
}

// namedMax is how many objects are read one by one: more cost more than the lists.
const namedMax = 6

// FetchNamed implements service.Provider. A renewal's events name one invoice and one subscription, which one request answers: the
// invoice comes with its payment and with its subscription.
func (c *Client) FetchNamed(ctx context.Context, mirror billing.State, events []service.NamedObject) (billing.News, bool, error) {
	n, ok := namedBy(events)
	if !ok || mirror.Partly || !mirror.Known || mirror.Deleted || len(n.subscriptions)+len(n.invoices)+len(n.intents)+len(n.charges) > namedMax {
		return billing.News{}, false, nil
	}
	r := namedRead{Client: c, mirror: mirror}
	for _, intent := range n.intents {
		if invoice, ok := paidBy(mirror, intent); ok {
			n.invoices = with(n.invoices, string(invoice))
		}
	}
	for _, id := range n.invoices {
		if err := r.invoice(ctx, id); err != nil {
			return billing.News{}, false, err
		}
	}
	for _, id := range n.subscriptions {
		if err := r.subscription(ctx, id); err != nil {
			return billing.News{}, false, err
		}
	}
	for _, intent := range n.intents {
		if !r.knows(intent) {
			return billing.News{}, false, nil // it pays for something that we never heard of
		}
	}
	for _, id := range r.chargesWith(n.charges) {
		if err := r.charge(ctx, id, n.disputes); err != nil {
			return billing.News{}, false, err
		}
	}
	if n.methods || r.newMethod() {
		if err := r.customer(ctx); err != nil {
			return billing.News{}, false, err
		}
	}
	return r.news, !r.strange, nil
}

// paidBy is the invoice of the mirror that a payment pays.
func paidBy(mirror billing.State, intent string) (billing.InvoiceID, bool) {
	for _, invoice := range mirror.Invoices {
		if invoice.PaymentIntent == intent {
			return invoice.ID, true
		}
	}
	return "", false
}

// namedRead is one FetchNamed.
type namedRead struct {
	*Client
	mirror  billing.State
	news    billing.News
	strange bool // something was not as the events said
}

// invoiceWith is what an invoice is read with. Four levels are as deep as Stripe goes.
var invoiceWith = []string{"payments.data.payment.payment_intent", "parent.subscription_details.subscription"}

// invoice reads an invoice with its payment and its subscription.
func (r *namedRead) invoice(ctx context.Context, id string) error {
	if slices.ContainsFunc(r.news.Invoices, func(i billing.Invoice) bool { return string(i.ID) == id }) {
		return nil
	}
	read, err := r.retrieveInvoice(ctx, id)
	if err := failure("retrieve invoice", err); billing.CodeOf(err) == billing.NotFound {
		held, known := r.mirror.Invoice(billing.InvoiceID(id))
		r.strange = r.strange || known && held.Status != billing.InvoiceDraft // only a draft can be deleted
		r.news.Gone = append(r.news.Gone, billing.InvoiceID(id))
		return nil
	} else if err != nil {
		return err
	}
	if err := r.restOfLines(ctx, read); err != nil {
		return err
	}
	mirrored, err := r.Client.invoice(ctx, read, intentsOf(read))
	if err != nil {
		return err
	}
	r.news.Invoices = append(r.news.Invoices, mirrored)
	r.news.Objects = append(r.news.Objects, original(billing.InvoiceObject, id, read.LastResponse, invoiceFold))
	r.strange = r.strange || mirrored.Customer != r.mirror.Customer
	if read.Parent == nil || read.Parent.SubscriptionDetails == nil || read.Parent.SubscriptionDetails.Subscription == nil {
		return nil
	}
	sub := read.Parent.SubscriptionDetails.Subscription
	sub.LastResponse = &stripe.APIResponse{RawJSON: member(read.LastResponse.RawJSON, "parent", "subscription_details", "subscription")}
	return r.add(ctx, sub)
}

// intentsOf are the payments that an invoice was read with.
func intentsOf(i *stripe.Invoice) map[string]*stripe.PaymentIntent {
	intents := map[string]*stripe.PaymentIntent{}
	if i.Payments == nil {
		return intents
	}
	for _, p := range i.Payments.Data {
		if p.Payment != nil && p.Payment.PaymentIntent != nil {
			intents[p.Payment.PaymentIntent.ID] = p.Payment.PaymentIntent
		}
	}
	return intents
}

// subscription reads a subscription, unless it came with an invoice.
func (r *namedRead) subscription(ctx context.Context, id string) error {
	if slices.ContainsFunc(r.news.Subscriptions, func(s billing.Subscription) bool { return string(s.ID) == id }) {
		return nil
	}
	read, err := r.retrieveSubscription(ctx, id)
	if err := failure("retrieve subscription", err); billing.CodeOf(err) == billing.NotFound {
		r.strange = true
		return nil
	} else if err != nil {
		return err
	}
	return r.add(ctx, read)
}

// add takes a subscription in. One whose latest invoice we do not know yet is read with it, as a list would show both.
func (r *namedRead) add(ctx context.Context, sub *stripe.Subscription) error {
	if slices.ContainsFunc(r.news.Subscriptions, func(s billing.Subscription) bool { return string(s.ID) == sub.ID }) {
		return nil
	}
	if err := r.restOfItems(ctx, sub); err != nil {
		return err
	}
	mirrored, err := r.Client.subscription(ctx, sub)
	if err != nil {
		return err
	}
	r.news.Subscriptions = append(r.news.Subscriptions, mirrored)
	r.news.Objects = append(r.news.Objects, original(billing.SubscriptionObject, sub.ID, sub.LastResponse, noFold))
	r.strange = r.strange || mirrored.Customer != r.mirror.Customer
	if _, known := r.mirror.Invoice(mirrored.LatestInvoice); mirrored.LatestInvoice == "" || known {
		return nil
	}
	return r.invoice(ctx, string(mirrored.LatestInvoice))
}

// knows says whether a payment is one of an invoice that was read.
func (r *namedRead) knows(intent string) bool {
	return slices.ContainsFunc(r.news.Invoices, func(i billing.Invoice) bool { return i.PaymentIntent == intent })
}

// chargesWith adds to the charges that are named those by which invoices were tried since the mirror was written.
func (r *namedRead) chargesWith(ids []string) []string {
	for _, now := range r.news.Invoices {
		if was, _ := r.mirror.Invoice(now.ID); now.Charge != was.Charge && now.Charge != "" {
			ids = with(ids, string(now.Charge))
		}
	}
	return ids
}

// charge reads a charge with what was given back of it and what is disputed.
func (r *namedRead) charge(ctx context.Context, id string, disputed bool) error {
	read, err := r.Client.charge(ctx, id, disputed)
	if billing.CodeOf(err) == billing.NotFound {
		r.strange = true
		return nil
	}
	if err != nil {
		return err
	}
	r.strange = r.strange || read.charge.Customer == nil || billing.CustomerID(read.charge.Customer.ID) != r.mirror.Customer
	read.addTo(&r.news.Record)
	return nil
}

// newMethod says whether something is paid with a method that the mirror does not have.
func (r *namedRead) newMethod() bool {
	unknown := func(id billing.PaymentMethodID) bool {
		return id != "" && !slices.ContainsFunc(r.mirror.Methods, func(m billing.PaymentMethod) bool { return m.ID == id })
	}
	return slices.ContainsFunc(r.news.Subscriptions, func(s billing.Subscription) bool { return unknown(s.PaymentMethod) }) ||
		slices.ContainsFunc(r.news.Invoices, func(i billing.Invoice) bool { return unknown(i.PaymentMethod) })
}

// customer reads how the customer pays.
func (r *namedRead) customer(ctx context.Context) error {
	read, err := r.sc.V1Customers.Retrieve(ctx, string(r.mirror.Customer), nil)
	if err != nil {
		return failure("retrieve customer", err)
	}
	if read.Deleted {
		r.strange = true
		return nil
	}
	methods, err := r.methods(ctx, read.ID)
	if err != nil {
		return err
	}
	r.news.Objects = append(r.news.Objects, original(billing.CustomerObject, read.ID, read.LastResponse, noFold))
	news := &billing.Methods{Default: ownMethod(read)}
	for _, method := range methods {
		news.Saved = append(news.Saved, paymentMethod(method))
		r.news.Objects = append(r.news.Objects, original(billing.PaymentMethodObject, method.ID, method.LastResponse, noFold))
	}
	r.news.Methods = news
	return nil
}

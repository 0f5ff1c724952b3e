package billing

import (
	"cmp"
	"fmt"
	"slices"
)

// The provider's reasons for an invoice that the rules look at.
const (
	firstInvoice = "subscription_create"
	renewal      = "subscription_cycle"
)

// EffectKind says what an effect is.
type EffectKind string

// The kinds: a mail to the account, a call to the provider, or a Notice to the application.
const (
	MailEffect   EffectKind = "mail"
	CallEffect   EffectKind = "call"
	NoticeEffect EffectKind = "notice"
)

// The calls to the provider.
const (
	StartFreeCall  = "start_free"  // subscribe the account to the free plan, unless it has a subscription by then
	CancelFreeCall = "cancel_free" // end Effect.Subscription, unless no paid one runs any more by then
	CompleteCall   = "complete"    // make what is missing of an account whose creation broke off
	TellGuestCall  = "tell_guest"  // tell the application what became of what an account has bought as a guest
	RefundCall     = "refund"      // make a refund whose order was committed, unless it is made by then
	// CancelRefundedCall ends Effect.Subscription, unless what its running period was paid with is ours again by then.
	CancelRefundedCall = "cancel_refunded"
	EndTrialCall       = "end_trial"     // end Effect.Subscription, a trial with a card that has tried before
	EndUnpaidCall      = "end_unpaid"    // end Effect.Subscription, unless what it owes was paid by then
	BillCapturedCall   = "bill_captured" // make the invoice of what was captured
	ClosePageCall      = "close_page"    // close the hosted page of a purchase that nobody needs any more
)

// Effect is something that has to happen because the state changed. Key names the transition: the same transition, seen again
// by whatever way, has the same key, and an effect with a known key does not happen again.
type Effect struct {
	Key          string
	Kind         EffectKind
	Name         string // which mail or call
	Subscription SubscriptionID
	Price        string  // the catalogue's key of the price it is about
	PriceFrom    string  // plan_changed, back_to_free: the one before
	Invoice      Invoice // mails about a payment
	Refund       Refund  // refunded
	Method       PaymentMethodID
}

// Decision is what a change of state brings about.
type Decision struct {
	Effects  []Effect
	Licenses []LicenseLine
}

// Decide compares what the mirror held with what the provider says now. Mails tell of news: for a customer that was never fetched
// before, such as one that is taken over from another system, there is none. Licenses and calls follow from the state alone.
func Decide(c Catalog, account AccountID, mirror, now State) Decision {
	var d Decision
	for _, invoice := range slices.Backward(now.Invoices) { // oldest first
		d.Licenses = append(d.Licenses, LicenseLines(c, account, invoice)...)
	}
	if now.Deleted {
		return d
	}
	if mirror.Known {
		for _, invoice := range slices.Backward(now.Invoices) {
			d.Effects = append(d.Effects, invoiceNews(c, mirror, now, invoice)...)
		}
		for _, group := range c.Groups() {
			d.Effects = append(d.Effects, planNews(c.In(group), mirror, now)...)
		}
		d.Effects = append(d.Effects, adopted(mirror, now)...)
	}
	for _, group := range c.Groups() {
		d.Effects = append(d.Effects, calls(c.In(group), now)...)
	}
	return d
}

// invoiceNews are the mails about one invoice.
func invoiceNews(c Catalog, mirror, now State, invoice Invoice) []Effect {
	was, _ := mirror.Invoice(invoice.ID)
	sub, hasSub := now.Subscription(invoice.Subscription)
	mail := func(name, key string) []Effect {
		return []Effect{{Key: key, Kind: MailEffect, Name: name, Subscription: invoice.Subscription, Price: billed(c, invoice), Invoice: invoice}}
	}
	switch {
	case invoice.Status == InvoicePaid && was.Status != InvoicePaid && invoice.AmountPaid.Minor > 0:
		name := ReceiptMail
		if invoice.Reason == renewal {
			name = RenewedMail
		}
		return mail(name, "receipt:"+string(invoice.ID))
	case invoice.Status != InvoiceOpen, invoice.Reason == firstInvoice, hasSub && (sub.Status.Ended() || sub.Waits(invoice.ID)):
		// The customer is present at the first payment, and at one that a change waits for, and sees on the page that it failed. Once the subscription has ended,
		// nobody is to pay.
		return nil
	case invoice.NeedsConfirmation && !was.NeedsConfirmation:
		return mail(ActionRequiredMail, "confirm:"+string(invoice.ID))
	case was.Attempts > 0 && len(c.Dunning.Steps) > 0: // the steps of dunning remind, and not each of the provider's tries
	case !invoice.NeedsConfirmation && invoice.Attempts > was.Attempts:
		return mail(PaymentFailedMail, fmt.Sprintf("failed:%s:%d", invoice.ID, invoice.Attempts))
	}
	return nil
}

// billed returns the catalogue's key of the price that an invoice is about: that of its largest line.
func billed(c Catalog, invoice Invoice) string {
	key, most := "", int64(-1)
	for _, line := range invoice.Lines {
		if c.sells(line.PriceKey) && line.Amount.Minor > most {
			key, most = line.PriceKey, line.Amount.Minor
		}
	}
	return key
}

// planNews are the mails about what the account is on in a group. Going from free to paid has its receipt and needs no second mail.
func planNews(c Catalog, mirror, now State) []Effect {
	var news []Effect
	best, running := Best(c, now)
	if running && c.Paid(best) && best.Status == Incomplete {
		running = false
	}
	for _, sub := range now.Subscriptions {
		was, known := mirror.Subscription(sub.ID)
		_, price := c.Sold(sub)
		_, before := c.Sold(was)
		switch {
		case !c.holds(sub):
		case known && was.Status.Ended():
		case sub.Status == Canceled && c.Paid(sub) && !(running && c.Paid(best)):
			news = append(news, Effect{
				Key: "ended:" + string(sub.ID), Kind: MailEffect, Name: BackToFreeMail,
				Subscription: sub.ID, Price: c.freeKey(), PriceFrom: price.Key,
			})
		case known && !sub.Status.Ended() && c.Paid(was) && price.Key != before.Key && price.Key != "":
			news = append(news, Effect{
				Key:  fmt.Sprintf("plan:%s:%s:%s:%s", sub.ID, before.Key, price.Key, sub.LatestInvoice),
				Kind: MailEffect, Name: PlanChangedMail, Subscription: sub.ID, Price: price.Key, PriceFrom: before.Key,
			})
		}
	}
	return news
}

func (c Catalog) freeKey() string {
	price, _ := c.FreePrice()
	return price.Key
}

// calls are what the provider has to be asked for so that an account has one subscription of a group: the paid one while it runs, the free
// one after it.
func calls(c Catalog, now State) []Effect {
	var all []Effect
	var free []Subscription
	var last Subscription // the paid one that ended last
	paid, any := false, false
	for _, sub := range now.Subscriptions {
		switch {
		case !c.holds(sub):
		case sub.Status.Ended():
			if sub.Status == Canceled && c.Paid(sub) && cmp.Or(sub.EndedAt.Compare(last.EndedAt), sub.CreatedAt.Compare(last.CreatedAt)) >= 0 {
				last = sub
			}
		case sub.Status == Incomplete:
		case c.Paid(sub):
			any = true
			paid = paid || sub.Status == Active || sub.Status == Trialing || sub.Status == PastDue
		default:
			any = true
			free = append(free, sub)
		}
	}
	if paid {
		for _, sub := range free {
			all = append(all, Effect{Key: "cancel-free:" + string(sub.ID), Kind: CallEffect, Name: CancelFreeCall, Subscription: sub.ID})
		}
	}
	if _, ok := c.FreePrice(); ok && !any && last.ID != "" {
		all = append(all, Effect{
			Key: "free-after:" + string(last.ID), Kind: CallEffect, Name: StartFreeCall, Subscription: last.ID, Price: c.freeKey(),
		})
	}
	return all
}

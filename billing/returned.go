package billing

import (
	"fmt"
	"slices"
	"time"
)

// newsAge is how old a refund or dispute may be that nobody knew: so long the provider keeps its events. What a reading of the history finds, and
// what is older than the mirror, is no news.
const newsAge = 30 * 24 * time.Hour

// News returns the refunds and disputes that before does not have, and the disputes that it has in another status.
func (r Record) News(before Record, now time.Time) Record {
	news := Record{Charges: r.Charges}
	for _, refund := range r.Refunds {
		known := slices.ContainsFunc(before.Refunds, func(was Refund) bool { return was.ID == refund.ID })
		if !known && now.Sub(refund.CreatedAt) < newsAge {
			news.Refunds = append(news.Refunds, refund)
		}
	}
	for _, dispute := range r.Disputes {
		at := slices.IndexFunc(before.Disputes, func(was Dispute) bool { return was.ID == dispute.ID })
		if at < 0 && now.Sub(dispute.CreatedAt) < newsAge || at >= 0 && before.Disputes[at].Status != dispute.Status {
			news.Disputes = append(news.Disputes, dispute)
		}
	}
	return news
}

// happened reports whether a refund gives money back, or is about to.
func (r Refund) happened() bool { return r.Status != "failed" && r.Status != "canceled" }

// closed reports whether the bank has decided.
func (d Dispute) closed() bool {
	return slices.Contains([]string{"won", lostDispute, "prevented", "warning_closed"}, d.Status)
}

// paidBy is the invoice that a charge paid, zero when it is not among those at hand.
func (s State) paidBy(id ChargeID, read Record) Invoice {
	for _, charge := range read.Charges {
		at := slices.IndexFunc(s.Invoices, func(i Invoice) bool { return i.PaymentIntent == charge.PaymentIntent && i.PaymentIntent != "" })
		if charge.ID == id && at >= 0 {
			return s.Invoices[at]
		}
	}
	return Invoice{}
}

// RefundEffects are what money that went back brings about, whoever moved it: a mail for each refund, and the end of a subscription of whose
// running period nothing is paid any more. Of a customer that was never fetched before there is no news, and so nothing ends because of what
// was given back before Dues came.
func RefundEffects(c Catalog, mirror, now State, news Record) []Effect {
	if !mirror.Known || now.Deleted {
		return nil
	}
	var all []Effect
	hit := map[SubscriptionID]bool{}
	for _, refund := range slices.Backward(news.Refunds) {
		if !refund.happened() {
			continue
		}
		invoice := now.paidBy(refund.Charge, news)
		hit[invoice.Subscription] = true
		all = append(all, Effect{
			Key: "refunded:" + string(refund.ID), Kind: MailEffect, Name: RefundedMail, Price: billed(c, invoice), Invoice: invoice, Refund: refund,
		})
	}
	for _, dispute := range news.Disputes {
		if dispute.Status == lostDispute {
			hit[now.paidBy(dispute.Charge, news).Subscription] = true
		}
	}
	for _, sub := range now.Subscriptions {
		if sub.TakenBack == Refunded && hit[sub.ID] {
			all = append(all, Effect{
				Key: fmt.Sprintf("cancel-refunded:%s:%d", sub.ID, sub.PeriodEnd().Unix()), Kind: CallEffect, Name: CancelRefundedCall, Subscription: sub.ID,
			})
		}
	}
	return all
}

// returnedNews tells of refunds and disputes.
func (t *teller) returnedNews() {
	for _, refund := range slices.Backward(t.Returned.Refunds) {
		if refund.happened() {
			t.once("refund:"+string(refund.ID), Notice{Type: RefundCreated, Refund: refund, Invoice: t.Now.paidBy(refund.Charge, t.Returned)})
		}
	}
	for _, dispute := range slices.Backward(t.Returned.Disputes) {
		n := Notice{Type: DisputeOpened, Dispute: dispute, Invoice: t.Now.paidBy(dispute.Charge, t.Returned)}
		if dispute.closed() {
			n.Type = DisputeClosed
		}
		t.once("dispute:"+string(dispute.ID)+":"+n.Type, n)
	}
}

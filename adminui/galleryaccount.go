package adminui

import (
	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// galleryMuch is an account that has something of everything.
func galleryMuch() facts {
	k := galleryPaid()
	k.Names.Price["hotline_monthly"], k.Names.Price["storage_monthly"] = "Hotline, €9.00 per month", "Storage, €2.00 per month"
	k.Status.AddOns = []billing.HeldAddOn{{AddOn: "storage", Price: "storage_monthly", Quantity: 3}}
	k.Status.Others = []service.GroupStatus{{PlanName: "Hotline", Access: billing.Access{
		Group: "support", Plan: "hotline", Price: "hotline_monthly", Subscription: "sub_1Sx9", Status: billing.Active, Level: billing.Full, PeriodEnd: galleryDay(12),
		Why: "Hotline is paid until 15 February 2027.",
	}}}
	k.Invoices[0].AmountPaid, k.Invoices[1].AmountPaid, k.Invoices[1].Refunded = eur(1900), eur(1900), eur(500)
	k.Refunds = []billing.RefundOrder{{
		ID: "rfo_1", Invoice: "in_1", Amount: eur(500), Override: true, Status: billing.RefundMade, CreditNote: "A1B2C3D4-CN-01", CreatedAt: galleryDay(-3), DoneAt: galleryDay(-3),
	}}
	k.Grants = []billing.Grant{
		{ID: "grant_1", Feature: "projects", Limit: 20, Note: "Outage of 3 February", CreatedAt: galleryNow, EndsAt: galleryDay(30)},
		{ID: "grant_2", Feature: "export", Note: "Beta of exports", CreatedAt: galleryDay(-30), EndsAt: galleryDay(-10)},
	}
	k.Seats = service.Seats{Total: 2, Seats: []billing.Seat{
		{Holder: "ada@example.com", AssignedAt: galleryDay(-30), Held: true}, {Holder: "charles@example.com", AssignedAt: galleryDay(-20), Held: true},
		{Holder: "mary@example.com", AssignedAt: galleryDay(-1)},
	}}
	k.OneOffs = []billing.OneOff{
		{ID: "one_2", Description: "A day of help on site", Manual: true, Status: billing.PurchaseAuthorized, Amount: eur(90000), CreatedAt: galleryNow, ExpiresAt: galleryDay(7), PaymentIntent: "pi_2"},
		{ID: "one_1", Description: "Two hours of help", Status: billing.PurchaseCompleted, Amount: eur(18000), CreatedAt: galleryDay(-9), DoneAt: galleryDay(-9), Invoice: "in_0"},
	}
	return k
}

// galleryRefused is an account to which nothing could be given.
func galleryRefused() facts {
	k := galleryPaid()
	k.Asked = askedGrant{Feature: "projects", Limit: "many", Refused: `"many" is no whole number`, Field: limitField}
	return k
}

func galleryRefund(reasons ...billing.RefundReason) refundView {
	k := galleryPaid()
	invoice := k.Invoices[0]
	invoice.AmountPaid = eur(1900)
	quote := billing.RefundQuote{Invoice: invoice.ID, Amount: eur(1900), Possible: true, Reasons: reasons}
	if len(reasons) == 0 {
		quote.Until = galleryDay(11)
	}
	return refundView{
		frame: galleryFrame("Give a payment back", base+"/accounts/user_1/refund"), Account: k.Status.Account, Invoice: invoice, Quote: quote,
	}
}

func galleryRefundRefused() refundView {
	v := galleryRefund(billing.RefundReason{Message: "A renewal is not given back; Premium can be cancelled, and ends with what is paid for."})
	v.Amount, v.Reason, v.Override = "ten", "order_change", true
	v.Refused, v.Field = `"ten" is no amount; write it as 19.00`, amountField
	return v
}

func galleryRefundOver() refundView {
	v := galleryRefund(billing.RefundReason{Message: "This payment was given back already."})
	v.Quote.Possible, v.Quote.Amount = false, eur(0)
	return v
}

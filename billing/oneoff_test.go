package billing_test

import (
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

// kiosk sells a map for ever and a course for 90 days, each alone.
func kiosk(rules ...billing.RefundRule) billing.Catalog {
	c := shop
	c.Assets = append([]billing.Asset{
		{ID: "map", Name: "The map", Perpetual: true, Prices: []billing.Price{{Key: "map", Amount: eur(3000)}, {Key: "map-old", Amount: eur(2500), Archived: true}}},
		{ID: "course", Name: "The course", Duration: days(90), Recurring: true, Prices: []billing.Price{{
			Key: "course", Amount: eur(4900), Currencies: []billing.CurrencyPrice{{Rate: billing.Rate{Amount: money.New(5500, "usd")}}},
		}}},
	}, shop.Assets...)
	c.Refunds = rules
	return c
}

// paidOnce is an invoice for what is paid once.
func paidOnce(id billing.InvoiceID, key string, amount int64) billing.Invoice {
	return invoice(id, "", key, billing.InvoicePaid, func(i *billing.Invoice) {
		i.Reason, i.AmountPaid, i.CreatedAt, i.PaidAt = "manual", eur(amount), jan31, jan31
		i.Lines = []billing.InvoiceLine{{ID: "il_" + string(id), PriceKey: key, Amount: eur(amount), Period: billing.Period{Start: jan31, End: jan31}}}
	})
}

func TestWhatIsPaidOnceIsLicensedFromItsPaymentOn(t *testing.T) {
	t.Parallel()
	c := kiosk()
	for _, x := range []struct {
		name    string
		invoice billing.Invoice
		want    string // asset and end
	}{
		{"for ever", paidOnce("1", "map", 3000), "map 0001-01-01"},
		{"for its duration, whatever else recurs", paidOnce("2", "course", 4900), "course 2026-05-01"},
		{"also at a price that is not sold any more", paidOnce("3", "map-old", 2500), "map 0001-01-01"},
		{"not before it is paid", func() billing.Invoice { i := paidOnce("4", "map", 3000); i.Status = billing.InvoiceOpen; return i }(), ""},
		{"not what takes something off", paidOnce("5", "map", -3000), ""},
		{"not what the catalogue does not have", paidOnce("6", "poster", 900), ""},
	} {
		got := ""
		for _, line := range billing.LicenseLines(c, "ada", x.invoice) {
			got += string(line.Asset) + " " + line.EndsAt.Format(time.DateOnly)
		}
		if got != x.want {
			t.Errorf("%s: got %q, want %q", x.name, got, x.want)
		}
	}
}

func TestWhatIsSoldOnceIsInTheCatalogueAndNotHeldForEver(t *testing.T) {
	t.Parallel()
	line := func(asset billing.AssetID, ends time.Time, taken int64) []billing.LicenseLine {
		return []billing.LicenseLine{{Line: "il", Asset: asset, Account: "ada", StartsAt: jan31, EndsAt: ends, Paid: 3000, Taken: taken}}
	}
	for _, x := range []struct {
		name, key string
		currency  money.Currency
		held      []billing.LicenseLine
		want      string // the amount, or the code of the error
	}{
		{"the map", "map", "", nil, "30.00 EUR"},
		{"the course in dollars", "course", "usd", nil, "55.00 USD"},
		{"in a currency that it has not", "map", "usd", nil, "invalid"},
		{"no such price", "none", "", nil, "invalid"},
		{"a plan, which is paid by the period", "monthly", "", nil, "invalid"},
		{"what is not sold any more", "map-old", "", nil, "invalid"},
		{"what is held for ever", "map", "", line("map", time.Time{}, 0), "conflict"},
		{"what was held for ever, and given back", "map", "", line("map", time.Time{}, 3000), "30.00 EUR"},
		{"what is held for a time", "course", "", line("course", mar31, 0), "49.00 EUR"},
	} {
		amount, err := kiosk().BuyOnce(x.key, x.currency, x.held)
		got := amount.String()
		if err != nil {
			got = string(billing.CodeOf(err))
		}
		if got != x.want {
			t.Errorf("%s: got %s, want %s", x.name, got, x.want)
		}
	}
}

func TestAOneOffFollowsItsPageAndItsInvoice(t *testing.T) {
	t.Parallel()
	paid, open, void := paidOnce("1", "map", 3000), paidOnce("1", "map", 3000), paidOnce("1", "map", 3000)
	paid.PaymentIntent, paid.PaymentMethod = "pi_1", "pm_1"
	open.Status, void.Status = billing.InvoiceOpen, billing.InvoiceVoid
	page := func(status string) []billing.CheckoutState {
		return []billing.CheckoutState{{ID: "cs_other", Status: "expired"}, {ID: "cs_1", Status: status, Invoice: paid.ID}}
	}
	byPage := billing.OneOff{ID: "one_1", Status: billing.PurchasePending, Checkout: "cs_1", URL: "https://pay", Amount: eur(3000)}
	charged := billing.OneOff{ID: "one_1", Status: billing.PurchasePending, Invoice: paid.ID, URL: "https://invoice", Failure: "insufficient_funds"}
	for _, x := range []struct {
		name  string
		was   billing.OneOff
		pages []billing.CheckoutState
		now   []billing.Invoice
		want  billing.PurchaseStatus
	}{
		{"an open page", byPage, page("open"), nil, billing.PurchasePending},
		{"a page that was paid", byPage, page("complete"), []billing.Invoice{paid}, billing.PurchaseCompleted},
		{"a page whose invoice is not seen yet", byPage, page("complete"), nil, billing.PurchasePending},
		{"a page that nobody paid on", byPage, page("expired"), nil, billing.PurchaseExpired},
		{"pages were not read", byPage, nil, []billing.Invoice{paid}, billing.PurchasePending},
		{"a charge that paid", charged, nil, []billing.Invoice{paid}, billing.PurchaseCompleted},
		{"a charge that did not", charged, nil, []billing.Invoice{open}, billing.PurchasePending},
		{"a charge that was taken back", charged, nil, []billing.Invoice{void}, billing.PurchaseCanceled},
		{"what has ended stays so", billing.OneOff{Status: billing.PurchaseExpired, Invoice: paid.ID}, nil, []billing.Invoice{paid}, billing.PurchaseExpired},
	} {
		got := x.was.Settle(x.pages, billing.State{Customer: "cus_1", Invoices: x.now}, nil, mar31)
		if got.Status != x.want {
			t.Errorf("%s: got %s, want %s", x.name, got.Status, x.want)
		}
		if over := got.Status != x.was.Status; over && (got.URL != "" || !got.DoneAt.Equal(mar31)) {
			t.Errorf("%s: it has ended, and is %+v", x.name, got)
		}
		if got.Status == billing.PurchaseCompleted && (got.PaymentIntent != "pi_1" || got.PaymentMethod != "pm_1" || got.Amount != eur(3000) || got.Failure != "") {
			t.Errorf("%s: what is kept is %+v", x.name, got)
		}
	}
}

// Features: 94.
func TestARuleIsAboutAssetsThatItNames(t *testing.T) {
	t.Parallel()
	mapRule := billing.RefundRule{Assets: []billing.AssetID{"map"}, Within: days(14), Consumed: 20}
	older := paidOnce("0", "course", 4900)
	older.PaidAt = jan31.AddDate(0, -2, 0)
	for _, x := range []struct {
		name  string
		rule  billing.RefundRule
		key   string
		used  []billing.Consumption
		now   time.Time
		wants string
	}{
		{"within the time of this purchase, whenever the first was", mapRule, "map", nil, feb10, "30.00 EUR"},
		{"later", mapRule, "map", nil, mar31, "30.00 EUR too_late"},
		{"with more read", mapRule, "map", []billing.Consumption{{Asset: "map", Percent: 21}}, feb10, "30.00 EUR consumed"},
		{"with something else read", mapRule, "map", []billing.Consumption{{Asset: "course", Percent: 21}}, feb10, "30.00 EUR"},
		{"another asset", mapRule, "course", nil, feb10, "30.00 EUR not_offered"},
		{"a rule for plans", fortnight, "map", nil, feb10, "30.00 EUR not_offered"},
		{"a rule for all", billing.RefundRule{Consumed: 100}, "map", nil, feb10, "30.00 EUR"},
		{"another purchase was given back before", billing.RefundRule{Consumed: 100, Count: 1}, "map", nil, feb10, "30.00 EUR too_often"},
	} {
		before := older
		if x.rule.Count > 0 {
			before.Refunded = eur(4900)
		}
		s := billing.State{Invoices: []billing.Invoice{paidOnce("1", x.key, 3000), before}}
		q, err := kiosk(x.rule).QuoteRefund(s, nil, "1", x.used, x.now)
		got := q.Amount.String()
		for _, reason := range q.Reasons {
			got += " " + string(reason.Code)
		}
		if err != nil || got != x.wants {
			t.Errorf("%s: got %q, %v, want %q", x.name, got, err, x.wants)
		}
	}
}

package billing_test

import (
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

// shop is the catalogue of these tests: a free plan, and a paid one in two prices with a licensed asset.
var shop = billing.Catalog{
	FreePlan: "starter",
	Plans: []billing.Plan{
		{
			ID: "starter", Name: "Starter", Prices: []billing.Price{{Key: "starter", Amount: eur(0), Interval: billing.Month, IntervalCount: 1}},
			Features: []billing.FeatureValue{{Feature: "projects", Limit: 3}},
		},
		{
			ID: "premium", Name: "Premium", Assets: []billing.AssetID{"handbook", "course"},
			Prices: []billing.Price{
				{Key: "monthly", Amount: eur(1900), Interval: billing.Month, IntervalCount: 1},
				{Key: "yearly", Amount: eur(19000), Interval: billing.Year, IntervalCount: 1},
			},
			Features: []billing.FeatureValue{{Feature: "projects", Limit: 100}, {Feature: "export", Enabled: true}},
		},
	},
	Features: []billing.Feature{{ID: "projects", Type: billing.Limit}, {ID: "export", Type: billing.Boolean}},
	Assets: []billing.Asset{
		{ID: "handbook", Recurring: true, Duration: 30 * 24 * time.Hour},
		{ID: "course"}, // comes with the first payment only
	},
	Policy: billing.AccessPolicy{
		Leeway: 48 * time.Hour,
		Rules: []billing.PolicyRule{
			{Status: billing.Active, Level: billing.Full},
			{Status: billing.Trialing, Level: billing.Full},
			{Status: billing.PastDue, Within: 14 * 24 * time.Hour, Level: billing.Full},
			{Status: billing.PastDue, Level: billing.Limited},
			{Status: billing.Unpaid, Level: billing.FreeOnly},
			{Status: billing.Incomplete, Level: billing.FreeOnly},
		},
	},
}

// The times of these tests: a period that began in January, and a day within.
var (
	jan31 = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	feb28 = time.Date(2026, 2, 28, 12, 0, 0, 0, time.UTC)
	mar31 = time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	feb10 = time.Date(2026, 2, 10, 0, 0, 0, 0, time.UTC)
)

func eur(minor int64) money.Amount { return money.New(minor, "eur") }

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

// sub is a subscription to a price of the shop, begun on 31 January.
func sub(id billing.SubscriptionID, key string, status billing.Status, change ...func(*billing.Subscription)) billing.Subscription {
	_, price, _ := shop.PlanOfPrice(key)
	s := billing.Subscription{
		ID: id, Customer: "cus", Status: status, CreatedAt: jan31, StartedAt: jan31,
		Items: []billing.Item{{ID: "si_" + string(id), PriceKey: key, Quantity: 1, Amount: price.Amount, Period: billing.Period{Start: jan31, End: feb28}}},
	}
	for _, fn := range change {
		fn(&s)
	}
	return s
}

// invoice is one of a subscription with one line for the period that begins on 28 February.
func invoice(id billing.InvoiceID, of billing.SubscriptionID, key string, status billing.InvoiceStatus, change ...func(*billing.Invoice)) billing.Invoice {
	_, price, _ := shop.PlanOfPrice(key)
	i := billing.Invoice{
		ID: id, Customer: "cus", Subscription: of, Status: status, Reason: "subscription_cycle", CreatedAt: feb28,
		Total: price.Amount, AmountDue: price.Amount, HostedURL: "https://pay.example.com/" + string(id),
		Lines: []billing.InvoiceLine{{ID: "il_" + string(id), PriceKey: key, Amount: price.Amount, Quantity: 1, Period: billing.Period{Start: feb28, End: mar31}}},
	}
	if status == billing.InvoicePaid {
		i.AmountPaid, i.PaidAt = price.Amount, feb28.Add(time.Hour)
	}
	for _, fn := range change {
		fn(&i)
	}
	return i
}

// known is the state of a customer that was fetched before.
func known(parts ...any) billing.State {
	s := billing.State{Customer: "cus", Known: true}
	for _, part := range parts {
		switch part := part.(type) {
		case billing.Subscription:
			s.Subscriptions = append(s.Subscriptions, part)
		case billing.Invoice:
			s.Invoices = append(s.Invoices, part)
		}
	}
	return s
}

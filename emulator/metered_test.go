package emulator_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"
)

// clockShop is a shop on a test clock that stands at a day of 2026, 12:00 UTC.
type clockShop struct {
	*shop
	clock string
	at    time.Time
}

func openClockShop(t *testing.T, month time.Month, day int) *clockShop {
	t.Helper()
	server, at := start(t), time.Date(2026, month, day, 12, 0, 0, 0, time.UTC)
	clock, err := server.Client().V1TestHelpersTestClocks.Create(t.Context(), &stripe.TestHelpersTestClockCreateParams{FrozenTime: stripe.Int64(at.Unix())})
	if err != nil {
		t.Fatal(err)
	}
	return &clockShop{shop: openShop(t, server, clock.ID), clock: clock.ID, at: at}
}

// wait advances the clock and waits until it has lived through the time.
func (s *clockShop) wait(t *testing.T, by time.Duration) {
	t.Helper()
	s.at = s.at.Add(by)
	clock, err := s.sc.V1TestHelpersTestClocks.Advance(t.Context(), s.clock, &stripe.TestHelpersTestClockAdvanceParams{FrozenTime: stripe.Int64(s.at.Unix())})
	for err == nil && clock.Status != stripe.TestHelpersTestClockStatusReady {
		clock, err = s.sc.V1TestHelpersTestClocks.Retrieve(t.Context(), s.clock, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// priced makes a monthly price of the shop's product.
func (s *shop) priced(t *testing.T, change func(*stripe.PriceCreateParams)) string {
	t.Helper()
	params := &stripe.PriceCreateParams{
		Product: stripe.String(s.product.ID), Currency: stripe.String("usd"), Recurring: &stripe.PriceCreateRecurringParams{Interval: stripe.String("month")},
	}
	change(params)
	price, err := s.sc.V1Prices.Create(t.Context(), params)
	if err != nil {
		t.Fatal(err)
	}
	return price.ID
}

// byUse makes a price bill the usage of a meter.
func byUse(p *stripe.PriceCreateParams, meter string) {
	p.Recurring.UsageType, p.Recurring.Meter = stripe.String("metered"), stripe.String(meter)
}

// inTiers gives a price tiers: {5, 500} is 5.00 each up to the fifth unit, a bound of 0 is infinite.
func inTiers(p *stripe.PriceCreateParams, mode string, steps ...[2]int64) {
	p.BillingScheme, p.TiersMode = stripe.String("tiered"), stripe.String(mode)
	for _, step := range steps {
		tier := &stripe.PriceCreateTierParams{UnitAmount: stripe.Int64(step[1])}
		if tier.UpTo = stripe.Int64(step[0]); step[0] == 0 {
			tier.UpTo, tier.UpToInf = nil, stripe.Bool(true)
		}
		p.Tiers = append(p.Tiers, tier)
	}
}

// subscribed subscribes the shop's customer to prices.
func (s *shop) subscribed(t *testing.T, prices ...string) *stripe.Subscription {
	t.Helper()
	params := &stripe.SubscriptionCreateParams{Customer: stripe.String(s.customer.ID)}
	for _, price := range prices {
		params.Items = append(params.Items, &stripe.SubscriptionCreateItemParams{Price: stripe.String(price)})
	}
	sub, err := s.sc.V1Subscriptions.Create(t.Context(), params)
	if err != nil {
		t.Fatal(err)
	}
	return sub
}

// newest is the newest invoice of a subscription.
func (s *shop) newest(t *testing.T, sub string) *stripe.Invoice {
	t.Helper()
	for inv, err := range s.sc.V1Invoices.List(t.Context(), &stripe.InvoiceListParams{Subscription: stripe.String(sub)}).All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		return inv
	}
	return nil
}

// told are the lines of an invoice.
func told(inv *stripe.Invoice) string {
	var out []string
	for _, line := range inv.Lines.Data {
		out = append(out, fmt.Sprint(line.QuantityDecimal, " for ", line.Amount))
	}
	return strings.Join(out, ", ")
}

// Rows: C6 C7 C8 C9 C10 C11.
func TestEachPricingSchemeBillsItsAmountOnATestClock(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		units int64 // used in the period, or bought ahead
		ahead bool
		price func(p *stripe.PriceCreateParams)
		want  string
		paid  int64
	}{
		{"three seats at 15.00", 3, true, func(p *stripe.PriceCreateParams) { p.UnitAmount = stripe.Int64(1500) }, "3 for 4500", 4500},
		{"fifteen calls at 0.10", 15, false, func(p *stripe.PriceCreateParams) { p.UnitAmount = stripe.Int64(10) }, "15 for 150", 150},
		{"eleven units of 5, 4 and 3, all at the reached tier", 11, false, func(p *stripe.PriceCreateParams) {
			inTiers(p, "volume", [2]int64{5, 500}, [2]int64{10, 400}, [2]int64{0, 300})
		}, "11 for 3300", 3300},
		{"eleven units of 5, 4 and 3, tier by tier", 11, false, func(p *stripe.PriceCreateParams) {
			inTiers(p, "graduated", [2]int64{5, 500}, [2]int64{10, 400}, [2]int64{0, 300})
		}, "5 for 2500, 5 for 2000, 1 for 300", 4800},
		{"twelve users, the first ten at 2.00, then 1.00", 12, true, func(p *stripe.PriceCreateParams) {
			inTiers(p, "graduated", [2]int64{10, 200}, [2]int64{0, 100})
		}, "10 for 2000, 2 for 200", 2200},
		{"the first gigabyte at 30.00, then 50.00 each", 4, false, func(p *stripe.PriceCreateParams) {
			inTiers(p, "graduated", [2]int64{1, 3000}, [2]int64{0, 5000})
		}, "1 for 3000, 3 for 15000", 18000},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			shop := openClockShop(t, time.March, 1)
			meter := shop.meter(t, "units", "sum")
			price := shop.priced(t, func(p *stripe.PriceCreateParams) {
				c.price(p)
				if !c.ahead {
					byUse(p, meter.ID)
				}
			})
			item := &stripe.SubscriptionCreateItemParams{Price: stripe.String(price)}
			if c.ahead {
				item.Quantity = stripe.Int64(c.units)
			}
			sub, err := shop.sc.V1Subscriptions.Create(t.Context(), &stripe.SubscriptionCreateParams{
				Customer: stripe.String(shop.customer.ID), Items: []*stripe.SubscriptionCreateItemParams{item},
			})
			if err != nil {
				t.Fatal(err)
			}
			if c.ahead {
				if first := shop.newest(t, sub.ID); told(first) != c.want || first.AmountPaid != c.paid {
					t.Errorf("at the start %s, paid %d", told(first), first.AmountPaid)
				}
			} else {
				shop.wait(t, 48*time.Hour)
				shop.use(t, "units", fmt.Sprint(c.units-1), 0)
				shop.wait(t, 48*time.Hour)
				shop.use(t, "units", "1", 0)
			}
			shop.wait(t, shop.at.AddDate(0, 1, 2).Sub(shop.at))
			renewal := shop.newest(t, sub.ID)
			if told(renewal) != c.want || renewal.AmountPaid != c.paid || renewal.BillingReason != stripe.InvoiceBillingReasonSubscriptionCycle {
				t.Errorf("renewed as %s with %s, paid %d; want %s, %d", renewal.BillingReason, told(renewal), renewal.AmountPaid, c.want, c.paid)
			}
		})
	}
}

// Rows: C12.
func TestFixedAndMeteredInOneSubscriptionBillAtBothEndsOfTheCycle(t *testing.T) {
	t.Parallel()
	shop := openClockShop(t, time.March, 1)
	ctx := t.Context()
	meter := shop.meter(t, "calls", "sum")
	metered := shop.priced(t, func(p *stripe.PriceCreateParams) { byUse(p, meter.ID); p.UnitAmountDecimal = stripe.Float64(0.5) })
	sub := shop.subscribed(t, shop.price.ID, metered)
	if first := shop.newest(t, sub.ID); told(first) != "1 for 2000" || first.AmountPaid != 2000 {
		t.Errorf("at the start %s", told(first))
	}
	if item := sub.Items.Data[1]; item.Price.Recurring.Meter != meter.ID || item.Price.Recurring.UsageType != stripe.PriceRecurringUsageTypeMetered || item.Quantity != 0 {
		t.Errorf("item %+v", item)
	}
	shop.wait(t, 10*24*time.Hour)
	shop.use(t, "calls", "301", 0)
	preview, err := shop.sc.V1Invoices.CreatePreview(ctx, &stripe.InvoiceCreatePreviewParams{Subscription: stripe.String(sub.ID)})
	if err != nil || told(preview) != "301 for 151, 1 for 2000" {
		t.Errorf("previewed %v, %v", told(preview), err)
	}
	shop.wait(t, 21*24*time.Hour)
	draft := shop.newest(t, sub.ID)
	if draft.Status != stripe.InvoiceStatusDraft || told(draft) != "301 for 151, 1 for 2000" {
		t.Fatalf("drafted %s %s", draft.Status, told(draft))
	}
	shop.use(t, "calls", "99.5", shop.at.Unix()-60)
	shop.wait(t, 2*time.Hour)
	paid := shop.newest(t, sub.ID)
	line := paid.Lines.Data[0]
	if paid.ID != draft.ID || paid.AmountPaid != 2200 || told(paid) != "400.5 for 200, 1 for 2000" || line.Quantity != 400 {
		t.Errorf("paid %d: %s, quantity %d", paid.AmountPaid, told(paid), line.Quantity)
	}
	details := line.Parent.SubscriptionItemDetails
	if details == nil || details.SubscriptionItem != sub.Items.Data[1].ID || line.Period.Start != sub.StartDate || line.Period.End != paid.PeriodEnd {
		t.Errorf("line %+v of %+v", line, details)
	}
	if ahead := paid.Lines.Data[1]; ahead.Period.Start != paid.PeriodEnd {
		t.Errorf("the fixed price is billed from %d, the cycle began at %d", ahead.Period.Start, paid.PeriodEnd)
	}
}

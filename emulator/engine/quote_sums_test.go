package engine

import (
	"testing"

	"pgregory.net/rapid"
)

func TestAQuoteComesToWhatItsAcceptanceBills(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		s := openShop(reported{t, r})
		customer := s.customer("pm_card_visa")
		some := func(name string) Opt[[]string] { return Some(s.someRates()[:rapid.IntRange(0, 3).Draw(r, name)]) }
		monthly := s.price("A", rapid.Int64Range(0, 50000).Draw(r, "amount"))
		once := s.price("Setup", rapid.Int64Range(0, 9000).Draw(r, "once"), func(c *CreatePrice) { c.Recurring = Opt[RecurringParam]{} })
		coupons := []string{s.coupon("12.5", DurationForever), s.coupon("300c", DurationOnce)}
		line := func(price string) QuoteLineParams {
			p := QuoteLineParams{Price: Some(price), Quantity: Some(rapid.Int64Range(1, 7).Draw(r, "quantity"))}
			if rapid.Bool().Draw(r, "own rates") {
				p.TaxRates = some("line rates")
			}
			if rapid.Bool().Draw(r, "own discount") {
				p.Discounts = byCoupon(s.coupon("5", DurationForever))
			}
			return p
		}
		cmd := CreateQuote{QuoteParams: QuoteParams{
			Customer: Some(customer), DefaultTaxRates: some("rates"), Discounts: byCoupon(coupons[:rapid.IntRange(0, 2).Draw(r, "discounts")]...),
		}}
		switch rapid.SampledFrom([]string{"subscription", "both", "once"}).Draw(r, "kind") {
		case "subscription":
			cmd.LineItems = Some([]QuoteLineParams{line(monthly)})
		case "both":
			cmd.LineItems = Some([]QuoteLineParams{line(monthly), line(once)})
		case "once":
			cmd.LineItems = Some([]QuoteLineParams{line(once)})
		}
		q := s.do(cmd).(*Quote)
		s.do(FinalizeQuote{ID: q.ID})
		q = s.do(AcceptQuote{ID: q.ID}).(*Quote)
		invoice := q.Invoice
		if q.Subscription != "" {
			invoice = s.sub(q.Subscription).LatestInvoice
		}
		inv, discount := s.invoice(invoice), int64(0)
		for _, off := range inv.TotalDiscounts {
			discount += off.Amount
		}
		if got, want := q.Upfront, (QuoteTotals{Subtotal: q.Upfront.Subtotal, Discount: discount, Tax: inv.allTax(), Total: inv.Total}); got != want {
			r.Fatalf("quoted %+v, billed %+v: %s", got, want, lines(inv))
		}
		sum := QuoteTotals{}
		for _, l := range q.Lines {
			sum.Subtotal, sum.Discount, sum.Tax, sum.Total = sum.Subtotal+l.Subtotal, sum.Discount+l.Discount, sum.Tax+l.Tax, sum.Total+l.Total
		}
		if sum != q.Totals {
			r.Fatalf("the lines come to %+v, the quote to %+v", sum, q.Totals)
		}
	})
}

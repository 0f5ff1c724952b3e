package engine

import (
	"fmt"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// rate makes a tax rate of a percentage.
func (s *shop) rate(percentage string, inclusive bool, change ...func(*CreateTaxRate)) string {
	s.Helper()
	cmd := CreateTaxRate{
		TaxRateParams: TaxRateParams{DisplayName: Some("VAT")}, Inclusive: Some(inclusive), Percentage: Some(dec(s.TB, percentage)),
	}
	for _, f := range change {
		f(&cmd)
	}
	return s.do(cmd).(*TaxRate).ID
}

// someRates are three rates of this world, made when first asked for.
func (s *shop) someRates() []string {
	s.Helper()
	rates := s.tables.taxRates.all("", "")
	for len(rates) < 3 {
		s.rate([]string{"19", "8.8750", "5.5"}[len(rates)], len(rates) == 2)
		rates = s.tables.taxRates.all("", "")
	}
	return []string{rates[0].ID, rates[1].ID, rates[2].ID}
}

func taxedBy(rates ...string) func(*CreateSubscription) {
	return func(c *CreateSubscription) { c.DefaultTaxRates = Some(rates) }
}

// Chapters 10.5 and 14.6.
func TestTaxesAreWhatStripeTakes(t *testing.T) {
	t.Parallel()
	const in, ex = true, false
	type rate struct {
		percentage string
		inclusive  bool
	}
	for _, c := range []struct {
		name               string
		amounts            []int64
		rates              []rate
		off                string // an invoice's coupon
		exempt, rounding   string
		taxes              string // of each line
		total, without     int64  // total_excluding_tax
		subtotalWithoutTax int64
	}{
		{"a half cent goes up", []int64{550}, []rate{{"5", ex}}, "", "", "", "[28]", 578, 550, 550},
		{"inclusive", []int64{550}, []rate{{"5", in}}, "", "", "", "[26]", 550, 524, 524},
		{"four places", []int64{10000}, []rate{{"8.8751", ex}}, "", "", "", "[888]", 10888, 10000, 10000},
		{"0.225 goes up", []int64{1000}, []rate{{"2.25", ex}}, "", "", "", "[23]", 1023, 1000, 1000},
		{"a credit takes its tax back", []int64{-550}, []rate{{"5", ex}}, "", "", "", "[-28]", -578, -550, -550},
		{"inclusive by line", []int64{7000, 4000}, []rate{{"20", in}}, "", "", RoundTaxByLine, "[1167] [667]", 11000, 9166, 9166},
		{"inclusive by invoice", []int64{7000, 4000}, []rate{{"20", in}}, "", "", RoundTaxByInvoice, "[1167] [666]", 11000, 9167, 9167},
		{"both: exclusive on what inclusive leaves", []int64{12000}, []rate{{"20", in}, {"10", ex}}, "", "", "", "[2000 1000]", 13000, 10000, 10000},
		{"two inclusive rates share one base", []int64{11500}, []rate{{"10", in}, {"5", in}}, "", "", "", "[1000 500]", 11500, 10000, 10000},
		{"after the discount", []int64{1000}, []rate{{"20", ex}}, "25", "", "", "[150]", 900, 750, 1000},
		{"inclusive after the discount", []int64{1200}, []rate{{"20", in}}, "50", "", "", "[100]", 600, 500, 1000},
		{"exempt, exclusive", []int64{1000}, []rate{{"20", ex}}, "", "exempt", "", "[0]", 1000, 1000, 1000},
		{"exempt, inclusive: the tax leaves the price", []int64{12000}, []rate{{"20", in}}, "", "exempt", "", "[0]", 10000, 10000, 10000},
		{"reverse charge, both", []int64{12000}, []rate{{"20", in}, {"10", ex}}, "", "reverse", "", "[0 0]", 10000, 10000, 10000},
		{"nothing costs no tax", []int64{0}, []rate{{"20", ex}}, "", "", "", "[0]", 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, func(set *Settings) {
				if c.rounding != "" {
					set.TaxRounding = c.rounding
				}
			})
			customer := s.customer("pm_card_visa")
			if c.exempt != "" {
				s.do(UpdateCustomer{ID: customer, CustomerParams: CustomerParams{TaxExempt: Some(c.exempt)}})
			}
			params := InvoiceParams{}
			var rates []string
			for _, r := range c.rates {
				rates = append(rates, s.rate(r.percentage, r.inclusive))
			}
			params.DefaultTaxRates = Some(rates)
			if c.off != "" {
				params.Discounts = byCoupon(s.coupon(c.off, DurationForever))
			}
			for _, amount := range slices.Backward(c.amounts) { // an invoice shows the newest first
				s.do(CreateInvoiceItem{Customer: Some(customer), Amount: Some(amount), Currency: Some("usd"), Discountable: Some(true)})
			}
			inv := s.do(CreateInvoice{Customer: Some(customer), PendingInvoiceItemsBehavior: Some("include"), InvoiceParams: params}).(*Invoice)
			got, reason := "", TaxByHand
			for i, l := range inv.Lines {
				var amounts []int64
				for _, tax := range l.Taxes {
					amounts, reason = append(amounts, tax.Amount), tax.Reason
				}
				if i > 0 {
					got += " "
				}
				got += fmt.Sprint(amounts)
			}
			if got != c.taxes || inv.Total != c.total || inv.TotalExcludingTax != c.without || inv.SubtotalExcludingTax != c.subtotalWithoutTax {
				t.Errorf("taxes %s, total %d, %d and subtotal %d without tax; want %s, %d, %d, %d", got, inv.Total, inv.TotalExcludingTax,
					inv.SubtotalExcludingTax, c.taxes, c.total, c.without, c.subtotalWithoutTax)
			}
			if want := map[string]string{"": TaxByHand, "exempt": TaxExempt, "reverse": TaxReversed}[c.exempt]; reason != want {
				t.Errorf("the reason is %s, want %s", reason, want)
			}
			if paid := s.do(PayInvoice{ID: inv.ID}).(*Invoice); paid.Total != c.total || paid.AmountPaid != max(0, c.total) {
				t.Errorf("paid %d of %d", paid.AmountPaid, paid.Total)
			}
		})
	}
}

// A hundred runs of a hundred invoices: the law of an invoice, and each tax against an exact fraction.
func TestTaxIsTheNearestCentOfTheExactFractionAndTheInvoiceAddsUp(t *testing.T) {
	t.Parallel()
	percentages := []string{"0", "0.0001", "2.5", "5", "7.7", "8.8751", "19", "20", "33.3333", "100"}
	rapid.Check(t, func(r *rapid.T) {
		s := openShop(t, func(c *Settings) {
			c.TaxRounding = rapid.SampledFrom([]string{RoundTaxByLine, RoundTaxByInvoice}).Draw(r, "rounding")
		})
		var rates []string
		for _, p := range percentages {
			rates = append(rates, s.rate(p, rapid.Bool().Draw(r, "inclusive")))
		}
		coupons := []string{s.coupon("12.5", DurationForever), s.coupon("777c", DurationForever)}
		var discounts []string
		write := s.begin(worldLine, s.now, Request{})
		for _, c := range coupons {
			d := &Discount{Coupon: c}
			write.redeem(d)
			discounts = append(discounts, d.ID)
		}
		write.commit()
		some := func(from []string, most int) []string {
			first := rapid.IntRange(0, len(from)).Draw(r, "first")
			return from[first:min(len(from), first+rapid.IntRange(0, most).Draw(r, "many"))]
		}
		for range 100 {
			terms := &InvoiceTerms{
				Currency: "usd", DefaultTaxRates: some(rates, 3),
				CustomerTaxExempt: rapid.SampledFrom([]string{"none", "none", "none", "exempt", "reverse"}).Draw(r, "exempt"),
			}
			inv := &Invoice{InvoiceTerms: terms, Status: InvoiceDraft, Discounts: some(discounts, 2)}
			for range rapid.IntRange(0, 4).Draw(r, "lines") {
				line := &InvoiceLine{Amount: rapid.Int64Range(-100_000, 10_000_000).Draw(r, "amount"), Discountable: true}
				if rapid.Bool().Draw(r, "own rates") {
					line.TaxRates = append([]string{}, some(rates, 2)...)
				}
				inv.Lines = append(inv.Lines, line)
			}
			write.sum(inv, 0)
			if err := adds(inv); err != nil {
				r.Fatalf("%v: %+v", err, inv)
			}
			again := *inv
			if write.sum(&again, 0); again.Total != inv.Total || again.SubtotalExcludingTax != inv.SubtotalExcludingTax {
				r.Fatalf("added up again the total is %d, was %d", again.Total, inv.Total)
			}
			if s.Settings().TaxRounding == RoundTaxByLine && inv.CustomerTaxExempt == "none" {
				if err := nearestTax(s, inv); err != nil {
					r.Fatal(err)
				}
			}
			if off := roundedOnce(s, inv); s.Settings().TaxRounding == RoundTaxByInvoice && off != "" {
				r.Fatal(off)
			}
		}
	})
}

// nearestTax holds each tax of a line against the formula in fractions.
func nearestTax(s *shop, inv *Invoice) error {
	for _, l := range inv.Lines {
		inside, left := new(big.Rat), l.net()
		for _, tax := range l.Taxes {
			if tax.Inclusive {
				inside.Add(inside, rational(get[TaxRate](s, tax.Rate).Percentage))
				left -= tax.Amount
			}
		}
		for _, tax := range l.Taxes {
			p, base, whole := rational(get[TaxRate](s, tax.Rate).Percentage), left, big.NewRat(100, 1)
			if tax.Inclusive {
				base = l.net()
				whole.Add(whole, inside)
			}
			exact := p.Mul(p, big.NewRat(base, 1))
			exact.Quo(exact, whole).Sub(exact, big.NewRat(tax.Amount, 1))
			if exact.Abs(exact).Cmp(big.NewRat(1, 2)) > 0 || tax.Taxable != left {
				return fmt.Errorf("%d of %d taxable %d: off by %s", tax.Amount, l.net(), tax.Taxable, exact.FloatString(4))
			}
		}
	}
	return nil
}

// roundedOnce says where the tax of an exclusive rate that stands alone is more than half a cent off what the sum of its lines gives.
func roundedOnce(s *shop, inv *Invoice) string {
	if inv.CustomerTaxExempt != "none" {
		return ""
	}
	base := map[string]int64{}
	for _, l := range inv.Lines {
		for _, tax := range l.Taxes {
			base[tax.Rate] += tax.Taxable
		}
	}
	for _, total := range inv.TotalTaxes {
		exact := rational(get[TaxRate](s, total.Rate).Percentage)
		exact.Mul(exact, big.NewRat(base[total.Rate], 100)).Sub(exact, big.NewRat(total.Amount, 1))
		if !total.Inclusive && exact.Abs(exact).Cmp(big.NewRat(1, 2)) > 0 {
			return fmt.Sprintf("%d on %d: off by %s", total.Amount, base[total.Rate], exact.FloatString(4))
		}
	}
	return ""
}

func rational(d Decimal) *big.Rat { return new(big.Rat).SetFrac(d.picos(), big.NewInt(picosPerUnit)) }

func TestALineIsTaxedByItsOwnRatesElseByTheInvoices(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer, general, own := s.customer("pm_card_visa"), s.rate("10", false), s.rate("20", false)
	pro, seat := s.price("Pro", 1000), s.price("Seat", 500)
	setup := s.price("Setup", 300, func(c *CreatePrice) { c.Recurring = Opt[RecurringParam]{} })
	sub := s.subscribe(customer, pro, taxedBy(general), func(c *CreateSubscription) {
		c.Items = Some([]SubscriptionItemParams{{Price: Some(pro)}, {Price: Some(seat), TaxRates: Some([]string{own})}})
		c.AddInvoiceItems = Some([]AddInvoiceItemParams{{Price: Some(setup), TaxRates: Some([]string{own, general})}})
	})
	inv := s.latest(sub.ID)
	if inv.Total != 1800+100+100+90 || inv.Subtotal != 1800 || len(inv.TotalTaxes) != 2 || !slices.Equal(inv.DefaultTaxRates, []string{general}) {
		t.Errorf("total %d of %d, taxes %+v", inv.Total, inv.Subtotal, inv.TotalTaxes)
	}
	s.do(UpdateSubscriptionItem{ID: sub.Items[1].ID, SubscriptionItemParams: SubscriptionItemParams{TaxRates: Clear[[]string]()}})
	s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: SubscriptionChange{DefaultTaxRates: Some([]string{own})}})
	s.wait(31 * secondsPerDay)
	if inv = s.latest(sub.ID); inv.Total != 1800 {
		t.Errorf("the renewal comes to %d, want 1500 and 20 %%", inv.Total)
	}
	s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: SubscriptionChange{DefaultTaxRates: Clear[[]string]()}})
	s.wait(31 * secondsPerDay)
	if inv = s.latest(sub.ID); inv.Total != 1500 || len(inv.TotalTaxes) != 0 {
		t.Errorf("without rates it comes to %d", inv.Total)
	}
}

// Rows: C21. Chapter 3's table: classic mode credits the tax of today, flexible mode the tax that was billed.
func TestAProrationCreditGivesTheTaxBack(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]string{ModeFlexible: "[-50] [200]", ModeClassic: "[-100] [200]"} {
		s := openShop(t)
		ten, twenty := s.rate("10", false), s.rate("20", false)
		sub := s.subscribe(s.customer("pm_card_visa"), s.price("Small", 1000), taxedBy(ten), func(c *CreateSubscription) {
			c.BillingMode = Some(BillingModeParams{Type: Some(mode)})
		})
		s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: SubscriptionChange{DefaultTaxRates: Some([]string{twenty})}})
		s.wait((sub.periodEnd() - s.now) / 2)
		change := s.swap(sub.ID, s.price("Large", 2000))
		change.ProrationBehavior = Some(AlwaysInvoice)
		preview := s.do(CreatePreview{Subscription: Some(sub.ID), SubscriptionDetails: preview(change)}).(*Invoice)
		s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: change})
		inv := s.latest(sub.ID)
		got := fmt.Sprintf("[%d] [%d]", inv.Lines[0].Taxes[0].Amount, inv.Lines[1].Taxes[0].Amount)
		if got != want || inv.Total != preview.Total || inv.AmountDue != inv.Total {
			t.Errorf("%s: taxes %s, want %s; total %d, previewed %d", mode, got, want, inv.Total, preview.Total)
		}
	}
}

func TestATaxRateKeepsItsTerms(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	id := s.rate("7.2500", true, func(c *CreateTaxRate) { c.Country, c.State, c.TaxType = Some("US"), Some("CA"), Some("sales_tax") })
	customer, price := s.customer("pm_card_visa"), s.price("Pro", 1000)
	sub := s.subscribe(customer, price, taxedBy(id))
	s.events()
	s.do(UpdateTaxRate{ID: id, TaxRateParams: TaxRateParams{Active: Some(false), Description: Some("old")}})
	s.do(UpdateTaxRate{ID: id})
	s.wantEvents("an archived rate", "tax_rate.updated")
	s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: SubscriptionChange{DefaultTaxRates: Some([]string{id})}})
	s.wait(31 * secondsPerDay)
	if inv := s.latest(sub.ID); inv.TotalExcludingTax != 932 {
		t.Errorf("an archived rate left %d without tax, want 932", inv.TotalExcludingTax)
	}
	for param, cmd := range map[string]Command{
		"default_tax_rates[0]":               CreateSubscription{Customer: Some(customer), Items: items(price), DefaultTaxRates: Some([]string{id})},
		"items[0][tax_rates][0]":             CreateSubscription{Customer: Some(customer), Items: Some([]SubscriptionItemParams{{Price: Some(price), TaxRates: Some([]string{"txr_none"})}})},
		"tax_rates[0]":                       CreateInvoiceItem{Customer: Some(customer), Amount: Some[int64](1), Currency: Some("usd"), TaxRates: Some([]string{id})},
		"tax_rates[1]":                       CreateInvoiceItem{Customer: Some(customer), Amount: Some[int64](1), Currency: Some("usd"), TaxRates: Some([]string{s.rate("1", false), "txr_none"})},
		"add_invoice_items[0][tax_rates][0]": UpdateSubscription{ID: sub.ID, AddInvoiceItems: Some([]AddInvoiceItemParams{{Price: Some(s.price("Once", 1, func(c *CreatePrice) { c.Recurring = Opt[RecurringParam]{} })), TaxRates: Some([]string{id})}})},
		"percentage":                         CreateTaxRate{TaxRateParams: TaxRateParams{DisplayName: Some("VAT")}, Inclusive: Some(true), Percentage: Some(dec(t, "1.23456"))},
		"display_name":                       UpdateTaxRate{ID: id, TaxRateParams: TaxRateParams{DisplayName: Clear[string]()}},
		"country":                            UpdateTaxRate{ID: id, TaxRateParams: TaxRateParams{Country: Some("Narnia")}},
		"inclusive":                          CreateTaxRate{TaxRateParams: TaxRateParams{DisplayName: Some("VAT")}},
		"tax_rate":                           UpdateTaxRate{ID: "txr_none"},
	} {
		if e := s.refuse(cmd); e.Param != param {
			t.Errorf("refused at %q (%v), want %q", e.Param, e, param)
		}
	}
	for _, percentage := range []string{"-1", "100.0001"} {
		s.refuse(CreateTaxRate{TaxRateParams: TaxRateParams{DisplayName: Some("VAT")}, Inclusive: Some(true), Percentage: Some(dec(t, percentage))})
	}
}

func TestTheCustomersExemptionCountsAtFinalization(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("pm_card_visa")
	s.do(CreateInvoiceItem{Customer: Some(customer), Amount: Some[int64](1000), Currency: Some("usd"), TaxRates: Some([]string{s.rate("20", false)})})
	draft := s.do(CreateInvoice{Customer: Some(customer), PendingInvoiceItemsBehavior: Some("include")}).(*Invoice)
	s.do(UpdateCustomer{ID: customer, CustomerParams: CustomerParams{TaxExempt: Some("reverse")}})
	inv := s.do(FinalizeInvoice{ID: draft.ID}).(*Invoice)
	s.do(UpdateCustomer{ID: customer, CustomerParams: CustomerParams{TaxExempt: Some("none")}})
	if inv = s.invoice(inv.ID); draft.Total != 1200 || inv.Total != 1000 || inv.CustomerTaxExempt != "reverse" || inv.TotalTaxes[0].Reason != TaxReversed {
		t.Errorf("drafted %d, finalized %d as %s: %+v", draft.Total, inv.Total, inv.CustomerTaxExempt, inv.TotalTaxes)
	}
}

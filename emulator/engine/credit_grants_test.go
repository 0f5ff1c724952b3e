package engine

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// grantCredit grants money for usage, with what change says beside.
func (s *shop) grantCredit(customer string, amount int64, change ...func(*CreateCreditGrant)) *CreditGrant {
	s.Helper()
	cmd := CreateCreditGrant{
		Customer: Some(customer), Amount: Some(CreditAmountParams{Type: Some("monetary"), Monetary: Some(MonetaryParams{Currency: Some("usd"), Value: Some(amount)})}),
		Applicability: Some(ApplicabilityParams{Scope: Some(ScopeParams{PriceType: Some(Metered)})}),
	}
	for _, f := range change {
		f(&cmd)
	}
	return s.do(cmd).(*CreditGrant)
}

// moves are the movements of a grant, in short.
func (s *shop) moves(g *CreditGrant) string {
	var out []string
	for _, m := range s.tables.creditMoves.all("credit_grant", g.ID) {
		sign := "-"
		if m.Adds() {
			sign = "+"
		}
		out = append(out, fmt.Sprint(sign, m.Amount, " ", strings.TrimPrefix(m.Kind, "credits_")))
	}
	return strings.Join(out, ", ")
}

// usageShop is a subscription to a fixed price of 20.00 and to calls at 0.10, on the first day of which 200 calls were made.
func usageShop(t *testing.T) (s *shop, sub *Subscription, metered string) {
	s = openShop(t)
	m, customer := s.meter("calls", FormulaSum), s.customer("pm_card_visa")
	fixed := s.price("Base", 2000)
	metered = s.meteredPrice("Calls", m)
	sub = s.subscribe(customer, fixed, func(c *CreateSubscription) { c.Items = items(fixed, metered) })
	s.wait(1)
	s.use(customer, "200")
	return s, sub, metered
}

func TestCreditPaysUsageAndNothingElse(t *testing.T) {
	t.Parallel()
	s, sub, _ := usageShop(t)
	s.events()
	small, large := s.grantCredit(sub.Customer, 500), s.grantCredit(sub.Customer, 5000, func(c *CreateCreditGrant) { c.Priority = Some[int64](60) })
	s.wantEvents("granting", strings.Repeat("billing.credit_grant.created billing.credit_balance_transaction.created ", 2))
	s.waitUntil("2026-02-28 12:30:00")
	if draft := s.latest(sub.ID); draft.Total != 4000 || len(draft.Lines[0].Credits) != 0 {
		t.Errorf("drafted %d", draft.Total)
	}
	s.wait(3600)
	inv := s.latest(sub.ID)
	if inv.Status != InvoicePaid || inv.Subtotal != 4000 || inv.Total != 2000 || inv.AmountPaid != 2000 || len(inv.Lines[0].Credits) != 2 {
		t.Errorf("subtotal %d, total %d, paid %d, credits %+v", inv.Subtotal, inv.Total, inv.AmountPaid, inv.Lines[0].Credits)
	}
	if s.moves(small) != "+500 granted, -500 applied" || s.moves(large) != "+5000 granted, -1500 applied" {
		t.Errorf("moved %s; %s", s.moves(small), s.moves(large))
	}
	got, err := s.Query(ReadCreditBalance{Customer: Some(sub.Customer), Filter: Some(BalanceFilterParams{
		Type: Some("applicability_scope"), ApplicabilityScope: Some(ScopeParams{PriceType: Some(Metered)})})})
	if err != nil || fmt.Sprint(got.Data[0].(*CreditBalanceSummary).Balances) != "[{usd 3500 3500}]" {
		t.Errorf("balance %v, %v", got, err)
	}
}

func TestGrantsAreAppliedInTheirOrder(t *testing.T) {
	t.Parallel()
	s, sub, metered := usageShop(t)
	named := func(name string, change func(*CreateCreditGrant)) {
		s.grantCredit(sub.Customer, 100, func(c *CreateCreditGrant) { c.Name = Some(name); change(c) })
	}
	soon, later := s.now+60*secondsPerDay, s.now+90*secondsPerDay
	named("last by priority", func(c *CreateCreditGrant) { c.Priority = Some[int64](99) })
	named("never expires", func(*CreateCreditGrant) {})
	named("expires later", func(c *CreateCreditGrant) { c.ExpiresAt = Some(later) })
	named("expires soon", func(c *CreateCreditGrant) { c.ExpiresAt = Some(soon) })
	named("a present", func(c *CreateCreditGrant) { c.ExpiresAt, c.Category = Some(soon), Some(CreditPromotional) })
	named("an older present", func(c *CreateCreditGrant) {
		c.ExpiresAt, c.Category, c.EffectiveAt = Some(soon), Some(CreditPromotional), Some(s.now-60)
	})
	named("first by priority", func(c *CreateCreditGrant) { c.Priority = Some[int64](0) })
	named("for this price", func(c *CreateCreditGrant) {
		c.Priority, c.Applicability = Some[int64](1), Some(ApplicabilityParams{Scope: Some(ScopeParams{Prices: Some([]PriceParams{{ID: Some(metered)}})})})
	})
	other := s.meteredPrice("Mails", s.meter("mails", FormulaSum))
	named("for another price", func(c *CreateCreditGrant) {
		c.Applicability = Some(ApplicabilityParams{Scope: Some(ScopeParams{Prices: Some([]PriceParams{{ID: Some(other)}})})})
	})
	named("not yet", func(c *CreateCreditGrant) { c.EffectiveAt = Some(later) })
	named("over by then", func(c *CreateCreditGrant) { c.ExpiresAt = Some(s.now + secondsPerDay) })
	named("in euro", func(c *CreateCreditGrant) {
		c.Amount = Some(CreditAmountParams{Type: Some("monetary"), Monetary: Some(MonetaryParams{Currency: Some("eur"), Value: Some[int64](100)})})
	})
	s.waitUntil("2026-02-28 14:00:00")
	var got []string
	for _, credit := range s.latest(sub.ID).Lines[0].Credits {
		got = append(got, get[CreditGrant](s, get[CreditBalanceTransaction](s, credit.Transaction).Grant).Name)
	}
	want := "first by priority, for this price, an older present, a present, expires soon, expires later, never expires, last by priority"
	if strings.Join(got, ", ") != want {
		t.Errorf("applied %s", strings.Join(got, ", "))
	}
}

func TestAVoidedInvoiceGivesItsCreditBack(t *testing.T) {
	t.Parallel()
	s, sub, _ := usageShop(t)
	grant := s.grantCredit(sub.Customer, 1500)
	ended := s.grantCredit(sub.Customer, 300, func(c *CreateCreditGrant) { c.Priority = Some[int64](1) })
	s.useCard(sub.Customer, "pm_card_chargeCustomerFail")
	s.waitUntil("2026-02-28 14:00:00")
	s.do(ExpireCreditGrant{ID: ended.ID})
	s.do(VoidInvoice{ID: s.sub(sub.ID).LatestInvoice})
	if got := s.moves(grant); got != "+1500 granted, -1500 applied, +1500 application_invoice_voided" {
		t.Errorf("moved %s", got)
	}
	if got := s.moves(ended); got != "+300 granted, -300 applied, +300 application_invoice_voided, -300 expired" {
		t.Errorf("moved %s", got)
	}
}

func TestAGrantEnds(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("")
	due := s.grantCredit(customer, 100, func(c *CreateCreditGrant) { c.ExpiresAt = Some(s.now + 3600) })
	longer := s.do(UpdateCreditGrant{ID: s.grantCredit(customer, 100, func(c *CreateCreditGrant) { c.ExpiresAt = Some(s.now + 3600) }).ID, ExpiresAt: Clear[int64]()}).(*CreditGrant)
	s.wait(3600)
	if s.moves(due) != "+100 granted, -100 expired" || s.moves(longer) != "+100 granted" {
		t.Errorf("moved %s; %s", s.moves(due), s.moves(longer))
	}
	s.events()
	expired := s.do(ExpireCreditGrant{ID: longer.ID}).(*CreditGrant)
	s.wantEvents("expiring", "billing.credit_grant.updated billing.credit_balance_transaction.created")
	if expired.ExpiresAt != s.now || s.moves(expired) != "+100 granted, -100 expired" {
		t.Errorf("expired %+v: %s", expired, s.moves(expired))
	}
	voided := s.do(VoidCreditGrant{ID: s.grantCredit(customer, 100).ID}).(*CreditGrant)
	if voided.VoidedAt != s.now || s.moves(voided) != "+100 granted, -100 voided" {
		t.Errorf("voided %+v: %s", voided, s.moves(voided))
	}
	for _, cmd := range []Command{
		ExpireCreditGrant{ID: expired.ID}, VoidCreditGrant{ID: expired.ID}, ExpireCreditGrant{ID: voided.ID}, ExpireCreditGrant{ID: "credgr_x"},
		UpdateCreditGrant{ID: voided.ID, ExpiresAt: Some(s.now + 5)}, UpdateCreditGrant{ID: "credgr_x"}, VoidCreditGrant{ID: due.ID},
		UpdateCreditGrant{ID: s.grantCredit(customer, 1).ID, ExpiresAt: Some(s.now)},
	} {
		s.refuse(cmd)
	}
}

func TestAGrantIsChecked(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer, seat := s.customer(""), s.price("Seat", 100)
	scope := func(p ScopeParams) Opt[ApplicabilityParams] { return Some(ApplicabilityParams{Scope: Some(p)}) }
	money := func(currency string, value int64) Opt[CreditAmountParams] {
		return Some(CreditAmountParams{Type: Some("monetary"), Monetary: Some(MonetaryParams{Currency: Some(currency), Value: Some(value)})})
	}
	for _, c := range []struct {
		name, param string
		change      func(*CreateCreditGrant)
	}{
		{"nobody's", "customer", func(c *CreateCreditGrant) { c.Customer = Opt[string]{} }},
		{"a stranger's", "customer", func(c *CreateCreditGrant) { c.Customer = Some("cus_x") }},
		{"no amount", "amount[type]", func(c *CreateCreditGrant) { c.Amount = Opt[CreditAmountParams]{} }},
		{"no money", "amount[monetary]", func(c *CreateCreditGrant) { c.Amount = Some(CreditAmountParams{Type: Some("monetary")}) }},
		{"worth nothing", "amount[monetary][value]", func(c *CreateCreditGrant) { c.Amount = money("usd", 0) }},
		{"in no currency", "amount[monetary][currency]", func(c *CreateCreditGrant) { c.Amount = money("xxx", 5) }},
		{"for nothing", "applicability_config[scope][price_type]", func(c *CreateCreditGrant) { c.Applicability = Opt[ApplicabilityParams]{} }},
		{"for both", "", func(c *CreateCreditGrant) {
			c.Applicability = scope(ScopeParams{PriceType: Some(Metered), Prices: Some([]PriceParams{{ID: Some(seat)}})})
		}},
		{"for an empty list", "applicability_config[scope][prices]", func(c *CreateCreditGrant) { c.Applicability = scope(ScopeParams{Prices: Some([]PriceParams{})}) }},
		{"for seats", "applicability_config[scope][prices][0][id]", func(c *CreateCreditGrant) {
			c.Applicability = scope(ScopeParams{Prices: Some([]PriceParams{{ID: Some(seat)}})})
		}},
		{"for an unknown price", "applicability_config[scope][prices][0][id]", func(c *CreateCreditGrant) {
			c.Applicability = scope(ScopeParams{Prices: Some([]PriceParams{{ID: Some("price_x")}})})
		}},
		{"of no category", "category", func(c *CreateCreditGrant) { c.Category = Some("gift") }},
		{"beyond the last priority", "priority", func(c *CreateCreditGrant) { c.Priority = Some[int64](101) }},
		{"over already", "expires_at", func(c *CreateCreditGrant) { c.ExpiresAt = Some(s.now) }},
		{"over before it begins", "expires_at", func(c *CreateCreditGrant) { c.EffectiveAt, c.ExpiresAt = Some(s.now+10), Some(s.now+5) }},
	} {
		cmd := CreateCreditGrant{Customer: Some(customer), Amount: money("usd", 100), Applicability: scope(ScopeParams{PriceType: Some(Metered)})}
		c.change(&cmd)
		if e := s.refuse(cmd); e.Status != 400 || e.Param != c.param {
			t.Errorf("%s: got %d %q (%s), want %q", c.name, e.Status, e.Param, e.Message, c.param)
		}
	}
	for range unusedGrantsMax {
		s.grantCredit(customer, 1)
	}
	if e := s.refuse(CreateCreditGrant{Customer: Some(customer), Amount: money("usd", 100), Applicability: scope(ScopeParams{PriceType: Some(Metered)})}); e.Param != "customer" {
		t.Errorf("too many: %v", e)
	}
	for _, q := range []ReadCreditBalance{
		{}, {Customer: Some("cus_x")}, {Customer: Some(customer)},
		{Customer: Some(customer), Filter: Some(BalanceFilterParams{Type: Some("credit_grant")})},
		{Customer: Some(customer), Filter: Some(BalanceFilterParams{Type: Some("credit_grant"), CreditGrant: Some("credgr_x")})},
		{Customer: Some(customer), Filter: Some(BalanceFilterParams{Type: Some("applicability_scope")})},
	} {
		if _, err := s.Query(q); err == nil {
			t.Errorf("%+v was answered", q)
		}
	}
}

// However grants, usage and coupons mix: what grants lost is what lines were paid with, never more than a line costs or a grant has.
func TestCreditIsNeitherMadeNorLost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		s, sub, _ := usageShop(t)
		coupon := s.coupon(rapid.SampledFrom([]string{"33.3", "700c"}).Draw(r, "coupon"), DurationForever)
		if rapid.Bool().Draw(r, "discounted") {
			s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: SubscriptionChange{Discounts: byCoupon(coupon)}})
		}
		for range rapid.IntRange(0, 6).Draw(r, "steps") {
			s.grantCredit(sub.Customer, rapid.Int64Range(1, 3000).Draw(r, "amount"), func(c *CreateCreditGrant) {
				c.Priority = Some(rapid.Int64Range(0, 2).Draw(r, "priority"))
				if days := rapid.Int64Range(0, 60).Draw(r, "days"); days > 0 {
					c.ExpiresAt = Some(s.now + days*secondsPerDay)
				}
			})
			s.wait(rapid.Int64Range(0, 20*secondsPerDay).Draw(r, "wait"))
			s.use(sub.Customer, fmt.Sprint(rapid.Int64Range(0, 300).Draw(r, "used")))
		}
		s.wait(40 * secondsPerDay)
		taken, paid := int64(0), int64(0)
		for _, move := range s.tables.creditMoves.all("", "") {
			if move.Kind == CreditsApplied {
				taken += move.Amount
			}
		}
		for _, inv := range s.tables.invoices.all("subscription", sub.ID) {
			paid += inv.credited()
			for _, line := range inv.Lines {
				if line.net() < 0 || len(line.Credits) > 0 && line.Used == nil {
					r.Fatalf("line %+v", line)
				}
			}
		}
		if taken != paid {
			r.Fatalf("grants lost %d, lines were paid with %d", taken, paid)
		}
	})
}

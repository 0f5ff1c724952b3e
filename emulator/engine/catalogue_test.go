package engine

import (
	"fmt"
	"strings"
	"testing"
)

// Rows: C1 C2.
func TestProductsWithPricesStay(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.events()
	p := s.do(CreateProduct{ID: Some("gold"), ProductParams: ProductParams{
		Name: Some("Gold"), UnitLabel: Some("seat"), Metadata: Some(map[string]string{"days": "30"}), MarketingFeatures: Some([]MarketingFeature{{"Fast"}}),
	}, DefaultPriceData: Some(DefaultPriceData{Currency: Some("usd"), UnitAmount: Some[int64](900), Recurring: Some(IntervalParam{Interval: Some("month")})})}).(*Product)
	s.wantEvents("create", "product.created plan.created price.created product.updated")
	if p.ID != "gold" || !p.Active || p.DefaultPrice == "" || get[Price](s, p.DefaultPrice).Product != "gold" {
		t.Errorf("made %+v", p)
	}
	if e := s.refuse(CreateProduct{ID: Some("gold"), ProductParams: ProductParams{Name: Some("x")}}); e.Code != "resource_already_exists" {
		t.Errorf("twice: %v", e)
	}
	if e := s.refuse(DeleteProduct{ID: "gold"}); e.Message != "This product cannot be deleted because it has one or more user-created prices." || e.Code != "" {
		t.Errorf("delete: %v", e)
	}
	s.wait(60)
	up := s.do(UpdateProduct{ID: "gold", ProductParams: ProductParams{Description: Some("best"), Metadata: Some(map[string]string{"days": "", "a": "b"})}}).(*Product)
	if up.Updated != s.now || len(up.Metadata) != 1 || up.Metadata["a"] != "b" || up.Name != "Gold" {
		t.Errorf("updated: %+v", up)
	}
	before := s.LastEventSeq()
	if again := s.do(UpdateProduct{ID: "gold", ProductParams: ProductParams{Name: Some("Gold")}}).(*Product); again != up || s.LastEventSeq() != before {
		t.Error("an update that changes nothing is no event")
	}
	s.do(CreateProduct{ID: Some("bare"), ProductParams: ProductParams{Name: Some("Bare")}})
	s.do(DeleteProduct{ID: "bare"})
	if e := s.refuse(UpdateProduct{ID: "bare"}); e.Status != 404 || e.Message != "No such product: 'bare'" {
		t.Errorf("gone: %v", e)
	}
	if e := s.refuse(UpdateProduct{ID: "gold", DefaultPrice: Some(s.price("Other", 5))}); e.Param != "default_price" {
		t.Errorf("another product's price: %v", e)
	}
}

// Rows: C3 C4.
func TestPriceTermsAreCheckedAndFixed(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	product := s.do(CreateProduct{ProductParams: ProductParams{Name: Some("Pro")}}).(*Product).ID
	base := func(change func(*CreatePrice)) CreatePrice {
		c := CreatePrice{Currency: Some("usd"), Product: Some(product), UnitAmount: Some[int64](2000), Recurring: Some(RecurringParam{Interval: Some("month")})}
		change(&c)
		return c
	}
	tier := func(upTo UpTo, unit int64) TierParam { return TierParam{UpTo: Some(upTo), UnitAmount: Some(unit)} }
	tiered := func(tiers ...TierParam) func(*CreatePrice) {
		return func(c *CreatePrice) {
			c.UnitAmount, c.BillingScheme, c.TiersMode, c.Tiers = Opt[int64]{}, Some(Tiered), Some(Graduated), Some(tiers)
		}
	}
	for _, c := range []struct {
		name, param string
		change      func(*CreatePrice)
	}{
		{"no product", "product", func(c *CreatePrice) { c.Product = Opt[string]{} }},
		{"two products", "", func(c *CreatePrice) { c.ProductData = Some(ProductData{Name: Some("x")}) }},
		{"unknown product", "product", func(c *CreatePrice) { c.Product = Some("prod_x") }},
		{"no currency", "currency", func(c *CreatePrice) { c.Currency = Opt[string]{} }},
		{"no amount", "", func(c *CreatePrice) { c.UnitAmount = Opt[int64]{} }},
		{"two amounts", "", func(c *CreatePrice) { c.UnitAmountDecimal = Some(DecimalOf(5)) }},
		{"a negative amount", "unit_amount", func(c *CreatePrice) { c.UnitAmount = Some[int64](-1) }},
		{"no interval", "recurring[interval]", func(c *CreatePrice) { c.Recurring = Some(RecurringParam{}) }},
		{"every decade", "recurring[interval]", func(c *CreatePrice) { c.Recurring = Some(RecurringParam{Interval: Some("decade")}) }},
		{"every zero months", "recurring[interval_count]", func(c *CreatePrice) { c.Recurring.Fill().(*RecurringParam).IntervalCount = Some[int64](0) }},
		{"every four years", "recurring[interval_count]", func(c *CreatePrice) {
			c.Recurring = Some(RecurringParam{Interval: Some("year"), IntervalCount: Some[int64](4)})
		}},
		{"metered without a meter", "", func(c *CreatePrice) { c.Recurring.Fill().(*RecurringParam).UsageType = Some(Metered) }},
		{"tiers without a mode", "tiers_mode", func(c *CreatePrice) { tiered(tier(UpTo{Infinite: true}, 1))(c); c.TiersMode = Opt[string]{} }},
		{"tiers that end", "tiers[0][up_to]", tiered(tier(UpTo{Units: 5}, 1))},
		{"tiers that fall", "tiers[1][up_to]", tiered(tier(UpTo{Units: 5}, 1), tier(UpTo{Units: 5}, 1), tier(UpTo{Infinite: true}, 1))},
		{"a tier for nothing", "tiers[0]", tiered(TierParam{UpTo: Some(UpTo{Infinite: true})})},
		{"an amount and tiers", "unit_amount", func(c *CreatePrice) { tiered(tier(UpTo{Infinite: true}, 1))(c); c.UnitAmount = Some[int64](1) }},
		{"tiers per unit", "tiers", func(c *CreatePrice) { c.Tiers = Some([]TierParam{tier(UpTo{Infinite: true}, 1)}) }},
		{"packages without rounding", "transform_quantity[round]", func(c *CreatePrice) { c.TransformQuantity = Some(TransformQuantity{DivideBy: 5}) }},
	} {
		if e := s.refuse(base(c.change)); e.Status != 400 || e.Param != c.param {
			t.Errorf("%s: got %d %q (%s), want %q", c.name, e.Status, e.Param, e.Message, c.param)
		}
	}
	p := s.do(base(func(c *CreatePrice) { c.Nickname = Some("Monthly") })).(*Price)
	if p.TaxBehavior != "unspecified" || p.Type() != IsRecurring || *p.Recurring != (Recurring{Interval: "month", IntervalCount: 1, UsageType: Licensed}) {
		t.Errorf("made %+v", p)
	}
	s.do(UpdatePrice{ID: p.ID, TaxBehavior: Some("exclusive")})
	if e := s.refuse(UpdatePrice{ID: p.ID, TaxBehavior: Some("inclusive")}); e.Param != "tax_behavior" {
		t.Errorf("tax twice: %v", e)
	}
	good := s.do(base(tiered(tier(UpTo{Units: 5}, 100), tier(UpTo{Infinite: true}, 50)))).(*Price)
	if len(good.Tiers) != 2 || *good.Tiers[0].UpTo != 5 || good.Tiers[1].UpTo != nil || good.UnitAmount != nil {
		t.Errorf("tiers: %+v", good.Tiers)
	}
}

func TestLookupKeysBelongToOnePrice(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	key := func(transfer bool) func(*CreatePrice) {
		return func(c *CreatePrice) { c.LookupKey, c.TransferLookupKey = Some("pro"), Some(transfer) }
	}
	first := s.price("Pro", 1000, key(false))
	if e := s.refuse(CreatePrice{Currency: Some("usd"), ProductData: Some(ProductData{Name: Some("x")}), UnitAmount: Some[int64](1), LookupKey: Some("pro")}); e.Param != "lookup_key" {
		t.Errorf("taken: %v", e)
	}
	second := s.price("Pro", 1200, key(true))
	if get[Price](s, first).LookupKey != "" || get[Price](s, second).LookupKey != "pro" {
		t.Error("the key did not move")
	}
	found, err := s.Query(ListPrices{LookupKeys: Some([]string{"pro", "other"})})
	if err != nil || len(found.Data) != 1 || found.Data[0].(*Price).ID != second {
		t.Errorf("by key: %v, %v", found, err)
	}
	s.do(UpdatePrice{ID: second, LookupKey: Clear[string]()})
	s.do(UpdatePrice{ID: first, LookupKey: Some("pro")})
}

// Rows: C4 C5.
func TestPlanIsAPriceSeenThroughTheOldAPI(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.events()
	plan := s.do(CreatePlan{
		ID: Some("gold"), Amount: Some[int64](900), Currency: Some("usd"), Interval: Some("month"), Product: Some(PlanProduct{Name: Some("Gold")}),
	}).(*Plan)
	s.wantEvents("create", "product.created plan.created price.created")
	if p := get[Price](s, "gold"); p != plan.Price || p.Recurring.Interval != "month" {
		t.Errorf("as a price: %+v", p)
	}
	if _, ok := s.PlanByID(s.price("Once", 5, func(c *CreatePrice) { c.Recurring = Opt[RecurringParam]{} })); ok {
		t.Error("a one-time price has no plan")
	}
	if e := s.refuse(CreatePlan{Amount: Some[int64](1), Currency: Some("usd"), Product: Some(PlanProduct{Existing: plan.Product})}); e.Param != "interval" {
		t.Errorf("without an interval: %v", e)
	}
	sub := s.subscribe(s.customer("pm_card_visa"), "gold")
	if e := s.refuse(UpdatePlan{ID: "gold", Product: Some(s.do(CreateProduct{ProductParams: ProductParams{Name: Some("x")}}).(*Product).ID)}); e.Param != "product" {
		t.Errorf("product of a used plan: %v", e)
	}
	s.events()
	s.do(UpdatePlan{ID: "gold", Nickname: Some("G"), TrialPeriodDays: Some[int64](7)})
	s.wantEvents("update", "price.updated plan.updated")
	s.do(DeletePlan{ID: "gold"})
	s.wantEvents("delete", "plan.deleted price.deleted")
	s.refuse(DeletePlan{ID: "gold"})
	if e := s.refuse(CreateSubscription{Customer: Some(sub.Customer), Items: items("gold")}); e.Code != "resource_missing" {
		t.Errorf("joined a deleted plan: %v", e)
	}
	s.waitUntil("2026-02-28 14:00:00")
	if inv := s.latest(sub.ID); inv.Status != InvoicePaid || inv.BillingReason != "subscription_cycle" {
		t.Errorf("its subscriber: %+v", inv)
	}
}

func TestListsCutPagesInBothDirections(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	var all []string
	for i := range 25 {
		email := "even@example.com"
		if i%2 == 1 {
			email = "odd@example.com"
		}
		s.wait(1)
		all = append(all, s.do(CreateCustomer{CustomerParams: CustomerParams{Email: Some(email)}}).(*Customer).ID)
	}
	s.do(DeleteCustomer{ID: all[24]})
	page := func(q ListCustomers) string {
		got, err := s.Query(q)
		if err != nil {
			return err.Error()
		}
		var out []string
		for _, c := range got.Data {
			for i, id := range all {
				if id == c.(*Customer).ID {
					out = append(out, fmt.Sprint(i))
				}
			}
		}
		return strings.TrimSpace(strings.Join(out, " ") + map[bool]string{true: " more"}[got.HasMore])
	}
	limit := func(n int64) Page { return Page{Limit: Some(n)} }
	for _, c := range []struct {
		name string
		q    ListCustomers
		want string
	}{
		{"ten by default, newest first", ListCustomers{}, "23 22 21 20 19 18 17 16 15 14 more"},
		{"after", ListCustomers{Page: Page{Limit: Some[int64](3), StartingAfter: Some(all[5])}}, "4 3 2 more"},
		{"after, to the end", ListCustomers{Page: Page{Limit: Some[int64](3), StartingAfter: Some(all[3])}}, "2 1 0"},
		{"before", ListCustomers{Page: Page{Limit: Some[int64](3), EndingBefore: Some(all[5])}}, "8 7 6 more"},
		{"before, to the start", ListCustomers{Page: Page{Limit: Some[int64](3), EndingBefore: Some(all[20])}}, "23 22 21"},
		{"a filter", ListCustomers{Email: Some("odd@example.com"), Page: limit(4)}, "23 21 19 17 more"},
		{"a filter and a cursor", ListCustomers{Email: Some("odd@example.com"), Page: Page{Limit: Some[int64](4), StartingAfter: Some(all[6])}}, "5 3 1"},
		{"a range", ListCustomers{Created: Range{GTE: Some(s.now - 4), LT: Some(s.now - 1)}}, "22 21 20"},
		{"all", ListCustomers{Page: limit(100)}, "23 22 21 20 19 18 17 16 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1 0"},
	} {
		if got := page(c.q); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	for name, p := range map[string]Page{
		"limit 0": limit(0), "limit 101": limit(101), "both": {StartingAfter: Some(all[1]), EndingBefore: Some(all[2])}, "unknown": {StartingAfter: Some("cus_x")},
	} {
		if _, err := s.Query(ListCustomers{Page: p}); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

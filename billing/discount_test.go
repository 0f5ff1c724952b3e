package billing_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

func discounts() billing.Catalog {
	c := shop
	c.Coupons = []billing.Coupon{
		{ID: "half", Percent: 5000, Duration: billing.Once, Codes: []billing.PromotionCode{
			{Code: "HALF"}, {Code: "OLD", Archived: true}, {Code: "SOON", ExpiresAt: feb10},
		}},
		{ID: "five", Amount: eur(500), Currencies: []money.Amount{money.New(600, "usd")}, Duration: billing.Once, RedeemBy: mar31, Codes: []billing.PromotionCode{{Code: "FIVE"}}},
		{ID: "starters", Percent: 1000, Duration: billing.Forever, Plans: []billing.PlanID{"starter"}},
	}
	return c
}

// Rows: D4.
func TestADiscountHoldsWhereItIsMeantTo(t *testing.T) {
	t.Parallel()
	premium, _ := shop.Plan("premium")
	for _, c := range []struct {
		name     string
		discount billing.Discount
		currency money.Currency
		now      time.Time
		field    string // "" when it holds
		says     string
	}{
		{"none", billing.Discount{}, "eur", feb10, "", ""},
		{"a code", billing.Discount{Code: "half"}, "eur", feb10, "", ""},
		{"a percentage in any currency", billing.Discount{Coupon: "half"}, "jpy", feb10, "", ""},
		{"an amount in its currency", billing.Discount{Code: "FIVE"}, "eur", feb10, "", ""},
		{"an amount in its other currency", billing.Discount{Code: "FIVE"}, "usd", feb10, "", ""},
		{"a code of the dashboard", billing.Discount{Code: "SECRET-1"}, "eur", feb10, "", ""},
		{"before its end", billing.Discount{Code: "SOON"}, "eur", feb10.Add(-1), "", ""},
		{"at its end", billing.Discount{Code: "SOON"}, "eur", feb10, "promotion_code", "over"},
		{"after the coupon's end", billing.Discount{Coupon: "five"}, "eur", mar31, "coupon", "over"},
		{"archived", billing.Discount{Code: "old"}, "eur", feb10, "promotion_code", "over"},
		{"an amount in a third currency", billing.Discount{Coupon: "five"}, "gbp", feb10, "coupon", "GBP"},
		{"for another plan", billing.Discount{Coupon: "starters"}, "eur", feb10, "coupon", "not for Premium"},
		{"an unknown coupon", billing.Discount{Coupon: "gone"}, "eur", feb10, "coupon", `no coupon "gone"`},
		{"both", billing.Discount{Coupon: "half", Code: "HALF"}, "eur", feb10, "coupon", "one discount"},
		{"no code", billing.Discount{Code: "50 %"}, "eur", feb10, "promotion_code", "letters, digits"},
		{"a novel", billing.Discount{Code: strings.Repeat("A", 65)}, "eur", feb10, "promotion_code", "letters, digits"},
	} {
		err := discounts().CheckDiscount(c.discount, premium, c.currency, c.now)
		var refused *billing.Error
		switch {
		case c.field == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.field == "":
		case !errors.As(err, &refused) || refused.Code != billing.Invalid || refused.Field != c.field || !strings.Contains(refused.Message, c.says):
			t.Errorf("%s: got %v, want one about %s that says %q", c.name, err, c.field, c.says)
		}
	}
}

func TestADiscountIsTakenOffWhatIsPaid(t *testing.T) {
	t.Parallel()
	free := known(sub("sub_free", "starter", billing.Active))
	if _, err := discounts().Discount(free, billing.Discount{Code: "HALF"}, feb10); billing.CodeOf(err) != billing.Conflict {
		t.Errorf("of a free plan: %v, want code conflict", err)
	}
	paying := known(sub("sub_1", "monthly", billing.Active))
	for _, d := range []billing.Discount{{Code: "HALF"}, {}} {
		if got, err := discounts().Discount(paying, d, feb10); err != nil || got.ID != "sub_1" {
			t.Errorf("%+v: %s, %v", d, got.ID, err)
		}
	}
	if _, err := discounts().Discount(paying, billing.Discount{Coupon: "starters"}, feb10); billing.CodeOf(err) != billing.Invalid {
		t.Errorf("of another plan: %v, want code invalid", err)
	}
}

func TestAPageAsksForACodeWhereThereIsOne(t *testing.T) {
	t.Parallel()
	if c := discounts(); !c.TakesCodes() || shop.TakesCodes() {
		t.Error("a page asks for codes by whether the catalogue has any")
	}
	if c := (billing.Catalog{Coupons: []billing.Coupon{{Codes: []billing.PromotionCode{{Code: "OLD", Archived: true}}}}}); c.TakesCodes() {
		t.Error("a page asks for codes that are archived")
	}
}

package service

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

// Discount takes a discount off what an account pays in a group from now on, in place of the one before; the zero Discount ends it. Nothing is charged or given
// back by it: the next invoice is lower. An account that pays for nothing is an error of code conflict, and a discount that does not hold one of code
// invalid. The answer is the account's status.
func (s *Service) Discount(ctx context.Context, id billing.AccountID, group billing.Group, d billing.Discount) (Status, error) {
	return s.fulfilled(ctx, id, group, func(p Provider, c billing.Catalog, state billing.State) (func(context.Context) error, error) {
		sub, err := c.Discount(state, d, s.cfg.Clock.Business())
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context) error {
			return p.Discount(ctx, DiscountRequest{Subscription: sub.ID, Discount: d, Key: newID("discount")})
		}, nil
	})
}

// checkTerms looks at what is bought, the discount and the currency of a purchase.
func (s *Service) checkTerms(req Upgrade, plan billing.Plan, price billing.Price) error {
	in, ok := price.In(req.Currency)
	if !ok {
		offered := []string{strings.ToUpper(string(price.Amount.Currency))}
		for _, other := range price.Currencies {
			offered = append(offered, strings.ToUpper(string(other.Amount.Currency)))
		}
		return billing.Errorf(billing.Invalid, "%q is not sold in %q; it is in %s", price.Key, req.Currency, strings.Join(offered, ", ")).In("currency")
	}
	if err := s.checkBought(req, plan, price, cmp.Or(req.Currency, price.Amount.Currency)); err != nil {
		return err
	}
	return s.cfg.Catalog.CheckDiscount(req.Discount, plan, in.Amount.Currency, s.cfg.Clock.Business())
}

// checkBought looks at how many seats are bought, and what beside the plan.
func (s *Service) checkBought(req Upgrade, plan billing.Plan, price billing.Price, currency money.Currency) error {
	if req.Preview != "" && (req.Quantity != 0 || len(req.AddOns) > 0) {
		return billing.Errorf(billing.Invalid, "the preview says how much is bought, and add-ons are not in it; leave one of them out").In("preview")
	}
	if req.Quantity != 0 {
		if err := price.CheckQuantity(req.Quantity); err != nil {
			return err
		}
	}
	_, err := s.cfg.Catalog.AddOnsWithPlan(billing.Subscription{}, plan, price, currency, req.AddOns)
	return err
}

// terms are what a page has to be made anew for.
func (r Upgrade) terms() string {
	var all []string
	for _, term := range []struct{ name, value string }{
		{"code", strings.ToUpper(r.Discount.Code)}, {"coupon", string(r.Discount.Coupon)}, {"currency", string(r.Currency)},
	} {
		if term.value != "" {
			all = append(all, term.name+"="+term.value)
		}
	}
	if r.Quantity != 0 {
		all = append(all, fmt.Sprint("quantity=", r.Quantity))
	}
	for _, a := range r.AddOns {
		all = append(all, fmt.Sprintf("addon=%s*%d", a.PriceKey, a.Quantity))
	}
	return strings.Join(all, " ")
}

// allows refuses terms that a running subscription cannot take: it keeps its currency, and a discount on what is paid already is given by Discount.
func (u *upgrading) allows(best billing.Subscription) error {
	if len(best.Items) == 0 {
		return nil
	}
	if is := best.BilledIn(); u.req.Currency != "" && is != u.req.Currency {
		return billing.Errorf(billing.Conflict, "the account is billed in %s, and a subscription keeps its currency", strings.ToUpper(string(is))).In("currency")
	}
	if u.req.Discount != (billing.Discount{}) && u.catalog.Paid(best) {
		return billing.Errorf(billing.Conflict, "the account pays already; give the discount to what it pays (POST …/discount), then change the plan").In("promotion_code")
	}
	return nil
}

// holds asks the provider about the discount of a purchase before one is begun: a code may be used up, or nobody's.
func (u *upgrading) holds(ctx context.Context) error {
	if u.req.Discount == (billing.Discount{}) {
		return nil
	}
	_, err := call(ctx, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, u.provider.Provider.CheckDiscount(ctx, u.req.Discount)
	})
	return err
}

// gaveUp closes a purchase whose discount the provider refused all the same, as one for first purchases, so that another can be begun.
func (u *upgrading) gaveUp(ctx context.Context, p billing.Purchase, err error) error {
	if billing.CodeOf(err) != billing.Invalid || u.req.Discount == (billing.Discount{}) {
		return err
	}
	p.Status = billing.PurchaseExpired
	return errors.Join(err, u.save(ctx, p))
}

// discounted takes the discount of a purchase off the free subscription that is about to cost something, so that its first invoice has it.
func (u *upgrading) discounted(ctx context.Context, p billing.Purchase, sub billing.Subscription) error {
	if u.req.Discount == (billing.Discount{}) {
		return nil
	}
	_, err := call(ctx, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, u.provider.Provider.Discount(ctx, DiscountRequest{Subscription: sub.ID, Discount: u.req.Discount, Key: "discount:" + string(p.ID)})
	})
	return u.gaveUp(ctx, p, err)
}

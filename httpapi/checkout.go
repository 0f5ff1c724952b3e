package httpapi

import (
	"context"
	"strings"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

type checkoutRequest struct {
	Price      string        `json:"price" doc:"A price's key, from GET /v1/plans"`
	SuccessURL string        `json:"success_url" doc:"Where the browser goes after payment; its host must be allowed"`
	CancelURL  string        `json:"cancel_url" doc:"Where it goes when the customer turns back"`
	Method     string        `json:"method,omitempty" doc:"The kind of payment method: card, which includes Apple Pay and Google Pay"`
	Preview    string        `json:"preview,omitempty" doc:"The token of a preview of a change now: with the saved method it costs what was shown, else the answer is 409 with a new preview"`
	NewMethod  bool          `json:"new_method,omitempty" doc:"Ask for a new method even when one is saved"`
	Quantity   int64         `json:"quantity,omitempty" minimum:"1" doc:"How many seats, of a price that is sold by them; left out, as many as the account has, or as few as are sold"`
	AddOns     []addOnBought `json:"addons,omitempty" maxItems:"19" doc:"Add-ons that are bought beside the plan with it, from GET /v1/plans"`
	Currency   string        `json:"currency,omitempty" doc:"One in which the price is sold; a subscription keeps its currency"`
	Code       string        `json:"promotion_code,omitempty" doc:"The word of a promotion code; without one the page asks for it where there are any"`
	Coupon     string        `json:"coupon,omitempty" doc:"A coupon of the catalogue, without a code; servers only"`
}

type addOnBought struct {
	Price    string `json:"price" doc:"The key of an add-on's price that has the plan's period"`
	Quantity int64  `json:"quantity,omitempty" minimum:"1" doc:"Of a price by seats; left out, as many as the account has, or as few as are sold"`
}

// Checkout says what came of it: the plan has changed at once, or the customer has to visit url.
type Checkout struct {
	Changed  bool               `json:"changed" doc:"The plan has changed with the saved method; nothing is left to do"`
	URL      string             `json:"url" doc:"Send the browser here; empty when changed"`
	Purchase billing.PurchaseID `json:"purchase" doc:"Names the checkout; empty when no checkout is open"`
	Reason   string             `json:"reason" enum:",no_payment_method,no_subscription,declined,needs_confirmation,requested,page_open,unpaid,canceled" doc:"Why a page is needed; empty when changed"`
}

func (a *api) checkoutMine(ctx context.Context, in *withBody[checkoutRequest]) (*reply[Checkout], error) {
	return a.upgrade(ctx, caller(ctx), in.Body.value, false)
}

func (a *api) checkout(ctx context.Context, in *withBodyOf[checkoutRequest]) (*reply[Checkout], error) {
	return a.upgrade(ctx, billing.AccountID(in.ID), in.Body.value, true)
}

func (a *api) upgrade(ctx context.Context, id billing.AccountID, given checkoutRequest, server bool) (*reply[Checkout], error) {
	discount, err := discountOf(given.Code, given.Coupon, server)
	if err != nil {
		return nil, err
	}
	var addOns []billing.AddOnWish
	for _, bought := range given.AddOns {
		addOns = append(addOns, billing.AddOnWish{PriceKey: bought.Price, Quantity: bought.Quantity})
	}
	done, err := a.service.Upgrade(ctx, id, service.Upgrade{
		PriceKey: given.Price, SuccessURL: given.SuccessURL, CancelURL: given.CancelURL,
		Method: given.Method, NewMethod: given.NewMethod, Preview: given.Preview,
		Quantity: given.Quantity, AddOns: addOns,
		Discount: discount, Currency: money.Currency(strings.ToLower(given.Currency)),
	})
	if err != nil {
		return nil, err
	}
	return ok(Checkout{Changed: done.Changed, URL: done.URL, Purchase: done.Purchase, Reason: done.Reason}), nil
}

type portalRequest struct {
	ReturnURL string `json:"return_url" doc:"Where the portal's way back leads; its host must be allowed"`
	Task      string `json:"task,omitempty" enum:"payment_method_update,subscription_cancel" doc:"Open the portal at one task, and come back once it is done; all that it has unless said"`
}

// Portal is the address of the hosted portal. It opens without further sign-in and does not live long: send the browser there at once.
type Portal struct {
	URL string `json:"url"`
}

func (a *api) portalMine(ctx context.Context, in *withBodyInGroup[portalRequest]) (*reply[Portal], error) {
	return a.openPortal(ctx, caller(ctx), in.group(), in.Body.value)
}

func (a *api) portal(ctx context.Context, in *withBodyOfInGroup[portalRequest]) (*reply[Portal], error) {
	return a.openPortal(ctx, billing.AccountID(in.ID), in.group(), in.Body.value)
}

func (a *api) openPortal(ctx context.Context, id billing.AccountID, group billing.Group, given portalRequest) (*reply[Portal], error) {
	url, err := a.service.OpenPortalAt(ctx, id, group, service.PortalTask(given.Task), given.ReturnURL)
	if err != nil {
		return nil, err
	}
	return ok(Portal{URL: url}), nil
}

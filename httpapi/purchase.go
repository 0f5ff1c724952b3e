package httpapi

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

// myPurchaseRequest is what an end user may ask for: a price of the catalogue.
type myPurchaseRequest struct {
	Price         string `json:"price" doc:"A price of an asset, by its key"`
	Currency      string `json:"currency,omitempty" doc:"One in which the price is sold; its own unless said"`
	Method        string `json:"method,omitempty" doc:"The kind of payment method: card, which includes Apple Pay and Google Pay"`
	Saved         bool   `json:"saved,omitempty" doc:"Charge a saved method now; else the answer is a page to visit"`
	PaymentMethod string `json:"payment_method,omitempty" doc:"The saved method to charge; the default unless said"`
	SuccessURL    string `json:"success_url,omitempty" doc:"Where the browser goes after payment on the page; its host must be allowed"`
	CancelURL     string `json:"cancel_url,omitempty" doc:"Where it goes when the customer turns back"`
	Key           string `json:"key,omitempty" doc:"Your own name of this wish, such as an order's id: asked again with it, the answer is the same purchase. A charge needs one"`
}

func (r myPurchaseRequest) asked() service.Buy {
	return service.Buy{
		PriceKey: r.Price, Currency: money.Currency(strings.ToLower(r.Currency)), Method: r.Method, Saved: r.Saved, SavedMethod: billing.PaymentMethodID(r.PaymentMethod),
		SuccessURL: r.SuccessURL, CancelURL: r.CancelURL, Key: r.Key,
	}
}

// purchaseRequest is what a server may ask for: also an amount of its own.
type purchaseRequest struct {
	Price         string `json:"price,omitempty" doc:"A price of an asset, by its key; or else an amount"`
	Amount        int64  `json:"amount,omitempty" doc:"In the currency's minor unit, without a price"`
	Description   string `json:"description,omitempty" doc:"What the amount is for, as the invoice says it"`
	Currency      string `json:"currency,omitempty" doc:"Of the amount; or one in which the price is sold"`
	Method        string `json:"method,omitempty" doc:"The kind of payment method: card, which includes Apple Pay and Google Pay"`
	Saved         bool   `json:"saved,omitempty" doc:"Charge a saved method now; else the answer is a page to visit"`
	PaymentMethod string `json:"payment_method,omitempty" doc:"The saved method to charge; the default unless said"`
	SuccessURL    string `json:"success_url,omitempty" doc:"Where the browser goes after payment on the page; its host must be allowed"`
	CancelURL     string `json:"cancel_url,omitempty" doc:"Where it goes when the customer turns back"`
	Key           string `json:"key,omitempty" doc:"Your own name of this wish, such as an order's id: asked again with it, the answer is the same purchase. A charge, and an amount, need one"`
	Capture       string `json:"capture,omitempty" enum:"automatic,manual" doc:"manual: the bank keeps the amount ready until you capture it, as a rule for seven days; needs a key"`
}

func (r purchaseRequest) asked() service.Buy {
	asked := myPurchaseRequest{r.Price, r.Currency, r.Method, r.Saved, r.PaymentMethod, r.SuccessURL, r.CancelURL, r.Key}.asked()
	if asked.Description = r.Description; r.Amount != 0 || r.Description != "" {
		asked.Amount, asked.Currency = money.New(r.Amount, asked.Currency), ""
	}
	asked.Manual = r.Capture == captureManual
	return asked
}

// captureManual is Stripe's word for what is captured by hand.
const captureManual = "manual"

func (r purchaseRequest) check() error {
	if r.Capture != "" && r.Capture != "automatic" && r.Capture != captureManual {
		return billing.Errorf(billing.Invalid, "capture is automatic or manual, not %q", r.Capture).In("capture")
	}
	return nil
}

// guestPurchaseRequest is what a server may ask for on behalf of somebody who has no account.
type guestPurchaseRequest struct {
	Price      string `json:"price" doc:"A price of an asset, by its key"`
	Currency   string `json:"currency,omitempty" doc:"One in which the price is sold; its own unless said"`
	Method     string `json:"method,omitempty" doc:"The kind of payment method: card, which includes Apple Pay and Google Pay"`
	Email      string `json:"email,omitempty" doc:"Filled in on the page; it opens nothing"`
	SuccessURL string `json:"success_url" doc:"Where the browser goes after payment, with purchase and claim in the query; its host must be allowed"`
	CancelURL  string `json:"cancel_url" doc:"Where it goes when the guest turns back"`
	Key        string `json:"key,omitempty" doc:"Your own name of this wish: asked again with it, the answer is the same purchase"`
}

type myClaimRequest struct {
	Claim string `json:"claim" doc:"The token that a guest's way back carries"`
}

type claimRequest struct {
	Claim         string `json:"claim,omitempty" doc:"The token that a guest's way back carries; or else a verified address"`
	VerifiedEmail string `json:"verified_email,omitempty" doc:"An address that you have verified to be the account's: all that guests paid under it becomes the account's"`
}

// Purchases are purchases, newest first.
type Purchases struct {
	Purchases []Purchase `json:"purchases" nullable:"false"`
}

// Purchase is a subscription's checkout, or something that is paid once. Amounts are in the currency's minor unit.
type Purchase struct {
	ID            billing.PurchaseID     `json:"id"`
	Kind          string                 `json:"kind" enum:"once,subscription"`
	Key           string                 `json:"key" doc:"Your own name of it; empty without one"`
	Price         string                 `json:"price" doc:"The catalogue's key; empty of an amount"`
	Description   string                 `json:"description" doc:"Of an amount"`
	Status        billing.PurchaseStatus `json:"status" enum:"pending,authorized,completed,expired,canceled" doc:"pending: it waits for a payment at url; authorized: the bank keeps the amount ready until you capture it"`
	URL           string                 `json:"url" doc:"Where the customer can pay; empty when there is nothing to pay"`
	Failure       string                 `json:"failure" doc:"Why the saved method did not pay, in Stripe's word (authentication_required: the bank wants it confirmed, at url); empty when it did, or was not tried"`
	Amount        int64                  `json:"amount" doc:"What was paid, or is kept ready, or asked for"`
	Currency      money.Currency         `json:"currency"`
	Subscription  billing.SubscriptionID `json:"subscription" doc:"Stripe's id; empty of what is paid once"`
	Invoice       billing.InvoiceID      `json:"invoice" doc:"Stripe's id, by which it is given back; empty until paid"`
	PaymentIntent string                 `json:"payment_intent" doc:"Stripe's id; empty until paid"`
	PaymentMethod string                 `json:"payment_method" doc:"Stripe's id; empty until paid"`
	CreatedAt     Moment                 `json:"created_at"`
	ExpiresAt     *Moment                `json:"expires_at" nullable:"true" doc:"When the page at url closes; of what is authorized when the bank lets go of it"`
	DoneAt        *Moment                `json:"done_at" nullable:"true" doc:"When it was paid, or ended without"`
}

func onceOf(o billing.OneOff) Purchase {
	return Purchase{
		ID: o.ID, Kind: "once", Key: o.Key, Price: o.PriceKey, Description: o.Description, Status: o.Status, URL: o.URL, Failure: o.Failure, Amount: o.Amount.Minor,
		Currency: o.Amount.Currency, Invoice: o.Invoice, PaymentIntent: o.PaymentIntent, PaymentMethod: string(o.PaymentMethod),
		CreatedAt: Moment(o.CreatedAt), ExpiresAt: moment(o.ExpiresAt), DoneAt: moment(o.DoneAt),
	}
}

func subscribedOf(p billing.Purchase) Purchase {
	out := Purchase{
		ID: p.ID, Kind: "subscription", Price: p.PriceKey, Status: p.Status, Amount: p.Amount.Minor, Currency: p.Amount.Currency, Subscription: p.Subscription,
		PaymentIntent: p.PaymentIntent, PaymentMethod: string(p.PaymentMethod), CreatedAt: Moment(p.CreatedAt), ExpiresAt: moment(p.ExpiresAt), DoneAt: moment(p.CompletedAt),
	}
	if p.Status == billing.PurchasePending {
		out.URL = p.URL
	}
	return out
}

func (a *api) myPurchases(ctx context.Context, _ *oneself) (*reply[Purchases], error) {
	return a.purchasesOf(ctx, caller(ctx))
}

func (a *api) purchases(ctx context.Context, in *byID) (*reply[Purchases], error) {
	return a.purchasesOf(ctx, billing.AccountID(in.ID))
}

func (a *api) purchasesOf(ctx context.Context, id billing.AccountID) (*reply[Purchases], error) {
	once, err := a.service.OneOffs(ctx, id)
	if err != nil {
		return nil, err
	}
	subscribed, err := a.service.Purchases(ctx, id)
	if err != nil {
		return nil, err
	}
	out := Purchases{Purchases: []Purchase{}}
	for _, o := range once {
		out.Purchases = append(out.Purchases, onceOf(o))
	}
	for _, p := range subscribed {
		out.Purchases = append(out.Purchases, subscribedOf(p))
	}
	slices.SortStableFunc(out.Purchases, func(a, b Purchase) int { return time.Time(b.CreatedAt).Compare(time.Time(a.CreatedAt)) })
	return ok(out), nil
}

func (a *api) buyMine(ctx context.Context, in *withBody[myPurchaseRequest]) (*reply[Purchase], error) {
	return bought(a.service.Buy(ctx, caller(ctx), in.Body.value.asked()))
}

func (a *api) buy(ctx context.Context, in *withBodyOf[purchaseRequest]) (*reply[Purchase], error) {
	if err := in.Body.value.check(); err != nil {
		return nil, err
	}
	return bought(a.service.Buy(ctx, billing.AccountID(in.ID), in.Body.value.asked()))
}

func (a *api) sellToGuest(ctx context.Context, in *withBody[guestPurchaseRequest]) (*reply[Purchase], error) {
	r := in.Body.value
	asked := myPurchaseRequest{Price: r.Price, Currency: r.Currency, Method: r.Method, SuccessURL: r.SuccessURL, CancelURL: r.CancelURL, Key: r.Key}.asked()
	asked.Email = r.Email
	return bought(a.service.SellToGuest(ctx, asked))
}

func bought(o billing.OneOff, err error) (*reply[Purchase], error) {
	if err != nil {
		return nil, err
	}
	return ok(onceOf(o)), nil
}

func (a *api) claimMine(ctx context.Context, in *withBody[myClaimRequest]) (*reply[Purchases], error) {
	return a.claimed(ctx, caller(ctx), in.Body.value.Claim)
}

func (a *api) claim(ctx context.Context, in *withBodyOf[claimRequest]) (*reply[Purchases], error) {
	id, asked := billing.AccountID(in.ID), in.Body.value
	switch {
	case asked.Claim != "" && asked.VerifiedEmail != "":
		return nil, billing.Errorf(billing.Invalid, "a token, or a verified address, not both").In("verified_email")
	case asked.VerifiedEmail == "":
		return a.claimed(ctx, id, asked.Claim)
	}
	all, err := a.service.ClaimByEmail(ctx, id, asked.VerifiedEmail)
	if err != nil {
		return nil, err
	}
	return claims(all...), nil
}

func (a *api) claimed(ctx context.Context, id billing.AccountID, token string) (*reply[Purchases], error) {
	o, err := a.service.Claim(ctx, id, token)
	if err != nil {
		return nil, err
	}
	return claims(o), nil
}

func claims(all ...billing.OneOff) *reply[Purchases] {
	out := Purchases{Purchases: []Purchase{}}
	for _, o := range all {
		out.Purchases = append(out.Purchases, onceOf(o))
	}
	return ok(out)
}

type purchaseNamed struct {
	ID       string `path:"id" doc:"The app's own id"`
	Purchase string `path:"purchase" doc:"The purchase's id"`
}

type myPurchaseNamed struct {
	Purchase string `path:"purchase" doc:"The purchase's id"`
}

func (a *api) cancelPurchase(ctx context.Context, in *purchaseNamed) (*reply[Purchase], error) {
	return bought(a.service.CancelPurchase(ctx, billing.AccountID(in.ID), billing.PurchaseID(in.Purchase)))
}

func (a *api) cancelMyPurchase(ctx context.Context, in *myPurchaseNamed) (*reply[Purchase], error) {
	return bought(a.service.CancelPending(ctx, caller(ctx), billing.PurchaseID(in.Purchase)))
}

// captureRequest asks for what a bank keeps ready.
type captureRequest struct {
	ID       string `path:"id" doc:"The app's own id"`
	Purchase string `path:"purchase" doc:"The purchase's id"`
	withBody[captureBody]
}

type captureBody struct {
	Amount int64 `json:"amount,omitempty" doc:"In the currency's minor unit: a part of an amount that you named; all of it unless said"`
}

func (a *api) capturePurchase(ctx context.Context, in *captureRequest) (*reply[Purchase], error) {
	return bought(a.service.Capture(ctx, billing.AccountID(in.ID), billing.PurchaseID(in.Purchase), in.Body.value.Amount))
}

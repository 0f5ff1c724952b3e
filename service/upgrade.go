package service

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// Why a customer has to visit a page to upgrade.
const (
	ReasonNoMethod          = "no_payment_method"  // nothing is saved to pay with
	ReasonNoSubscription    = "no_subscription"    // there is nothing to change yet
	ReasonDeclined          = "declined"           // the saved method was declined
	ReasonNeedsConfirmation = "needs_confirmation" // the bank wants the customer to confirm
	ReasonRequested         = "requested"          // the customer asked for another method
	ReasonOpenPage          = "page_open"          // a page for this price is open already
	ReasonUnpaid            = "unpaid"             // the account is on this price, and it is not paid for
	ReasonCanceled          = "canceled"           // the account is on this price, and a cancel is scheduled
)

// purchaseTries is how often Upgrade looks again when the customer completed another page in the same moment.
const purchaseTries = 3

// Upgrade puts the account on a price: at once when a saved method pays for it, else the answer is a page to visit.
//
// An account has one open purchase of each group of plans: asking again for the same price answers with the page that is open, asking for another price
// closes that page first, so that nobody can pay twice. Where the account pays for a subscription already and its method does
// not work, the change waits, and the page is that of its invoice, or, where it cannot wait, the portal: a checkout would start a second subscription beside the first.
func (s *Service) Upgrade(ctx context.Context, id billing.AccountID, req Upgrade) (UpgradeResult, error) {
	if err := s.checkUpgrade(req); err != nil {
		return UpgradeResult{}, err
	}
	if asked := req.change(); req.Preview != "" {
		if _, err := s.shown(id, &asked); err != nil {
			return UpgradeResult{}, err
		}
	}
	account, err := s.ready(ctx, id)
	if err != nil {
		return UpgradeResult{}, err
	}
	p, err := s.configured(account.ProviderAccount)
	if err != nil {
		return UpgradeResult{}, err
	}
	price, err := s.priceID(ctx, p, req.PriceKey)
	if err != nil {
		return UpgradeResult{}, err
	}
	var result UpgradeResult
	err = s.locked(ctx, customerLock(account.Customer), func(ctx context.Context, h *hold) (err error) {
		u := &upgrading{Service: s, catalog: s.cfg.Catalog.InPriceOf(req.PriceKey), h: h, account: account, provider: p, req: req, price: price}
		result, err = u.run(ctx)
		return err
	})
	return result, err
}

func (s *Service) checkUpgrade(req Upgrade) error {
	if err := checkMethod(req.Method); err != nil {
		return err
	}
	plan, price, ok := s.cfg.Catalog.PlanOfPrice(req.PriceKey)
	switch {
	case !ok:
		return billing.Errorf(billing.Invalid, "the catalogue has no price %q", req.PriceKey).In("price")
	case price.Archived:
		return billing.Errorf(billing.Invalid, "price %q is not sold any more", req.PriceKey).In("price")
	case price.Free():
		return billing.Errorf(billing.Invalid, "%q costs nothing; cancel the paid plan in the portal to come back to it", req.PriceKey).In("price")
	}
	if err := s.checkTerms(req, plan, price); err != nil {
		return err
	}
	if err := s.checkReturn("success_url", req.SuccessURL); err != nil {
		return err
	}
	return s.checkReturn("cancel_url", req.CancelURL)
}

// checkReturn lets a customer be sent only where the config allows: an open redirect helps those who phish.
func (s *Service) checkReturn(field, raw string) error {
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		return billing.Errorf(billing.Invalid, "%s is missing", field).In(field)
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Host == "", u.User != nil:
		return billing.Errorf(billing.Invalid, "%s must be an absolute http or https URL", field).In(field)
	case !s.hosts.allow(u.Host):
		return billing.Errorf(billing.Invalid, "%s points to %s, which is not among the allowed return hosts: add it with --return-host (DUES_RETURN_HOST)", field, u.Host).In(field)
	}
	return nil
}

// upgrading is one Upgrade under the customer's lease.
type upgrading struct {
	*Service
	catalog  billing.Catalog // as the group of the price sees it
	h        *hold
	account  billing.Account
	provider *providerAccount // the account's
	req      Upgrade
	price    billing.PriceID
	trial    billing.TrialTerms // of the page that is opened
}

func (u *upgrading) run(ctx context.Context) (UpgradeResult, error) {
	plan, _, _ := u.catalog.PlanOfPrice(u.req.PriceKey)
	for range purchaseTries {
		state, err := u.sync(ctx, u.h, u.account.Customer)
		if err != nil {
			return UpgradeResult{}, err
		}
		if state.Deleted {
			return UpgradeResult{}, billing.Errorf(billing.Conflict, "this account's customer was deleted at the payment provider, so it can buy nothing; make an account with another id")
		}
		best, running := billing.Best(u.catalog, state)
		running = running && best.Status != billing.Incomplete
		if running {
			if err := u.allows(best); err != nil {
				return UpgradeResult{}, err
			}
			if best.Suspended { // what it costs would be voided
				return UpgradeResult{}, billing.Errorf(billing.Conflict, "the subscription is paused; let it go on first")
			}
		}
		purchase, found, err := u.cfg.Store.OpenPurchase(ctx, u.account.ID, plan.Group)
		if err != nil {
			return UpgradeResult{}, err
		}
		over := !purchase.ExpiresAt.IsZero() && !u.cfg.Clock.Business().Before(purchase.ExpiresAt)
		if running && u.catalog.Paid(best) && purchase.Checkout != "" {
			over = true // a plan was bought elsewhere meanwhile: who pays on the page would pay for a second one
		}
		same := purchase.PriceKey == u.req.PriceKey && purchase.Terms == u.req.terms()
		if found && same && purchase.URL != "" && !over {
			return u.open(ctx, purchase, state, best)
		}
		if err := u.holds(ctx); err != nil {
			return UpgradeResult{}, err
		}
		if found && (over || !same) {
			err := u.close(ctx, purchase, best)
			if errors.Is(err, ErrCheckoutComplete) || errors.Is(err, errPaidMeanwhile) {
				continue
			}
			if err != nil {
				return UpgradeResult{}, err
			}
			found = false
		}
		if _, price := u.catalog.Sold(best); running && price.Key == u.req.PriceKey {
			return u.already(ctx, state, best)
		}
		if !found {
			if purchase, err = u.begin(ctx); err != nil {
				return UpgradeResult{}, err
			}
		}
		return u.buy(ctx, purchase, state, best, running)
	}
	return UpgradeResult{}, billing.Errorf(billing.Conflict, "another purchase of this account was completed just now; look at its status")
}

// open answers with the page that is open. A change that waits for its invoice is paid instead, when another method than the one that did not pay is the
// default by now.
func (u *upgrading) open(ctx context.Context, p billing.Purchase, state billing.State, best billing.Subscription) (UpgradeResult, error) {
	result := UpgradeResult{URL: p.URL, Purchase: p.ID, Reason: ReasonOpenPage}
	method, saved := state.DefaultMethod()
	if !saved || p.Checkout != "" || p.PaymentMethod == method.ID || !best.Waits(best.LatestInvoice) {
		return result, nil
	}
	_, err := call(ctx, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, u.provider.Provider.PayInvoice(ctx, PayInvoiceRequest{Invoice: best.LatestInvoice, Method: method.ID, Key: "waiting:" + string(p.ID) + ":" + string(method.ID)})
	})
	switch {
	case errors.Is(err, ErrNeedsConfirmation), errors.Is(err, ErrDeclined):
		p.PaymentMethod = method.ID
		return result, u.save(ctx, p)
	case err != nil:
		return UpgradeResult{}, err
	}
	_, err = u.sync(ctx, u.h, u.account.Customer)
	return UpgradeResult{Changed: true, Purchase: p.ID}, err
}

// already answers for an account that is on the price: by an earlier click, or a checkout that was completed. What is left to do,
// such as paying or taking back a cancel, is done in the portal.
func (u *upgrading) already(ctx context.Context, state billing.State, sub billing.Subscription) (UpgradeResult, error) {
	if !u.catalog.Has(sub, u.req.Quantity, u.req.AddOns) {
		return UpgradeResult{}, billing.Errorf(billing.Conflict, "the account is on this price already; change its seats with POST …/change, and buy add-ons with POST …/addons").In("price")
	}
	reason := ReasonUnpaid
	switch sub.Status {
	case billing.Active, billing.Trialing:
		if sub.CancelAt.IsZero() {
			return UpgradeResult{Changed: true}, u.keep(ctx, state)
		}
		reason = ReasonCanceled
	}
	portal, err := u.openPortal(ctx, u.account, u.req.CancelURL)
	return UpgradeResult{URL: portal, Reason: reason}, err
}

// keep takes back what is scheduled in the place of the price, as a change to it does: an upgrade that broke off leaves it.
func (u *upgrading) keep(ctx context.Context, state billing.State) error {
	planned, err := u.cfg.Catalog.Change(state, u.req.change().ChangeWish)
	if err != nil || !planned.Keeps {
		return nil // there is nothing to take back, whatever else is in the way of a change
	}
	c := &changing{Service: u.Service, account: u.account, provider: u.provider, planned: planned}
	return c.keep(ctx, u.h)
}

// errPaidMeanwhile says that what a change waited for was paid just now.
var errPaidMeanwhile = errors.New("paid meanwhile")

// close ends an open purchase and its page. A change that waits for its invoice is given up with it, so that nobody pays for what nobody wants any more.
func (u *upgrading) close(ctx context.Context, p billing.Purchase, best billing.Subscription) error {
	if p.Checkout == "" && best.Waits(best.LatestInvoice) {
		_, err := call(ctx, func(ctx context.Context) (struct{}, error) {
			return struct{}{}, u.provider.Provider.VoidInvoice(ctx, best.LatestInvoice)
		})
		if billing.CodeOf(err) == billing.Conflict {
			return errPaidMeanwhile
		}
		if err != nil {
			return err
		}
		if _, err := u.sync(ctx, u.h, u.account.Customer); err != nil {
			return err
		}
	}
	if p.Checkout != "" {
		_, err := call(ctx, func(ctx context.Context) (struct{}, error) {
			return struct{}{}, u.provider.Provider.Expire(ctx, p.Checkout)
		})
		if err != nil && billing.CodeOf(err) != billing.NotFound { // what the provider does not know, nobody can pay on
			return err
		}
	}
	p.Status = billing.PurchaseExpired
	return u.save(ctx, p)
}

// begin commits the intent. Its id is in the idempotency keys of all that follows, so after a lost answer the same purchase goes
// on instead of a second one.
func (u *upgrading) begin(ctx context.Context) (billing.Purchase, error) {
	plan, _, _ := u.catalog.PlanOfPrice(u.req.PriceKey)
	p := billing.Purchase{
		ID: billing.PurchaseID(newID("pur")), Account: u.account.ID, PriceKey: u.req.PriceKey, Group: plan.Group, Terms: u.req.terms(), Status: billing.PurchasePending,
		SuccessURL: u.req.SuccessURL, CreatedAt: u.cfg.Clock.Business(),
	}
	return p, u.inTx(ctx, func(tx *sqlstore.Tx) error {
		if err := tx.Hold(ctx, u.h.lease); err != nil {
			return err
		}
		return tx.AddPurchase(ctx, p)
	})
}

func (u *upgrading) save(ctx context.Context, p billing.Purchase) error {
	return u.inTx(ctx, func(tx *sqlstore.Tx) error {
		if err := tx.Hold(ctx, u.h.lease); err != nil {
			return err
		}
		return tx.SavePurchase(ctx, p)
	})
}

// buy pays with the saved method, or opens the page where the customer can.
func (u *upgrading) buy(ctx context.Context, p billing.Purchase, state billing.State, best billing.Subscription, running bool) (UpgradeResult, error) {
	method, saved := state.DefaultMethod()
	paying := running && u.catalog.Paid(best)
	terms, err := u.trialOf(ctx, state)
	if err != nil {
		return UpgradeResult{}, err
	}
	// A discount or a currency of its own is chosen on the page.
	if terms.Days > 0 && !u.req.NewMethod && (terms.WithoutCard || saved) && u.req.Discount == (billing.Discount{}) && u.req.Currency == "" {
		return u.try(ctx, p, state, terms)
	}
	u.trial = terms
	switch {
	case u.req.NewMethod:
		return u.page(ctx, p, paying, ReasonRequested)
	case !saved:
		return u.page(ctx, p, paying, ReasonNoMethod)
	case !running || len(best.Items) == 0:
		return u.page(ctx, p, paying, ReasonNoSubscription)
	}
	if err := u.discounted(ctx, p, best); err != nil {
		return UpgradeResult{}, err
	}
	_, price, _ := u.catalog.PlanOfPrice(u.req.PriceKey)
	item := u.catalog.PlanItem(best)
	addOns, err := u.beside(ctx, best)
	if err != nil {
		return UpgradeResult{}, err
	}
	req := ChangeRequest{
		Subscription: best.ID, Item: item.ID, Price: u.price, PaymentMethod: method.ID, AddOns: addOns,
		Quantity: cmp.Or(u.req.Quantity, u.catalog.QuantityOn(price, item)), Usage: price.Kind == billing.Metered,
		Key: "change:" + string(p.ID) + ":" + string(method.ID),
	}
	if err := u.asShown(ctx, state, &req); err != nil {
		return UpgradeResult{}, err
	}
	// What is scheduled would be dropped by a change that waits, whether it is paid or not.
	p.PaymentMethod = method.ID // that did not pay, should it come to that
	waiting, err := u.change(ctx, req, paying && best.Status == billing.Active && !best.Scheduled())
	switch {
	case errors.Is(err, ErrNeedsConfirmation):
		return u.unpaid(ctx, p, paying, waiting, ReasonNeedsConfirmation)
	case errors.Is(err, ErrDeclined):
		return u.unpaid(ctx, p, paying, waiting, ReasonDeclined)
	case err != nil:
		return UpgradeResult{}, err // the purchase stays open: whether it happened, the next call finds out
	}
	if _, err := u.sync(ctx, u.h, u.account.Customer); err != nil {
		// It is paid; the webhook brings what this sync could not.
		u.log.WarnContext(ctx, "the sync after an upgrade failed", "account", u.account.ID, "error", err)
	}
	return UpgradeResult{Changed: true, Purchase: p.ID}, nil
}

// change makes the change at the provider, where it can wait for a payment that fails.
func (u *upgrading) change(ctx context.Context, req ChangeRequest, waits bool) (Waiting, error) {
	return call(ctx, func(ctx context.Context) (Waiting, error) {
		if waits {
			return u.provider.Provider.ChangeOrWait(ctx, req)
		}
		return Waiting{}, u.provider.Provider.Change(ctx, req)
	})
}

// unpaid answers for a change whose payment failed: with the page of the invoice that it waits for, else with that of page.
func (u *upgrading) unpaid(ctx context.Context, p billing.Purchase, paying bool, waiting Waiting, reason string) (UpgradeResult, error) {
	if waiting.URL == "" {
		return u.page(ctx, p, paying, reason)
	}
	p.URL, p.ExpiresAt = waiting.URL, waiting.Until
	if err := u.save(ctx, p); err != nil {
		return UpgradeResult{}, err
	}
	if _, err := u.sync(ctx, u.h, u.account.Customer); err != nil {
		u.log.WarnContext(ctx, "the sync after an upgrade failed", "account", u.account.ID, "error", err)
	}
	return UpgradeResult{URL: p.URL, Purchase: p.ID, Reason: reason}, nil
}

// beside is what becomes of the add-ons of a subscription, or of one that is not there yet, with those that are bought.
func (u *upgrading) beside(ctx context.Context, sub billing.Subscription) ([]ItemRequest, error) {
	plan, price, _ := u.catalog.PlanOfPrice(u.req.PriceKey)
	changes, err := u.catalog.AddOnsWithPlan(sub, plan, price, cmp.Or(sub.BilledIn(), u.req.Currency, price.Amount.Currency), u.req.AddOns)
	if err != nil {
		return nil, err
	}
	return u.itemRequests(ctx, u.provider, changes)
}

// page answers with the hosted page for the purchase, or with the portal for those who pay already.
func (u *upgrading) page(ctx context.Context, p billing.Purchase, paying bool, reason string) (UpgradeResult, error) {
	if paying {
		p.Status = billing.PurchaseExpired
		if err := u.save(ctx, p); err != nil {
			return UpgradeResult{}, err
		}
		portal, err := u.openPortal(ctx, u.account, u.req.CancelURL)
		return UpgradeResult{URL: portal, Reason: reason}, err
	}
	_, price, _ := u.catalog.PlanOfPrice(u.req.PriceKey)
	addOns, err := u.beside(ctx, billing.Subscription{})
	if err != nil {
		return UpgradeResult{}, err
	}
	digest := sha256.Sum256(fmt.Appendf(nil, "%s %d", u.req.CancelURL, u.trial.Days))
	page, err := call(ctx, func(ctx context.Context) (CheckoutPage, error) {
		return u.provider.Provider.Checkout(ctx, CheckoutRequest{
			Customer: u.account.Customer, Price: u.price, Quantity: cmp.Or(u.req.Quantity, price.FirstQuantity()), AddOns: addOns, Account: u.account.ID, Purchase: p.ID,
			TrialDays: u.trial.Days,
			// Not through url.Values: the provider replaces the braces.
			SuccessURL: u.cfg.PublicURL + "/return/checkout?session_id={CHECKOUT_SESSION_ID}&purchase=" + string(p.ID),
			CancelURL:  u.req.CancelURL,
			Discount:   u.req.Discount,
			AskCode:    u.catalog.TakesCodes(),
			Currency:   u.req.Currency,
			Key:        "checkout:" + string(p.ID) + ":" + hex.EncodeToString(digest[:8]),
		})
	})
	if err != nil {
		return UpgradeResult{}, u.gaveUp(ctx, p, err)
	}
	p.Checkout, p.URL, p.ExpiresAt = page.ID, page.URL, page.ExpiresAt
	if err := u.save(ctx, p); err != nil {
		return UpgradeResult{}, err
	}
	return UpgradeResult{URL: page.URL, Purchase: p.ID, Reason: reason}, nil
}

// CompleteReturn is called when a customer comes back from a checkout (GET /return/checkout?purchase=ID): it syncs, and answers
// where to send the customer. A provider that does not answer now is no reason to keep the customer: the webhook comes too.
func (s *Service) CompleteReturn(ctx context.Context, purchase billing.PurchaseID) (redirect string, err error) {
	if strings.HasPrefix(string(purchase), oneOffPrefix+"_") {
		return s.completeOneOff(ctx, purchase)
	}
	p, err := s.cfg.Store.Purchase(ctx, purchase)
	if err != nil {
		return "", err
	}
	return p.SuccessURL, s.syncReturned(ctx, p.Account)
}

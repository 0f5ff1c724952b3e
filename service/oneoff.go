package service

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/sqlstore"
)

// Limits of what is bought once.
const (
	buyKeyBytesMax      = 200
	descriptionCharsMax = 250 // Stripe's limit of a product's name
	amountMax           = 99_999_999
)

// Buy asks for something that is paid once.
type Buy struct {
	PriceKey    string         // of an asset, or else
	Amount      money.Amount   // what a server names, with a
	Description string         // for the invoice
	Currency    money.Currency // of a price; "" is its own
	Method      string         // "" or "card"; anything else is refused by name

	// Saved charges a saved method now, SavedMethod or the default; else the answer is a page to visit.
	Saved       bool
	SavedMethod billing.PaymentMethodID
	// Manual has the bank keep the amount ready, until Capture takes it. It needs a key.
	Manual bool

	SuccessURL string // absolute, host on the allow-list; of a page, like the one below
	CancelURL  string
	Email      string // of a guest, to fill in
	// Key is the application's own name of this wish: asked again with it, the answer is the same purchase. A charge of a saved method needs one.
	Key string
}

// Buy sells something that is paid once to an account: by the page that is answered, or with a saved method at once. One that is declined, or that the bank wants
// confirmed, stays pending: Failure says why, and URL where the customer can pay all the same.
//
// The same wish is answered with the same purchase: by its key, or without one as long as the page for the price is open. An asset that is held for ever is an
// error of code conflict.
func (s *Service) Buy(ctx context.Context, id billing.AccountID, req Buy) (billing.OneOff, error) {
	if err := s.checkBuy(req); err != nil {
		return billing.OneOff{}, err
	}
	account, err := s.ready(ctx, id)
	if err != nil {
		return billing.OneOff{}, err
	}
	p, err := s.configured(account.ProviderAccount)
	if err != nil {
		return billing.OneOff{}, err
	}
	b := buying{Service: s, account: account, provider: p, req: req}
	if req.PriceKey != "" {
		if b.price, err = s.priceID(ctx, p, req.PriceKey); err != nil {
			return billing.OneOff{}, err
		}
	}
	err = s.locked(ctx, customerLock(account.Customer), func(ctx context.Context, h *hold) error {
		b.h = h
		return b.run(ctx)
	})
	return b.purchase, err
}

func (s *Service) checkBuy(req Buy) error {
	if err := checkMethod(req.Method); err != nil {
		return err
	}
	priced, named := req.PriceKey != "", req.Amount != money.Amount{} || req.Description != ""
	switch {
	case priced == named:
		return billing.Errorf(billing.Invalid, "a price of the catalogue is needed, or else an amount with a description").In("price")
	case priced:
		if _, err := s.cfg.Catalog.BuyOnce(req.PriceKey, req.Currency, nil); err != nil {
			return err
		}
	case req.Currency != "":
		return billing.Errorf(billing.Invalid, "an amount has a currency of its own").In("currency")
	case req.Amount.Minor <= 0 || req.Amount.Minor > amountMax:
		return billing.Errorf(billing.Invalid, "an amount must be positive, and %d at most, got %d", amountMax, req.Amount.Minor).In("amount")
	case !knownCurrency(req.Amount.Currency):
		return billing.Errorf(billing.Invalid, "%q is no currency", req.Amount.Currency).In("currency")
	case strings.TrimSpace(req.Description) == "" || !printable(req.Description) || utf8.RuneCountInString(req.Description) > descriptionCharsMax:
		return billing.Errorf(billing.Invalid, "an amount needs a description for the invoice, printable and at most %d characters long", descriptionCharsMax).In("description")
	}
	switch {
	case len(req.Key) > buyKeyBytesMax || !printable(req.Key):
		return billing.Errorf(billing.Invalid, "a key is printable, and at most %d bytes long", buyKeyBytesMax).In("key")
	case req.SavedMethod != "" && !req.Saved:
		return billing.Errorf(billing.Invalid, "a page asks for the payment method; to charge a saved one, say saved").In("payment_method")
	case req.Manual && req.Key == "":
		return billing.Errorf(billing.Invalid, "what is captured later needs a key, such as your order's id").In("key")
	case req.Saved && req.Key == "":
		return billing.Errorf(billing.Invalid, "a charge needs a key, such as your order's id, so that a second request does not charge twice").In("key")
	case req.Saved:
		return nil
	case named && req.Key == "":
		return billing.Errorf(billing.Invalid, "an amount needs a key, such as your order's id, so that it is not asked for twice").In("key")
	}
	if err := s.checkReturn("success_url", req.SuccessURL); err != nil {
		return err
	}
	return s.checkReturn("cancel_url", req.CancelURL)
}

// checkMethod refuses a kind of payment method that is not supported, by its name.
func checkMethod(method string) error {
	if method != "" && !slices.Contains(billing.SupportedMethods, method) {
		return billing.Errorf(billing.Invalid, "payment method %q is not supported; supported: %s (Apple Pay and Google Pay are cards)",
			method, strings.Join(billing.SupportedMethods, ", ")).In("method")
	}
	return nil
}

// buying is one Buy, of an account under its customer's lease, or of a guest under the purchase's.
type buying struct {
	*Service
	h        *hold
	account  billing.Account
	provider *providerAccount
	req      Buy
	price    billing.PriceID
	method   billing.PaymentMethodID // that is charged
	token    string                  // of a guest's claim
	purchase billing.OneOff          // what is answered
}

func (b *buying) run(ctx context.Context) error {
	for range purchaseTries {
		// What was paid a moment ago must not be sold again.
		state, err := b.sync(ctx, b.h, b.account.Customer)
		if err != nil {
			return err
		}
		if state.Deleted {
			return billing.Errorf(billing.Conflict, "this account's customer was deleted at the payment provider, so it can buy nothing; make an account with another id")
		}
		found, err := b.running(ctx)
		if err != nil {
			return err
		}
		if found && (b.purchase.Status != billing.PurchasePending || b.purchase.URL != "") {
			return nil
		}
		if b.req.Saved {
			if b.method, err = methodFor(state, b.req.SavedMethod); err != nil {
				return err // before anything is begun
			}
		}
		if !found {
			again, err := b.begin(ctx)
			if again {
				continue
			}
			if err != nil {
				return err
			}
		}
		switch {
		case b.req.Saved && b.req.Manual:
			return b.authorize(ctx)
		case b.req.Saved:
			return b.charge(ctx)
		}
		return b.page(ctx)
	}
	return billing.Errorf(billing.Conflict, "another purchase of this account was completed just now; look at its purchases")
}

// running finds the purchase that this wish has begun before: by its key, or as the open page for the price.
func (b *buying) running(ctx context.Context) (bool, error) {
	if b.req.Key != "" {
		before, found, err := b.cfg.Store.OneOffByKey(ctx, b.account.ID, b.req.Key)
		if err == nil && found && (before.PriceKey != b.req.PriceKey || before.Terms != b.terms() || before.Manual != b.req.Manual || b.req.PriceKey == "" && before.Description != b.req.Description) {
			return false, billing.Errorf(billing.Conflict, "the key %q was used for another purchase", b.req.Key).In("key")
		}
		b.purchase = before
		return found, err
	}
	open, err := b.cfg.Store.OpenOneOffs(ctx, b.account.ID)
	if err != nil {
		return false, err
	}
	for _, o := range open {
		if o.PriceKey == b.req.PriceKey && o.Key == "" && o.Terms == b.terms() && !o.Over(b.cfg.Clock.Business()) {
			b.purchase = o
			return true, nil
		}
	}
	return false, nil
}

// terms are what a page has to be made anew for.
func (b *buying) terms() string {
	if b.req.PriceKey == "" {
		return "amount=" + b.req.Amount.String()
	}
	return Upgrade{Currency: b.req.Currency}.terms()
}

// begin commits the intent, after the pages for the same price that are not to be paid any more. again says that one was completed meanwhile.
func (b *buying) begin(ctx context.Context) (again bool, err error) {
	amount := b.req.Amount
	if b.req.PriceKey != "" {
		lines, err := b.cfg.Store.LicenseLines(ctx, b.account.ID)
		if err != nil {
			return false, err
		}
		if amount, err = b.cfg.Catalog.BuyOnce(b.req.PriceKey, b.req.Currency, lines); err != nil {
			return false, err
		}
	}
	if b.req.Key == "" {
		again, err := b.closeOthers(ctx)
		if again || err != nil {
			return again, err
		}
	}
	b.purchase = billing.OneOff{
		ID: billing.PurchaseID(newID(oneOffPrefix)), Account: b.account.ID, Customer: b.account.Customer, Key: b.req.Key, PriceKey: b.req.PriceKey, Terms: b.terms(),
		Description: b.req.Description, Status: billing.PurchasePending, SuccessURL: b.req.SuccessURL, Amount: amount, Manual: b.req.Manual,
		CreatedAt: b.cfg.Clock.Business(),
	}
	err = b.store(ctx, func(tx *sqlstore.Tx) error {
		fresh, err := tx.AddOneOff(ctx, b.purchase)
		again = err == nil && !fresh
		return err
	})
	return again, err
}

// oneOffPrefix begins the ids of one-offs; those of other purchases begin otherwise.
const oneOffPrefix = "one"

// closeOthers closes the account's open pages for the price.
func (b *buying) closeOthers(ctx context.Context) (again bool, err error) {
	open, err := b.cfg.Store.OpenOneOffs(ctx, b.account.ID)
	if err != nil {
		return false, err
	}
	for _, o := range open {
		if o.PriceKey != b.req.PriceKey || o.Key != "" {
			continue
		}
		if err := b.closed(ctx, o); errors.Is(err, ErrCheckoutComplete) {
			return true, nil
		} else if err != nil {
			return false, err
		}
	}
	return false, nil
}

// closed ends a pending one-off and its page.
func (b *buying) closed(ctx context.Context, o billing.OneOff) error {
	if o.Checkout != "" {
		_, err := call(ctx, func(ctx context.Context) (struct{}, error) {
			return struct{}{}, b.provider.Provider.Expire(ctx, o.Checkout)
		})
		if err != nil && billing.CodeOf(err) != billing.NotFound { // what the provider does not know, nobody can pay on
			return err
		}
	}
	o.Status, o.URL, o.DoneAt = billing.PurchaseExpired, "", b.cfg.Clock.Business()
	return b.store(ctx, func(tx *sqlstore.Tx) error {
		_, err := tx.SaveOneOff(ctx, o)
		return err
	})
}

// store writes under the lease, which what a guest begins does not have yet.
func (b *buying) store(ctx context.Context, write func(tx *sqlstore.Tx) error) error {
	if b.h == nil {
		return b.inTx(ctx, write)
	}
	return b.inTxHeld(ctx, b.h, write)
}

// page opens the hosted page.
func (b *buying) page(ctx context.Context) error {
	o := &b.purchase
	digest := sha256.Sum256([]byte(b.req.CancelURL + " " + b.req.Email))
	opened, err := call(ctx, func(ctx context.Context) (CheckoutPage, error) {
		return b.provider.Provider.SellOnce(ctx, SellRequest{
			Customer: o.Customer, Email: b.req.Email, Account: o.Account, Purchase: o.ID, Price: b.price, Amount: o.Amount, Description: o.Description,
			// Not through url.Values: the provider replaces the braces.
			SuccessURL: b.cfg.PublicURL + "/return/checkout?session_id={CHECKOUT_SESSION_ID}&purchase=" + string(o.ID) + b.claimQuery(),
			CancelURL:  b.req.CancelURL,
			AskCode:    b.req.PriceKey != "" && !b.req.Manual && b.cfg.Catalog.TakesCodes(),
			Currency:   b.req.Currency,
			Manual:     b.req.Manual,
			Key:        "once:" + string(o.ID) + ":" + hex.EncodeToString(digest[:8]),
		})
	})
	if err != nil {
		return err
	}
	o.Checkout, o.URL, o.ExpiresAt = opened.ID, opened.URL, opened.ExpiresAt
	return b.save(ctx)
}

func (b *buying) save(ctx context.Context) error {
	return b.store(ctx, func(tx *sqlstore.Tx) error {
		_, err := tx.SaveOneOff(ctx, b.purchase)
		return err
	})
}

// charge pays with the saved method. The intent is committed; what comes of it is committed by the sync, and also by the next one should this process die here.
func (b *buying) charge(ctx context.Context) error {
	o := &b.purchase
	made, refused := call(ctx, func(ctx context.Context) (OpenInvoice, error) {
		return b.provider.Provider.ChargeOnce(ctx, SellRequest{
			Customer: o.Customer, Account: o.Account, Purchase: o.ID, Price: b.price, Amount: o.Amount, Description: o.Description, Method: b.method, Key: string(o.ID),
		})
	})
	unpaid := errors.Is(refused, ErrDeclined) || errors.Is(refused, ErrNeedsConfirmation)
	if refused != nil && !unpaid {
		return refused // whether it happened, the next call finds out
	}
	o.Invoice = made.ID
	if unpaid {
		o.URL, o.Failure = made.URL, failureOf(refused)
	}
	if err := b.save(ctx); err != nil {
		return err
	}
	if err := b.look(ctx); err != nil {
		// It is charged or not; the webhook brings what this sync could not.
		b.log.WarnContext(ctx, "the sync after a charge failed", "account", b.account.ID, "error", err)
	}
	return nil
}

// methodFor is the saved method to charge: the one that is asked for, or the default.
func methodFor(state billing.State, asked billing.PaymentMethodID) (billing.PaymentMethodID, error) {
	if asked != "" {
		method, err := state.Method(asked)
		return method.ID, err
	}
	method, saved := state.DefaultMethod()
	if !saved {
		return "", billing.Errorf(billing.Conflict, "the account has no saved payment method; send the customer to a page instead").In("saved")
	}
	return method.ID, nil
}

// failureOf is why a saved method did not pay, in a word.
func failureOf(err error) string {
	var declined Declined
	switch {
	case errors.Is(err, ErrNeedsConfirmation):
		return "authentication_required"
	case errors.As(err, &declined):
		return cmp.Or(declined.DeclineCode(), "generic_decline")
	}
	return "generic_decline"
}

// settleOneOffs writes what has become of an account's open one-offs, and returns those of which there is news.
func (s *Service) settleOneOffs(ctx context.Context, tx *sqlstore.Tx, account billing.AccountID, r *reading) (news []billing.OneOff, err error) {
	open, err := tx.OpenOneOffs(ctx, account)
	if err != nil {
		return nil, err
	}
	for _, o := range open {
		settled := o.Settle(r.checkouts, r.now, r.record.Authorizations, s.cfg.Clock.Business())
		if settled.Unbilled() {
			if err := s.orderBill(ctx, tx, settled); err != nil {
				return nil, err
			}
		}
		if settled == o {
			continue
		}
		fresh, err := tx.SaveOneOff(ctx, settled)
		if err != nil {
			return nil, err
		}
		if fresh && settled.Status != o.Status {
			news = append(news, settled)
		}
	}
	return news, nil
}

func knownCurrency(c money.Currency) bool {
	_, ok := money.ParseCurrency(string(c))
	return ok
}

// completeOneOff takes in what an account has paid that comes back from a page.
func (s *Service) completeOneOff(ctx context.Context, id billing.PurchaseID) (redirect string, err error) {
	o, err := s.cfg.Store.OneOff(ctx, id)
	if err != nil {
		return "", err
	}
	if o.Claim != "" {
		return "", billing.Errorf(billing.NotFound, "there is no purchase %q", id) // a guest's: only with its token
	}
	return o.SuccessURL, s.syncReturned(ctx, o.Account)
}

// OneOffs returns what an account bought once, newest first.
func (s *Service) OneOffs(ctx context.Context, id billing.AccountID) ([]billing.OneOff, error) {
	if _, err := s.Account(ctx, id); err != nil {
		return nil, err
	}
	return s.cfg.Store.OneOffs(ctx, id)
}

// CancelPurchase takes back something that is paid once and was not paid yet: its page is closed, the invoice that its charge left open is void, or the bank lets go of
// what it kept ready. What has ended without a payment is success; what was paid is an error of code conflict: that is a refund.
func (s *Service) CancelPurchase(ctx context.Context, id billing.AccountID, purchase billing.PurchaseID) (billing.OneOff, error) {
	return s.withPurchase(ctx, id, func(ctx context.Context, b *buying) error { return b.cancel(ctx, purchase, true) })
}

// CancelPending is CancelPurchase by the customer, who cannot have a bank let go of what it keeps ready for a seller: that is an error of code conflict.
func (s *Service) CancelPending(ctx context.Context, id billing.AccountID, purchase billing.PurchaseID) (billing.OneOff, error) {
	return s.withPurchase(ctx, id, func(ctx context.Context, b *buying) error { return b.cancel(ctx, purchase, false) })
}

func (b *buying) cancel(ctx context.Context, id billing.PurchaseID, authorized bool) error {
	b.purchase.ID = id
	if err := b.look(ctx); err != nil {
		return err // it may have been paid a moment ago
	}
	o := &b.purchase
	switch {
	case o.Account != b.account.ID:
		return billing.Errorf(billing.NotFound, "there is no purchase %q", id)
	case o.Status == billing.PurchaseCompleted, o.Captured.Minor > 0:
		return billing.Errorf(billing.Conflict, "this purchase is paid; give it back instead")
	case o.Status == billing.PurchaseAuthorized && !authorized:
		return billing.Errorf(billing.Conflict, "the seller decides about what your bank keeps ready for this purchase")
	case o.Status != billing.PurchasePending && o.Status != billing.PurchaseAuthorized:
		return nil
	case o.Status == billing.PurchasePending && o.Checkout == "" && o.Invoice == "":
		return billing.Errorf(billing.Conflict, "whether this purchase was charged is not known yet; ask for it again with its key, then cancel it")
	}
	_, err := call(ctx, func(ctx context.Context) (struct{}, error) {
		switch {
		case o.Status == billing.PurchaseAuthorized:
			return struct{}{}, b.provider.Provider.Release(ctx, o.PaymentIntent)
		case o.Invoice != "":
			return struct{}{}, b.provider.Provider.VoidInvoice(ctx, o.Invoice)
		}
		return struct{}{}, b.provider.Provider.Expire(ctx, o.Checkout)
	})
	if err != nil && billing.CodeOf(err) != billing.Conflict { // a conflict: the customer was faster, which the sync shows
		return err
	}
	if err = b.look(ctx); err == nil && (o.Status == billing.PurchaseCompleted || o.Captured.Minor > 0) {
		return billing.Errorf(billing.Conflict, "this purchase was paid in the same moment; give it back instead")
	}
	return err
}

package service

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/mail"
	"net/url"
	"strings"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// SellToGuest sells something that is paid once to somebody who has no account yet, at the default provider account: the answer is a page to visit. Who comes back
// from it carries a token (claim) in the address, by which an account claims what was bought. An e-mail address that was typed into a page proves nothing, so it
// opens nothing.
func (s *Service) SellToGuest(ctx context.Context, req Buy) (billing.OneOff, error) {
	if err := s.checkBuy(req); err != nil {
		return billing.OneOff{}, err
	}
	if req.Saved {
		return billing.OneOff{}, billing.Errorf(billing.Invalid, "a guest has nothing saved").In("saved")
	}
	if address, err := mail.ParseAddress(req.Email); req.Email != "" && (err != nil || address.Address != req.Email || len(req.Email) > billing.EmailBytesMax) {
		return billing.OneOff{}, billing.Errorf(billing.Invalid, "email must be an address such as ada@example.com").In("email")
	}
	p, err := s.configured("")
	if err != nil {
		return billing.OneOff{}, err
	}
	b := buying{Service: s, provider: p, req: req}
	if req.PriceKey != "" {
		if b.price, err = s.priceID(ctx, p, req.PriceKey); err != nil {
			return billing.OneOff{}, err
		}
	}
	if req.Key != "" {
		found, err := b.running(ctx)
		if err != nil || found && b.purchase.URL != "" || found && b.purchase.Status != billing.PurchasePending {
			return b.purchase, err
		}
		if found { // its token is known to nobody: the page was never opened
			return b.purchase, billing.Errorf(billing.Unavailable, "the page of this purchase is being opened; try again, or take another key").In("key")
		}
	}
	amount := req.Amount
	if req.PriceKey != "" {
		if amount, err = s.cfg.Catalog.BuyOnce(req.PriceKey, req.Currency, nil); err != nil {
			return billing.OneOff{}, err
		}
	}
	b.token = strings.ToLower(rand.Text())
	b.purchase = billing.OneOff{
		ID: billing.PurchaseID(newID(oneOffPrefix)), Key: req.Key, PriceKey: req.PriceKey, Terms: b.terms(), Description: req.Description, Claim: claimDigest(b.token),
		Status: billing.PurchasePending, SuccessURL: req.SuccessURL, Amount: amount, CreatedAt: s.cfg.Clock.Business(),
	}
	if err := b.store(ctx, func(tx *sqlstore.Tx) error { return tx.AddOneOff(ctx, b.purchase) }); err != nil {
		return billing.OneOff{}, err
	}
	return b.purchase, b.page(ctx)
}

// claimDigest is what is kept of a token.
func claimDigest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// claimQuery is what a guest's way back carries.
func (b *buying) claimQuery() string {
	if b.token == "" {
		return ""
	}
	return "&claim=" + b.token
}

// CompleteGuestReturn is CompleteReturn for a guest (GET /return/checkout?purchase=ID&claim=TOKEN): the browser is sent on with purchase and claim in the
// address. Without the right token it is an error of code not_found.
func (s *Service) CompleteGuestReturn(ctx context.Context, id billing.PurchaseID, token string) (redirect string, err error) {
	o, err := s.cfg.Store.OneOff(ctx, id)
	if err != nil {
		return "", err
	}
	if o.Claim == "" || claimDigest(token) != o.Claim {
		return "", billing.Errorf(billing.NotFound, "there is no purchase %q", id)
	}
	if _, err := s.syncGuest(ctx, o); err != nil { // no reason to keep the guest: the webhook tells the same
		s.log.WarnContext(ctx, "the sync of a returning guest failed", "purchase", id, "error", err)
	}
	to, err := url.Parse(o.SuccessURL)
	if err != nil {
		return "", err
	}
	query := to.Query()
	query.Set("purchase", string(o.ID))
	query.Set("claim", token)
	to.RawQuery = query.Encode()
	return to.String(), nil
}

// syncGuest takes in what became of a guest's page, and returns the one-off as it is then.
func (s *Service) syncGuest(ctx context.Context, o billing.OneOff) (billing.OneOff, error) {
	if o.Status != billing.PurchasePending || o.Checkout == "" {
		return o, nil
	}
	p, err := s.configured("")
	if err != nil {
		return o, err
	}
	customer, err := call(ctx, func(ctx context.Context) (billing.CustomerID, error) { return p.Provider.Buyer(ctx, o.Checkout) })
	if err != nil || customer == "" {
		return o, err
	}
	if err := s.Sync(ctx, customer); err != nil {
		return o, err
	}
	return s.cfg.Store.OneOff(ctx, o.ID)
}

// followGuest writes what a customer who is nobody's account has bought as a guest, and what the account has of it that claimed it.
func (s *Service) followGuest(ctx context.Context, tx *sqlstore.Tx, r *reading) (added brought, err error) {
	for _, page := range r.checkouts {
		if !strings.HasPrefix(string(page.Purchase), oneOffPrefix+"_") {
			continue
		}
		o, err := tx.OneOff(ctx, page.Purchase)
		if billing.CodeOf(err) == billing.NotFound {
			continue // another installation's
		}
		if err != nil {
			return added, err
		}
		if settled := o.Settle(r.checkouts, r.now, s.cfg.Clock.Business()); o.Claim != "" && settled != o {
			settled.Email = strings.ToLower(settled.Email)
			if _, err := tx.SaveOneOff(ctx, settled); err != nil {
				return added, err
			}
		}
	}
	claimant, err := tx.ClaimantOf(ctx, r.now.Customer)
	if err != nil || claimant == "" {
		if err == nil {
			err = tx.ForgetStranger(ctx, r.now.Customer)
		}
		return added, err
	}
	change := billing.Change{Mirror: r.mirror, Now: r.now, Returned: r.returned}
	if err := s.license(ctx, tx, claimant, billing.Decide(s.cfg.Catalog, claimant, r.mirror, r.now).Licenses, &change); err != nil {
		return added, err
	}
	for _, effect := range billing.RefundEffects(s.cfg.Catalog, r.mirror, r.now, r.returned) {
		fresh, err := s.addEffect(ctx, tx, claimant, effect, r.now)
		if err != nil {
			return added, err
		}
		added.effects = added.effects || fresh
	}
	return added, nil
}

// Claim gives to an account what a guest bought and paid, by the token that the guest came back with. Claiming again is success; what another account has
// claimed, and what is not paid, is an error of code conflict.
func (s *Service) Claim(ctx context.Context, id billing.AccountID, token string) (billing.OneOff, error) {
	if token == "" {
		return billing.OneOff{}, billing.Errorf(billing.Invalid, "the token of the claim is missing").In("claim")
	}
	o, found, err := s.cfg.Store.OneOffByClaim(ctx, claimDigest(token))
	if err == nil && !found {
		err = billing.Errorf(billing.NotFound, "no purchase has this token").In("claim")
	}
	if err != nil {
		return billing.OneOff{}, err
	}
	if o, err = s.syncGuest(ctx, o); err != nil {
		return billing.OneOff{}, err
	}
	return s.claim(ctx, id, o)
}

// ClaimByEmail gives to an account all that guests bought under an address, which the caller must have verified to be the account's: who may name any address
// gets what others paid for. What others have claimed is left out.
func (s *Service) ClaimByEmail(ctx context.Context, id billing.AccountID, verified string) ([]billing.OneOff, error) {
	if verified == "" {
		return nil, billing.Errorf(billing.Invalid, "the verified address is missing").In("verified_email")
	}
	bought, err := s.cfg.Store.UnclaimedOneOffs(ctx, strings.ToLower(verified))
	if err != nil {
		return nil, err
	}
	for i := range bought {
		if bought[i], err = s.claim(ctx, id, bought[i]); err != nil && billing.CodeOf(err) != billing.Conflict {
			return nil, err
		}
	}
	return bought, nil
}

func (s *Service) claim(ctx context.Context, id billing.AccountID, o billing.OneOff) (billing.OneOff, error) {
	account, err := s.ready(ctx, id)
	switch {
	case err != nil:
		return o, err
	case o.Status != billing.PurchaseCompleted:
		return o, billing.Errorf(billing.Conflict, "this purchase is %s; it can be claimed once it is paid", o.Status)
	case o.Account == "" && account.ProviderAccount != "":
		return o, billing.Errorf(billing.Conflict, "guests pay at the default provider account, and this account is billed at another")
	}
	given := false
	if err := s.inTx(ctx, func(tx *sqlstore.Tx) (err error) {
		given, err = tx.ClaimOneOff(ctx, o.ID, id)
		return err
	}); err != nil {
		return o, err
	}
	if o, err = s.cfg.Store.OneOff(ctx, o.ID); err != nil {
		return o, err
	}
	if o.Account != id {
		return o, billing.Errorf(billing.Conflict, "this purchase was claimed by another account")
	}
	if err := s.Sync(ctx, o.Customer); err != nil { // licenses what was paid
		return o, err
	}
	if given {
		s.tellClaimed(ctx, account, o)
	}
	return o, nil
}

// tellClaimed tells the application that an account has what it bought as a guest.
func (s *Service) tellClaimed(ctx context.Context, account billing.Account, o billing.OneOff) {
	err := s.locked(ctx, customerLock(account.Customer), func(ctx context.Context, h *hold) error {
		state, err := s.cfg.Store.State(ctx, account.Customer)
		if err != nil {
			return err
		}
		return s.inTxHeld(ctx, h, func(tx *sqlstore.Tx) error {
			_, err := s.tell(ctx, tx, account, billing.Change{Mirror: state, Now: state, Bought: []billing.OneOff{o}})
			return err
		})
	})
	if err != nil {
		s.log.WarnContext(ctx, "the application was not told of a claim", "account", account.ID, "purchase", o.ID, "error", err)
		return
	}
	s.wakeEndpoints()
}

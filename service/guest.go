package service

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"net/mail"
	"net/url"
	"strings"
	"time"

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
	err = b.runForGuest(ctx)
	return b.purchase, err
}

// runForGuest begins a purchase, or goes on with the one that the same wish has begun. One request at a time opens its page.
func (b *buying) runForGuest(ctx context.Context) error {
	found := false
	if b.req.Key != "" {
		var err error
		if found, err = b.running(ctx); err != nil {
			return err
		}
	}
	if !found {
		fresh, err := b.beginForGuest(ctx)
		if err == nil && !fresh { // another request with the key was faster
			_, err = b.running(ctx)
		}
		if err != nil {
			return err
		}
	}
	return b.locked(ctx, objectLock(string(b.purchase.ID)), func(ctx context.Context, h *hold) (err error) {
		b.h = h
		if b.purchase, err = b.cfg.Store.OneOff(ctx, b.purchase.ID); err != nil {
			return err
		}
		return b.goOnWithGuest(ctx)
	})
}

// beginForGuest commits the intent. It is not fresh when another request with the key has.
func (b *buying) beginForGuest(ctx context.Context) (fresh bool, err error) {
	amount := b.req.Amount
	if b.req.PriceKey != "" {
		if amount, err = b.cfg.Catalog.BuyOnce(b.req.PriceKey, b.req.Currency, nil); err != nil {
			return false, err
		}
	}
	id := billing.PurchaseID(newID(oneOffPrefix))
	token, err := b.claimToken(ctx, id)
	if err != nil {
		return false, err
	}
	b.purchase = billing.OneOff{
		ID: id, Key: b.req.Key, PriceKey: b.req.PriceKey, Terms: b.terms(), Description: b.req.Description, Claim: claimDigest(token),
		Status: billing.PurchasePending, SuccessURL: b.req.SuccessURL, Amount: amount, CreatedAt: b.cfg.Clock.Business(),
	}
	err = b.store(ctx, func(tx *sqlstore.Tx) error {
		fresh, err = tx.AddOneOff(ctx, b.purchase)
		return err
	})
	return fresh, err
}

// goOnWithGuest opens the page unless it was opened; one that nobody paid on in time is over.
func (b *buying) goOnWithGuest(ctx context.Context) (err error) {
	o := b.purchase
	switch {
	case o.Status != billing.PurchasePending:
		return nil
	case o.Over(b.cfg.Clock.Business()):
		if err := b.leave(ctx, o); err != nil {
			return err
		}
		b.purchase, err = b.cfg.Store.OneOff(ctx, o.ID)
		return err
	case o.URL != "":
		return nil
	}
	if b.token, err = b.claimToken(ctx, o.ID); err != nil {
		return err
	}
	if claimDigest(b.token) != o.Claim { // begun by a version of ours whose tokens nobody can make again
		return billing.Errorf(billing.Conflict, "the page of this purchase was never opened; ask again with another key").In("key")
	}
	return b.page(ctx)
}

// leave ends what a guest asked for and did not pay, unless the provider knows better.
func (b *buying) leave(ctx context.Context, o billing.OneOff) error {
	now, err := b.syncGuest(ctx, o)
	if billing.CodeOf(err) == billing.NotFound {
		now, err = o, nil // what the provider does not know, nobody has paid on
	}
	if err != nil || now.Status != billing.PurchasePending {
		return err
	}
	if err := b.closed(ctx, now); !errors.Is(err, ErrCheckoutComplete) {
		return err
	}
	return nil // completed just now: its events say the rest
}

const (
	// guestGrace is how long after its end a guest's page is left alone, for the events of a payment in the last second to come in.
	guestGrace = time.Hour
	// guestPatience is how long a request whose page was never opened may be sent again: longer than the provider knows its key.
	guestPatience = 48 * time.Hour
)

// leaveRound ends what guests asked for and did not pay. No event names them: a page that nobody has paid on has no customer.
func (s *Service) leaveRound(ctx context.Context) (done int, held bool, err error) {
	now := s.cfg.Clock.Business()
	left, err := s.cfg.Store.LeftOneOffs(ctx, now.Add(-guestGrace), now.Add(-guestPatience), lookBatch)
	if err != nil || len(left) == 0 {
		return 0, false, err
	}
	p, err := s.configured("")
	if err != nil {
		return 0, false, err
	}
	return eachDue(ctx, left, func(ctx context.Context, o billing.OneOff) error {
		b := buying{Service: s, provider: p}
		return b.leave(ctx, o)
	})
}

// claimToken is the token of a guest's purchase. It follows from the purchase and a key of ours, so that a request that broke off before its page was
// opened opens it when it is sent again: what is stored of the token would not tell it.
func (s *Service) claimToken(ctx context.Context, id billing.PurchaseID) (string, error) {
	const bytes = 16 // as many as nobody guesses
	mac, err := s.linkMAC(ctx, "claim\n"+string(id))
	if err != nil {
		return "", err
	}
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac[:bytes])), nil
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

package service

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/sqlstore"
)

// authorize has the bank of the saved method keep the amount ready. That it does is committed by the sync, and also by the next one should this process die
// here. What is declined is over: there is no page on which the customer could pay it all the same.
func (b *buying) authorize(ctx context.Context) error {
	o := &b.purchase
	_, refused := call(ctx, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, b.provider.Provider.Authorize(ctx, SellRequest{
			Customer: o.Customer, Account: o.Account, Purchase: o.ID, Amount: o.Amount, Description: o.Description, Method: b.method, Key: string(o.ID),
		})
	})
	switch {
	case errors.Is(refused, ErrDeclined), errors.Is(refused, ErrNeedsConfirmation):
		o.Status, o.Failure, o.DoneAt = billing.PurchaseCanceled, failureOf(refused), b.cfg.Clock.Business()
		return b.save(ctx)
	case refused != nil:
		return refused // whether it happened, the next call finds out
	}
	return b.look(ctx)
}

// look reads what has become of the purchase at the provider.
func (b *buying) look(ctx context.Context) error {
	if _, err := b.sync(ctx, b.h, b.account.Customer); err != nil {
		return err
	}
	now, err := b.cfg.Store.OneOff(ctx, b.purchase.ID)
	if err == nil {
		b.purchase = now
	}
	return err
}

// Capture takes what a bank keeps ready for a purchase that was made with Manual: minor units, a part of it, or with 0 all. The rest is let go. Then it has
// an invoice, as everything that is paid, and is completed. Asked again with the same amount it is success; what is not kept ready, or was let go, is an error of
// code conflict.
func (s *Service) Capture(ctx context.Context, id billing.AccountID, purchase billing.PurchaseID, minor int64) (billing.OneOff, error) {
	return s.withPurchase(ctx, id, func(ctx context.Context, b *buying) error {
		b.purchase.ID = purchase
		if err := b.look(ctx); err != nil {
			return err
		}
		if b.purchase.Account != b.account.ID {
			return billing.Errorf(billing.NotFound, "there is no purchase %q", purchase)
		}
		amount, needed, err := b.purchase.Capture(minor)
		if err != nil {
			return err
		}
		if needed {
			if err := b.capture(ctx, amount); err != nil {
				return err
			}
		}
		return b.bill(ctx)
	})
}

// withPurchase does something with a purchase of an account, under its customer's lease.
func (s *Service) withPurchase(ctx context.Context, id billing.AccountID, do func(ctx context.Context, b *buying) error) (billing.OneOff, error) {
	account, err := s.Account(ctx, id)
	if err != nil {
		return billing.OneOff{}, err
	}
	p, err := s.configured(account.ProviderAccount)
	if err != nil {
		return billing.OneOff{}, err
	}
	b := buying{Service: s, account: account, provider: p}
	err = s.locked(ctx, customerLock(account.Customer), func(ctx context.Context, h *hold) error {
		b.h = h
		return do(ctx, &b)
	})
	return b.purchase, err
}

func (b *buying) capture(ctx context.Context, amount money.Amount) error {
	_, err := call(ctx, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, b.provider.Provider.Capture(ctx, CaptureRequest{PaymentIntent: b.purchase.PaymentIntent, Amount: amount, Key: newID("capture")})
	})
	if err != nil {
		return err
	}
	return b.look(ctx)
}

// bill makes the invoice of what was captured, unless there is one.
func (b *buying) bill(ctx context.Context) error {
	o := &b.purchase
	if !o.Unbilled() {
		return nil
	}
	price := billing.PriceID("")
	if o.PriceKey != "" {
		var err error
		if price, err = b.priceID(ctx, b.provider, o.PriceKey); err != nil {
			return err
		}
	}
	invoice, err := call(ctx, func(ctx context.Context) (billing.InvoiceID, error) {
		return b.provider.Provider.BillCaptured(ctx, BillCapturedRequest{PaymentIntent: o.PaymentIntent, SellRequest: SellRequest{
			Customer: o.Customer, Account: o.Account, Purchase: o.ID, Price: price, Amount: o.Captured, Description: o.Description, Key: string(o.ID),
		}})
	})
	if err != nil {
		return err
	}
	o.Invoice = invoice
	if err := b.save(ctx); err != nil {
		return err
	}
	return b.look(ctx)
}

// orderBill commits that what was captured gets its invoice: by who captured it here, else, or when it was captured in Stripe's dashboard, by the outbox.
func (s *Service) orderBill(ctx context.Context, tx *sqlstore.Tx, o billing.OneOff) error {
	payload, err := json.Marshal(callFacts{Purchase: o.ID})
	if err != nil {
		return err
	}
	now, key := s.cfg.Clock.Wall(), "bill:"+string(o.ID)
	s.originates(ctx, key)
	_, err = tx.AddEffect(ctx, sqlstore.Effect{
		Key: key, Kind: string(billing.CallEffect), Name: billing.BillCapturedCall, Account: o.Account, Payload: payload,
		CreatedAt: now, DueAt: now.Add(callTime), // by then who captured it has done it, unless the process has died
	})
	return err
}

// billOrdered is bill from the outbox.
func (s *Service) billOrdered(ctx context.Context, account billing.Account, facts callFacts) error {
	_, err := s.withPurchase(ctx, account.ID, func(ctx context.Context, b *buying) error {
		b.purchase.ID = facts.Purchase
		if err := b.look(ctx); err != nil {
			return err
		}
		return b.bill(ctx)
	})
	return err
}

// letGoOfPurchases ends what an account has begun to buy and not paid: its pages are closed, and banks let go of what they keep ready.
func (s *Service) letGoOfPurchases(ctx context.Context, p *providerAccount, account billing.AccountID) error {
	open, err := s.cfg.Store.OpenOneOffs(ctx, account)
	if err != nil {
		return err
	}
	for _, o := range open {
		if o.Status == billing.PurchasePending && o.Checkout == "" || o.Captured.Minor > 0 {
			continue
		}
		_, err := call(ctx, func(ctx context.Context) (struct{}, error) {
			if o.Status == billing.PurchaseAuthorized {
				return struct{}{}, p.Provider.Release(ctx, o.PaymentIntent)
			}
			return struct{}{}, p.Provider.Expire(ctx, o.Checkout)
		})
		if code := billing.CodeOf(err); err != nil && code != billing.NotFound && code != billing.Conflict { // paid: it is on its invoice
			return err
		}
	}
	return nil
}

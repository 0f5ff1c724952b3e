package service

import (
	"cmp"
	"context"
	"errors"

	"github.com/dues-billing/dues/billing"
)

// UnpaidInvoice says that the saved method did not pay an invoice, and where the customer can: with another card, or by confirming.
type UnpaidInvoice struct {
	URL string
	Err error
}

func (u *UnpaidInvoice) Error() string { return "unpaid: " + u.Err.Error() }

// Unwrap returns ErrDeclined, ErrNeedsConfirmation or what wraps them.
func (u *UnpaidInvoice) Unwrap() error { return u.Err }

// PayInvoice charges an open invoice of the account now, by a saved method or, with "", by the one that is charged for renewals. One that is paid already
// is success, and charges nothing. When the method does not pay, the error has code conflict and wraps an *UnpaidInvoice, which says where the
// customer can pay; the invoice stays open. The answer is the invoice as it is afterwards.
func (s *Service) PayInvoice(ctx context.Context, id billing.AccountID, invoice billing.InvoiceID, method billing.PaymentMethodID) (billing.Invoice, error) {
	account, err := s.Account(ctx, id)
	if err != nil {
		return billing.Invoice{}, err
	}
	p, err := s.configured(account.ProviderAccount)
	if err != nil {
		return billing.Invoice{}, err
	}
	var paid billing.Invoice
	err = s.locked(ctx, customerLock(account.Customer), func(ctx context.Context, h *hold) error {
		// The provider may have charged it, or somebody paid on its page, a moment ago.
		state, err := s.sync(ctx, h, account.Customer)
		if err != nil {
			return err
		}
		var needed bool
		if paid, needed, err = state.PayInvoice(invoice, method); err != nil || !needed {
			return err
		}
		// The key is of this call alone: who asks again after a decline means another try.
		_, refused := call(ctx, func(ctx context.Context) (struct{}, error) {
			return struct{}{}, p.Provider.PayInvoice(ctx, PayInvoiceRequest{Invoice: invoice, Method: method, Key: newID("pay")})
		})
		unpaid := errors.Is(refused, ErrDeclined) || errors.Is(refused, ErrNeedsConfirmation)
		if refused != nil && !unpaid {
			return refused
		}
		state, err = s.sync(ctx, h, account.Customer)
		if unpaid {
			return unpaidInvoice(refused, paid.HostedURL)
		}
		paid, _ = state.Invoice(invoice)
		return err
	})
	return paid, err
}

// unpaidInvoice adds the page where the customer can pay to a provider's refusal.
func unpaidInvoice(refused error, url string) error {
	message := "the saved method did not pay; pay the invoice on its page"
	var known *billing.Error
	if errors.As(refused, &known) {
		message = cmp.Or(known.Message, message)
	}
	return billing.Errorf(billing.Conflict, "%s", message).Because(&UnpaidInvoice{URL: url, Err: refused})
}

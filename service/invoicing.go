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
	return s.collect(ctx, id, invoice, func(p Provider, state billing.State) (func(context.Context) error, error) {
		owed, needed, err := state.PayInvoice(invoice, method)
		if err != nil || !needed {
			return nil, err
		}
		// The key is of this call alone: who asks again after a decline means another try.
		return func(ctx context.Context) error {
			return p.PayInvoice(ctx, PayInvoiceRequest{Invoice: invoice, Method: cmp.Or(method, state.Payer(owed)), Key: newID("pay")})
		}, nil
	})
}

// collect carries out what collects an invoice, and returns it as it is afterwards. When the method does not pay, the error says where the customer can.
func (s *Service) collect(ctx context.Context, id billing.AccountID, invoice billing.InvoiceID, decide wish) (billing.Invoice, error) {
	var refused error
	// The provider may have charged it, or somebody paid on its page, a moment ago: what is so there is read before and after.
	state, err := s.fulfil(ctx, id, func(p Provider, state billing.State) (func(context.Context) error, error) {
		ask, err := decide(p, state)
		if err != nil || ask == nil {
			return nil, err
		}
		return func(ctx context.Context) error {
			refused = ask(ctx)
			if errors.Is(refused, ErrDeclined) || errors.Is(refused, ErrNeedsConfirmation) {
				return nil // and the invoice has changed: it was tried
			}
			return refused
		}, nil
	})
	if err != nil {
		return billing.Invoice{}, err
	}
	now, _ := state.Invoice(invoice)
	if refused != nil {
		return billing.Invoice{}, unpaidInvoice(refused, now.HostedURL)
	}
	return now, nil
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

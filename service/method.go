package service

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

// PaymentMethods returns what the account has saved to pay with, newest first, as it was at the last sync.
func (s *Service) PaymentMethods(ctx context.Context, id billing.AccountID) ([]billing.PaymentMethod, error) {
	account, err := s.Account(ctx, id)
	if err != nil {
		return nil, err
	}
	state, err := s.cfg.Store.State(ctx, account.Customer)
	return state.Methods, err
}

// SavePaymentMethod opens a hosted page on which the customer saves a card and pays nothing, and returns its URL. The way back leads through
// CompletePortal to returnURL, whose host must be allowed. A card that is saved while none would be charged becomes the default by itself.
func (s *Service) SavePaymentMethod(ctx context.Context, id billing.AccountID, returnURL string) (page string, err error) {
	if err := s.checkReturn("return_url", returnURL); err != nil {
		return "", err
	}
	account, err := s.ready(ctx, id)
	if err != nil {
		return "", err
	}
	p, err := s.configured(account.ProviderAccount)
	if err != nil {
		return "", err
	}
	back, err := s.wayBack(ctx, account, returnURL)
	if err != nil {
		return "", err
	}
	opened, err := call(ctx, func(ctx context.Context) (CheckoutPage, error) {
		return p.Provider.SaveMethod(ctx, SaveMethodRequest{
			Customer: account.Customer, Account: account.ID, SuccessURL: back, CancelURL: back, Key: newID("save"),
		})
	})
	return opened.URL, err
}

// SetDefaultMethod makes a saved method the one that is charged from now on, by all running subscriptions. A method that the account does not have is
// an error of code not_found. The answer is what the account has saved.
func (s *Service) SetDefaultMethod(ctx context.Context, id billing.AccountID, method billing.PaymentMethodID) ([]billing.PaymentMethod, error) {
	state, err := s.fulfil(ctx, id, func(p Provider, state billing.State) (func(context.Context) error, error) {
		needed, own, err := state.MethodToDefault(method)
		if err != nil || !needed {
			return nil, err
		}
		return func(ctx context.Context) error { return p.SetDefaultMethod(ctx, state.Customer, method, own) }, nil
	})
	return state.Methods, err
}

// RemovePaymentMethod forgets a saved method for good. The one that pays for a running subscription is an error of code conflict, one that the account does not
// have one of code not_found. The answer is what the account has saved still.
func (s *Service) RemovePaymentMethod(ctx context.Context, id billing.AccountID, method billing.PaymentMethodID) ([]billing.PaymentMethod, error) {
	state, err := s.fulfil(ctx, id, func(p Provider, state billing.State) (func(context.Context) error, error) {
		if err := s.cfg.Catalog.MethodToRemove(state, method); err != nil {
			return nil, err
		}
		return func(ctx context.Context) error { return p.RemoveMethod(ctx, method) }, nil
	})
	return state.Methods, err
}

// adopt makes a method the default that was saved while there was none, unless there is one by now.
func (s *Service) adopt(ctx context.Context, account billing.Account, facts callFacts) error {
	_, err := s.fulfil(ctx, account.ID, func(p Provider, state billing.State) (func(context.Context) error, error) {
		if method, ok := state.DefaultMethod(); !ok || method.Default {
			return nil, nil
		}
		needed, own, err := state.MethodToDefault(facts.Method)
		if billing.CodeOf(err) == billing.NotFound || !needed { // removed meanwhile
			return nil, nil
		}
		return func(ctx context.Context) error { return p.SetDefaultMethod(ctx, state.Customer, facts.Method, own) }, nil
	})
	return err
}

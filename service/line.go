package service

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

// Lines returns the lines that were added to the account's next invoice, or to a draft, as the provider has them at this moment, newest first. What is
// on a finalized invoice is one of its lines and not one of these.
func (s *Service) Lines(ctx context.Context, id billing.AccountID) (billing.AddedLines, error) {
	account, err := s.Account(ctx, id)
	if err != nil || account.Customer == "" {
		return nil, err
	}
	p, err := s.configured(account.ProviderAccount)
	if err != nil {
		return nil, err
	}
	all, err := call(ctx, func(ctx context.Context) (billing.AddedLines, error) {
		return p.Provider.AddedLines(ctx, account.Customer)
	})
	return all.Open(), err
}

// AddLine adds a line to the account's next invoice, or to the draft that the wish names, once for each key: whoever had no answer asks again with the
// same key. The answer is the line as it is afterwards.
func (s *Service) AddLine(ctx context.Context, id billing.AccountID, wish billing.LineWish) (line billing.AddedLine, err error) {
	if err := wish.Check(); err != nil {
		return line, err
	}
	account, err := s.ready(ctx, id)
	if err != nil {
		return line, err
	}
	_, err = s.fulfil(ctx, id, func(p Provider, state billing.State) (func(context.Context) error, error) {
		lines, err := call(ctx, func(ctx context.Context) (billing.AddedLines, error) { return p.AddedLines(ctx, account.Customer) })
		if err != nil {
			return nil, err
		}
		needed, err := lines.Add(wish, state)
		if err != nil || !needed {
			line, _ = lines.Keyed(wish.Key)
			return nil, err
		}
		return func(ctx context.Context) error {
			if err := p.AddLine(ctx, account.Customer, wish); err != nil {
				return err
			}
			line, err = added(ctx, p, account.Customer, wish.Key)
			return err
		}, nil
	})
	return line, err
}

// added reads the line of a key that was asked for. For a day the provider answers a key with what it made then, also when that was removed since.
func added(ctx context.Context, p Provider, customer billing.CustomerID, key string) (billing.AddedLine, error) {
	lines, err := p.AddedLines(ctx, customer)
	if err != nil {
		return billing.AddedLine{}, err
	}
	line, found := lines.Keyed(key)
	if !found {
		return line, billing.Errorf(billing.Conflict, "this key was used for a line that was removed; take another one").In("key")
	}
	return line, nil
}

// RemoveLine removes a line that is not billed yet. One that is gone is success; one on an invoice that is no draft any more is an error of code conflict.
func (s *Service) RemoveLine(ctx context.Context, id billing.AccountID, line billing.LineID) error {
	account, err := s.Account(ctx, id)
	if err != nil {
		return err
	}
	_, err = s.fulfil(ctx, id, func(p Provider, _ billing.State) (func(context.Context) error, error) {
		lines, err := call(ctx, func(ctx context.Context) (billing.AddedLines, error) { return p.AddedLines(ctx, account.Customer) })
		if err != nil {
			return nil, err
		}
		needed, err := lines.Remove(line)
		if err != nil || !needed {
			return nil, err
		}
		return func(ctx context.Context) error { return p.RemoveLine(ctx, line) }, nil
	})
	return err
}

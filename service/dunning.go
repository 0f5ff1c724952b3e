package service

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// dunningMail fills in a reminder of a payment by what is so at the moment in which it leaves.
func (s *Service) dunningMail(ctx context.Context, account billing.Account, state billing.State, due billing.Effect, data *MailData) error {
	fresh := s.mailFacts(due, state)
	fresh.Account, fresh.FailedAt, fresh.Confirm = account, due.Invoice.FailedSince(), due.Invoice.NeedsConfirmation
	if !fresh.Confirm {
		link, err := s.cardLink(ctx, account.ID)
		if err != nil {
			return err
		}
		fresh.URL = link
	}
	kept, err := s.cfg.Store.Reminders(ctx, account.ID)
	if err != nil {
		return err
	}
	for _, m := range s.cfg.Catalog.Reminders(state, kept, s.cfg.Clock.Business()) {
		if m.LastKey == due.Key && m.Ends {
			fresh.EndsAt = m.DueAt
		}
	}
	*data = fresh
	return nil
}

// endUnpaid ends a subscription that stayed unpaid to the end of its dunning, unless it was paid by then, or has more time.
func (s *Service) endUnpaid(ctx context.Context, account billing.Account, facts callFacts, key string) error {
	_, err := s.fulfil(ctx, account.ID, func(p Provider, state billing.State) (func(context.Context) error, error) {
		kept, err := s.cfg.Store.Reminders(ctx, account.ID)
		if err != nil {
			return nil, err
		}
		due := false
		for _, m := range s.cfg.Catalog.Reminders(state, kept, s.cfg.Clock.Business()) {
			due = due || slices.ContainsFunc(m.Effects, func(e billing.Effect) bool { return e.Key == key })
		}
		if !due {
			return nil, nil
		}
		return func(ctx context.Context) error {
			return p.Cancel(ctx, CancelRequest{Subscription: facts.Subscription, When: billing.CancelNow, Key: key})
		}, nil
	})
	return err
}

// Dunned is an account that is reminded of a payment, and where it stands.
type Dunned struct {
	Account billing.AccountID
	billing.Dunned
}

// Dunning returns a page of the accounts that owe a payment and are reminded of it, by account, and the cursor of the next page, "" after the last. The
// mirror is what it says.
func (s *Service) Dunning(ctx context.Context, p Page) (all []Dunned, next string, err error) {
	limit := bounded(p.Limit, PageRowsMax)
	at, err := readDunningCursor(p.Cursor)
	if err != nil {
		return nil, "", err
	}
	rows, err := s.cfg.Store.RemindersBy(ctx, billing.DunningRule, at, limit+1)
	if err != nil {
		return nil, "", err
	}
	if len(rows) > limit {
		rows = rows[:limit]
		next = dunningCursor(rows[limit-1])
	}
	for _, row := range rows {
		account, err := s.cfg.Store.Account(ctx, row.Account)
		if err != nil {
			return nil, "", err
		}
		state, err := s.cfg.Store.Standing(ctx, account.Customer)
		if err != nil {
			return nil, "", err
		}
		if d, owes := s.cfg.Catalog.Dunned(state, row.Reminder); owes {
			all = append(all, Dunned{row.Account, d})
		}
	}
	return all, next, nil
}

// dunningCursor is where a page of Dunning ended. Accounts have ids of any letters.
func dunningCursor(at sqlstore.AccountReminder) string {
	return base64.RawURLEncoding.EncodeToString([]byte(string(at.About) + "\n" + string(at.Account)))
}

func readDunningCursor(cursor string) (at sqlstore.AccountReminder, err error) {
	if cursor == "" {
		return at, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	about, account, two := strings.Cut(string(text), "\n")
	if err != nil || !two || !utf8.Valid(text) {
		return at, billing.Errorf(billing.Invalid, "the cursor is none that this list has given; leave it out to begin anew").In("cursor")
	}
	at.Account, at.About = billing.AccountID(account), billing.SubscriptionID(about)
	return at, nil
}

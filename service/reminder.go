package service

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// reminderFresh is how old a reminder may be when it is sent without another look at the provider: it waits only while the mail server takes no mail.
const reminderFresh = time.Minute

// remind plans what is due for an account because time passes, and adds the effects that are due now. It reports whether the outbox got something to do.
// The caller holds the lease of the account's customer.
func (s *Service) remind(ctx context.Context, tx *sqlstore.Tx, account billing.AccountID, now billing.State) (added bool, err error) {
	if !s.cfg.Catalog.Reminds() {
		return false, nil
	}
	kept, err := tx.Reminders(ctx, account)
	if err != nil {
		return false, err
	}
	reminders := s.cfg.Catalog.Reminders(now, kept, s.cfg.Clock.Business())
	for _, m := range reminders {
		for _, effect := range m.Effects {
			fresh, err := s.addEffect(ctx, tx, account, effect, now)
			if err != nil {
				return added, err
			}
			added = added || fresh
		}
	}
	return added, tx.SaveReminders(ctx, account, kept, reminders)
}

// remindRound reads the customers with reminders that are due, and the sync of each does what is due by what is so then. Several processes may do so: the
// lease of the customer lets one of them be first, and for the next nothing is due any more.
func (s *Service) remindRound(ctx context.Context) (done int, held bool, err error) {
	if !s.cfg.Catalog.Reminds() {
		return 0, false, nil
	}
	if err := s.planReminders(ctx); err != nil {
		return 0, false, err
	}
	due, err := s.cfg.Store.DueReminders(ctx, s.cfg.Clock.Business(), s.cfg.Clock.Wall(), lookBatch)
	if err != nil {
		return 0, false, err
	}
	return eachDue(ctx, due, s.remindDue)
}

// remindDue reads one customer. One that cannot be read waits, and keeps no other waiting.
func (s *Service) remindDue(ctx context.Context, d sqlstore.DueAccount) error {
	row, err := s.cfg.Store.Account(ctx, d.Account)
	if err != nil {
		return err
	}
	p, err := s.configured(row.ProviderAccount)
	if err == nil {
		if until := s.paused(p); !until.IsZero() {
			return s.cfg.Store.DelayReminders(ctx, d.Account, until, false)
		}
		err = s.tryLocked(ctx, customerLock(row.Customer), func(ctx context.Context, h *hold) error {
			h.last = true
			_, err := s.sync(ctx, h, row.Customer)
			return err
		})
		if errors.Is(err, errHeld) {
			return err
		}
		s.heard(ctx, p, string(row.Customer), err)
	}
	if err == nil || ctx.Err() != nil {
		return err
	}
	s.log.WarnContext(ctx, "a customer with a reminder that is due was not read; it is tried again", "account", d.Account, "tries", d.Tries+1, "error", err)
	return s.cfg.Store.DelayReminders(ctx, d.Account, s.cfg.Clock.Wall().Add(backOff(d.Tries+1)), true)
}

// isReminder reports whether a mail is decided once more at the moment in which it leaves: what it says may not be so any more.
func isReminder(mail string) bool {
	return mail == billing.RenewalReminderMail || mail == billing.PaymentReminderMail || mail == billing.LastReminderMail
}

// stillDue decides a reminder once more, at the moment in which it leaves, and fills in what only then is known.
func (s *Service) stillDue(ctx context.Context, account billing.Account, e sqlstore.Effect, data *MailData) (bool, error) {
	if s.cfg.Clock.Wall().Sub(e.CreatedAt) > reminderFresh {
		if err := s.Sync(ctx, account.Customer); err != nil {
			return false, err
		}
	}
	state, err := s.cfg.Store.State(ctx, account.Customer)
	if err != nil {
		return false, err
	}
	for _, m := range s.cfg.Catalog.Reminders(state, nil, s.cfg.Clock.Business()) {
		at := slices.IndexFunc(m.Effects, func(due billing.Effect) bool { return due.Key == e.Key })
		switch {
		case at < 0:
			continue
		case m.Rule == billing.DunningRule:
			return true, s.dunningMail(ctx, account, state, m.Effects[at], data)
		}
		sub, _ := state.Subscription(m.About)
		return true, s.costs(ctx, account, sub, data)
	}
	return false, nil
}

// costs fills in what the renewal of a subscription will cost, by the provider's own reckoning: with discounts, taxes and what the customer has to its
// credit. What cannot be known ahead is left out.
func (s *Service) costs(ctx context.Context, account billing.Account, sub billing.Subscription, data *MailData) error {
	if !s.cfg.Catalog.KnownAhead(sub) {
		return nil
	}
	p, err := s.configured(account.ProviderAccount)
	if err != nil {
		return err
	}
	next, err := call(ctx, func(ctx context.Context) (billing.Preview, error) { return p.Provider.Upcoming(ctx, sub.ID) })
	if err != nil && billing.CodeOf(err) != billing.Unavailable {
		s.log.WarnContext(ctx, "the provider does not tell what a renewal will cost; its reminder says nothing of it", "subscription", sub.ID, "error", err)
		return nil
	}
	data.Amount = next.AmountDue
	return err
}

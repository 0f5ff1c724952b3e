package sqlstore

import (
	"context"
	"time"

	"github.com/dues-billing/dues/billing"
)

const (
	remindersOf  = `SELECT rule, about, due_at, last_key, last_at FROM reminders WHERE account = $1 ORDER BY rule, about`
	saveReminder = `INSERT INTO reminders (account, rule, about, due_at, last_key, last_at, tries, retry_at) VALUES ($1, $2, $3, $4, $5, $6, 0, 0)
		ON CONFLICT (account, rule, about) DO UPDATE SET due_at = excluded.due_at, last_key = excluded.last_key, last_at = excluded.last_at,
		tries = 0, retry_at = 0`
	remindersBy = `SELECT account, rule, about, due_at, last_key, last_at FROM reminders
		WHERE rule = $1 AND (account > $2 OR account = $2 AND about > $3) ORDER BY account, about LIMIT $4 + 0`
	dropReminder = `DELETE FROM reminders WHERE account = $1 AND rule = $2 AND about = $3`
	dueReminders = `SELECT account, MAX(tries) FROM reminders WHERE due_at > 0 AND due_at <= $1 AND retry_at <= $2
		GROUP BY account ORDER BY MIN(due_at), account LIMIT $3 + 0`
	delayReminders = `UPDATE reminders SET tries = tries + $3, retry_at = $2 WHERE account = $1 AND due_at > 0`
)

// Reminders returns where an account's subscriptions stand with the rules of reminders.
func (r reads) Reminders(ctx context.Context, account billing.AccountID) ([]billing.Reminder, error) {
	return rows(ctx, r, func(from scanner) (m billing.Reminder, err error) {
		return m, from.Scan(&m.Rule, &m.About, moment{&m.DueAt}, &m.LastKey, moment{&m.LastAt})
	}, remindersOf, account)
}

// SaveReminders writes what differs between the reminders that were kept of an account, as they were read in this transaction, and now. The caller
// holds the lease of its customer.
func (tx *Tx) SaveReminders(ctx context.Context, account billing.AccountID, kept, now []billing.Reminder) error {
	type key struct {
		rule  billing.ReminderRule
		about billing.SubscriptionID
	}
	gone := map[key]bool{}
	for _, m := range kept {
		gone[key{m.Rule, m.About}] = true
	}
	for _, m := range now {
		if m.DueAt.IsZero() && m.LastKey == "" {
			continue // nothing to be kept of it
		}
		delete(gone, key{m.Rule, m.About})
		if err := tx.put(ctx, string(account), saveReminder, account, m.Rule, m.About, micros(m.DueAt), m.LastKey, micros(m.LastAt)); err != nil {
			return err
		}
	}
	for k := range gone {
		if err := tx.put(ctx, string(account), dropReminder, account, k.rule, k.about); err != nil {
			return err
		}
	}
	return nil
}

// DueAccount is an account with a reminder that is due.
type DueAccount struct {
	Account billing.AccountID
	Tries   int // that failed in a row
}

// DueReminders returns accounts, at most limit, with a reminder that is due and is not put off, longest waiting first.
func (r reads) DueReminders(ctx context.Context, business, wall time.Time, limit int) ([]DueAccount, error) {
	return rows(ctx, r, func(from scanner) (d DueAccount, err error) { return d, from.Scan(&d.Account, &d.Tries) },
		dueReminders, micros(business), micros(wall), limit)
}

// DelayReminders puts the reminders of an account off until a time by the wall clock; counted says that it is because a try failed.
func (s *Store) DelayReminders(ctx context.Context, account billing.AccountID, until time.Time, counted bool) error {
	_, err := s.update(ctx, delayReminders, account, micros(until), flag(counted))
	return err
}

// AccountReminder is a reminder with the account whose it is.
type AccountReminder struct {
	Account billing.AccountID
	billing.Reminder
}

// RemindersBy returns the reminders of a rule, at most limit, by account, from the one after the given one on.
func (r reads) RemindersBy(ctx context.Context, rule billing.ReminderRule, after AccountReminder, limit int) ([]AccountReminder, error) {
	return rows(ctx, r, func(from scanner) (m AccountReminder, err error) {
		return m, from.Scan(&m.Account, &m.Rule, &m.About, moment{&m.DueAt}, &m.LastKey, moment{&m.LastAt})
	}, remindersBy, rule, after.Account, after.About, limit)
}

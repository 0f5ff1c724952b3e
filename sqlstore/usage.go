package sqlstore

import (
	"context"
	"time"

	"github.com/dues-billing/dues/billing"
)

const (
	usageColumns = `account, key, feature, quantity, at, received_at, state, done_at`
	// addUsage is for several rows, which stand for ROWS.
	addUsage     = `INSERT INTO usage_events (` + usageColumns + `) VALUES ROWS ON CONFLICT (account, key) DO NOTHING`
	usageOf      = `SELECT account, key, feature, quantity, at FROM usage_events WHERE account = $1 AND key = $2`
	pendingUsage = `SELECT account, key, feature, quantity, at FROM usage_events WHERE state = 'pending' ORDER BY received_at LIMIT $1 + 0`
	usageWaits   = `SELECT COUNT(*) FROM usage_events WHERE state = 'pending'`
	settleUsage  = `UPDATE usage_events SET state = $1, done_at = $2 WHERE state = 'pending' AND (account, key) IN (VALUES ROWS)`
	// Usage that cannot be sent yet goes to the end of the queue, so that it is in nobody's way.
	postponeUsage = `UPDATE usage_events SET received_at = $1 WHERE state = 'pending' AND account = $2 AND key = $3`
	forgetUsage   = `DELETE FROM usage_events WHERE (account, key) IN (
		SELECT account, key FROM usage_events WHERE done_at > 0 AND done_at < $1 ORDER BY done_at LIMIT $2 + 0)`

	// A day has 86,400,000,000 microseconds.
	usageDays = `SELECT at / 86400000000 AS day, SUM(quantity), COUNT(*), SUM(CASE WHEN state = 'pending' THEN 1 ELSE 0 END)
		FROM usage_events WHERE account = $1 AND feature = $2 AND at >= $3 AND at < $4 GROUP BY at / 86400000000 ORDER BY day`
	usageLastOfDays = `SELECT day, quantity FROM (
		SELECT at / 86400000000 AS day, quantity, ROW_NUMBER() OVER (PARTITION BY at / 86400000000 ORDER BY at DESC, received_at DESC, key DESC) AS place
		FROM usage_events WHERE account = $1 AND feature = $2 AND at >= $3 AND at < $4) AS placed WHERE place = 1`
)

// usageSizes are for how many rows there are statements; few, for the database keeps each prepared.
var usageSizes = []int{100, 10, 1}

// placeUsage puts events into their places, and returns those whose key was used for something else.
func (tx *Tx) placeUsage(ctx context.Context, events []logged) (refused []billing.UsageEvent, err error) {
	for _, size := range usageSizes {
		for ; len(events) >= size; events = events[size:] {
			values := make([]any, 0, size*usagePlaces)
			for _, e := range events[:size] {
				values = append(values, string(e.Account), e.Key, string(e.Feature), e.Quantity, micros(e.At), micros(e.received), Pending, int64(0))
			}
			result, err := tx.db.ExecContext(ctx, tx.severalRows(addUsage, size, 0, usagePlaces), values...)
			if err != nil {
				return nil, err
			}
			n, err := result.RowsAffected()
			if err != nil {
				return nil, err
			}
			if n == int64(size) {
				continue
			}
			others, err := tx.otherUsage(ctx, events[:size])
			if err != nil {
				return nil, err
			}
			refused = append(refused, others...)
		}
	}
	return refused, nil
}

// usagePlaces is how many places a row of addUsage has.
const usagePlaces = 8

// otherUsage returns those of the events whose key is another event's.
func (tx *Tx) otherUsage(ctx context.Context, events []logged) (others []billing.UsageEvent, err error) {
	for _, e := range events {
		kept, err := row(ctx, tx.reads, scanUsage, usageOf, e.Account, e.Key)
		if err != nil {
			return nil, err
		}
		if !e.Same(kept) {
			others = append(others, e.UsageEvent)
		}
	}
	return others, nil
}

func scanUsage(from scanner) (e billing.UsageEvent, err error) {
	return e, from.Scan(&e.Account, &e.Key, &e.Feature, &e.Quantity, moment{&e.At})
}

// PendingUsage returns usage that is not settled, longest waiting first.
func (r reads) PendingUsage(ctx context.Context, limit int) ([]billing.UsageEvent, error) {
	return rows(ctx, r, scanUsage, pendingUsage, limit)
}

// UsageWaits returns how many events are not settled.
func (r reads) UsageWaits(ctx context.Context) (int, error) { return number[int](ctx, r, usageWaits) }

// SettleUsage notes what became of pending usage: Done or Dead.
func (tx *Tx) SettleUsage(ctx context.Context, events []billing.UsageEvent, state string, at time.Time) error {
	for _, size := range usageSizes {
		for ; len(events) >= size; events = events[size:] {
			values := append(make([]any, 0, 2*size+2), state, micros(at))
			for _, e := range events[:size] {
				values = append(values, string(e.Account), e.Key)
			}
			if _, err := tx.db.ExecContext(ctx, tx.severalRows(settleUsage, size, 2, 2), values...); err != nil {
				return err
			}
		}
	}
	return nil
}

// PostponeUsage puts pending usage at the end of the queue.
func (tx *Tx) PostponeUsage(ctx context.Context, events []billing.UsageEvent, now time.Time) error {
	for _, e := range events {
		if _, err := tx.db.ExecContext(ctx, postponeUsage, micros(now), e.Account, e.Key); err != nil {
			return err
		}
	}
	return nil
}

// Usage returns what an account used of a feature from one moment until before another, by days on which it used something.
func (r reads) Usage(ctx context.Context, account billing.AccountID, feature billing.Feature, since, until time.Time) ([]billing.UsageDay, error) {
	days, err := rows(ctx, r, func(from scanner) (d billing.UsageDay, err error) {
		var day int64
		err = from.Scan(&day, &d.Quantity, &d.Events, &d.Waiting)
		d.Day = dayOf(day)
		return d, err
	}, usageDays, account, feature.ID, micros(since), micros(until))
	switch {
	case err != nil:
		return nil, err
	case feature.Meter.Aggregate == billing.Count:
		for i := range days {
			days[i].Quantity = days[i].Events
		}
	case feature.Meter.Aggregate == billing.Last:
		last, err := r.lastOfDays(ctx, account, feature.ID, since, until)
		if err != nil {
			return nil, err
		}
		for i, day := range days {
			days[i].Quantity = last[day.Day]
		}
	}
	return days, nil
}

func (r reads) lastOfDays(ctx context.Context, account billing.AccountID, feature billing.FeatureID, since, until time.Time) (map[time.Time]int64, error) {
	days, err := rows(ctx, r, func(from scanner) (d billing.UsageDay, err error) {
		var day int64
		err = from.Scan(&day, &d.Quantity)
		d.Day = dayOf(day)
		return d, err
	}, usageLastOfDays, account, feature, micros(since), micros(until))
	last := map[time.Time]int64{}
	for _, day := range days {
		last[day.Day] = day.Quantity
	}
	return last, err
}

// dayOf is a day that is stored as its number since 1970.
func dayOf(number int64) time.Time { return time.Unix(number*24*60*60, 0).UTC() }

// ForgetUsage deletes usage that was settled before the given time, at most limit, and returns how much.
func (s *Store) ForgetUsage(ctx context.Context, before time.Time, limit int) (int64, error) {
	return s.update(ctx, forgetUsage, micros(before), limit)
}

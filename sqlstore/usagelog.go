package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dues-billing/dues/billing"
)

// Usage comes in faster than a database puts events into their places: under the account's key, among those of the feature, in the queue to the provider.
// So what a caller waits for is one row at the end of a log. CountUsage then takes rows out of the log and puts their events into their places, many at
// once and in the order of the places, in one transaction (ADR 14).

const (
	addUsageLog  = `INSERT INTO usage_log (received_at, events, body) VALUES ($1, $2, $3)`
	nextUsageLog = `SELECT seq, events FROM usage_log WHERE seq <= $1 ORDER BY seq LIMIT $2 + 0`
	// What is taken is what it answers with: on PostgreSQL a row with a lower number may appear after one with a higher.
	takeUsageLog = `DELETE FROM usage_log WHERE seq <= $1 RETURNING seq, received_at, body`
	lastUsageLog = `SELECT COALESCE(MAX(seq), 0) FROM usage_log`
	// Two selects, for SQLite finds the end of an index when it is asked for one alone.
	usageLogRows = `SELECT COALESCE((SELECT MAX(seq) FROM usage_log) - (SELECT MIN(seq) FROM usage_log) + 1, 0)`
	// These are for several accounts, which stand for ROWS.
	deletedAmong = `SELECT id FROM accounts WHERE deleted_at > 0 AND id IN (ROWS)`
	livingAmong  = `SELECT id FROM accounts WHERE deleted_at = 0 AND id IN (ROWS)`
)

const (
	// intakesMax bounds the requests that share a commit, so that the last of them does not wait for long.
	intakesMax = 256
	// usageRowMax is how many events a row of the log has at most, and usageCountMax about how many are counted in one transaction: on SQLite nobody else
	// writes meanwhile.
	usageRowMax   = 4000
	usageCountMax = 4000
	// usageLogMax bounds the log, in rows: who finds it longer counts some of it before he adds to it, so that intake is as slow as counting then.
	usageLogMax = 2000
)

// intake is usage on its way into the log: what one request brought.
type intake struct {
	lines  []byte
	events int
	err    error
}

// AddUsage commits usage to the log: all of it or, with an error, nothing. Callers at the same time share a commit. What has a key that its account has
// used before is left out when it is counted. When the log was too long, it returns what of it was counted for that.
func (s *Store) AddUsage(ctx context.Context, events []billing.UsageEvent, received time.Time) (counted Counted, err error) {
	lines, err := usageLines(events)
	if err != nil {
		return counted, err
	}
	own := &intake{lines: lines, events: len(events), err: errUndone}
	ctx = context.WithoutCancel(ctx) // the commit is not only its leader's
	s.intakes.do(own, intakesMax, func(batch []*intake) {
		err := s.shortenUsage(ctx, &counted)
		if err == nil {
			err = s.logUsage(ctx, batch, received)
		}
		for _, in := range batch {
			if in.err = err; err != nil && len(batch) > 1 { // one that is wrong must not fail the others
				in.err = s.logUsage(ctx, []*intake{in}, received)
			}
		}
	})
	return counted, own.err
}

// shortenUsage counts some of a log that has become too long.
func (s *Store) shortenUsage(ctx context.Context, counted *Counted) error {
	waiting, err := number[int](ctx, s.reads, usageLogRows)
	if err == nil && waiting >= usageLogMax {
		*counted, err = s.CountUsage(ctx, forAll)
	}
	return err
}

func (s *Store) logUsage(ctx context.Context, batch []*intake, received time.Time) error {
	rows := usageRows(batch)
	add := func(db reads) error {
		for _, row := range rows {
			if _, err := db.db.ExecContext(ctx, addUsageLog, micros(received), row.events, string(row.lines)); err != nil {
				return err
			}
		}
		return nil
	}
	if len(rows) == 1 {
		return s.statement(ctx, add)
	}
	return s.InTx(ctx, func(tx *Tx) error { return add(tx.reads) })
}

// usageRows are the rows for what several callers brought.
func usageRows(batch []*intake) (rows []intake) {
	var row intake
	for _, in := range batch {
		if row.events > 0 && row.events+in.events > usageRowMax {
			rows, row = append(rows, row), intake{}
		}
		row.events += in.events
		row.lines = append(row.lines, in.lines...)
	}
	return append(rows, row)
}

// The body of a row has a line for each event, with tabs between its fields.
const (
	usageFieldEnd = "\t"
	usageLineEnd  = "\n"
	usageFields   = 5
)

// usageLines are events as they lie in the log.
func usageLines(events []billing.UsageEvent) ([]byte, error) {
	const about = 64 // bytes of a line
	lines := make([]byte, 0, len(events)*about)
	for _, e := range events {
		for _, text := range []string{string(e.Account), e.Key, string(e.Feature)} {
			if strings.ContainsAny(text, usageFieldEnd+usageLineEnd) {
				return nil, billing.Errorf(billing.Invalid, "usage with a tab or a line's end in %q cannot be kept", text)
			}
			lines = append(lines, text...)
			lines = append(lines, usageFieldEnd...)
		}
		lines = strconv.AppendInt(lines, e.Quantity, 10)
		lines = append(lines, usageFieldEnd...)
		lines = strconv.AppendInt(lines, micros(e.At), 10)
		lines = append(lines, usageLineEnd...)
	}
	return lines, nil
}

// logged is an event of the log.
type logged struct {
	billing.UsageEvent
	received time.Time
}

// readUsage reads a row's body.
func readUsage(to []logged, body string, received time.Time) ([]logged, error) {
	for line := range strings.SplitSeq(strings.TrimSuffix(body, usageLineEnd), usageLineEnd) {
		var field [usageFields]string
		rest, more := line, true
		for i := range field {
			if !more {
				return nil, fmt.Errorf("sqlstore: a line of the usage log has %d fields", i)
			}
			field[i], rest, more = strings.Cut(rest, usageFieldEnd)
		}
		quantity, err := strconv.ParseInt(field[3], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("sqlstore: usage log: %w", err)
		}
		at, err := strconv.ParseInt(field[4], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("sqlstore: usage log: %w", err)
		}
		to = append(to, logged{billing.UsageEvent{
			Account: billing.AccountID(field[0]), Key: field[1], Feature: billing.FeatureID(field[2]), Quantity: quantity, At: time.UnixMicro(at).UTC(),
		}, received})
	}
	return to, nil
}

// Counted says what CountUsage took out of the log.
type Counted struct {
	Found  bool // whether there was something; when somebody else was faster, there is no event all the same
	Events int  // that were taken out, those that had come before included
	// Refused are events whose key their account had used for something else: they are not counted.
	Refused []billing.UsageEvent
}

// forAll is the number up to which CountUsage takes what is there.
const forAll = int64(1<<63 - 1)

// LastUsage returns the number of the newest row of the log, 0 when there is none.
func (r reads) LastUsage(ctx context.Context) (int64, error) {
	return number[int64](ctx, r, lastUsageLog)
}

// CountUsage takes the oldest rows out of the log, up to the one with the given number and at most usageCountMax events or one row, and puts their events
// into their places: those whose key their account has used before are left out, and so are those of deleted accounts. Any number may do so at once.
func (s *Store) CountUsage(ctx context.Context, last int64) (counted Counted, err error) {
	until, err := s.usageUntil(ctx, last)
	if err != nil || until == 0 {
		return Counted{}, err
	}
	err = s.InTx(ctx, func(tx *Tx) (err error) {
		counted, err = tx.countUsage(ctx, until)
		return err
	})
	counted.Found = true
	return counted, err
}

// usageUntil is the number of the last row that one transaction counts, 0 when there is none.
func (s *Store) usageUntil(ctx context.Context, last int64) (until int64, err error) {
	type size struct{ seq, events int64 }
	next, err := rows(ctx, s.reads, func(from scanner) (one size, err error) { return one, from.Scan(&one.seq, &one.events) }, nextUsageLog, last, usageCountMax)
	events := int64(0)
	for _, one := range next {
		if events += one.events; until > 0 && events > usageCountMax {
			break
		}
		until = one.seq
	}
	return until, err
}

func (tx *Tx) countUsage(ctx context.Context, until int64) (counted Counted, err error) {
	taken, err := tx.takeUsage(ctx, until)
	if err != nil {
		return counted, err
	}
	counted.Events = len(taken)
	taken, counted.Refused = firstOfEach(taken)
	if taken, err = tx.ofTheLiving(ctx, taken); err != nil {
		return counted, err
	}
	refused, err := tx.placeUsage(ctx, taken)
	counted.Refused = append(counted.Refused, refused...)
	return counted, err
}

// takeUsage takes rows out of the log, and returns their events by account and key, those of one key as they came.
func (tx *Tx) takeUsage(ctx context.Context, until int64) (events []logged, err error) {
	type row struct {
		seq      int64
		received time.Time
		body     string
	}
	taken, err := rows(ctx, tx.reads, func(from scanner) (r row, err error) {
		return r, from.Scan(&r.seq, moment{&r.received}, &r.body)
	}, takeUsageLog, until)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(taken, func(a, b row) int { return int(a.seq - b.seq) })
	for _, r := range taken {
		if events, err = readUsage(events, r.body, r.received); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(events, func(a, b logged) int {
		if n := strings.Compare(string(a.Account), string(b.Account)); n != 0 {
			return n
		}
		return strings.Compare(a.Key, b.Key)
	})
	return events, nil
}

// firstOfEach leaves one event of each key, the first, and returns those of the others that say something else.
func firstOfEach(sorted []logged) (kept []logged, refused []billing.UsageEvent) {
	kept = sorted[:0]
	for _, e := range sorted {
		if n := len(kept); n > 0 && kept[n-1].Account == e.Account && kept[n-1].Key == e.Key {
			if !e.Same(kept[n-1].UsageEvent) {
				refused = append(refused, e.UsageEvent)
			}
			continue
		}
		kept = append(kept, e)
	}
	return kept, refused
}

// Living returns which of the accounts there are.
func (r reads) Living(ctx context.Context, accounts []billing.AccountID) (map[billing.AccountID]bool, error) {
	ids := make([]any, len(accounts))
	for i, id := range accounts {
		ids[i] = string(id)
	}
	return r.among(ctx, livingAmong, ids)
}

// among returns those of the accounts that a statement finds.
func (r reads) among(ctx context.Context, statement string, accounts []any) (map[billing.AccountID]bool, error) {
	all := map[billing.AccountID]bool{}
	for _, size := range usageSizes {
		for ; len(accounts) >= size; accounts = accounts[size:] {
			found, err := rows(ctx, r, func(from scanner) (id billing.AccountID, err error) { return id, from.Scan(&id) },
				r.severalRows(statement, size, 0, 1), accounts[:size]...)
			if err != nil {
				return nil, err
			}
			for _, id := range found {
				all[id] = true
			}
		}
	}
	return all, nil
}

// ofTheLiving leaves out events of deleted accounts.
func (tx *Tx) ofTheLiving(ctx context.Context, sorted []logged) ([]logged, error) {
	var accounts []any
	for i, e := range sorted {
		if i == 0 || e.Account != sorted[i-1].Account {
			accounts = append(accounts, string(e.Account))
		}
	}
	deleted, err := tx.among(ctx, deletedAmong, accounts)
	if err != nil || len(deleted) == 0 {
		return sorted, err
	}
	return slices.DeleteFunc(sorted, func(e logged) bool { return deleted[e.Account] }), nil
}

package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/dues-billing/dues/billing"
)

// Feed is how far the provider's list of events has been read.
type Feed struct {
	Event     string    // the newest event that nothing can appear before any more, "" before the first
	CreatedAt time.Time // of that event, by the provider's clock
	ReadAt    time.Time // the last time it was read to its end, by the wall clock
	GapAt     time.Time // when it was noticed that the provider has forgotten where we were, zero when everything was compared since
}

const (
	feedRow  = `SELECT event, created_at, read_at, gap_at FROM feed WHERE provider_account = $1`
	saveFeed = `UPDATE feed SET event = $1, created_at = $2, read_at = $3 WHERE provider_account = $4`
	// The version before knows the row of the default account as the first.
	addFeed = `INSERT INTO feed (event, created_at, read_at, provider_account, id)
		VALUES ($1, $2, $3, $4, (SELECT CASE WHEN $5 = 1 THEN 1 ELSE COALESCE(MAX(id), 1) + 1 END FROM feed))`
	setGap = `UPDATE feed SET gap_at = $1 WHERE provider_account = $2`
)

// Feed returns how far a provider account's list of events has been read, the zero Feed before the first time.
func (r reads) Feed(ctx context.Context, of billing.ProviderAccount) (Feed, error) {
	feed, err := row(ctx, r, func(from scanner) (f Feed, err error) {
		return f, from.Scan(&f.Event, moment{&f.CreatedAt}, moment{&f.ReadAt}, moment{&f.GapAt})
	}, feedRow, of)
	if errors.Is(err, sql.ErrNoRows) {
		return Feed{}, nil
	}
	return feed, err
}

// SaveFeed stores how far a provider account's list of events has been read. The gap is SetGap's alone: whoever reads the list and whoever
// closes the gap do so at the same time.
func (tx *Tx) SaveFeed(ctx context.Context, of billing.ProviderAccount, f Feed) error {
	known, err := changed(tx.db.ExecContext(ctx, saveFeed, f.Event, micros(f.CreatedAt), micros(f.ReadAt), of))
	if err == nil && !known {
		_, err = tx.db.ExecContext(ctx, addFeed, f.Event, micros(f.CreatedAt), micros(f.ReadAt), of, flag(of == ""))
	}
	return err
}

// SetGap notes when a gap in the list was noticed, or with the zero time that everything has been compared since.
func (tx *Tx) SetGap(ctx context.Context, of billing.ProviderAccount, at time.Time) error {
	_, err := tx.db.ExecContext(ctx, setGap, micros(at), of)
	return err
}

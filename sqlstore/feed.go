package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Feed is how far the provider's list of events has been read.
type Feed struct {
	Event     string    // the newest event that nothing can appear before any more, "" before the first
	CreatedAt time.Time // of that event, by the provider's clock
	ReadAt    time.Time // the last time it was read, by the wall clock
	GapAt     time.Time // when it was noticed that the provider has forgotten where we were, zero when everything was compared since
}

const (
	feedRow  = `SELECT event, created_at, read_at, gap_at FROM feed WHERE id = 1`
	saveFeed = `INSERT INTO feed (id, event, created_at, read_at) VALUES (1, $1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET event = excluded.event, created_at = excluded.created_at, read_at = excluded.read_at`
	setGap = `UPDATE feed SET gap_at = $1 WHERE id = 1`
)

// Feed returns how far the provider's list of events has been read, the zero Feed before the first time.
func (r reads) Feed(ctx context.Context) (Feed, error) {
	feed, err := row(ctx, r, func(from scanner) (f Feed, err error) {
		return f, from.Scan(&f.Event, moment{&f.CreatedAt}, moment{&f.ReadAt}, moment{&f.GapAt})
	}, feedRow)
	if errors.Is(err, sql.ErrNoRows) {
		return Feed{}, nil
	}
	return feed, err
}

// SaveFeed stores how far the provider's list of events has been read. The gap is SetGap's alone: whoever reads the list and whoever
// closes the gap do so at the same time.
func (tx *Tx) SaveFeed(ctx context.Context, f Feed) error {
	_, err := tx.db.ExecContext(ctx, saveFeed, f.Event, micros(f.CreatedAt), micros(f.ReadAt))
	return err
}

// SetGap notes when a gap in the list was noticed, or with the zero time that everything has been compared since.
func (tx *Tx) SetGap(ctx context.Context, at time.Time) error {
	_, err := tx.db.ExecContext(ctx, setGap, micros(at))
	return err
}

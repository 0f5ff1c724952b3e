package sqlstore

import (
	"context"
	"time"

	"github.com/dues-billing/dues/billing"
)

// Tables returns the names of all tables of ours in a SQLite database.
func (s *Store) Tables(ctx context.Context) ([]string, error) {
	return rows(ctx, s.reads, func(from scanner) (name string, err error) { return name, from.Scan(&name) },
		`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%' ORDER BY name`)
}

// SaveCustomerAsBefore writes a customer as a version that knew no default method of its own did.
func (tx *Tx) SaveCustomerAsBefore(ctx context.Context, id billing.CustomerID, at time.Time) error {
	_, err := tx.db.ExecContext(ctx, `INSERT INTO customers (id, deleted, methods, synced_at) VALUES ($1, 0, '[]', $2)
		ON CONFLICT (id) DO UPDATE SET deleted = excluded.deleted, methods = excluded.methods, synced_at = excluded.synced_at`, id, micros(at))
	return err
}

// Kind is sqlite or postgres.
func (s *Store) Kind() string { return s.dialect.name }

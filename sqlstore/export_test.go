package sqlstore

import (
	"context"
	"errors"
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

// MigrateTo brings the schema to a version that is not the last.
func (s *Store) MigrateTo(ctx context.Context, version int64) error {
	m, err := s.migrator()
	if err != nil {
		return err
	}
	_, err = m.UpTo(ctx, version)
	return err
}

// Try runs a statement with as many NULLs as it takes, and takes back what it did.
func (s *Store) Try(ctx context.Context, statement string, arguments int) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, statement, make([]any, arguments)...)
	return errors.Join(err, tx.Rollback())
}

// MarkSchema notes that a newer program has brought the schema to a version.
func (s *Store) MarkSchema(ctx context.Context, version int64) error {
	_, err := s.write.ExecContext(ctx, `INSERT INTO goose_db_version (version_id, is_applied) VALUES ($1, $2)`, version, true)
	return err
}

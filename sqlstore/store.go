// Package sqlstore keeps accounts, the mirror of the provider, inbox and outbox in SQLite or PostgreSQL.
package sqlstore

import "context"

// Store is an open database.
type Store struct{}

// Open connects to the database of a URL: sqlite:PATH or postgres://….
func Open(ctx context.Context, url string) (*Store, error) { return &Store{}, nil }

// Migrate brings the schema up to date. Several processes may call it at once.
func (s *Store) Migrate(ctx context.Context) error { return nil }

// Check returns an error when the database does not answer or its schema is not up to date.
func (s *Store) Check(ctx context.Context) error { return nil }

// Close closes the database.
func (s *Store) Close() error { return nil }

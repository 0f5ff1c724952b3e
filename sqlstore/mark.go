package sqlstore

import (
	"context"
	"database/sql"
	"errors"
)

const (
	firstMark = `INSERT INTO marks (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`
	markOf    = `SELECT value FROM marks WHERE name = $1`
	setMark   = `INSERT INTO marks (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`
)

// Mark returns where a long piece of work had come to, "" when it is not under way.
func (r reads) Mark(ctx context.Context, name string) (string, error) {
	value, err := row(ctx, r, func(from scanner) (value string, err error) { return value, from.Scan(&value) }, markOf, name)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, err
}

// FirstMark notes a value unless there is one already, and returns the one that is there.
func (tx *Tx) FirstMark(ctx context.Context, name, value string) (string, error) {
	if _, err := tx.db.ExecContext(ctx, firstMark, name, value); err != nil {
		return "", err
	}
	return tx.Mark(ctx, name)
}

// SetMark notes where a long piece of work has come to, "" when it is done.
func (tx *Tx) SetMark(ctx context.Context, name, value string) error {
	_, err := tx.db.ExecContext(ctx, setMark, name, value)
	return err
}

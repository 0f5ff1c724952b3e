package sqlstore

import "context"

// Tables returns the names of all tables of ours in a SQLite database.
func (s *Store) Tables(ctx context.Context) ([]string, error) {
	return rows(ctx, s.reads, func(from scanner) (name string, err error) { return name, from.Scan(&name) },
		`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%' ORDER BY name`)
}

// Kind is sqlite or postgres.
func (s *Store) Kind() string { return s.dialect.name }

package sqlstore

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/dues-billing/dues/billing"
)

//go:embed migrations/sqlite/*.sql migrations/postgres/*.sql
var migrations embed.FS

// SchemaVersion is the number of the newest migration: the schema that this program brings a database to.
func SchemaVersion() int {
	files, err := migrations.ReadDir("migrations/sqlite")
	if err != nil || len(files) == 0 {
		panic("sqlstore: the migrations are not in the program")
	}
	number, _, _ := strings.Cut(files[len(files)-1].Name(), "_")
	n, err := strconv.Atoi(number)
	if err != nil {
		panic("sqlstore: " + err.Error())
	}
	return n
}

// migrator returns goose over the embedded files of the dialect.
func (s *Store) migrator() (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations/"+s.dialect.name)
	if err != nil {
		return nil, err
	}
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if s.dialect.name == postgresDialect.name {
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	return goose.NewProvider(s.dialect.goose, s.write, files, options...)
}

// Migrate brings the schema up to date. Several processes may call it at once: the others find the work done.
func (s *Store) Migrate(ctx context.Context) error {
	const tries = 5 // SQLite has no lock around goose: who loses the race fails once and then finds the schema in place
	var err error
	for range tries {
		var m *goose.Provider
		if m, err = s.migrator(); err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		if _, err = m.Up(ctx); err == nil {
			return nil
		}
	}
	return fmt.Errorf("migrate: %w", s.dialect.explain(err))
}

// Check returns an error when the database does not answer or takes no writes (code unavailable) or its schema is older than this
// program's (conflict). A newer one is right, too: while replicas are upgraded one after the other, those that wait for their turn work
// on it, and migrations are made for that. It writes only after a write was refused.
func (s *Store) Check(ctx context.Context) error {
	m, err := s.migrator()
	if err != nil {
		return err
	}
	current, target, err := m.GetVersions(ctx)
	if err != nil {
		return &billing.Error{Code: billing.Unavailable, Message: "the database does not answer", Err: err}
	}
	if current < target {
		return billing.Errorf(billing.Conflict, "the database has schema %d and this program needs %d; run dues migrate", current, target)
	}
	if s.refusing.Load() {
		return s.TryWrite(ctx)
	}
	return nil
}

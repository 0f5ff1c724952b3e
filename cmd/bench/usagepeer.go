package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
)

// bareUsage is the peer of usage that is taken in: what a handler must do at the very least, a small row for each event under its key, committed together
// with what came at the same time. It knows no accounts, features or limits, keeps no queue to Stripe, and cannot tell what was used in a period.
type bareUsage struct{ *intake }

// bareEvent is what it stores.
type bareEvent struct {
	Key, Account, Feature string
	Quantity              int64
}

// bareUsageTable is the same on both databases.
const bareUsageTable = `CREATE TABLE usage (account TEXT NOT NULL, key TEXT NOT NULL, feature TEXT NOT NULL, quantity BIGINT NOT NULL, PRIMARY KEY (account, key))`

// startBareUsage serves the peer on an empty database.
func (s *stage) startBareUsage(ctx context.Context, kind string, at database) (url string, err error) {
	in := &intake{arrived: make(chan *delivery, connections), write: writeUsage}
	driver, source := "sqlite", "file:"+strings.TrimPrefix(at.url, "sqlite:")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"
	if kind == onPostgres {
		driver, source, in.write = "pgx", at.url, writeUsageAtOnce
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		return "", err
	}
	db.SetMaxOpenConns(1)
	s.closers = append(s.closers, db.Close)
	if _, err := db.ExecContext(ctx, bareUsageTable); err != nil {
		return "", err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		in.commit(db)
	}()
	s.closers = append(s.closers, func() error {
		close(in.arrived)
		<-done
		return nil
	})
	return s.listen(bareUsage{in})
}

// ServeHTTP answers when the events are committed.
func (b bareUsage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var asked struct{ Events []bareEvent }
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	d := &delivery{events: asked.Events, done: make(chan error, 1)}
	b.arrived <- d
	if err := <-d.done; err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func writeUsage(db *sql.DB, batch []*delivery) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	insert, err := tx.Prepare(`INSERT INTO usage (account, key, feature, quantity) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`) //tidy:allow sql the peer has a database of its own
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	for _, d := range batch {
		for _, e := range d.events {
			if _, err := insert.Exec(e.Account, e.Key, e.Feature, e.Quantity); err != nil {
				return errors.Join(err, tx.Rollback())
			}
		}
	}
	return tx.Commit()
}

// writeUsageAtOnce is writeUsage for PostgreSQL, where a statement a row is a round trip a row.
func writeUsageAtOnce(db *sql.DB, batch []*delivery) error {
	var accounts, keys, features []string
	var quantities []int64
	for _, d := range batch {
		for _, e := range d.events {
			accounts, keys, features, quantities = append(accounts, e.Account), append(keys, e.Key), append(features, e.Feature), append(quantities, e.Quantity)
		}
	}
	_, err := db.Exec(`INSERT INTO usage SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) ON CONFLICT DO NOTHING`, accounts, keys, features, quantities) //tidy:allow sql the peer has a database of its own
	return err
}

package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
)

// The peer of the webhooks that are taken in: what a handler must do at the very least, without an inbox, versions or errors that explain.
const bareIntake = "bare server that verifies, groups and commits"

// What the service must reach: percent of that on SQLite, webhooks a second on PostgreSQL.
const (
	intakeGoal         = 60
	intakeGoalPostgres = 10_000
)

// intake is that peer: it checks the signature, and commits what has arrived together with one sync of the disk.
type intake struct {
	arrived chan *delivery
	write   func(*sql.DB, []*delivery) error
}

// delivery is a webhook that waits for its commit.
type delivery struct {
	id     string
	body   []byte
	events []bareEvent // of usage
	done   chan error
}

// startIntake serves the peer on an empty database.
func (s *stage) startIntake(ctx context.Context, driver, source string) (url string, err error) {
	db, err := sql.Open(driver, source)
	if err != nil {
		return "", err
	}
	db.SetMaxOpenConns(1)
	s.closers = append(s.closers, db.Close)
	if _, err := db.ExecContext(ctx, bareTables[driver]); err != nil {
		return "", err
	}
	in := &intake{arrived: make(chan *delivery, connections), write: write}
	if driver == "pgx" {
		in.write = writeAtOnce
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
	return s.listen(in)
}

// bareTables make the peer's one table, by driver.
var bareTables = map[string]string{
	"sqlite": `CREATE TABLE events (id TEXT PRIMARY KEY, body BLOB NOT NULL)`,
	"pgx":    `CREATE TABLE events (id TEXT PRIMARY KEY, body BYTEA NOT NULL)`,
}

// ServeHTTP verifies a delivery and answers when it is committed.
func (in *intake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil || !signed(r.Header.Get("Stripe-Signature"), body) {
		http.Error(w, "not signed by us", http.StatusBadRequest)
		return
	}
	var event struct{ ID string }
	if err := json.Unmarshal(body, &event); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	d := &delivery{id: event.ID, body: body, done: make(chan error, 1)}
	in.arrived <- d
	if err := <-d.done; err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func signed(header string, body []byte) bool {
	stamp, sum, _ := strings.Cut(strings.TrimPrefix(header, "t="), ",v1=")
	given, err := hex.DecodeString(sum)
	mac := hmac.New(sha256.New, []byte(webhookSecret))
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	return err == nil && hmac.Equal(given, mac.Sum(nil))
}

// commit writes what has arrived, again and again until nothing comes any more.
func (in *intake) commit(db *sql.DB) {
	for first := range in.arrived {
		batch := []*delivery{first}
		for more := true; more && len(batch) < cap(in.arrived); {
			select {
			case d, open := <-in.arrived:
				if more = open; open {
					batch = append(batch, d)
				}
			default:
				more = false
			}
		}
		err := in.write(db, batch)
		for _, d := range batch {
			d.done <- err
		}
	}
}

func write(db *sql.DB, batch []*delivery) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	insert, err := tx.Prepare(`INSERT INTO events (id, body) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`) //tidy:allow sql the peer has a database of its own
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	for _, d := range batch {
		if _, err := insert.Exec(d.id, d.body); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}

// writeAtOnce is write for PostgreSQL, where a statement a row is a round trip a row.
func writeAtOnce(db *sql.DB, batch []*delivery) error {
	ids, bodies := make([]string, len(batch)), make([][]byte, len(batch))
	for i, d := range batch {
		ids[i], bodies[i] = d.id, d.body
	}
	_, err := db.Exec(`INSERT INTO events (id, body) SELECT * FROM unnest($1::text[], $2::bytea[]) ON CONFLICT (id) DO NOTHING`, ids, bodies) //tidy:allow sql the peer has a database of its own
	return err
}

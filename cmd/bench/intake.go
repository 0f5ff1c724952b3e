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
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the same driver as the service's
)

// The peer of the webhooks that are taken in: what a handler must do at the very least, without an inbox, versions or errors that explain.
const bareIntake = "bare server that verifies, groups and commits"

// intakeGoal is what the service must reach of that, in percent.
const intakeGoal = 60

// intake is that peer: it checks the signature, and commits what has arrived together with one sync of the disk.
type intake struct {
	arrived chan *delivery
}

// delivery is a webhook that waits for its commit.
type delivery struct {
	id   string
	body []byte
	done chan error
}

// startIntake serves the peer on a database of its own in a folder.
func (s *stage) startIntake(ctx context.Context, dir string) (err error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "bare.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	s.closers = append(s.closers, db.Close)
	if _, err := db.ExecContext(ctx, `CREATE TABLE events (id TEXT PRIMARY KEY, body BLOB NOT NULL)`); err != nil {
		return err
	}
	in := &intake{arrived: make(chan *delivery, connections)}
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
	s.intake, err = s.listen(in)
	return err
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
	d := &delivery{event.ID, body, make(chan error, 1)}
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
		err := write(db, batch)
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

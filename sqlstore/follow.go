package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A Follower is told of what is committed to the database, by whichever process. Its functions are called one at a time and must return
// at once.
type Follower struct {
	// Changed tells of a change that somebody committed. It may have been this process.
	Changed func(Change)
	// Missed tells that there may have been changes of which nobody will tell.
	Missed func()
	// Heard tells that every change that was committed before that moment, by the clock given to Follow, has been told.
	Heard func(before time.Time)
}

// follower is how one kind of database tells of changes.
type follower interface {
	follow(ctx context.Context, wall func() time.Time, every time.Duration, f Follower) error
}

// Follow tells f of changes until ctx ends or the database does not answer, and returns why. It begins with Missed, and proves by a beat
// of its own, sent that often, that it hears everything. It may be called again at any time.
//
// On PostgreSQL a listening connection hears of each change. Between processes that share an SQLite file nobody can tell which change
// there was, so there each beat on which another process has written is a Missed.
func (s *Store) Follow(ctx context.Context, wall func() time.Time, every time.Duration, f Follower) error {
	return s.dialect.explain(s.follow.follow(ctx, wall, every, f))
}

const (
	// changeChannel is where PostgreSQL tells of changes.
	changeChannel  = "dues_changes"
	postgresNotify = `SELECT pg_notify($1, $2)`
	postgresListen = `LISTEN ` + changeChannel
	// beatMark begins a beat: a notification that only says that notifications arrive.
	beatMark = "beat:"
	// silenceMax is after how long without a word, and two beats, the listening connection is taken for dead and another is opened.
	silenceMax = 5 * time.Second
	// goodbye bounds the end of a connection that may be dead.
	goodbye = time.Second
)

// notifications follow PostgreSQL by LISTEN, on a connection outside of the pool that hears and does nothing else.
type notifications struct{ pool *pgxpool.Pool }

func (n notifications) follow(ctx context.Context, wall func() time.Time, every time.Duration, f Follower) error {
	config := n.pool.Config().ConnConfig
	config.RuntimeParams["application_name"] = "dues listener" // so that an operator knows it in pg_stat_activity
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
		defer cancel()
		_ = conn.Close(ctx) // what the connection did not say before, it need not say now
	}()
	if _, err := conn.Exec(ctx, postgresListen); err != nil {
		return err
	}
	f.Missed()
	b := &beats{name: fmt.Sprintf("%s%d:", beatMark, conn.PgConn().PID())}
	beating, stop := context.WithCancel(ctx)
	var beater sync.WaitGroup
	beater.Go(func() { n.beat(beating, b, wall, every) })
	defer beater.Wait()
	defer stop()
	for {
		text, err := hear(ctx, conn, max(silenceMax, 2*every))
		if err != nil {
			return err
		}
		if change, ok := changeOf(text); ok {
			f.Changed(change)
		} else if at, ok := b.heard(text); ok {
			f.Heard(at)
		}
	}
}

// hear waits for the next notification, for a bounded time.
func hear(ctx context.Context, conn *pgx.Conn, silence time.Duration) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	n, err := conn.WaitForNotification(ctx)
	if err != nil {
		return "", err
	}
	return n.Payload, nil
}

// beat sends beats until ctx ends. They take the way that changes take, through the pool: a proxy that keeps notifications from the
// listening connection, as one that shares sessions does, keeps these from it too. One that cannot be sent is not heard, which says it all.
func (n notifications) beat(ctx context.Context, b *beats, wall func() time.Time, every time.Duration) {
	for ctx.Err() == nil {
		text := b.next(wall())
		bounded, cancel := context.WithTimeout(ctx, every)
		_, _ = n.pool.Exec(bounded, postgresNotify, changeChannel, text)
		cancel()
		pause(ctx, every)
	}
}

// beats remembers when the last beat was sent. PostgreSQL delivers notifications in the order of their commits, so whoever hears a beat
// has heard everything that was committed before it was sent.
type beats struct {
	name string // of the listener
	mu   sync.Mutex
	n    int
	sent time.Time
}

func (b *beats) next(now time.Time) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.n++
	b.sent = now
	return b.text()
}

// heard returns when the beat was sent, or false for another's and for one that came too late.
func (b *beats) heard(text string) (time.Time, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sent, text == b.text()
}

func (b *beats) text() string { return fmt.Sprint(b.name, b.n) }

// versions follow an SQLite file: a connection's data_version changes when another connection has written. The one that writes for
// this process is asked, so that only other processes count.
type versions struct{ write *sql.DB }

const dataVersion = `PRAGMA data_version`

func (v versions) follow(ctx context.Context, wall func() time.Time, every time.Duration, f Follower) error {
	var last fileVersion
	for ctx.Err() == nil {
		began := wall()
		now, err := v.read(ctx)
		if err != nil {
			return err
		}
		if now != last {
			f.Missed()
			last = now
		}
		f.Heard(began)
		pause(ctx, every)
	}
	return ctx.Err()
}

// fileVersion is what a connection says of the file. The numbers of two connections say nothing about each other.
type fileVersion struct {
	conn   any
	number int64
}

func (v versions) read(ctx context.Context) (now fileVersion, err error) {
	conn, err := v.write.Conn(ctx)
	if err != nil {
		return now, err
	}
	defer func() { _ = conn.Close() }() // gives it back
	if err := conn.Raw(func(driver any) error { now.conn = driver; return nil }); err != nil {
		return now, err
	}
	return now, conn.QueryRowContext(ctx, dataVersion).Scan(&now.number)
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

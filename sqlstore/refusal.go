package sqlstore

import (
	"context"
	"errors"
	"strings"

	"modernc.org/sqlite"
)

const (
	// roomMark is the mark that TryWrite writes.
	roomMark = "room"
	// roomBytes is what it writes: more than a usual webhook, for a full disk often has room for a few bytes yet.
	roomBytes = 64 << 10
)

// TryWrite finds out whether the database takes writes: its disk has room, and it may not only be read. The error of one that does not
// has code unavailable and says what to do. What is written is taken away again.
func (s *Store) TryWrite(ctx context.Context) error {
	for _, text := range []string{strings.Repeat("0", roomBytes), ""} {
		if err := s.InTx(ctx, func(tx *Tx) error { return tx.SetMark(ctx, roomMark, text) }); err != nil {
			return err
		}
	}
	s.refusing.Store(false)
	return nil
}

// noteRefusal remembers that the database has refused a write, for Check.
func (s *Store) noteRefusal(err error) {
	if err != nil && s.dialect.unwritable(err) != "" {
		s.refusing.Store(true)
	}
}

const (
	makeRoom   = "the disk of the database is full: make room on it"
	diskBroken = "the disk of the database fails: look at the system's log"
)

// sqliteUnwritable knows a full disk, one that fails, and a file that may only be read.
func sqliteUnwritable(err error) string {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return ""
	}
	switch e.Code() & 0xff { // the low byte, whatever the extended code
	case 8: // SQLITE_READONLY
		return "the database may only be read: look at the owner and the rights of its file and folder, and whether its disk is mounted read-only"
	case 10: // SQLITE_IOERR
		return diskBroken
	case 13: // SQLITE_FULL
		return makeRoom
	case 14: // SQLITE_CANTOPEN
		return "the file of the database cannot be opened: look at the owner and the rights of the file and of its folder"
	}
	return ""
}

// postgresUnwritable knows a full disk, one that fails, and a server that may only be read.
func postgresUnwritable(err error) string {
	switch {
	case postgresCode(err, "53100"): // disk_full
		return makeRoom
	case postgresCode(err, "58030"): // io_error
		return diskBroken
	case postgresCode(err, "25006"): // read_only_sql_transaction
		return "the database may only be read: it is a standby, or default_transaction_read_only is on; connect to the primary"
	}
	return ""
}

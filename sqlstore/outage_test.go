package sqlstore_test

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/testenv"
	"github.com/dues-billing/dues/sqlstore"
)

func TestADatabaseThatIsAwayIsUnavailableAndComesBack(t *testing.T) {
	t.Parallel()
	for _, db := range testenv.Databases(t) {
		if db.Name != "postgres" {
			continue // SQLite is a file: it cannot be away
		}
		u, err := url.Parse(db.URL(t))
		if err != nil {
			t.Fatal(err)
		}
		line := newLine(t, u.Host)
		u.Host = line.address
		s := open(t, u.String())
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		line.cut(true)
		_, err = s.Account(t.Context(), "ada")
		if billing.CodeOf(err) != billing.Unavailable {
			t.Errorf("reading: got %v, want code unavailable", err)
		}
		err = s.InTx(t.Context(), func(tx *sqlstore.Tx) error {
			return tx.SetContact(t.Context(), billing.Account{ID: "ada", Email: "ada@example.com", Name: "Ada"})
		})
		if billing.CodeOf(err) != billing.Unavailable {
			t.Errorf("writing: got %v, want code unavailable", err)
		}
		if err := s.Check(t.Context()); billing.CodeOf(err) != billing.Unavailable {
			t.Errorf("checking: got %v, want code unavailable", err)
		}
		line.cut(false)
		if _, err = s.Account(t.Context(), "ada"); billing.CodeOf(err) != billing.NotFound {
			t.Errorf("back again: got %v, want not_found", err)
		}
	}
}

// line is a connection to a server that can be cut.
type line struct {
	address string
	mu      sync.Mutex
	dead    bool
	open    []net.Conn
}

func newLine(t *testing.T, server string) *line {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{address: listener.Addr().String()}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { l.connect(conn, server) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		l.cut(true)
		all.Wait()
	})
	return l
}

func (l *line) connect(conn net.Conn, server string) {
	defer conn.Close()
	far, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer far.Close()
	l.mu.Lock()
	dead := l.dead
	l.open = append(l.open, conn, far)
	l.mu.Unlock()
	if dead {
		return
	}
	go func() { _, _ = io.Copy(far, conn); _ = far.Close() }()
	_, _ = io.Copy(conn, far)
}

// cut ends all connections, and refuses new ones until it is undone.
func (l *line) cut(dead bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dead = dead
	for _, conn := range l.open {
		_ = conn.Close()
	}
	l.open = nil
}

package testenv

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"
)

func TestEveryDatabaseIsEmptyAndItsOwn(t *testing.T) {
	t.Parallel()
	for _, kind := range Databases(t) {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			for range 2 { // the second would meet the first one's table if they were one database
				db := open(t, kind.URL(t))
				if _, err := db.ExecContext(t.Context(), "CREATE TABLE seen (id INTEGER)"); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func open(t *testing.T, url string) *sql.DB {
	t.Helper()
	driver, source := "pgx", url
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		driver, source = "sqlite", path
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestFreePortIsFree(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", fmt.Sprintf("127.0.0.1:%d", FreePort(t)))
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
}

// A probe records how missing ended a test; it is the rest of a testing.TB through the embedded one.
type probe struct {
	testing.TB
	ended string
}

func (p *probe) Helper()               {}
func (p *probe) Fatalf(string, ...any) { p.ended = "failed" }
func (p *probe) Skipf(string, ...any)  { p.ended = "skipped" }

func TestAMissingPieceFailsWhenEveryTestMustRun(t *testing.T) {
	for env, want := range map[string]string{"1": "failed", "": "skipped"} {
		t.Setenv("DUES_TEST_ALL", env)
		p := &probe{TB: t}
		missing(p, "a piece")
		if p.ended != want {
			t.Errorf("with DUES_TEST_ALL=%q the test %s, want %s", env, p.ended, want)
		}
	}
}

func TestTheBrowserAndNodeExist(t *testing.T) {
	t.Parallel()
	for what, find := range map[string]func(testing.TB) string{"Chromium": Chromium, "Node": Node} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			if info, err := os.Stat(find(t)); err != nil || info.IsDir() {
				t.Errorf("got %v, %v; want a program", info, err)
			}
		})
	}
}

// Package testenv finds what tests need from the machine: PostgreSQL, a browser, Node, free ports.
//
// `make test` provides all of it and sets DUES_TEST_ALL, under which a missing piece fails the test. A plain `go test ./...`
// works without: SQLite and the emulator stand for everything, and a test that cannot do without a piece says which one
// is missing and how to get it.
package testenv

import (
	"net"
	"os"
	"os/exec"
	"testing"
)

// all reports whether every test must run, whatever it needs.
func all() bool { return os.Getenv("DUES_TEST_ALL") != "" }

// missing ends a test that cannot run on this machine: as a failure when every test must run, else as a skip that says why.
func missing(t testing.TB, what string) {
	t.Helper()
	const hint = "`make test` installs and starts what the tests need"
	if all() {
		t.Fatalf("this test needs %s; %s", what, hint)
		return
	}
	t.Skipf("NOT RUN: this test needs %s; %s", what, hint)
}

// Chromium returns the path of a Chromium or Chrome.
func Chromium(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	missing(t, "Chromium")
	return ""
}

// Node returns the path of Node.
func Node(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("node")
	if err != nil {
		missing(t, "Node")
	}
	return path
}

// Screenshots returns the folder where browser tests keep what they see, "" when nobody wants it; make test sets it.
func Screenshots() string { return os.Getenv("DUES_SCREENSHOTS") }

// FreePort returns a port of 127.0.0.1 that nobody listens on. It is for programs that must be told a port; a server in the
// test's own process listens on port 0 instead, which nobody can take away in between.
func FreePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

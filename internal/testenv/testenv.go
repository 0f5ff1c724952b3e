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
	"strconv"
	"sync/atomic"
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

// Python returns the path of Python 3.
func Python(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err != nil {
		missing(t, "Python")
	}
	return path
}

// Screenshots returns the folder where browser tests keep what they see, "" when nobody wants it; make test sets it.
func Screenshots() string { return os.Getenv("DUES_SCREENSHOTS") }

// FreePort returns a port of 127.0.0.1 that nobody listens on. It is for programs that must be told a port; a server in the
// test's own process listens on port 0 instead, which nobody can take away in between. It is none of those that the system gives to connections and
// to port 0, or another test could be given it before the program comes to listen; and each is given once.
func FreePort(t testing.TB) int {
	t.Helper()
	const tries = 1000
	for range tries {
		n := os.Getpid()*portStride + int(ports.Add(1))
		port := portFirst + n%(portEnd-portFirst)
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue // somebody listens there
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return port
	}
	t.Fatalf("no port between %d and %d is free", portFirst, portEnd)
	return 0
}

const (
	portFirst, portEnd = 11_000, 32_000 // Linux gives away those from 32768 on, and browsers refuse 10080
	portStride         = 61             // so that processes that begin one after the other are apart
)

// ports counts those that this process was given.
var ports atomic.Int64

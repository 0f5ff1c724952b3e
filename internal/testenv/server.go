//go:build unix

package testenv

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A PostgresServer is a PostgreSQL of a test's own, which may be killed. It keeps its promises to the disk, unlike the one that
// make test starts for everybody.
type PostgresServer struct {
	URL string

	t    testing.TB
	bin  string
	data string
	port int
	as   *syscall.SysProcAttr // PostgreSQL refuses to run as root
}

// NewPostgresServer makes and starts a server; it ends with the test.
func NewPostgresServer(t testing.TB) *PostgresServer {
	t.Helper()
	_, file, _, _ := runtime.Caller(0)
	script := filepath.Join(filepath.Dir(file), "..", "..", "scripts", "postgres")
	if _, err := os.Stat(script); err != nil { // built with -trimpath, and so without the folder
		script = filepath.Join("..", "scripts", "postgres")
	}
	bin, err := exec.Command(script, "bindir").Output()
	if err != nil {
		missing(t, "PostgreSQL 15 or later")
	}
	home, err := os.MkdirTemp("", "dues-postgres-")
	if err != nil {
		t.Fatal(err)
	}
	s := &PostgresServer{t: t, bin: strings.TrimSpace(string(bin)), data: filepath.Join(home, "data"), port: FreePort(t)}
	if os.Getuid() == 0 {
		s.as = owner(t, home)
	}
	password := filepath.Join(home, "password")
	if err := os.WriteFile(password, []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.run("initdb", "-D", s.data, "-U", "dues", "-A", "scram-sha-256", "--pwfile", password, "-E", "UTF8", "--locale", "C")
	s.URL = fmt.Sprintf("postgres://dues:secret@127.0.0.1:%d/postgres?sslmode=disable", s.port)
	t.Cleanup(func() {
		_ = s.command("pg_ctl", "stop", "-D", s.data, "-m", "immediate").Run() // it may be dead already
		if err := os.RemoveAll(home); err != nil {
			t.Error(err)
		}
	})
	s.Start()
	return s
}

// owner gives a folder to the user postgres, and says how to run a program as that user.
func owner(t testing.TB, home string) *syscall.SysProcAttr {
	t.Helper()
	who, err := user.Lookup("postgres")
	if err != nil {
		missing(t, "the user postgres, for PostgreSQL refuses to run as root")
	}
	uid, badUID := strconv.ParseUint(who.Uid, 10, 32)
	gid, badGID := strconv.ParseUint(who.Gid, 10, 32)
	if badUID != nil || badGID != nil {
		t.Fatalf("the user postgres has the ids %q and %q", who.Uid, who.Gid)
	}
	if err := os.Chown(home, int(uid), int(gid)); err != nil {
		t.Fatal(err)
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

func (s *PostgresServer) command(name string, args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	s.t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, name), args...)
	cmd.SysProcAttr, cmd.Dir = s.as, filepath.Dir(s.data)
	return cmd
}

func (s *PostgresServer) run(name string, args ...string) {
	s.t.Helper()
	if out, err := s.command(name, args...).CombinedOutput(); err != nil {
		s.t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// Start starts the server, again after Kill, and returns when it takes connections.
func (s *PostgresServer) Start() {
	s.t.Helper()
	options := fmt.Sprintf("-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories=", s.port)
	s.run("pg_ctl", "start", "-D", s.data, "-w", "-t", "50", "-l", filepath.Join(filepath.Dir(s.data), "log"), "-o", options)
}

// Kill ends the server and everything that belongs to it with SIGKILL, in the middle of whatever it does.
func (s *PostgresServer) Kill() {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.data, "postmaster.pid"))
	if err != nil {
		s.t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil {
		s.t.Fatal(err)
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, each := range append([]string{line}, strings.Fields(string(children))...) {
		if pid, err := strconv.Atoi(each); err == nil {
			_ = syscall.Kill(pid, syscall.SIGKILL) // a child may have ended by itself
		}
	}
	// Where nobody collects dead processes, the next server would take the dead one for alive.
	if err := os.Remove(filepath.Join(s.data, "postmaster.pid")); err != nil {
		s.t.Fatal(err)
	}
}

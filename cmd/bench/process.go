package main

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The doubles are measured as the processes that people run: stripe-mock and dues emulate side by side, each with a scheduler and a heap of
// its own, asked by a third.

// A process is a server that runs until the stage closes.
type process struct {
	url string
	cmd *exec.Cmd
}

// launch starts a command and waits until it prints marker, behind which its URL stands without http://.
func launch(ctx context.Context, marker, path string, args ...string) (*process, error) {
	cmd := exec.CommandContext(ctx, path, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		_, address, found := strings.Cut(lines.Text(), marker)
		if words := strings.Fields(address); found && len(words) > 0 {
			p.url = "http://" + words[0]
			go func() { _, _ = io.Copy(io.Discard, out) }() // stripe-mock writes a line for each request, and would wait for a reader
			return p, nil
		}
	}
	return nil, errors.Join(fmt.Errorf("%s ended without saying where it listens", filepath.Base(path)), p.stop())
}

func (p *process) stop() error {
	err := p.cmd.Process.Kill()
	_ = p.cmd.Wait() // says that it was killed
	return err
}

// cpu is how long the process has been computing, and false where the system does not say.
func (p *process) cpu() (time.Duration, bool) {
	stat, err := statOf(p.cmd.Process.Pid)
	return stat.own, err == nil
}

// tick is the unit of Linux's process times.
const tick = 10 * time.Millisecond

// processStat is what Linux says of a process.
type processStat struct {
	name   string
	parent int
	own    time.Duration // that it has been computing
	ended  time.Duration // that those of its children were computing that have ended
}

func statOf(pid int) (stat processStat, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat, err
	}
	name, rest, _ := strings.Cut(string(text), ") ") // which may hold spaces
	_, stat.name, _ = strings.Cut(name, "(")
	fields := strings.Fields(rest)
	const parent, user, system, endedUser, endedSystem = 1, 11, 12, 13, 14
	if len(fields) <= endedSystem {
		return stat, fmt.Errorf("/proc/%d/stat is %q", pid, text)
	}
	number := func(field int) int {
		n, bad := strconv.Atoi(fields[field])
		err = errors.Join(err, bad)
		return n
	}
	stat.parent = number(parent)
	stat.own = time.Duration(number(user)+number(system)) * tick
	stat.ended = time.Duration(number(endedUser)+number(endedSystem)) * tick
	return stat, err
}

// family is a process with its children, such as a PostgreSQL server; 0 is one that does not run here.
type family int

// serverOf finds the PostgreSQL server of a URL, if it runs here.
func serverOf(ctx context.Context, url string) (family, error) {
	if !strings.HasPrefix(url, "postgres") {
		return 0, nil
	}
	db, err := sql.Open("pgx", url)
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }() // it was only asked
	var pid int
	if err := db.QueryRowContext(ctx, "SELECT pg_backend_pid()").Scan(&pid); err != nil {
		return 0, err
	}
	if stat, err := statOf(pid); err == nil && stat.name == "postgres" {
		return family(stat.parent), nil
	}
	return 0, nil
}

// cpu is how long a family has been computing, those of its children that have ended too.
func (f family) cpu() (sum time.Duration) {
	all, err := os.ReadDir("/proc")
	if err != nil || f == 0 {
		return 0
	}
	for _, entry := range all {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		stat, err := statOf(pid)
		switch {
		case err != nil: // it has just ended
		case pid == int(f):
			sum += stat.own + stat.ended
		case stat.parent == int(f):
			sum += stat.own
		}
	}
	return sum
}

// stopwatch tells how long a family computes from now on.
func (f family) stopwatch() func() time.Duration {
	before := f.cpu()
	return func() time.Duration { return f.cpu() - before }
}

// buildDues makes the command that is measured. The caller removes its directory.
func buildDues(ctx context.Context) (path string, err error) {
	dir, err := os.MkdirTemp("", "dues-bench")
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, "dues")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", path, "./cmd/dues").CombinedOutput(); err != nil {
		return "", errors.Join(fmt.Errorf("build dues: %w: %s", err, out), os.RemoveAll(dir))
	}
	return path, nil
}

// launchEmulator starts a dues emulate that keeps its accounts in memory.
func launchEmulator(ctx context.Context, dues string) (*process, error) {
	return launch(ctx, "Stripe API  http://", dues, "emulate", "--addr", "127.0.0.1:0")
}

// startsMeasured is how often dues emulate is started; the middle start counts.
const startsMeasured = 5

// firstAnswer is how long dues emulate takes from the start of its process to its first answer.
func firstAnswer(ctx context.Context, dues string) (time.Duration, error) {
	var taken []time.Duration
	for range startsMeasured {
		start := time.Now()
		p, err := launchEmulator(ctx, dues)
		if err != nil {
			return 0, err
		}
		err = answers(ctx, p.url)
		taken = append(taken, time.Since(start))
		if err := errors.Join(err, p.stop()); err != nil {
			return 0, err
		}
	}
	slices.Sort(taken)
	return taken[len(taken)/2], nil
}

// answers asks for the customers of a new account.
func answers(ctx context.Context, url string) (err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/v1/customers", nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+loadKey)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the first answer was %s", resp.Status)
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

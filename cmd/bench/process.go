package main

import (
	"bufio"
	"context"
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

// tick is the unit of Linux's process times.
const tick = 10 * time.Millisecond

// cpu is how long the process has been computing, and false where the system does not say.
func (p *process) cpu() (time.Duration, bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, false
	}
	_, rest, _ := strings.Cut(string(text), ") ") // behind the name, which may hold spaces
	const user, system = 11, 12
	fields := strings.Fields(rest)
	if len(fields) <= system {
		return 0, false
	}
	inUser, err := strconv.Atoi(fields[user])
	inSystem, err2 := strconv.Atoi(fields[system])
	return time.Duration(inUser+inSystem) * tick, errors.Join(err, err2) == nil
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

package story

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// dues is the program under test, built once.
var dues = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "dues-story")
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "dues")
	if out, err := exec.Command("go", "build", "-o", program, "github.com/dues-billing/dues/cmd/dues").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return program, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if program, err := dues(); err == nil {
		_ = os.RemoveAll(filepath.Dir(program)) // what is left in a temporary folder harms nobody
	}
	os.Exit(code)
}

// A house is a running `dues dev`.
type house struct {
	process *exec.Cmd
	done    chan struct{}    // closed when the process is gone
	said    *strings.Builder // on standard error
	isReady bool
	cut     atomic.Bool // the power goes out

	demo, inbox, stripe string // URLs without a slash at the end
}

var announced = regexp.MustCompile(`^(\w+)\s+(http://\S+)`)

// start runs `dues dev` on dir and the given addresses and returns when it says ready.
func start(t *testing.T, dir, addr, emulatorAddr string) *house {
	t.Helper()
	h := launch(t, nil, dir, addr, emulatorAddr)
	if !h.ready() {
		t.Fatalf("dues dev never said ready; it said:\n%s", h.said)
	}
	return h
}

// startWatched does so with a cutter that may end it at any line, also before it is ready: then it is started once more.
func startWatched(t *testing.T, c *cutter, dir, addr, emulatorAddr string, flags ...string) *house {
	t.Helper()
	for range triesMax {
		h := launch(t, c, dir, addr, emulatorAddr, flags...)
		if h.ready() {
			return h
		}
		if !h.killed() {
			t.Fatalf("dues dev ended by itself; it said:\n%s", h.said)
		}
	}
	t.Fatal("dues dev never came up between the power cuts")
	return nil
}

// launch runs `dues dev`, watched by a cutter unless that is nil.
func launch(t *testing.T, c *cutter, dir, addr, emulatorAddr string, flags ...string) *house {
	t.Helper()
	program, err := dues()
	if err != nil {
		t.Fatal(err)
	}
	h := &house{done: make(chan struct{}), said: &strings.Builder{}}
	h.process = exec.Command(program, append([]string{"dev", "--data", dir, "--addr", addr, "--emulator-addr", emulatorAddr}, flags...)...)
	out, err := h.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	h.process.Stderr = h.said
	if c != nil {
		h.process.Stderr = io.MultiWriter(h.said, c)
		c.house.Store(h)
	}
	if err := h.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.kill)
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "ready" {
		if found := announced.FindStringSubmatch(lines.Text()); found != nil {
			h.remember(found[1], strings.TrimSuffix(found[2], "/"))
		}
	}
	h.isReady = lines.Text() == "ready"
	go func() {
		_, _ = io.Copy(io.Discard, out) // so that it never waits for a reader
		_ = h.process.Wait()            // killed, as often as not
		close(h.done)
	}()
	return h
}

// ready reports whether it came up; if not, its end has been waited for.
func (h *house) ready() bool {
	if !h.isReady {
		<-h.done
	}
	return h.isReady
}

// ended reports whether the process is gone, and waits for the rest of a process that was killed a moment ago: its
// connections break before it is buried.
func (h *house) ended() bool {
	select {
	case <-h.done:
		return true
	default:
		return h.cut.Load() && h.bury()
	}
}

func (h *house) bury() bool {
	<-h.done
	return true
}

// killed reports whether the process was ended by a signal.
func (h *house) killed() bool { return h.process.ProcessState.ExitCode() == -1 }

func (h *house) remember(name, url string) {
	switch name {
	case "Demo":
		h.demo = url
	case "Inbox":
		h.inbox = url
	case "Stripe":
		h.stripe = strings.TrimSuffix(url, "/_emulator")
	}
}

// pull ends the process as a power cut would: it gets no chance to tidy up.
func (h *house) pull() {
	h.cut.Store(true)
	_ = h.process.Process.Kill() // it may have ended already
}

// kill pulls and waits for the end.
func (h *house) kill() {
	h.pull()
	<-h.done
}

// get reads a URL and wants 200.
func get(ctx context.Context, t *testing.T, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := readAll(resp)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", url, resp.Status, err)
	}
	return body
}

func readAll(resp *http.Response) (string, error) {
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close() // it was read to its end
	return string(body), err
}

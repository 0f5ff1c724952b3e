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
	t       *testing.T
	process *exec.Cmd
	done    chan struct{}
	said    *strings.Builder // until ready, and errors

	demo, inbox, stripe string // URLs without a slash at the end
}

var announced = regexp.MustCompile(`^(\w+)\s+(http://\S+)`)

// start runs `dues dev` on dir and the given addresses and returns when it says ready.
func start(t *testing.T, dir, addr, emulatorAddr string, flags ...string) *house {
	t.Helper()
	program, err := dues()
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, done: make(chan struct{}), said: &strings.Builder{}}
	h.process = exec.Command(program, append([]string{"dev", "--data", dir, "--addr", addr, "--emulator-addr", emulatorAddr}, flags...)...)
	out, err := h.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	h.process.Stderr = h.said
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
	ready := lines.Text() == "ready"
	go func() {
		_, _ = io.Copy(io.Discard, out) // so that it never waits for a reader
		_ = h.process.Wait()            // killed, as often as not
		close(h.done)
	}()
	if !ready {
		<-h.done
		t.Fatalf("dues dev never said ready; it said:\n%s", h.said)
	}
	return h
}

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

// kill ends the process as a power cut would: it gets no chance to tidy up.
func (h *house) kill() {
	_ = h.process.Process.Kill() // it may have ended already
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
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close() // it was read to its end
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", url, resp.Status, err)
	}
	return string(body)
}

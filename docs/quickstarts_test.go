package docs_test

import (
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/internal/testenv"
)

// Each program is taken from its page and run: the export is refused, bought, and there on the way back.
func TestTheQuickstartsSellAnExport(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		page, language, file string
		start                func(t *testing.T, file string) *exec.Cmd
		refused              int
	}{
		{"quickstart-node.md", "js", "main.mjs", func(t *testing.T, file string) *exec.Cmd {
			return exec.CommandContext(t.Context(), testenv.Node(t), file)
		}, http.StatusPaymentRequired},
		{"quickstart-python.md", "python", "main.py", func(t *testing.T, file string) *exec.Cmd {
			return exec.CommandContext(t.Context(), testenv.Python(t), file)
		}, http.StatusPaymentRequired},
		{"quickstart-go.md", "go", "main.go", built, http.StatusForbidden},
	} {
		t.Run(c.language, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			port := strconv.Itoa(testenv.FreePort(t))
			app := "http://127.0.0.1:" + port
			text, err := os.ReadFile(c.page)
			w.must(err)
			_, code, _ := strings.Cut(string(text), "\n```"+c.language+"\n")
			code, _, found := strings.Cut(code, "\n```")
			if !found {
				t.Fatal("there is no program")
			}
			code = strings.NewReplacer("http://127.0.0.1:12111", w.stripe.URL, "http://127.0.0.1:8080", w.url, "3000", port, "sqlite:app.db", "sqlite:"+filepath.Join(t.TempDir(), "app.db")).Replace(code)
			file := filepath.Join(t.TempDir(), c.file)
			w.must(os.WriteFile(file, []byte(code+"\n"), 0o600))
			program := c.start(t, file)
			program.Env = append(program.Environ(), "DUES_SERVER_KEY="+serverKey)
			w.serve(program, "127.0.0.1:"+port)
			w.sell(app, c.refused)
		})
	}
}

// built is a Go program, compiled within this module.
func built(t *testing.T, file string) *exec.Cmd {
	t.Helper()
	program := filepath.Join(t.TempDir(), "app")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, file).CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return exec.CommandContext(t.Context(), program)
}

// serve runs a program until the test ends, and returns when it listens.
func (w *world) serve(program *exec.Cmd, address string) {
	w.t.Helper()
	log := &strings.Builder{}
	program.Stdout, program.Stderr, program.WaitDelay = log, log, time.Second
	w.must(program.Start())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = program.Wait() // it is killed in the end
	}()
	w.t.Cleanup(func() {
		_ = program.Process.Kill() // unless it has ended by itself
		<-ended
	})
	for {
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			return
		}
		select {
		case <-ended:
			w.t.Fatalf("the program ended:\n%s", log)
		case <-time.After(20 * time.Millisecond):
		case <-w.t.Context().Done():
			return
		}
	}
}

// sell goes through an application as a customer does.
func (w *world) sell(app string, refused int) {
	w.t.Helper()
	jar, err := cookiejar.New(nil)
	w.must(err)
	customer := &http.Client{Jar: jar}
	expect := func(answer *http.Response, err error, status int, says string) *http.Response {
		w.t.Helper()
		w.must(err)
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close() // it was read
		w.must(err)
		if answer.StatusCode != status || !strings.Contains(string(body), says) {
			w.t.Fatalf("%s: got %d %s, want %d and %q", answer.Request.URL, answer.StatusCode, body, status, says)
		}
		return answer
	}
	before, err := customer.Get(app + "/export")
	expect(before, err, refused, "")
	page, err := customer.Get(app + "/upgrade")
	page = expect(page, err, http.StatusOK, "Premium")
	back, err := customer.PostForm(page.Request.URL.String(), url.Values{
		"email": {"ada@example.com"}, "cardNumber": {"4242424242424242"}, "cardExpiry": {"12/34"}, "cardCvc": {"123"}, "billingName": {"Ada"}, "billingPostalCode": {"12345"},
	})
	expect(back, err, http.StatusOK, "all your notes")
}

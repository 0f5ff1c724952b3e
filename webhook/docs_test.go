package webhook_test

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/internal/testenv"
	"github.com/dues-billing/dues/webhook"
)

func TestTheReceiverInTheDocumentationTakesWhatIsSignedAndNothingElse(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/webhooks.md")
	if err != nil {
		t.Fatal(err)
	}
	_, code, found := strings.Cut(string(text), "```js\n")
	code, _, ended := strings.Cut(code, "```\n")
	if lines := strings.Count(code, "\n"); !found || !ended || lines > 15 {
		t.Fatalf("the documentation has a receiver of %d lines, want at most 15", lines)
	}
	file := filepath.Join(t.TempDir(), "receiver.mjs")
	if err := os.WriteFile(file, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	port := strconv.Itoa(testenv.FreePort(t))
	node := exec.CommandContext(t.Context(), testenv.Node(t), file)
	node.Env = []string{"DUES_HOOK_SECRET=" + vectorSecret, "PORT=" + port}
	var out bytes.Buffer
	node.Stdout, node.Stderr = &out, &out
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = node.Process.Kill()
		_ = node.Wait() // it was killed
	}()
	now, body := time.Now(), []byte(`{"id":"msg_1","type":"access.changed"}`)
	for _, c := range []struct {
		name   string
		header http.Header
		want   int
	}{
		{"signed", webhook.Sign("msg_1", now, body, secretOf(t, vectorSecret)), http.StatusNoContent},
		{"signed by two", webhook.Sign("msg_1", now, body, secretOf(t, other(1)), secretOf(t, vectorSecret)), http.StatusNoContent},
		{"signed by somebody else", webhook.Sign("msg_1", now, body, secretOf(t, other(1))), http.StatusBadRequest},
		{"another id", withID(webhook.Sign("msg_1", now, body, secretOf(t, vectorSecret)), "msg_2"), http.StatusBadRequest},
		{"too old", webhook.Sign("msg_1", now.Add(-10*time.Minute), body, secretOf(t, vectorSecret)), http.StatusBadRequest},
		{"not signed", http.Header{}, http.StatusBadRequest},
	} {
		if got := post(t, "http://127.0.0.1:"+port, c.header, body); got != c.want {
			t.Errorf("%s: answered %d, want %d\n%s", c.name, got, c.want, out.String())
		}
	}
}

func withID(h http.Header, id string) http.Header {
	h.Set(webhook.IDHeader, id)
	return h
}

// post returns the status of an answer, and waits for the server to start.
func post(t *testing.T, url string, header http.Header, body []byte) int {
	t.Helper()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	deadline := time.After(30 * time.Second)
	for {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header = header.Clone()
		answer, err := http.DefaultClient.Do(request)
		if err == nil {
			_ = answer.Body.Close() // the status is all that is asked for
			return answer.StatusCode
		}
		select {
		case <-look.C:
		case <-deadline:
			t.Fatal(err)
		}
	}
}

package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/wneessen/go-mail"
)

func open(t *testing.T, dir string) *Box {
	t.Helper()
	b, err := Open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// serve takes mail for b until the test ends, and returns a client that sends there.
func serve(t *testing.T, b *Box) *mail.Client {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- b.Serve(l) }()
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Errorf("Serve after Close: %v, want nil", err)
		}
	})
	client, err := mail.NewClient("127.0.0.1", mail.WithPort(l.Addr().(*net.TCPAddr).Port), mail.WithTLSPolicy(mail.NoTLS))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func message(t *testing.T, subject string) *mail.Msg {
	t.Helper()
	m := mail.NewMsg()
	if err := m.FromFormat("Acme Billing", "billing@acme.example"); err != nil {
		t.Fatal(err)
	}
	if err := m.To("ada@example.com"); err != nil {
		t.Fatal(err)
	}
	m.Subject(subject)
	m.SetDateWithValue(time.Date(2026, 1, 15, 10, 0, 0, 0, time.UTC))
	m.SetBodyString(mail.TypeTextPlain, "Thank you, Ada. That is 20 €.\n")
	m.AddAlternativeString(mail.TypeTextHTML, `<p>Thank you, <b>Ada</b>. <a href="https://pay.example/1">Pay</a></p>`)
	return m
}

func TestMailIsKeptAsItsReaderSeesIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := open(t, dir)
	client := serve(t, b)
	first := message(t, "Receipt: 20 €")
	if err := first.Bcc("archive@acme.example"); err != nil {
		t.Fatal(err)
	}
	if err := client.DialAndSend(first, message(t, "Second")); err != nil {
		t.Fatal(err)
	}

	check := func(b *Box) {
		t.Helper()
		got := b.Messages()
		if len(got) != 2 || got[0].Subject != "Second" {
			t.Fatalf("got %+v, want the newest of two first", got)
		}
		m := got[1]
		m.Headers = nil
		want := Message{
			ID: 1, From: `"Acme Billing" <billing@acme.example>`, To: []string{"ada@example.com", "archive@acme.example"},
			Subject: "Receipt: 20 €", Date: time.Date(2026, 1, 15, 10, 0, 0, 0, time.UTC),
			Text: "Thank you, Ada. That is 20 €.\r\n", HTML: `<p>Thank you, <b>Ada</b>. <a href="https://pay.example/1">Pay</a></p>`,
		}
		if diff := cmp.Diff(want, m, cmp.Comparer(time.Time.Equal)); diff != "" {
			t.Errorf("message differs (-want +got):\n%s", diff)
		}
	}
	check(b)
	check(open(t, dir)) // what a restart finds
}

func TestAKilledInboxForgetsOnlyWhatItHadNotTaken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := open(t, dir)
	if err := b.keep([]byte("Subject: whole\r\n\r\nbody")); err != nil {
		t.Fatal(err)
	}
	partial := filepath.Join(dir, "00000002.eml.partial")
	if err := os.WriteFile(partial, []byte("Subj"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("somebody's own"), 0o600); err != nil {
		t.Fatal(err)
	}
	b = open(t, dir)
	if got := b.Messages(); len(got) != 1 || got[0].Subject != "whole" {
		t.Errorf("got %+v, want the whole message alone", got)
	}
	if _, err := os.Stat(partial); !os.IsNotExist(err) {
		t.Errorf("the half-written file is still there: %v", err)
	}
}

func TestTheOldestMessagesGoFirst(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for id := range messagesMax + 2 {
		name := filepath.Join(dir, fmt.Sprintf("%08d.eml", id+1))
		if err := os.WriteFile(name, []byte(fmt.Sprintf("Subject: %d\r\n\r\n", id+1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b := open(t, dir)
	got := b.Messages()
	if len(got) != messagesMax || got[len(got)-1].Subject != "3" {
		t.Errorf("got %d messages, oldest %q; want %d, oldest 3", len(got), got[len(got)-1].Subject, messagesMax)
	}
	if _, found := b.Message(1); found {
		t.Error("message 1 is still there")
	}
	if left := open(t, dir); left.last != messagesMax+2 {
		t.Errorf("the newest number is %d, want %d: numbers are never used again", left.last, messagesMax+2)
	}
}

func TestBrokenMailIsShownWithWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, raw, problem, text string }{
		{"no head", "just words", "the head of the message cannot be read", "just words"},
		{"no date", "Subject: x\r\n\r\nhello", "no date that can be read", "hello"},
		{"a body that ends early", "Date: Thu, 15 Jan 2026 10:00:00 +0000\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello", "the body cannot be read", "hello"},
		{"parts without end", nested(9), "parts inside parts", ""},
	} {
		m := parse(1, []byte(c.raw))
		if !strings.Contains(m.Problem, c.problem) || m.Text != c.text {
			t.Errorf("%s: got problem %q, text %q; want %q, %q", c.name, m.Problem, m.Text, c.problem, c.text)
		}
	}
}

// nested returns a message of multiparts inside one another.
func nested(depth int) string {
	var b strings.Builder
	b.WriteString("Date: Thu, 15 Jan 2026 10:00:00 +0000\r\n")
	for i := range depth {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	return b.String() + "\r\n"
}

func TestThePages(t *testing.T) {
	t.Parallel()
	b := open(t, t.TempDir())
	h := b.Handler()
	if got := get(t, h, "/inbox", 200); !strings.Contains(got.Body.String(), "No mail yet") {
		t.Errorf("an empty inbox does not say so:\n%s", got.Body)
	}
	if got := get(t, h, "/inbox.json", 200).Body.String(); got != "[]\n" {
		t.Errorf("an empty inbox is %q as JSON, want []", got)
	}
	raw := "Delivered-To: ada@example.com\r\nSubject: <Receipt>\r\nContent-Type: text/html\r\n\r\n<p>Thanks</p><script>alert(1)</script>"
	if err := b.keep([]byte(raw)); err != nil {
		t.Fatal(err)
	}
	list := get(t, h, "/inbox", 200).Body.String()
	if !strings.Contains(list, "&lt;Receipt&gt;") || !strings.Contains(list, `href="/inbox/1"`) {
		t.Errorf("the list does not show the message:\n%s", list)
	}
	if page := get(t, h, "/inbox/1", 200).Body.String(); !strings.Contains(page, `src="/inbox/1/html"`) || strings.Contains(page, "<script>") {
		t.Errorf("the message's page must hold its HTML in a frame only:\n%s", page)
	}
	part := get(t, h, "/inbox/1/html", 200)
	if csp := part.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "sandbox") || strings.Contains(csp, "allow-scripts") {
		t.Errorf("the mail's HTML has policy %q, want a sandbox without scripts", csp)
	}
	var messages []Message
	if err := json.Unmarshal(get(t, h, "/inbox.json", 200).Body.Bytes(), &messages); err != nil || len(messages) != 1 || messages[0].To[0] != "ada@example.com" {
		t.Errorf("got %+v, %v as JSON", messages, err)
	}
	for _, path := range []string{"/inbox/2", "/inbox/x", "/inbox/2/html"} {
		get(t, h, path, 404)
	}
}

func get(t *testing.T, h http.Handler, path string, status int) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	if w.Code != status {
		t.Fatalf("GET %s: %d, want %d", path, w.Code, status)
	}
	return w
}

func TestEveryShotRenders(t *testing.T) {
	t.Parallel()
	for _, shot := range Gallery() {
		var page strings.Builder
		if err := shot.Component.Render(context.Background(), &page); err != nil || !strings.Contains(page.String(), "<h1>") && !strings.Contains(page.String(), "<h3>") {
			t.Errorf("%s: %v\n%s", shot.Name, err, page.String())
		}
	}
}

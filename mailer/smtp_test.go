package mailer_test

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/inbox"
	"github.com/dues-billing/dues/mailer"
	"github.com/dues-billing/dues/service"
)

// startInbox runs a mail server until the test ends.
func startInbox(t *testing.T) (box *inbox.Box, addr string) {
	t.Helper()
	box, err := inbox.Open(t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- box.Serve(listener) }()
	t.Cleanup(func() {
		if err := box.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return box, listener.Addr().String()
}

func newSMTP(t *testing.T, addr string) *mailer.SMTP {
	t.Helper()
	sender, err := mailer.NewSMTP(mailer.SMTPConfig{Addr: addr, From: "Northwind Billing <billing@northwind.example>", Plain: true})
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

var letterToAda = service.Mail{
	Key: "receipt:in_1", To: "ada@example.com", Name: "Ada Łovelace, Countess", Subject: "Your receipt: €19.00",
	HTML: "<p>Thank you, Łada</p>", Text: "Thank you, Łada\n",
}

// Rows: A7 B7.
func TestAMailArrivesAsItWasWritten(t *testing.T) {
	t.Parallel()
	box, addr := startInbox(t)
	sender := newSMTP(t, addr)
	for range 2 {
		if err := sender.Send(t.Context(), letterToAda); err != nil {
			t.Fatal(err)
		}
	}
	got := box.Messages()
	if len(got) != 2 {
		t.Fatalf("%d messages arrived, want 2", len(got))
	}
	m := got[0]
	if m.Subject != letterToAda.Subject || !strings.Contains(m.HTML, "Łada") || !strings.Contains(m.Text, "Łada") {
		t.Errorf("arrived: %+v", m)
	}
	if !strings.Contains(strings.Join(m.To, ","), "ada@example.com") || !strings.Contains(m.From, "billing@northwind.example") {
		t.Errorf("from %q to %q", m.From, m.To)
	}
	if id := head(m, "Message-ID"); id == "" || id != head(got[1], "Message-ID") || !strings.HasSuffix(id, "@northwind.example>") {
		t.Errorf("one key has the ids %q and %q", id, head(got[1], "Message-ID"))
	}
	if head(m, "Auto-Submitted") != "auto-generated" || head(m, "Date") == "" {
		t.Errorf("the head lacks something: %v", m.Headers)
	}
}

func head(m inbox.Message, name string) string {
	for _, h := range m.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

func TestAFailedMailSaysWhetherToTryAgain(t *testing.T) {
	t.Parallel()
	box, addr := startInbox(t)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	encrypted, err := mailer.NewSMTP(mailer.SMTPConfig{Addr: addr, From: "billing@northwind.example"})
	if err != nil {
		t.Fatal(err)
	}
	noAddress := letterToAda
	noAddress.To = "ada at example"
	for _, c := range []struct {
		name   string
		sender *mailer.SMTP
		mail   service.Mail
		want   billing.Code
	}{
		{"nobody listens", newSMTP(t, closed.Addr().String()), letterToAda, billing.Unavailable},
		{"the server cannot encrypt", encrypted, letterToAda, billing.Unavailable},
		{"no address", newSMTP(t, addr), noAddress, billing.Invalid},
	} {
		if err := c.sender.Send(t.Context(), c.mail); billing.CodeOf(err) != c.want {
			t.Errorf("%s: got %v, want code %s", c.name, err, c.want)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newSMTP(t, addr).Send(ended, letterToAda); err == nil {
		t.Error("a mail was sent after its context ended")
	}
	if n := len(box.Messages()); n != 0 {
		t.Errorf("%d messages arrived", n)
	}
}

func TestASenderThatCannotWorkIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]mailer.SMTPConfig{
		"host:port":              {Addr: "localhost", From: "a@b.example"},
		"port must be a number":  {Addr: "localhost:smtp", From: "a@b.example"},
		"not a mail address":     {Addr: "localhost:25", From: "Northwind"},
		"unencrypted connection": {Addr: "localhost:25", From: "a@b.example", Username: "u", Password: "p", Plain: true},
		"invalid port number":    {Addr: "localhost:99999", From: "a@b.example"},
	} {
		if _, err := mailer.NewSMTP(cfg); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%+v: got %v, want %q", cfg, err, name)
		}
	}
}

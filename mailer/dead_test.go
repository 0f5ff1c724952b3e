package mailer_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/mailer"
)

// A server that took the connection and said nothing kept a worker for thirty seconds and more, whatever its context said: longer than
// its claim, so that another process sent the same mail.
func TestAServerThatSaysNothingKeepsNobodyLongerThanTheContext(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	for _, step := range []int{greeting, hello, from, to, data} {
		server.answers(step, "")
		hangsUp(t, fmt.Sprint("silent at step ", step), newSMTP(t, server.addr), server.asked())
	}
}

// hangsUp sends a mail, ends the context when the server has been asked, and expects that to end the sending.
func hangsUp(t *testing.T, name string, sender *mailer.SMTP, asked <-chan struct{}) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- sender.Send(ctx, letterToAda) }()
	<-asked // it has come to where the server is silent
	cancel()
	select {
	case err := <-ended:
		if billing.CodeOf(err) != billing.Unavailable {
			t.Errorf("%s: got %v, want code unavailable", name, err)
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("%s: the mail is still being sent", name)
	}
}

// On port 465 the client dialled by itself and minded no context.
func TestAnEncryptedServerThatSaysNothingKeepsNobodyLongerThanTheContext(t *testing.T) {
	t.Parallel()
	web := httptest.NewTLSServer(nil) // has a certificate
	t.Cleanup(web.Close)
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	newSender := func(addr string) *mailer.SMTP {
		t.Helper()
		cfg := mailer.SMTPConfig{Addr: addr, From: "billing@northwind.example", Username: "northwind", Password: "secret"}
		sender, err := mailer.NewImplicit(cfg, &tls.Config{RootCAs: roots, ServerName: "127.0.0.1"})
		if err != nil {
			t.Fatal(err)
		}
		return sender
	}
	server := newServerOn(t, func(l net.Listener) net.Listener { return tls.NewListener(l, web.TLS) })
	for _, step := range []int{greeting, hello, login, from, to, data} {
		server.answers(step, "")
		hangsUp(t, fmt.Sprint("silent at step ", step), newSender(server.addr), server.asked())
	}
	server.answers(never, "")
	if err := newSender(server.addr).Send(t.Context(), letterToAda); err != nil || !server.loggedIn() {
		t.Errorf("a server that is well again: %v, logged in: %v", err, server.loggedIn())
	}

	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	taken := make(chan struct{})
	go func() {
		if conn, err := silent.Accept(); err == nil {
			close(taken)
			<-t.Context().Done()
			_ = conn.Close()
		}
	}()
	hangsUp(t, "silent before it is encrypted", newSender(silent.Addr().String()), taken)
	if err := silent.Close(); err != nil {
		t.Error(err)
	}

	other, err := mailer.NewImplicit(mailer.SMTPConfig{Addr: server.addr, From: "billing@northwind.example"}, &tls.Config{ServerName: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Send(t.Context(), letterToAda); billing.CodeOf(err) != billing.Unavailable {
		t.Errorf("a certificate of nobody we know: %v", err)
	}
}

func TestWhatAServerAnswersDecidesWhetherAMailIsTriedAgain(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	for _, c := range []struct {
		answer string
		step   int
		want   billing.Code
	}{
		{"421 too busy", greeting, billing.Unavailable},
		{"450 mailbox busy, come back later", to, billing.Unavailable},
		{"451 greylisted", to, billing.Unavailable},
		{"452 no room", data, billing.Unavailable},
		{"550 no such mailbox", to, billing.Invalid},
		{"553 this sender may not", from, billing.Invalid},
		{"554 no", data, billing.Invalid},
	} {
		server.answers(c.step, c.answer)
		err := newSMTP(t, server.addr).Send(t.Context(), letterToAda)
		if billing.CodeOf(err) != c.want {
			t.Errorf("%q: got %v, want code %s", c.answer, err, c.want)
		}
		if err != nil && c.step > greeting && !strings.Contains(err.Error(), c.answer[4:]) {
			t.Errorf("%q: the operator does not read it in %v", c.answer, err)
		}
	}
	server.answers(never, "")
	if err := newSMTP(t, server.addr).Send(t.Context(), letterToAda); err != nil {
		t.Errorf("a server that is well again: %v", err)
	}
}

// A mail that had arrived was sent again, because the server hung up instead of saying goodbye.
func TestAMailThatWasTakenIsSentHoweverTheServerEndsTheConversation(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	for _, rude := range []string{"421 closing now", ""} {
		server.answers(afterwards, rude)
		ctx, cancel := context.WithCancel(t.Context())
		if asked := server.asked(); rude == "" {
			go func() { <-asked; cancel() }()
		}
		if err := newSMTP(t, server.addr).Send(ctx, letterToAda); err != nil {
			t.Errorf("ended with %q: %v", rude, err)
		}
		cancel()
	}
}

// The steps at which a server fails.
const (
	never      = -1
	greeting   = 0
	hello      = 1
	from       = 2
	to         = 3
	data       = 4
	afterwards = 5 // the mail is taken
	login      = 6
)

// server is a mail server that fails at one step.
type server struct {
	addr   string
	mu     sync.Mutex
	step   int
	answer string
	silent chan struct{} // closed when it has come to the step at which it says nothing
	login  bool          // somebody has logged in
}

func newServer(t *testing.T) *server {
	t.Helper()
	return newServerOn(t, func(l net.Listener) net.Listener { return l })
}

func newServerOn(t *testing.T, through func(net.Listener) net.Listener) *server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{addr: listener.Addr().String(), step: never}
	listener = through(listener)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { s.talk(conn) })
		}
	})
	t.Cleanup(func() { _ = listener.Close(); all.Wait() })
	return s
}

// answers makes the server give that answer at a step, or with "" none.
func (s *server) answers(step int, answer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.step, s.answer, s.silent = step, answer, make(chan struct{})
}

func (s *server) asked() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.silent
}

func (s *server) loggedIn() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.login
}

// talk answers as a server does; it ends when the client goes away.
func (s *server) talk(conn net.Conn) {
	defer conn.Close()
	s.mu.Lock()
	failing, answer, silent := s.step, s.answer, s.silent
	s.mu.Unlock()
	in := bufio.NewScanner(conn)
	step, inMail := greeting, false
	say := func(good string) {
		switch {
		case step == failing && answer == "":
			close(silent)
			failing = never
		case step == failing:
			fmt.Fprintf(conn, "%s\r\n", answer)
		default:
			fmt.Fprintf(conn, "%s\r\n", good)
		}
	}
	say("220 here")
	for in.Scan() {
		word, _, _ := strings.Cut(strings.ToUpper(in.Text()), " ")
		switch at, known := map[string]int{"EHLO": hello, "HELO": hello, "MAIL": from, "RCPT": to, "DATA": data}[word]; {
		case inMail && in.Text() == ".":
			inMail, step = false, afterwards
			fmt.Fprint(conn, "250 taken\r\n")
		case inMail:
		case known:
			step = at
			inMail = step == data && failing != data
			say(map[int]string{data: "354 go on", hello: "250-here\r\n250 AUTH PLAIN", from: "250 ok", to: "250 ok"}[step])
		case word == "AUTH":
			step = login
			s.mu.Lock()
			s.login = true
			s.mu.Unlock()
			say("235 welcome")
		case word == "QUIT":
			say("221 goodbye")
		default: // NOOP, RSET
			say("250 ok")
		}
	}
}

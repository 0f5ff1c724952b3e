package inbox

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

const (
	messageBytesMax = 10 << 20 // what large providers take
	recipientsMax   = 100
	smtpTimeout     = time.Minute
)

func (b *Box) newServer() *smtp.Server {
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{box: b}, nil }))
	s.Domain = "localhost"
	s.MaxMessageBytes = messageBytesMax
	s.MaxRecipients = recipientsMax
	s.ReadTimeout = smtpTimeout
	s.WriteTimeout = smtpTimeout
	s.AllowInsecureAuth = true // it listens on the loopback, and any password will do
	s.ErrorLog = slog.NewLogLogger(b.log.Handler(), slog.LevelWarn)
	return s
}

// Serve takes mail from l until Close; it returns nil after Close.
func (b *Box) Serve(l net.Listener) error {
	if err := b.smtp.Serve(l); !errors.Is(err, smtp.ErrServerClosed) {
		return err
	}
	return nil
}

// Close stops taking mail. The messages stay readable.
func (b *Box) Close() error {
	if err := b.smtp.Close(); !errors.Is(err, smtp.ErrServerClosed) {
		return err
	}
	return nil
}

// session is one sender's connection.
type session struct {
	box        *Box
	recipients []string
}

// AuthMechanisms implements smtp.AuthSession.
func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth implements smtp.AuthSession: everybody may send, so that a configuration with a password can be tried as it is.
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, _, _ string) error { return nil }), nil
}

// Mail implements smtp.Session.
func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.recipients = append(s.recipients, to)
	return nil
}

// Data implements smtp.Session. Its 250 means that the message is kept.
func (s *session) Data(r io.Reader) error {
	var raw bytes.Buffer
	for _, to := range s.recipients {
		// The header of who really gets it, as delivery agents write it: To can say something else, and never names a Bcc.
		raw.WriteString("Delivered-To: " + to + "\r\n")
	}
	if _, err := raw.ReadFrom(r); err != nil {
		return err
	}
	return s.box.keep(raw.Bytes())
}

// Reset implements smtp.Session.
func (s *session) Reset() { s.recipients = nil }

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }

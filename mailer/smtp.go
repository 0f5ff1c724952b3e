package mailer

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// sendTimeout bounds each step of a delivery: dialling, the greeting, logging in, the mail. The context of Send bounds them all. The
// outbox tries again later.
const sendTimeout = 15 * time.Second

// implicitTLSPort is where a connection is encrypted from its first byte; elsewhere STARTTLS asks for it.
const implicitTLSPort = 465

// SMTPConfig says how mail leaves.
type SMTPConfig struct {
	Addr     string // host:port
	From     string // the sender, such as "Northwind <billing@northwind.example>"
	Username string // "" sends without logging in
	Password string
	// Now dates the mails; nil is the wall clock. In development it is the emulator's time, so that a mail is as old as what it tells.
	Now func() time.Time
	// Plain allows a connection without encryption, for a mail inbox on this machine. A password is never sent over one.
	Plain bool
}

// SMTP sends mail through a server. It implements service.Sender and is safe for concurrent use.
type SMTP struct {
	host     string
	implicit *tls.Config // of a connection that is encrypted from its first byte, nil of others
	options  []mail.Option
	from     netmail.Address
	now      func() time.Time // nil: the wall clock
}

var _ service.Sender = (*SMTP)(nil)

// NewSMTP checks the configuration. It does not connect: a server that is away shows at the first mail, and is tried again.
func NewSMTP(cfg SMTPConfig) (*SMTP, error) {
	host, portText, err := net.SplitHostPort(cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("mailer: the server's address must be host:port, got %q", cfg.Addr)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, fmt.Errorf("mailer: the server's port must be a number, got %q", portText)
	}
	from, err := netmail.ParseAddress(cfg.From)
	if err != nil {
		return nil, fmt.Errorf("mailer: the sender %q is not a mail address", cfg.From)
	}
	if cfg.Plain && cfg.Username != "" {
		return nil, errors.New("mailer: a password is not sent over an unencrypted connection: leave out the login or the plain connection")
	}
	s := &SMTP{host: host, from: *from, now: cfg.Now, options: []mail.Option{mail.WithPort(port), mail.WithTimeout(sendTimeout)}}
	switch {
	case cfg.Plain:
		s.options = append(s.options, mail.WithTLSPolicy(mail.NoTLS))
	case port == implicitTLSPort:
		s.encrypt(&tls.Config{ServerName: host, MinVersion: tls.VersionTLS12})
	default:
		s.options = append(s.options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if cfg.Username != "" {
		s.options = append(s.options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(cfg.Username), mail.WithPassword(cfg.Password))
	}
	if _, err := mail.NewClient(host, s.options...); err != nil {
		return nil, fmt.Errorf("mailer: %w", err)
	}
	return s, nil
}

// encrypt makes connections encrypted from their first byte. They come to the client encrypted, so there is nothing left to ask of it: with
// any other policy it would not look, and not log in.
func (s *SMTP) encrypt(by *tls.Config) {
	s.implicit = by
	s.options = append(s.options, mail.WithTLSPolicy(mail.TLSOpportunistic))
}

// Send implements service.Sender. An error of code unavailable is worth another try, one of code invalid is not.
func (s *SMTP) Send(ctx context.Context, m service.Mail) error {
	message, err := s.message(m)
	if err != nil {
		return err
	}
	options, hangUp := s.bounded(ctx)
	defer hangUp()
	client, err := mail.NewClient(s.host, options...)
	if err != nil {
		return fmt.Errorf("mailer: %w", err)
	}
	err = client.DialAndSendWithContext(ctx, message)
	var refused *mail.SendError
	switch {
	case err == nil, message.IsDelivered(): // a server that took the mail and is rude afterwards has it: it must not get it again
		return nil
	case errors.As(err, &refused) && !refused.IsTemp() && refused.ErrorCode() >= 500:
		return &billing.Error{Code: billing.Invalid, Message: "the mail server refused this mail", Err: err}
	}
	return &billing.Error{Code: billing.Unavailable, Message: "the mail server did not take the mail", Err: err}
}

// bounded returns options with which the connection ends with the context, and what ends it in any case. The client minds the context
// only while it dials: a server that takes connections and says nothing would keep a worker for longer than its claim.
func (s *SMTP) bounded(ctx context.Context) (options []mail.Option, hangUp func()) {
	end := func() {}
	dial := func(dialing context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(dialing, network, address)
		if err != nil {
			return nil, err
		}
		stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // whoever reads from it is told
		end = func() { stop(); _ = conn.Close() }                   // it may have been closed in good order
		if s.implicit == nil {
			return conn, nil
		}
		encrypted := tls.Client(conn, s.implicit)
		return encrypted, encrypted.HandshakeContext(dialing)
	}
	return append(slices.Clip(s.options), mail.WithDialContextFunc(dial)), func() { end() }
}

func (s *SMTP) message(m service.Mail) (*mail.Msg, error) {
	message := mail.NewMsg()
	message.FromMailAddress(&s.from)
	if err := message.AddToFormat(m.Name, m.To); err != nil {
		return nil, &billing.Error{Code: billing.Invalid, Message: "the recipient's address is not valid", Err: err}
	}
	message.Subject(m.Subject)
	if s.now != nil {
		message.SetDateWithValue(s.now())
	}
	message.SetMessageIDWithValue(messageID(m.Key, s.from.Address))
	message.SetGenHeader("Auto-Submitted", "auto-generated") // no holiday replies, please
	message.SetBodyString(mail.TypeTextPlain, m.Text)
	message.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	return message, nil
}

// messageID makes the same id of the same key, so that a mail sent twice after a lost answer is one mail to its reader.
func messageID(key, from string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:16]) + from[strings.LastIndex(from, "@"):]
}

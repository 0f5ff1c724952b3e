package mailer

import (
	"context"
	"log/slog"

	"github.com/dues-billing/dues/service"
)

// Log sends nothing: it writes to the log that a mail would leave. It implements service.Sender, for a server whose mails
// Stripe or the application sends.
type Log struct{ log *slog.Logger }

var _ service.Sender = Log{}

// NewLog returns a sender that only tells the log.
func NewLog(log *slog.Logger) Log { return Log{log} }

// Send implements service.Sender.
func (l Log) Send(ctx context.Context, m service.Mail) error {
	l.log.InfoContext(ctx, "mail not sent: no mail server is configured", "key", m.Key, "subject", m.Subject)
	return nil
}

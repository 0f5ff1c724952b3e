package mailer

import (
	"context"
	"log/slog"

	"github.com/dues-billing/dues/service"
)

// Log sends nothing: it writes to the log that a mail would leave. It implements service.Sender, for a server whose mails
// Stripe or the application sends.
type Log struct{ To *slog.Logger }

var _ service.Sender = Log{}

// Send implements service.Sender.
func (l Log) Send(ctx context.Context, m service.Mail) error {
	l.To.InfoContext(ctx, "mail not sent: no mail server is configured", "key", m.Key, "to", m.To, "subject", m.Subject)
	l.To.DebugContext(ctx, "mail", "key", m.Key, "text", m.Text)
	return nil
}

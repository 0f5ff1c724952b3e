package main

import (
	"log/slog"

	"github.com/dues-billing/dues/mailer"
	"github.com/dues-billing/dues/service"
)

type mailFlags struct {
	SMTP         string `help:"Mail server, host:port. Without one, mails are written to the log." name:"smtp" env:"DUES_SMTP" placeholder:"HOST:PORT"`
	SMTPUser     string `help:"Who logs in there." name:"smtp-user" env:"DUES_SMTP_USER" placeholder:"NAME"`
	SMTPPassword string `help:"The password." name:"smtp-password" env:"DUES_SMTP_PASSWORD"`
	SMTPPlain    bool   `help:"Without encryption, for a mail inbox on this machine." name:"smtp-plain" env:"DUES_SMTP_PLAIN"`
	MailFrom     string `help:"The sender." env:"DUES_MAIL_FROM" default:"Dues <billing@localhost>" placeholder:"ADDRESS"`
}

func (m mailFlags) sender(log *slog.Logger) (service.Sender, error) {
	if m.SMTP == "" {
		return mailer.NewLog(log), nil
	}
	return mailer.NewSMTP(mailer.SMTPConfig{
		Addr: m.SMTP, From: m.MailFrom, Username: m.SMTPUser, Password: m.SMTPPassword, Plain: m.SMTPPlain,
	})
}

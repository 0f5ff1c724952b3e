package mailer

import (
	"crypto/tls"

	"github.com/dues-billing/dues/service"
)

// NewImplicit is NewSMTP for a server that is encrypted from the first byte, as on port 465, which a test cannot have.
func NewImplicit(cfg SMTPConfig, by *tls.Config) (*SMTP, error) {
	cfg.Plain = false
	s, err := NewSMTP(cfg)
	if err == nil {
		s.encrypt(by)
	}
	return s, err
}

// Sample is a mail of the gallery, for tests.
type Sample struct {
	Name, Kind string
	Data       service.MailData
}

// Samples returns the mails of the gallery.
func Samples() []Sample {
	var all []Sample
	for _, s := range samples() {
		all = append(all, Sample{s.name, s.kind, s.data})
	}
	return all
}

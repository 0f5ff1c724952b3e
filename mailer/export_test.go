package mailer

import "github.com/dues-billing/dues/service"

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

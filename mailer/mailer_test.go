package mailer_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/sebdah/goldie/v2"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/mailer"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

// Rows: B7.
func TestMailsReadAsTheyShould(t *testing.T) {
	t.Parallel()
	golden := goldie.New(t, goldie.WithNameSuffix(""))
	for _, s := range mailer.Samples() {
		mail, err := mailer.NewRenderer("Northwind").Render(s.Kind, s.Data)
		if err != nil {
			t.Errorf("%s: %v", s.Name, err)
			continue
		}
		golden.Assert(t, s.Name+".txt", []byte("Subject: "+mail.Subject+"\n\n"+mail.Text))
		golden.Assert(t, s.Name+".html", []byte(mail.HTML))
	}
}

func TestMailsReadAsTheyShouldInEachLanguage(t *testing.T) {
	t.Parallel()
	golden := goldie.New(t, goldie.WithNameSuffix(""))
	for _, language := range mailer.Languages[1:] {
		var all strings.Builder
		for _, s := range mailer.Samples() {
			s.Data.Account.Locale = language
			mail, err := mailer.NewRenderer("Northwind").Render(s.Kind, s.Data)
			if err != nil || !strings.Contains(mail.HTML, `<html lang="`+language+`">`) {
				t.Errorf("%s in %s: %v\n%s", s.Name, language, err, mail.HTML)
			}
			all.WriteString("==== " + s.Name + "\nSubject: " + mail.Subject + "\n\n" + mail.Text)
		}
		golden.Assert(t, "all-in-"+language+".txt", []byte(all.String()))
	}
}

// Rows: B7 C27.
func TestEachKindOfMailIsWritten(t *testing.T) {
	t.Parallel()
	for _, language := range mailer.Languages {
		for _, kind := range billing.MailKinds {
			// Bare data: what a provider leaves out must not leave holes in a sentence.
			mail, err := mailer.NewRenderer("Northwind").In(language).Render(kind, service.MailData{Amount: money.New(1900, "eur")})
			if err != nil {
				t.Errorf("%s in %s: %v", kind, language, err)
				continue
			}
			if mail.Subject == "" || mail.HTML == "" || mail.Text == "" {
				t.Errorf("%s in %s is empty: %+v", kind, language, mail)
			}
			for _, hole := range []string{"  ", " .", " ,", "%!", "0001", `href=""`, "on .", "<no value>", "„“", "«"} {
				if strings.Contains(mail.Subject, hole) || strings.Contains(prose(mail.Text), hole) {
					t.Errorf("%s in %s has a hole %q:\n%s\n%s", kind, language, hole, mail.Subject, mail.Text)
				}
			}
		}
	}
	if _, err := mailer.NewRenderer("").Render("birthday", service.MailData{}); err == nil {
		t.Error("an unknown kind was written")
	}
}

// prose is the text before the signature, without the lines of a table.
func prose(text string) string {
	text, _, _ = strings.Cut(text, "-- \n")
	var lines []string
	for line := range strings.Lines(text) {
		if !strings.Contains(line, "   ") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

func TestHostileNamesStayWords(t *testing.T) {
	t.Parallel()
	data := service.MailData{
		Account:   billing.Account{Name: `<script>alert(1)</script>`},
		Plan:      "Gold\r\nBcc: everybody@example.com",
		PlanFrom:  `"><img src=x>`,
		ManageURL: "javascript:alert(1)",
		URL:       "javascript:alert(2)",
		PDF:       "//evil.example/x",
		Amount:    money.New(1, "eur"),
	}
	for _, kind := range billing.MailKinds {
		mail, err := mailer.NewRenderer("N<b>").Render(kind, data)
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		if strings.ContainsAny(mail.Subject, "\r\n") {
			t.Errorf("%s: the subject has a line break: %q", kind, mail.Subject)
		}
		for _, bad := range []string{"<script>", "<img", "N<b>", "javascript:", "evil.example"} {
			if strings.Contains(mail.HTML, bad) {
				t.Errorf("%s: the HTML holds %q", kind, bad)
			}
		}
		if strings.Contains(mail.Text, "javascript:") {
			t.Errorf("%s: the text holds a script", kind)
		}
	}
}

func TestTheLogSenderTellsWhatAndNoAddress(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	sender := mailer.NewLog(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
	mail := service.Mail{Key: "welcome:ada", To: "ada@example.com", Subject: "Welcome", Text: "secret words"}
	if err := sender.Send(t.Context(), mail); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"key=welcome:ada", "subject=Welcome"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the log lacks %s: %s", want, &out)
		}
	}
	for _, private := range []string{"secret words", "ada@example.com"} {
		if strings.Contains(out.String(), private) {
			t.Errorf("the log holds %q", private)
		}
	}
}

func TestTheGalleryShowsEachKind(t *testing.T) {
	t.Parallel()
	shown := map[string]bool{}
	for _, s := range mailer.Samples() {
		shown[s.Kind] = true
	}
	for _, kind := range billing.MailKinds {
		if !shown[kind] {
			t.Errorf("the gallery has no %s", kind)
		}
	}
	if got := len(mailer.Gallery()); got != len(mailer.Samples()) {
		t.Errorf("the gallery has %d shots of %d samples", got, len(mailer.Samples()))
	}
}

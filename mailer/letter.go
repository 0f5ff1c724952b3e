package mailer

import (
	"context"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/internal/tongue"
	"github.com/dues-billing/dues/service"
)

// letter is what a mail says, once for HTML and text alike.
type letter struct {
	language string
	brand    string
	foot     string // why the reader gets it
	subject  string
	preview  string // the line beside the subject in a mail program
	title    string
	text     []string // paragraphs before the figures
	amount   string   // the one figure, "" without
	facts    []design.MailFact
	total    bool // the last fact is the sum of the others
	button   string
	href     string
	after    []string // paragraphs below the button
}

func (l letter) mail() (service.Mail, error) {
	l.href = webURL(l.href)
	var html strings.Builder
	page := design.MailLayout(design.Mail{Language: l.language, Subject: l.subject, Preview: l.preview, Brand: l.brand, Footer: l.foot})
	if err := page.Render(templ.WithChildren(context.Background(), l.html()), &html); err != nil {
		return service.Mail{}, err
	}
	return service.Mail{Subject: l.subject, HTML: html.String(), Text: l.plain() + "-- \n" + l.foot + "\n"}, nil
}

func (l letter) html() templ.Component {
	parts := []templ.Component{design.MailTitle(l.title)}
	for _, text := range l.text {
		parts = append(parts, design.MailText(text))
	}
	if l.amount != "" {
		parts = append(parts, design.MailAmount(l.amount))
	}
	if len(l.facts) > 0 {
		parts = append(parts, design.MailFacts(l.facts, l.total))
	}
	for _, text := range l.after {
		parts = append(parts, design.MailText(text))
	}
	if l.href != "" {
		parts = append(parts, design.MailButton(l.button, l.href))
	}
	return templ.Join(parts...)
}

func (l letter) plain() string {
	var b strings.Builder
	paragraph := func(text string) { b.WriteString(wrap(text) + "\n\n") }
	paragraph(l.title)
	for _, text := range l.text {
		paragraph(text)
	}
	if l.amount != "" {
		paragraph(l.amount)
	}
	if len(l.facts) > 0 {
		b.WriteString(columns(l.facts) + "\n")
	}
	for _, text := range l.after {
		paragraph(text)
	}
	if l.href != "" {
		b.WriteString(l.button + ":\n" + l.href + "\n\n")
	}
	return b.String()
}

// columns writes names and values below each other, the values to the right.
func columns(facts []design.MailFact) string {
	names, values := 0, 0
	for _, f := range facts {
		names, values = max(names, utf8.RuneCountInString(f.Name)), max(values, utf8.RuneCountInString(f.Value))
	}
	var b strings.Builder
	for _, f := range facts {
		gap := names - utf8.RuneCountInString(f.Name) + 3 + values - utf8.RuneCountInString(f.Value)
		b.WriteString(f.Name + strings.Repeat(" ", gap) + f.Value + "\n")
	}
	return b.String()
}

// lineRunes is where plain text is broken: what terminals and old mail programs show without breaking it again.
const lineRunes = 72

func wrap(text string) string {
	var b strings.Builder
	line := 0
	for i, word := range tongue.WordsOf(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case line+1+n > lineRunes:
			b.WriteString("\n")
			line = 0
		default:
			b.WriteString(" ")
			line++
		}
		b.WriteString(word)
		line += n
	}
	return b.String()
}

// webURL returns an address that may stand behind a button, or "".
func webURL(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return ""
	}
	return text
}

package mailer

import (
	"embed"
	"fmt"
	"strings"
	"text/template"
	"time"
	"unicode"

	"golang.org/x/text/language"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

// Languages are those that mails are written in, as BCP 47 names them. Who wants another gets that of the Renderer.
var Languages = []string{"en", "de", "fr", "es"}

//go:embed words/*.tmpl
var wordFiles embed.FS

// words are what mails say in one language: a file of words/.
type words struct {
	language string
	texts    *template.Template
	months   []string
}

// spoken holds the words of each language, in their order.
var spoken = func() (all []words) {
	for _, l := range Languages {
		texts := template.Must(template.New(l).Funcs(template.FuncMap{"ordinal": ordinal}).ParseFS(wordFiles, "words/"+l+".tmpl"))
		w := words{language: l, texts: texts}
		months, err := w.say("months", nil)
		if err != nil {
			panic(err)
		}
		w.months = strings.Fields(months)
		all = append(all, w)
	}
	return all
}()

var matcher = func() language.Matcher {
	tags := make([]language.Tag, len(Languages))
	for i, l := range Languages {
		tags[i] = language.MustParse(l)
	}
	return language.NewMatcher(tags)
}()

// wordsFor returns the words in the first of the languages that is spoken here, or English: "de" for de-AT.
func wordsFor(wanted ...string) words {
	for _, l := range wanted {
		tag, err := language.Parse(l)
		if err != nil || l == "" {
			continue
		}
		if _, at, sure := matcher.Match(tag); sure != language.No {
			return spoken[at]
		}
	}
	return spoken[0]
}

// say is one of the texts, on one line.
func (w words) say(name string, about any) (string, error) {
	var b strings.Builder
	if err := w.texts.ExecuteTemplate(&b, name, about); err != nil {
		return "", fmt.Errorf("mailer: %w", err)
	}
	return strings.Join(wordsOf(b.String()), " "), nil
}

// wordsOf takes a text apart where it may be broken, which is not where an amount has a space before its currency.
func wordsOf(text string) []string {
	const noBreak, narrowNoBreak = '\u00a0', '\u202f'
	return strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) && r != noBreak && r != narrowNoBreak })
}

// told is what the words may speak of, as it is written in their language. What is not known, or not so, is empty.
type told struct {
	Brand    string
	Name     string // how the customer is called: the first word of the name
	Plan     string
	PlanFrom string
	Amount   string
	Invoice  string // its number
	Until    string // the end of the period, or of the trial
	PaidAt   string
	RetryAt  string
	FailedAt string
	EndsAt   string // when the plan ends without a payment
	Attempt  int
	Whole    bool // all that was paid was given back
	Confirm  bool // the bank waits for the customer
	CardLink bool // the button opens a page for another card
}

// writer writes one mail. The first error is kept, and what follows it is empty.
type writer struct {
	words
	service.MailData
	told told
	err  error
}

func newWriter(w words, brand string, d service.MailData) *writer {
	t := &writer{words: w, MailData: d}
	first, _, _ := strings.Cut(strings.TrimSpace(d.Account.Name), " ")
	t.told = told{
		Brand: brand, Name: first, Plan: d.Plan, PlanFrom: d.PlanFrom, Amount: t.money(d.Amount), Invoice: d.Invoice,
		Until: t.day(d.PeriodEnd), PaidAt: t.day(d.PaidAt), RetryAt: t.day(d.RetryAt), FailedAt: t.day(d.FailedAt), EndsAt: t.day(d.EndsAt),
		Attempt: d.Attempt, Confirm: d.Confirm, Whole: !d.Returned.IsZero() && d.Returned == d.Paid,
		CardLink: !d.Confirm && webURL(d.URL) != "" && d.URL != d.ManageURL,
	}
	return t
}

func (w *writer) line(name string) string { return w.about(name, w.told) }

func (w *writer) about(name string, about any) string {
	if w.err != nil {
		return ""
	}
	var text string
	text, w.err = w.say(name, about)
	return text
}

// paragraphs is a text with its paragraphs, which blank lines end.
func (w *writer) paragraphs(name string) (all []string) {
	if w.err != nil {
		return nil
	}
	var b strings.Builder
	if err := w.texts.ExecuteTemplate(&b, name, w.told); err != nil {
		w.err = fmt.Errorf("mailer: %w", err)
		return nil
	}
	for part := range strings.SplitSeq(b.String(), "\n\n") {
		if text := strings.Join(wordsOf(part), " "); text != "" {
			all = append(all, text)
		}
	}
	return all
}

func (w *writer) money(a money.Amount) string { return a.Format(w.language) }

// day is a day, in UTC as Stripe's are; "" when it is not known.
func (w *writer) day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.UTC()
	return w.about("day", struct {
		Day, Year int
		Month     string
	}{t.Day(), t.Year(), w.months[t.Month()-1]})
}

// price is what a plan costs and how often; "" when it is not known.
func (w *writer) price(p billing.Price) string {
	if p.Key == "" {
		return ""
	}
	return w.about("price", struct {
		Amount, Interval string
		Count            int
	}{w.money(p.Amount), string(p.Interval), max(1, p.IntervalCount)})
}

// ordinal writes 2nd, 3rd, 4th.
func ordinal(n int) string {
	switch {
	case n%100 >= 11 && n%100 <= 13:
	case n%10 == 1:
		return fmt.Sprintf("%dst", n)
	case n%10 == 2:
		return fmt.Sprintf("%dnd", n)
	case n%10 == 3:
		return fmt.Sprintf("%drd", n)
	}
	return fmt.Sprintf("%dth", n)
}

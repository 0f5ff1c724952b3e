// Package tongue says things to people in their language. A language is a file of named texts, as text/template has them, beside its peers in a folder;
// each file has the same names. What all say alike, days and prices, is in words/ here.
package tongue

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"text/template"
	"time"
	"unicode"

	"golang.org/x/text/language"

	"github.com/dues-billing/dues/money"
)

// Languages are those that everything is written in, as BCP 47 names them. English is spoken to whoever wants none of them.
var Languages = []string{"en", "de", "fr", "es"}

//go:embed words/*.tmpl
var common embed.FS

var matcher = func() language.Matcher {
	tags := make([]language.Tag, len(Languages))
	for i, l := range Languages {
		tags[i] = language.MustParse(l)
	}
	return language.NewMatcher(tags)
}()

// Texts are what is said in each of the Languages, in their order.
type Texts []Words

// Words are what is said in one language.
type Words struct {
	Language string
	texts    *template.Template
	months   []string
}

// MustRead reads words/LANGUAGE.tmpl for each language from files that are part of the program, and panics where one is broken.
func MustRead(files fs.FS) (all Texts) {
	for _, l := range Languages {
		file := "words/" + l + ".tmpl"
		texts := template.Must(template.New(l).Funcs(template.FuncMap{"ordinal": ordinal}).ParseFS(common, file))
		texts = template.Must(texts.ParseFS(files, file))
		w := Words{Language: l, texts: texts}
		months, err := w.Say("months", nil)
		if err != nil {
			panic(err)
		}
		w.months = strings.Fields(months)
		all = append(all, w)
	}
	return all
}

// For returns the words in the first of the wanted languages that is spoken here, or English: "de" for de-AT.
func (t Texts) For(wanted ...string) Words {
	for _, l := range wanted {
		tag, err := language.Parse(l)
		if err != nil || l == "" {
			continue
		}
		if _, at, sure := matcher.Match(tag); sure != language.No {
			return t[at]
		}
	}
	return t[0]
}

// Accepted are the languages of an Accept-Language header, the liked ones first.
func Accepted(header string) (all []string) {
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return nil
	}
	for _, tag := range tags {
		all = append(all, tag.String())
	}
	return all
}

// Names are the names of all texts.
func (w Words) Names() (all []string) {
	for _, text := range w.texts.Templates() {
		if text.Name() != w.Language && !strings.HasSuffix(text.Name(), ".tmpl") {
			all = append(all, text.Name())
		}
	}
	return all
}

// Write is one of the texts as it stands.
func (w Words) Write(name string, about any) (string, error) {
	var b strings.Builder
	if err := w.texts.ExecuteTemplate(&b, name, about); err != nil {
		return "", fmt.Errorf("%s: %w", w.Language, err)
	}
	return b.String(), nil
}

// Say is one of the texts, on one line.
func (w Words) Say(name string, about any) (string, error) {
	text, err := w.Write(name, about)
	return OneLine(text), err
}

// OneLine is a text on one line.
func OneLine(text string) string { return strings.Join(WordsOf(text), " ") }

// WordsOf takes a text apart where it may be broken, which is not where an amount has a space before its currency.
func WordsOf(text string) []string {
	const noBreak, narrowNoBreak = '\u00a0', '\u202f'
	return strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) && r != noBreak && r != narrowNoBreak })
}

// Money is an amount.
func (w Words) Money(a money.Amount) string { return a.Format(w.Language) }

// Day is a day, in UTC as Stripe's are.
func (w Words) Day(t time.Time) (string, error) {
	t = t.UTC()
	return w.Say("day", struct {
		Day, Year int
		Month     string
	}{t.Day(), t.Year(), w.months[t.Month()-1]})
}

// Price is an amount and how often it is paid: every so many days, weeks, months or years.
func (w Words) Price(amount money.Amount, every string, count int) (string, error) {
	return w.Say("price", struct {
		Amount, Interval string
		Count            int
	}{w.Money(amount), every, max(1, count)})
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

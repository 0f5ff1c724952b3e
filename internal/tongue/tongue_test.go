package tongue

import (
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/dues-billing/dues/money"
)

// spoken are the texts of a program that says little.
func spoken() Texts {
	files := fstest.MapFS{}
	for _, l := range Languages {
		files["words/"+l+".tmpl"] = &fstest.MapFile{Data: []byte(`{{define "greeting"}}` + l + `{{end}}`)}
	}
	return MustRead(files)
}

func TestWhoWantsALanguageThatIsNotSpokenGetsTheNextBest(t *testing.T) {
	t.Parallel()
	all := spoken()
	for _, c := range []struct {
		account, installation, want string
	}{
		{"", "", "en"},
		{"", "fr", "fr"},
		{"de", "fr", "de"},
		{"de-AT", "fr", "de"},
		{"es-419", "", "es"},
		{"fr-CA", "de", "fr"},
		{"en-GB", "de", "en"},
		{"pt-BR", "de", "de"},
		{"ja", "", "en"},
		{"gibberish!", "es", "es"},
	} {
		if got := all.For(c.account, c.installation).Language; got != c.want {
			t.Errorf("an account of %q where the rest is %q is written to in %s, want %s", c.account, c.installation, got, c.want)
		}
	}
}

func TestABrowserSaysWhatItsReaderLikes(t *testing.T) {
	t.Parallel()
	if got := Accepted("fr-CH, fr;q=0.9, en;q=0.8, *;q=0.1"); !slices.Equal(got[:3], []string{"fr-CH", "fr", "en"}) {
		t.Errorf("got %q", got)
	}
	if got := Accepted("\x00;;q=x"); got != nil {
		t.Errorf("of nonsense: %q", got)
	}
}

func TestDaysAndPricesAreWritten(t *testing.T) {
	t.Parallel()
	w := spoken().For("de")
	if greeting, err := w.Say("greeting", nil); err != nil || greeting != "de" {
		t.Errorf("greeting: %q, %v", greeting, err)
	}
	day, err := w.Day(time.Date(2026, time.March, 9, 23, 0, 0, 0, time.FixedZone("west", -2*60*60)))
	if err != nil || day != "10. März 2026" {
		t.Errorf("day: %q, %v; days are UTC", day, err)
	}
	price, err := w.Price(money.New(190000, "eur"), "month", 3)
	if want := "1.900,00\u00a0€ alle 3 Monate"; err != nil || price != want {
		t.Errorf("price: %q, %v; want %q", price, err, want)
	}
	if _, err := w.Say("farewell", nil); err == nil {
		t.Error("what nobody wrote was said")
	}
}

func TestEachLanguageHasTwelveMonthsAndTheSameTexts(t *testing.T) {
	t.Parallel()
	for _, w := range spoken() {
		if len(w.months) != 12 {
			t.Errorf("%s has the months %q", w.Language, w.months)
		}
		for _, every := range []string{"day", "week", "month", "year"} {
			for _, count := range []int{1, 3} {
				if text, err := w.Price(money.New(900, "eur"), every, count); err != nil || len(text) < len("9,00 € x") {
					t.Errorf("%s: %q, %v", w.Language, text, err)
				}
			}
		}
	}
}

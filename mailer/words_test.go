package mailer

import (
	"slices"
	"strings"
	"testing"
)

func TestEachLanguageSaysTheSame(t *testing.T) {
	t.Parallel()
	english := spoken[0].names()
	if len(english) < 12*5 {
		t.Fatalf("there are %d texts in English", len(english))
	}
	for _, w := range spoken[1:] {
		if got := w.names(); !slices.Equal(got, english) {
			t.Errorf("%s has the texts\n%q, English has\n%q", w.language, got, english)
		}
		if len(w.months) != 12 {
			t.Errorf("%s has the months %q", w.language, w.months)
		}
	}
}

// names are those of the texts that are asked for, without what texts of one language have in common.
func (w words) names() (all []string) {
	for _, text := range w.texts.Templates() {
		if name := text.Name(); strings.Contains(name, ".") && !strings.HasPrefix(name, "owed") && !strings.HasSuffix(name, ".tmpl") {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

func TestWhoWantsALanguageThatIsNotSpokenGetsTheNextBest(t *testing.T) {
	t.Parallel()
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
		if got := wordsFor(c.account, c.installation).language; got != c.want {
			t.Errorf("an account of %q where the rest is %q is written to in %s, want %s", c.account, c.installation, got, c.want)
		}
	}
}

package mailer

import (
	"slices"
	"strings"
	"testing"

	"github.com/dues-billing/dues/internal/tongue"
)

func TestEachLanguageSaysTheSame(t *testing.T) {
	t.Parallel()
	english := namesOf(spoken[0])
	if len(english) < 12*5 {
		t.Fatalf("there are %d texts in English", len(english))
	}
	for _, w := range spoken[1:] {
		if got := namesOf(w); !slices.Equal(got, english) {
			t.Errorf("%s has the texts\n%q, English has\n%q", w.Language, got, english)
		}
	}
}

// namesOf are the names of the texts that are asked for, without what texts of one language have in common.
func namesOf(w tongue.Words) []string {
	all := slices.DeleteFunc(w.Names(), func(name string) bool { return !strings.Contains(name, ".") || strings.HasPrefix(name, "owed") })
	slices.Sort(all)
	return all
}

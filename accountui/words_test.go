package accountui

import (
	"slices"
	"testing"
)

func TestEachLanguageSaysTheSame(t *testing.T) {
	t.Parallel()
	namesOf := func(i int) []string {
		all := slices.DeleteFunc(spoken[i].Names(), func(name string) bool { return name == "one" || name == "many" })
		slices.Sort(all)
		return all
	}
	english := namesOf(0)
	if len(english) < 100 {
		t.Fatalf("there are %d texts in English", len(english))
	}
	for i, w := range spoken {
		if got := namesOf(i); !slices.Equal(got, english) {
			t.Errorf("%s has the texts\n%q, English has\n%q", w.Language, got, english)
		}
	}
}

package sqlstore_test

import (
	"regexp"
	"testing"
)

// SQLite looks into a bare parameter of LIMIT when it plans, and so plans a kept statement anew each time that one is bound, which costs several
// times what running it does. A sum it does not look into.
func TestNoKeptStatementIsPlannedAnew(t *testing.T) {
	t.Parallel()
	bare := regexp.MustCompile(`LIMIT \$\d+\s*(\)|$)`)
	found := 0
	for name, text := range statements(t, ".") {
		if bare.MatchString(text) {
			t.Errorf("%s: write LIMIT $n + 0 in %s", name, text)
		}
		if regexp.MustCompile(`LIMIT \$\d+ \+ 0`).MatchString(text) {
			found++
		}
	}
	if found == 0 {
		t.Error("no statement has a limit: is this the right directory?")
	}
}

package wire

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestCoverageIsCurrent(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "coverage.md"))
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != Coverage() {
		t.Error("docs/coverage.md is older than the routes and commands it is made from; make gen writes it anew")
	}
}

func TestCoverageCountsAgainstStripesWholeSurface(t *testing.T) {
	t.Parallel()
	const surface = 279
	names := strings.Split(strings.TrimSpace(billingOperations), "\n")
	if len(names) != surface {
		t.Errorf("%d operations, want %d", len(names), surface)
	}
	for _, name := range names {
		if stripeSpec().ops[name] == nil {
			t.Errorf("Stripe has no operation %s", name)
		}
	}
}

// A list may be filtered exactly or by bounds: the leaves of the fuller alternative count.
func TestCoverageCountsLeaves(t *testing.T) {
	t.Parallel()
	def := stripeSpec().parse("{a:s;b:{c:i;d:[{e:s;f:s}]};g:(i/{gt:i;lt:i});metadata:m;expand:[s]}")
	var target struct {
		A string `form:"a"`
		B struct {
			D []struct {
				F string `form:"f"`
			} `form:"d"`
		} `form:"b"`
		G struct {
			GT int64 `form:"gt"`
		} `form:"g"`
		Metadata map[string]string `form:"metadata"`
	}
	var honoured tally
	honoured.object(def, reflect.TypeOf(target))
	if all := leaves(def); honoured.n != 5 || all != 8 {
		t.Errorf("%d/%d, want 5/8", honoured.n, all)
	}
}

// Package nodetest runs Stripe's official library for Node against the emulator.
package nodetest

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/emulator/wire/schematest"
	"github.com/dues-billing/dues/emulator/wire/triptest"
	"github.com/dues-billing/dues/internal/testenv"
)

// Two things at once, for npm installs once: the stories of a developer, and a round trip of every operation that is served.
func TestTheLibraryForNodeReachesEveryServedOperation(t *testing.T) {
	t.Parallel()
	node := testenv.Node(t)
	made := &triptest.Log{}
	server := emulator.Start(t, func(o *emulator.Options) {
		o.Wrap = func(h http.Handler) http.Handler { return made.Handler(schematest.Handler(t, h)) }
	})
	if _, err := os.Stat(filepath.Join("node_modules", "stripe")); err != nil {
		install := exec.CommandContext(t.Context(), "npm", "ci", "--omit=optional")
		if out, err := install.CombinedOutput(); err != nil {
			t.Fatalf("npm ci: %v\n%s", err, out)
		}
	}
	tests := exec.CommandContext(t.Context(), node, "--test")
	tests.Env = append(tests.Environ(), "EMULATOR_URL="+server.URL)
	if out, err := tests.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if missing := made.Missing(); len(missing) > 0 {
		t.Errorf("%d operations have no round trip in testdata/roundtrips:\n%s", len(missing), strings.Join(missing, "\n"))
	}
}

package verdict

import (
	"testing"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
)

func TestTonesFollowTheNews(t *testing.T) {
	t.Parallel()
	for status, want := range map[billing.Status]design.Tone{
		billing.Active: design.Good, billing.Trialing: design.Good, billing.PastDue: design.Warn, billing.Incomplete: design.Warn, billing.Unpaid: design.Bad, billing.Canceled: design.Bad,
	} {
		if got := toneOf(status); got != want {
			t.Errorf("%s: got %q, want %q", status, got, want)
		}
	}
}

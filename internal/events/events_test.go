package events_test

import (
	"os"
	"strings"
	"testing"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/events"
)

func TestThePageOfEventsIsMadeFromTheTypes(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../../" + events.Document)
	if err != nil {
		t.Fatal(err)
	}
	want, err := events.Page(string(document))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../" + events.Path)
	if err != nil || string(got) != want {
		t.Errorf("%s is not what make gen writes: run it (%v)", events.Path, err)
	}
	for _, kind := range billing.NoticeTypes {
		if !strings.Contains(want, "\n## "+kind+"\n") {
			t.Errorf("%s has no section", kind)
		}
	}
}

func TestATypeComesWithThePartOfItsFamily(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ kind, want string }{
		{billing.AccessChanged, "previous"},
		{billing.Renewed, "invoice subscription"},
		{billing.LicenseCut, "license"},
		{billing.RefundCreated, "invoice refund"},
		{billing.AccountDeleted, ""},
	} {
		if got := strings.Join(events.With(c.kind), " "); got != c.want {
			t.Errorf("%s comes with %q, want %q", c.kind, got, c.want)
		}
	}
}

package billing_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
)

func TestWhatACancelAsksTheProviderFor(t *testing.T) {
	t.Parallel()
	ends := func(at time.Time, atPeriodEnd bool) func(*billing.Subscription) {
		return func(s *billing.Subscription) { s.CancelAt, s.CancelAtPeriodEnd = at, atPeriodEnd }
	}
	running := sub("sub", "monthly", billing.Active)
	atEnd, sooner, later := sub("sub", "monthly", billing.Active, ends(feb28, true)), sub("sub", "monthly", billing.Active, ends(feb10, false)),
		sub("sub", "monthly", billing.Active, ends(mar31, false))
	const nothing, refused = "nothing", "refused"
	for _, c := range []struct {
		name string
		subs []billing.Subscription
		when billing.CancelWhen
		want string // the subscription, nothing or refused
	}{
		{"a running one, with its period", []billing.Subscription{running}, billing.CancelAtEnd, "sub"},
		{"a running one, now", []billing.Subscription{running}, billing.CancelNow, "sub"},
		{"one in its trial", []billing.Subscription{sub("sub", "monthly", billing.Trialing)}, billing.CancelAtEnd, "sub"},
		{"one whose payment is late", []billing.Subscription{sub("sub", "monthly", billing.PastDue)}, billing.CancelAtEnd, "sub"},
		{"one that ends with its period already", []billing.Subscription{atEnd}, billing.CancelAtEnd, nothing},
		{"one that ends with its period, now after all", []billing.Subscription{atEnd}, billing.CancelNow, "sub"},
		{"one that ends sooner than its period", []billing.Subscription{sooner}, billing.CancelAtEnd, nothing},
		{"one that ends later than its period", []billing.Subscription{later}, billing.CancelAtEnd, "sub"},
		{"the paid one beside the free one", []billing.Subscription{running, sub("free", "starter", billing.Active)}, billing.CancelAtEnd, "sub"},
		{"the free plan", []billing.Subscription{sub("free", "starter", billing.Active)}, billing.CancelAtEnd, refused},
		{"one that has ended", []billing.Subscription{sub("sub", "monthly", billing.Canceled)}, billing.CancelAtEnd, refused},
		{"one that was never paid", []billing.Subscription{sub("sub", "monthly", billing.Incomplete)}, billing.CancelNow, refused},
		{"none at all", nil, billing.CancelAtEnd, refused},
		{"a paused one, with its period", []billing.Subscription{sub("sub", "monthly", billing.Paused)}, billing.CancelAtEnd, refused},
		{"a paused one, now", []billing.Subscription{sub("sub", "monthly", billing.Paused)}, billing.CancelNow, "sub"},
		{"a running one, at a date", []billing.Subscription{running}, billing.CancelOn, "sub"},
		{"one that ends sooner, at a later date", []billing.Subscription{sooner}, billing.CancelOn, "sub"},
		{"one that ends at the date already", []billing.Subscription{later}, billing.CancelOn, nothing},
		{"the free plan, at a date", []billing.Subscription{sub("free", "starter", billing.Active)}, billing.CancelOn, refused},
		{"back: one that ends with its period", []billing.Subscription{atEnd}, billing.CancelNever, "sub"},
		{"back: one that ends at a date of its own", []billing.Subscription{later}, billing.CancelNever, "sub"},
		{"back: one that goes on", []billing.Subscription{running}, billing.CancelNever, nothing},
		{"back: one that has ended", []billing.Subscription{sub("sub", "monthly", billing.Canceled)}, billing.CancelNever, refused},
	} {
		got, needed, err := shop.Cancel(billing.State{Customer: "cus", Known: true, Subscriptions: c.subs}, c.when, mar31)
		is := string(got.ID)
		switch {
		case err != nil && billing.CodeOf(err) == billing.Conflict && !needed:
			is = refused
		case err != nil:
			t.Errorf("%s: %v", c.name, err)
		case !needed:
			is = nothing
		}
		if is != c.want {
			t.Errorf("%s: %s (%v), want %s", c.name, is, err, c.want)
		}
	}
	within := billing.State{Customer: "cus", Known: true, Subscriptions: []billing.Subscription{running}}
	var refusal *billing.Error
	if _, _, err := shop.Cancel(within, billing.CancelOn, feb10); !errors.As(err, &refusal) || refusal.Code != billing.Invalid || refusal.Field != "date" {
		t.Errorf("a date inside the period: got %v, want it refused by field", err)
	}
	deleted := billing.State{Customer: "cus", Known: true, Deleted: true, Subscriptions: []billing.Subscription{running}}
	if _, _, err := shop.Cancel(deleted, billing.CancelNow, time.Time{}); billing.CodeOf(err) != billing.Conflict {
		t.Errorf("of a deleted customer: got %v, want code conflict", err)
	}
}

func TestFeedbackOfACancelIsOneOfThoseThatStripeCounts(t *testing.T) {
	t.Parallel()
	for _, feedback := range append(billing.CancelFeedback, "") {
		if err := (billing.CancellationDetails{Feedback: feedback, Comment: strings.Repeat("ü", billing.CancelCommentMax)}).Check(); err != nil {
			t.Errorf("%q: %v", feedback, err)
		}
	}
	for field, c := range map[string]billing.CancellationDetails{"feedback": {Feedback: "bored"}, "comment": {Comment: strings.Repeat("x", billing.CancelCommentMax+1)}} {
		var refused *billing.Error
		if err := c.Check(); !errors.As(err, &refused) || refused.Code != billing.Invalid || refused.Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
}

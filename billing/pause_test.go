package billing_test

import (
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
)

// pausedWith is a paused subscription whose latest invoice has that status.
func pausedWith(status billing.InvoiceStatus) billing.State {
	running := sub("sub", "monthly", billing.Active, func(s *billing.Subscription) { s.Suspended, s.LatestInvoice = true, "in_latest" })
	state := known(running)
	state.Invoices = []billing.Invoice{{ID: "in_latest", Subscription: "sub", Status: status}, {ID: "in_older", Subscription: "sub", Status: billing.InvoiceVoid}}
	return state
}

func TestWhatAPauseAsksTheProviderFor(t *testing.T) {
	t.Parallel()
	with := func(change func(*billing.Subscription)) billing.State {
		return known(sub("sub", "monthly", billing.Active, change))
	}
	const pauses, nothing, refused = "pauses", "nothing", "refused"
	for _, c := range []struct {
		name  string
		state billing.State
		want  string
	}{
		{"a running one", known(sub("sub", "monthly", billing.Active)), pauses},
		{"one that is paused", pausedWith(billing.InvoicePaid), nothing},
		{"one that the provider has stopped", known(sub("sub", "monthly", billing.Paused)), nothing},
		{"one in its trial", known(sub("sub", "monthly", billing.Trialing)), refused},
		{"one whose payment is late", known(sub("sub", "monthly", billing.PastDue)), refused},
		{"one that is unpaid", known(sub("sub", "monthly", billing.Unpaid)), refused},
		{"one that ends", with(func(s *billing.Subscription) { s.CancelAt = feb28 }), refused},
		{"one that changes", with(func(s *billing.Subscription) { s.Next = billing.NextPlan{PriceKey: "yearly", At: feb28} }), refused},
		{"the free plan", known(sub("free", "starter", billing.Active)), refused},
		{"one that has ended", known(sub("sub", "monthly", billing.Canceled)), refused},
		{"none at all", billing.State{}, refused},
	} {
		got := nothing
		switch _, needed, err := shop.Pause(c.state); {
		case billing.CodeOf(err) == billing.Conflict:
			got = refused
		case err != nil:
			got = err.Error()
		case needed:
			got = pauses
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestWhoGoesOnAfterThePaidTimePaysForAWholePeriod(t *testing.T) {
	t.Parallel()
	const goesOn, renews, nothing, refused = "goes on", "renews", "nothing", "refused"
	for _, c := range []struct {
		name  string
		state billing.State
		want  string
	}{
		{"inside what is paid for", pausedWith(billing.InvoicePaid), goesOn},
		{"with an older debt that is still tried", pausedWith(billing.InvoiceOpen), goesOn},
		{"after a void renewal", pausedWith(billing.InvoiceVoid), renews},
		{"after one that was given up, as a pause in the dashboard may do", pausedWith(billing.InvoiceUncollectible), renews},
		{"after one that is kept as a draft", pausedWith(billing.InvoiceDraft), renews},
		{"not paused", known(sub("sub", "monthly", billing.Active)), nothing},
		{"stopped by the provider", known(sub("sub", "monthly", billing.Paused)), refused},
		{"the free plan", known(sub("free", "starter", billing.Active)), refused},
		{"none at all", billing.State{}, refused},
	} {
		got := goesOn
		switch _, again, needed, err := shop.Unpause(c.state); {
		case billing.CodeOf(err) == billing.Conflict:
			got = refused
		case err != nil:
			got = err.Error()
		case !needed:
			got = nothing
		case again:
			got = renews
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestAPauseKeepsWhatIsPaidForAndNoMore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		state billing.State
		level billing.Level
		until time.Time
		why   string
	}{
		{"paid for", pausedWith(billing.InvoicePaid), billing.Full, feb28.Add(days(2)), "Premium is paid for until 28 February 2026 and pauses then."},
		{"not paid for any more", pausedWith(billing.InvoiceVoid), billing.FreeOnly, time.Time{}, "Premium is paused."},
	} {
		for what, state := range map[string]billing.State{"the state": c.state, "what is kept of it": c.state.Deciding(shop)} {
			got := billing.AccessOf(shop, state, feb10)
			if !got.Paused || got.Level != c.level || !got.Until.Equal(c.until) || got.Why != c.why {
				t.Errorf("%s, by %s: %+v", c.name, what, got)
			}
		}
	}
	if _, err := shop.Change(pausedWith(billing.InvoicePaid), billing.ChangeWish{PriceKey: "yearly"}); billing.CodeOf(err) != billing.Conflict {
		t.Errorf("a change during a pause, whose price would be void: got %v, want code conflict", err)
	}
}

package billing_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
)

// dunning is the shop with reminders after one, three and seven days, and an end after 14.
func dunning(end billing.DunningEnd) billing.Catalog {
	c := shop
	c.Dunning = billing.Dunning{
		Steps:   []billing.DunningStep{{days(1), billing.PaymentReminderMail}, {days(3), billing.PaymentReminderMail}, {days(7), billing.LastReminderMail}},
		Finally: end, FinallyAfter: days(14),
	}
	return c
}

// failed is an open invoice whose payment failed on 28 February.
func failed(change ...func(*billing.Invoice)) billing.Invoice {
	return invoice("i", "s", "monthly", billing.InvoiceOpen, append([]func(*billing.Invoice){func(i *billing.Invoice) { i.Attempts, i.FailedAt = 1, feb28 }}, change...)...)
}

func TestWhoHasNotPaidIsRemindedInSteps(t *testing.T) {
	t.Parallel()
	overdue := known(sub("s", "monthly", billing.PastDue), failed())
	sent := func(step int, at time.Duration) []billing.Reminder {
		return []billing.Reminder{{Rule: billing.DunningRule, About: "s", LastKey: fmt.Sprintf("dunning:i:%dd", step), LastAt: feb28.Add(at)}}
	}
	with := func(sub billing.Subscription, parts ...any) billing.State {
		return known(append([]any{sub}, parts...)...)
	}
	due := func(keys ...string) []string { return keys }
	for _, c := range []struct {
		name  string
		shop  billing.Catalog
		state billing.State
		sent  []billing.Reminder
		after time.Duration // since the first failure
		want  []string
		next  int // days since the failure, 0: nothing
	}{
		{"on the day", dunning(""), overdue, nil, time.Hour, nil, 1},
		{"the first step", dunning(""), overdue, nil, days(1), due("dunning:i:1d"), 3},
		{"it is sent", dunning(""), overdue, sent(1, days(1)), days(2), nil, 3},
		{"the second step", dunning(""), overdue, sent(1, days(1)), days(3), due("dunning:i:3d"), 7},
		{"after an outage, the newest alone", dunning(""), overdue, nil, days(6), due("dunning:i:3d"), 7},
		{"after a longer one, the last", dunning(""), overdue, sent(1, days(1)), days(30), due("dunning:i:7d"), 0},
		{"the last step without an end", dunning(""), overdue, sent(7, days(7)), days(40), nil, 0},
		{"an end that is not a cancel", dunning(billing.DunningUnpaid), overdue, sent(7, days(7)), days(40), nil, 0},
		{"before the end", dunning(billing.DunningCancels), overdue, sent(7, days(7)), days(13), nil, 14},
		{"the end", dunning(billing.DunningCancels), overdue, sent(7, days(7)), days(14), due("dunning-end:s:i"), 0},
		{"the free plan as the end", dunning(billing.DunningFrees), overdue, sent(7, days(7)), days(14), due("dunning-end:s:i"), 0},
		{"turned on when somebody owed for a year: told first", dunning(billing.DunningCancels), overdue, nil, days(365), due("dunning:i:7d"), 372},
		{"and a day before that end", dunning(billing.DunningCancels), overdue, sent(7, days(365)), days(371), nil, 372},
		{"paid", dunning(billing.DunningCancels), with(sub("s", "monthly", billing.Active), failed(func(i *billing.Invoice) { i.Status = billing.InvoicePaid })), sent(1, days(1)), days(14), nil, 0},
		{"written off", dunning(""), with(sub("s", "monthly", billing.PastDue), failed(func(i *billing.Invoice) { i.Status = billing.InvoiceUncollectible })), nil, days(1), nil, 0},
		{"ended by the provider", dunning(""), with(sub("s", "monthly", billing.Canceled), failed()), nil, days(1), nil, 0},
		{"paused", dunning(""), with(sub("s", "monthly", billing.PastDue, func(s *billing.Subscription) { s.Suspended = true }), failed()), nil, days(1), nil, 0},
		{"given up by the provider, still owed", dunning(""), with(sub("s", "monthly", billing.Unpaid), failed()), nil, days(1), due("dunning:i:1d"), 3},
		{"cancelled with the period, still owed", dunning(""), with(sub("s", "monthly", billing.PastDue, ending), failed()), nil, days(1), due("dunning:i:1d"), 3},
		{"the bank wants it confirmed", dunning(""), with(sub("s", "monthly", billing.PastDue), failed(func(i *billing.Invoice) { i.Attempts, i.NeedsConfirmation = 0, true })), nil, days(1), due("dunning:i:1d"), 3},
		{"paid by hand", dunning(""), with(sub("s", "monthly", billing.PastDue), failed(func(i *billing.Invoice) { i.Attempts = 0 })), nil, days(1), nil, 0},
		{"the first payment", dunning(""), with(sub("s", "monthly", billing.PastDue), failed(func(i *billing.Invoice) { i.Reason = "subscription_create" })), nil, days(1), nil, 0},
		{"no charge was made: since it was written", dunning(""), with(sub("s", "monthly", billing.PastDue), failed(func(i *billing.Invoice) { i.FailedAt, i.CreatedAt = time.Time{}, feb28 })), nil, days(1), due("dunning:i:1d"), 3},
		{"another invoice was reminded of before", dunning(""), with(sub("s", "monthly", billing.PastDue), failed()), []billing.Reminder{{Rule: billing.DunningRule, About: "s", LastKey: "dunning:h:7d", LastAt: jan31}}, days(1), due("dunning:i:1d"), 3},
		{"nobody asked for it", shop, overdue, nil, days(30), nil, 0},
	} {
		var got []string
		next := 0
		for _, m := range c.shop.Reminders(c.state, c.sent, feb28.Add(c.after)) {
			for _, e := range m.Effects {
				got = append(got, e.Key)
			}
			if !m.DueAt.IsZero() {
				next = int(m.DueAt.Sub(feb28) / days(1))
			}
		}
		if !slices.Equal(got, c.want) || next != c.next {
			t.Errorf("%s: got %q and next after %d days, want %q and %d", c.name, got, next, c.want, c.next)
		}
	}
}

func TestWithDunningOnlyTheFirstFailureHasAMailOfItsOwn(t *testing.T) {
	t.Parallel()
	tried := func(n int) billing.State {
		return known(sub("s", "monthly", billing.PastDue), failed(func(i *billing.Invoice) { i.Attempts = n }))
	}
	for _, c := range []struct {
		name        string
		mirror, now billing.State
		want        []string
	}{
		{"the first", known(sub("s", "monthly", billing.Active)), tried(1), []string{"payment_failed failed:i:1"}},
		{"two of them, seen at once", known(sub("s", "monthly", billing.Active)), tried(2), []string{"payment_failed failed:i:2"}},
		{"the second", tried(1), tried(2), nil},
	} {
		if got := keys(billing.Decide(dunning(""), "ada", c.mirror, c.now)); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestAPaymentFailedWhenItsFirstChargeDid(t *testing.T) {
	t.Parallel()
	at := func(d int) time.Time { return feb28.Add(days(d)) }
	charge := func(intent, status string, d int) billing.Charge {
		return billing.Charge{PaymentIntent: intent, Status: status, CreatedAt: at(d)}
	}
	open := failed(func(i *billing.Invoice) { i.FailedAt, i.PaymentIntent = time.Time{}, "pi" })
	noted := failed(func(i *billing.Invoice) { i.FailedAt, i.PaymentIntent = at(1), "pi" })
	paid := failed(func(i *billing.Invoice) { i.Status, i.PaymentIntent = billing.InvoicePaid, "pi" })
	for _, c := range []struct {
		name        string
		mirror, now billing.Invoice
		read        []billing.Charge
		want        time.Time
	}{
		{"the first of three", open, open, []billing.Charge{charge("pi", "failed", 5), charge("pi", "failed", 1), charge("other", "failed", 0), charge("pi", "pending", 0)}, at(1)},
		{"a later one, when the first is known", noted, open, []billing.Charge{charge("pi", "failed", 5)}, at(1)},
		{"nothing was read of charges", noted, open, nil, at(1)},
		{"no charge was made", open, open, nil, time.Time{}},
		{"it is paid", noted, paid, []billing.Charge{charge("pi", "failed", 1)}, time.Time{}},
	} {
		state := known(sub("s", "monthly", billing.PastDue), c.now).Marked(shop, known(c.mirror), billing.Record{Charges: c.read})
		if got := state.Invoices[0].FailedAt; !got.Equal(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestWhatStaysUnpaidCountsAsUnpaidWhereTheCatalogueSaysSo(t *testing.T) {
	t.Parallel()
	tenDays := func(end billing.DunningEnd) billing.Catalog {
		c := dunning(end)
		c.Dunning.FinallyAfter = days(10)
		return c
	}
	state := known(sub("s", "monthly", billing.PastDue, func(s *billing.Subscription) { s.Items[0].Period.End = mar31 }),
		failed(func(i *billing.Invoice) { i.NextAttempt, i.CreatedAt = feb28.Add(days(20)), feb28.Add(-time.Hour) }))
	for _, c := range []struct {
		name  string
		end   billing.DunningEnd
		after time.Duration
		want  billing.Level
	}{
		{"before", billing.DunningUnpaid, days(10) - time.Second, billing.Full},
		{"from then on", billing.DunningUnpaid, days(10), billing.FreeOnly},
		{"another end", billing.DunningCancels, days(10), billing.Full},
	} {
		for what, s := range map[string]billing.State{"read": state, "from memory": state.Deciding(tenDays(c.end))} {
			if got := billing.AccessOf(tenDays(c.end), s, feb28.Add(c.after)); got.Level != c.want {
				t.Errorf("%s, %s: %s, want %s (%s)", c.name, what, got.Level, c.want, got.Why)
			}
		}
	}
	_, told := billing.Tell(tenDays(billing.DunningUnpaid), billing.Change{Mirror: state, Now: state, At: feb28.Add(days(2))})
	if want := feb28.Add(days(10)); !told.LookAt.Equal(want) {
		t.Errorf("the application is told at %v, want %v", told.LookAt, want)
	}
}

func TestTheDeskSeesWhichStepComesNext(t *testing.T) {
	t.Parallel()
	overdue := known(sub("s", "monthly", billing.PastDue), failed())
	for _, c := range []struct {
		name string
		next time.Duration
		want string
	}{
		{"the first", days(1), billing.PaymentReminderMail},
		{"the last mail", days(7), billing.LastReminderMail},
		{"the end", days(14), "cancel"},
		{"an end that was put off", days(372), "cancel"},
		{"nothing", 0, ""},
	} {
		kept := billing.Reminder{Rule: billing.DunningRule, About: "s"}
		if c.next > 0 {
			kept.DueAt = feb28.Add(c.next)
		}
		if d, owes := dunning(billing.DunningCancels).Dunned(overdue, kept); !owes || d.Next != c.want || !d.Since.Equal(feb28) {
			t.Errorf("%s: got %+v, %v; want %s", c.name, d, owes, c.want)
		}
	}
	if _, owes := dunning("").Dunned(known(sub("s", "monthly", billing.Active)), billing.Reminder{About: "s"}); owes {
		t.Error("who owes nothing is on the list")
	}
}

package billing

import (
	"slices"
	"time"
)

// ReminderRule names a rule by which something is due because time passes, and not because the provider has news.
type ReminderRule string

// The rules.
const (
	RenewalRule ReminderRule = "renewal" // a renewal is coming
	DunningRule ReminderRule = "dunning" // a renewal was not paid
)

// Reminder is where a subscription stands with a rule: what was sent of it last, and when there is something to do next.
type Reminder struct {
	Rule    ReminderRule
	About   SubscriptionID
	DueAt   time.Time // business time; zero: not before the subscription changes
	LastKey string    // of the effect that came last, "" before the first
	LastAt  time.Time
	Ends    bool     // DueAt is when the subscription is ended
	Effects []Effect // that are due now; their transition is LastKey and LastAt already
}

// Mails is which mails are sent that nothing but the time brings about, and which are not sent though something happened. The zero value
// sends none of the former and all of the latter.
type Mails struct {
	RenewalReminder RenewalReminder
	Off             []string // kinds of mail: the provider sends them, or the application does
}

// Sends reports whether mails of a kind go out.
func (m Mails) Sends(kind string) bool { return !slices.Contains(m.Off, kind) }

// Reminds reports whether any rule of reminders is configured.
func (c Catalog) Reminds() bool { return c.Mails.RenewalReminder.Days > 0 || len(c.Dunning.Steps) > 0 }

// Reminders returns what is due for a customer, and what will be. sent is where its subscriptions stood before. Like TrialNews it follows from the
// state and the time, so that whoever looks, and however often, finds the same.
func (c Catalog) Reminders(s State, sent []Reminder, now time.Time) []Reminder {
	var all []Reminder
	if s.Deleted {
		return nil
	}
	for _, sub := range s.Subscriptions {
		if r, ok := c.renewalComing(sub, now); ok {
			all = append(all, r)
		}
		if r, ok := c.dun(s, sub, sent, now); ok {
			all = append(all, r)
		}
	}
	return all
}

// Planned is the reminder as it is kept before what is due now has been done: it is due at once.
func (r Reminder) Planned(sent []Reminder, now time.Time) Reminder {
	if len(r.Effects) == 0 {
		return r
	}
	last := lastOf(sent, r)
	r.DueAt, r.LastKey, r.LastAt, r.Effects = now, last.LastKey, last.LastAt, nil
	return r
}

// lastOf returns what was kept before of the same rule and subscription.
func lastOf(sent []Reminder, r Reminder) Reminder {
	for _, was := range sent {
		if was.Rule == r.Rule && was.About == r.About {
			return was
		}
	}
	return Reminder{}
}

package engine

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// witness is a world that remembers its commands.
type witness struct {
	*World
	life  life
	now   int64
	steps []step
}

func newWitness(rt *rapid.T) *witness {
	w := New("snapshot", DefaultSettings())
	t := &witness{World: w, life: life{rt, w}, now: 1_790_000_000}
	for _, cmd := range seeded() {
		t.tell(cmd)
	}
	return t
}

func (t *witness) tell(cmd Command) {
	data, err := json.Marshal(cmd)
	if err != nil {
		t.life.Fatal(err)
	}
	t.steps = append(t.steps, step{NameOf(cmd), data, t.now})
	_, _ = t.Apply(cmd, Request{ID: "req_1"}, t.now) // a refusal is part of life
}

// live does so many random things.
func (t *witness) live(commands int) {
	for range commands {
		t.now += rapid.Int64Range(0, 100_000).Draw(t.life.T, "seconds")
		drawn := slices.Concat(t.life.things(), t.life.money(), t.life.choices())
		t.tell(drawn[rapid.IntRange(0, len(drawn)-1).Draw(t.life.T, "command")])
	}
}

// choices are changes of the account's settings, good and bad.
func (l life) choices() []Command {
	return []Command{
		ChangeSettings{EndOfDunning: Some(rapid.SampledFrom([]string{EndCancel, EndUnpaid, EndPastDue, "never"}).Draw(l.T, "end"))},
		ChangeSettings{Emails: Some(mailKinds), ReminderDays: Some([]int64{-1, rapid.Int64Range(-9, 99).Draw(l.T, "reminder")})},
		ChangeSettings{RetryDays: Some([]int64{rapid.Int64Range(0, 9).Draw(l.T, "days"), 2}), ProrationBehavior: Some(AlwaysInvoice)},
		CreateWebhookEndpoint{URL: Some("http://127.0.0.1:9/"), EnabledEvents: Some([]string{"*"})},
		CreateEventDestination{Name: Some("Thin"), Type: Some("webhook_endpoint"), EventPayload: Some(PayloadThin), EnabledEvents: Some([]string{"*"}),
			WebhookEndpoint: Some(DestinationWebhook{URL: Some("http://127.0.0.1:9/")})},
		PingEventDestination{ID: pick(l, func(o *WebhookEndpoint) string { return o.ID })},
		DisableEventDestination{ID: pick(l, func(o *WebhookEndpoint) string { return o.ID })},
		RollWebhookSecret{ID: pick(l, func(o *WebhookEndpoint) string { return o.ID }), Overlap: Some[int64](60)},
	}
}

// replay is the world of a seed that the steps make.
func replay(rt *rapid.T, seed string, steps []step) *World {
	w := New(seed, DefaultSettings())
	for _, s := range steps {
		cmd, _ := CommandByName(s.Name)
		if err := json.Unmarshal(s.Data, cmd); err != nil {
			rt.Fatal(err)
		}
		_, _ = w.Apply(cmd, Request{ID: "req_1"}, s.At)
	}
	return w
}

// A snapshot is what a replay up to its moment gives; the world going on does not touch it; and from a snapshot life goes on as from the
// world itself. 10,000 lives of up to ten random commands.
func TestASnapshotIsAReplay(t *testing.T) {
	t.Parallel()
	tenThousand(t, func(_ testing.TB, rt *rapid.T) {
		w := newWitness(rt)
		w.live(rapid.IntRange(0, 7).Draw(rt, "before"))
		moment, kept := len(w.steps), w.Clone()
		if !bytes.Equal(kept.Dump(), w.Dump()) {
			rt.Fatalf("the copy differs:\n%s\n%s", kept.Dump(), w.Dump())
		}
		w.live(rapid.IntRange(1, 3).Draw(rt, "after"))
		if again := replay(rt, "snapshot", w.steps[:moment]); !bytes.Equal(kept.Dump(), again.Dump()) {
			rt.Fatalf("the snapshot is no replay:\n%s\n%s", kept.Dump(), again.Dump())
		}
		for _, tb := range kept.tables.list {
			if err := tb.(interface{ verify() error }).verify(); err != nil {
				rt.Fatal(err)
			}
		}
		live := kept.Clone()
		for _, s := range w.steps[moment:] {
			cmd, _ := CommandByName(s.Name)
			if err := json.Unmarshal(s.Data, cmd); err != nil {
				rt.Fatal(err)
			}
			_, _ = live.Apply(cmd, Request{ID: "req_1"}, s.At)
		}
		if !bytes.Equal(live.Dump(), w.Dump()) {
			rt.Fatalf("life went another way from the snapshot:\n%s\n%s", live.Dump(), w.Dump())
		}
	})
}

func TestAForkDrawsIDsOfItsOwn(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.customer("pm_card_visa")
	fork := s.Clone()
	fork.Reseed("another")
	if fork.AccountID() == s.AccountID() {
		t.Error("two accounts with one id")
	}
	one, err := s.Apply(CreateCustomer{}, Request{}, s.now)
	if err != nil {
		t.Fatal(err)
	}
	other, err := fork.Apply(CreateCustomer{}, Request{}, s.now)
	if err != nil {
		t.Fatal(err)
	}
	if one.(*Customer).ID == other.(*Customer).ID {
		t.Errorf("both worlds drew %s", one.(*Customer).ID)
	}
}

// Events keep their ids when their world becomes another account, and are found by them in every fork of it.
func TestAForkFindsTheEventsOfBefore(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.customer("pm_card_visa")
	fork := s.Clone()
	fork.Reseed("another")
	if _, err := fork.Apply(CreateCustomer{}, Request{}, s.now); err != nil {
		t.Fatal(err)
	}
	again := fork.Clone()
	again.Reseed("a third")
	if _, err := again.Apply(CreateCustomer{}, Request{}, s.now); err != nil {
		t.Fatal(err)
	}
	var before []string
	for i, w := range []*World{s.World, fork, again} {
		checkTables(t, w)
		var ids []string
		for _, e := range w.EventsSince(0) {
			ids = append(ids, e.ID)
		}
		if len(ids) <= len(before) || !slices.Equal(ids[:len(before)], before) {
			t.Errorf("world %d has the events %v, the one before it had %v", i, ids, before)
		}
		before = ids
	}
}

func TestARebasedWorldGoesOnFromWhereItStood(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.subscribe(s.customer("pm_card_visa"), s.price("Pro", 2000))
	kept := s.Clone()
	stood := kept.Reached()
	kept.Rebase(s.now + 40*secondsPerDay)
	if got := kept.Now(s.now + 40*secondsPerDay); got != stood {
		t.Errorf("forty days later the world is at %d, it stood at %d", got, stood)
	}
	before := kept.LastEventSeq()
	if _, err := kept.Apply(Tick{}, Request{}, s.now+40*secondsPerDay+60); err != nil {
		t.Fatal(err)
	}
	if kept.LastEventSeq() != before || kept.Reached() != stood+60 {
		t.Errorf("a minute later it reached %d with %d new events", kept.Reached(), kept.LastEventSeq()-before)
	}
}

// Whoever adds to a world must say how a clone gets it.
func TestACloneKnowsEveryPartOfAWorld(t *testing.T) {
	t.Parallel()
	known := []string{"seed", "signature", "settings", "offset", "jumped", "now", "until", "counter", "created", "forked", "tables", "timers", "undo", "memory", "running"}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[World]()) {
		if !slices.Contains(known, f.Name) {
			t.Errorf("World.%s: let Clone copy it, or make it of what it copies, and name it here", f.Name)
		}
	}
}

// Whoever adds a setting must let it be changed and written down.
func TestEverySettingHasANameAndCanBeChanged(t *testing.T) {
	t.Parallel()
	change := reflect.TypeFor[ChangeSettings]()
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Settings]()) {
		name := f.Tag.Get("json")
		if name == "-" && f.Name == "BaseURL" {
			continue // the address of the process, no choice of the account
		}
		parameter, ok := change.FieldByName(f.Name)
		if name == "" || !ok || parameter.Tag.Get("form") != name {
			t.Errorf("Settings.%s: give it a json name, and ChangeSettings a parameter of that name", f.Name)
		}
	}
	if err := DefaultSettings().Check(); err != nil {
		t.Errorf("the defaults are refused: %v", err)
	}
}

func TestADifferenceOfSettingsIsWhatMakesOneTheOther(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		draw := func() Settings {
			s := DefaultSettings()
			s.EndOfDunning = rapid.SampledFrom([]string{EndCancel, EndUnpaid}).Draw(rt, "end")
			s.Emails = rapid.SliceOfN(rapid.SampledFrom(mailKinds), 0, 3).Draw(rt, "mails")
			s.Decisions.SwapQuantity = rapid.SampledFrom([]string{SwapToOne, SwapKeeps}).Draw(rt, "swap")
			s.RetryDays = rapid.SliceOfN(rapid.Int64Range(1, 9), 0, 4).Draw(rt, "days")
			s.UncollectibleAtEnd = rapid.Bool().Draw(rt, "uncollectible")
			s.UpcomingLeadDays = rapid.Int64Range(0, 30).Draw(rt, "lead")
			s.AccountName = rapid.SampledFrom([]string{"A", "B"}).Draw(rt, "name")
			return s
		}
		a, b := draw(), draw()
		if got := Difference(a, b).on(a); !reflect.DeepEqual(got, b) {
			rt.Fatalf("got %+v, want %+v", got, b)
		}
		if same := Difference(a, a); !reflect.ValueOf(same).IsZero() {
			rt.Fatalf("a setting differs from itself: %+v", same)
		}
	})
}

func TestSettingsThatMakeNoSenseAreRefusedByName(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.do(Tick{})
	for _, tc := range []struct {
		param  string
		change ChangeSettings
	}{
		{"api_version", ChangeSettings{APIVersion: Some("today")}},
		{"account_name", ChangeSettings{AccountName: Clear[string]()}},
		{"account_country", ChangeSettings{AccountCountry: Some("Germany")}},
		{"default_currency", ChangeSettings{DefaultCurrency: Some("xyz")}},
		{"default_currency", ChangeSettings{DefaultCurrency: Some("EUR")}},
		{"billing_mode", ChangeSettings{BillingMode: Some("modern")}},
		{"proration_behavior", ChangeSettings{ProrationBehavior: Some("some")}},
		{"retry_days", ChangeSettings{RetryDays: Some([]int64{3, 0})}},
		{"retry_days", ChangeSettings{RetryDays: Some([]int64{1, 1, 1, 1, 1, 1, 1, 1, 1})}},
		{"end_of_dunning", ChangeSettings{EndOfDunning: Some("")}},
		{"challenge_days", ChangeSettings{ChallengeDays: Some[int64](-1)}},
		{"past_due_days", ChangeSettings{PastDueDays: Some[int64](1000)}},
		{"end_of_past_due", ChangeSettings{EndOfPastDue: Some("never")}},
		{"upcoming_lead_days", ChangeSettings{UpcomingLeadDays: Some[int64](91)}},
		{"emails[1]", ChangeSettings{Emails: Some([]string{MailInvoice, "greeting"})}},
		{"reminder_days", ChangeSettings{ReminderDays: Some([]int64{-91})}},
		{"reminder_days", ChangeSettings{ReminderDays: Some([]int64{1, 2, 3, 4, 5, 6, 7, 8, 9})}},
		{"will_be_due_days", ChangeSettings{WillBeDueDays: Some[int64](-3)}},
		{"finalization_delay", ChangeSettings{FinalizationDelay: Some[int64](holdSeconds + 1)}},
		{"advance_intervals", ChangeSettings{AdvanceIntervals: Some[int64](-1)}},
		{"webhook_retries", ChangeSettings{WebhookRetries: Some("often")}},
	} {
		before := s.Digest()
		_, err := s.Apply(tc.change, Request{}, s.now)
		refused, ok := err.(*Error)
		if !ok || refused.Param != tc.param || refused.Status != 400 {
			t.Errorf("%+v: got %v, want a refusal of %s", tc.change, err, tc.param)
		}
		if s.Digest() != before {
			t.Errorf("the refused %s changed something", tc.param)
		}
	}
}

func TestSettingsChangeWhatHappensFromThenOn(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("pm_card_visa")
	sub := s.subscribe(customer, s.price("Pro", 2000))
	s.do(ChangeSettings{RetryDays: Some([]int64{1}), EndOfDunning: Some(EndUnpaid), UpcomingLeadDays: Some[int64](3)})
	s.useCard(customer, "pm_card_chargeCustomerFail")
	s.wait(sub.periodEnd() - s.now + 3600)
	inv := s.latest(sub.ID)
	if got := inv.NextPaymentAttempt - s.now; got != secondsPerDay {
		t.Errorf("the next attempt comes in %d seconds, want a day", got)
	}
	s.wait(secondsPerDay)
	if got := s.sub(sub.ID).Status; got != SubUnpaid {
		t.Errorf("after the only retry the subscription is %s, want unpaid", got)
	}
}

func TestAMailedInvoiceIsRemindedOfAndThenOverdue(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(c *Settings) { c.WillBeDueDays = 3 })
	customer := s.customer("")
	made := s.do(CreateInvoice{Customer: Some(customer), InvoiceParams: InvoiceParams{CollectionMethod: Some(InvoiceByMail), DaysUntilDue: Some[int64](10)}}).(*Invoice)
	s.do(CreateInvoiceItem{Customer: Some(customer), Invoice: Some(made.ID), Amount: Some[int64](500), Currency: Some("usd")})
	s.do(FinalizeInvoice{ID: made.ID})
	due := get[Invoice](s, made.ID).DueDate
	seen := s.LastEventSeq()
	s.wait(20 * secondsPerDay)
	var got []string
	for _, e := range s.EventsSince(seen) {
		if e.Type == "invoice.will_be_due" && e.Created != due-3*secondsPerDay {
			t.Errorf("the reminder came at %d, due is %d", e.Created, due)
		}
		got = append(got, e.Type)
	}
	if i, j := slices.Index(got, "invoice.will_be_due"), slices.Index(got, "invoice.overdue"); i < 0 || j < i {
		t.Errorf("got %v, want the reminder and then overdue", got)
	}
}

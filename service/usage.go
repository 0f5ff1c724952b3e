package service

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

const (
	// UsageBatchMax is how many events one call of ReportUsage takes.
	UsageBatchMax = 1000
	// usageRoundMax is how many events one round sends on.
	usageRoundMax = 1000
	// usageLease is held by the one process that sends usage.
	usageLease = "usage"
	// usageDaysMax is how many days one reading of usage spans.
	usageDaysMax = 366
)

// ReportUsage keeps what accounts used until it has reached the provider's meters. Without an error all of it is durable, and in what Usage answers from then
// on; with one, nothing of it is. The zero time of an event is now. Of the events with one key that an account sends, the first counts and no other: two in
// one call that differ are an error of code conflict, and what differs from one of an earlier call is in the log. An event that cannot be right is an error
// of code invalid that names its place.
func (s *Service) ReportUsage(ctx context.Context, events []billing.UsageEvent) error {
	if len(events) == 0 || len(events) > UsageBatchMax {
		return billing.Errorf(billing.Invalid, "1 to %d events are taken at once, got %d", UsageBatchMax, len(events)).In("events")
	}
	now := s.cfg.Clock.Business()
	events = slices.Clone(events)
	for i := range events {
		if events[i].At.IsZero() {
			events[i].At = now
		}
		if err := s.cfg.Catalog.CheckUsage(events[i], now); err != nil {
			return inEvent(i, err)
		}
	}
	if err := keysDiffer(events); err != nil {
		return err
	}
	unknown, err := s.facts.unknown(ctx, events)
	if err != nil {
		return err
	}
	if unknown >= 0 {
		return inEvent(unknown, billing.Errorf(billing.NotFound, "there is no account %q", events[unknown].Account).In("account"))
	}
	counted, err := s.cfg.Store.AddUsage(ctx, events, s.cfg.Clock.Wall())
	s.tellRefused(ctx, counted)
	return err
}

// keysDiffer returns an error of code conflict when two events of a call share a key and do not say the same.
func keysDiffer(events []billing.UsageEvent) error {
	type key struct {
		account billing.AccountID
		key     string
	}
	first := make(map[key]int, len(events))
	for i, e := range events {
		k := key{e.Account, e.Key}
		if before, found := first[k]; found && !e.Same(events[before]) {
			return inEvent(i, billing.Errorf(billing.Conflict, "the key %q is that of events[%d], too, which says something else; give each event a key of its own", e.Key, before).In("key"))
		}
		first[k] = i
	}
	return nil
}

// inEvent says which of several events an error is about.
func inEvent(i int, err error) error {
	var known *billing.Error
	if !errors.As(err, &known) || known.Field == "" {
		return err
	}
	placed := *known
	placed.Field = fmt.Sprintf("events[%d].%s", i, known.Field)
	return &placed
}

// noneDue lets the worker look again after its usual pause: usage that has gathered meanwhile is sent with fewer calls.
func noneDue(context.Context) (time.Time, error) { return time.Time{}, nil }

// countRound counts some of what has come in.
func (s *Service) countRound(ctx context.Context) (done int, held bool, err error) {
	s.working.Add(1)
	defer s.working.Add(-1)
	last, err := s.cfg.Store.LastUsage(ctx)
	if err != nil || last == 0 {
		return 0, false, err
	}
	counted, err := s.cfg.Store.CountUsage(ctx, last)
	s.tellRefused(ctx, counted)
	return counted.Events, counted.Found && counted.Events == 0, err
}

// countUsage counts all that has come in before.
func (s *Service) countUsage(ctx context.Context) error {
	last, err := s.cfg.Store.LastUsage(ctx)
	for found := true; err == nil && found; {
		var counted sqlstore.Counted
		counted, err = s.cfg.Store.CountUsage(ctx, last)
		s.tellRefused(ctx, counted)
		found = counted.Found
	}
	return err
}

// tellRefused tells the operator what was not counted: whoever reported it has gone.
func (s *Service) tellRefused(ctx context.Context, counted sqlstore.Counted) {
	if len(counted.Refused) == 0 {
		return
	}
	e := counted.Refused[0]
	s.log.ErrorContext(ctx, "usage came with a key that its account had used for something else; it is not counted",
		"events", len(counted.Refused), "account", e.Account, "feature", e.Feature, "key", e.Key, "quantity", e.Quantity)
}

// usageRound sends on what waits. One process does that at a time, for one is faster than the provider.
func (s *Service) usageRound(ctx context.Context) (done int, held bool, err error) {
	s.working.Add(1)
	defer s.working.Add(-1)
	waits, err := s.cfg.Store.PendingUsage(ctx, 1)
	if err != nil || len(waits) == 0 {
		return 0, false, err
	}
	err = s.tryLocked(ctx, usageLease, func(ctx context.Context, h *hold) (err error) {
		done, err = s.sendUsage(ctx, h)
		return err
	})
	if errors.Is(err, errHeld) {
		err = nil
	}
	return done, false, err
}

// sorted is pending usage by what is to become of it.
type sorted struct {
	send  map[*providerAccount][]outgoing
	stale []billing.UsageEvent
	later []billing.UsageEvent
}

// outgoing is usage, and as the provider takes it.
type outgoing struct {
	event billing.UsageEvent
	meter MeterEvent
}

func (s *Service) sendUsage(ctx context.Context, h *hold) (done int, err error) {
	events, err := s.cfg.Store.PendingUsage(ctx, usageRoundMax)
	if err != nil {
		return 0, err
	}
	all := s.sortUsage(ctx, events)
	if len(all.stale) > 0 {
		s.log.ErrorContext(ctx, "usage became too old for the provider before it could be sent", "events", len(all.stale), "account", all.stale[0].Account, "feature", all.stale[0].Feature)
	}
	now := s.cfg.Clock.Wall()
	err = s.inTxHeld(ctx, h, func(tx *sqlstore.Tx) error {
		return errors.Join(tx.SettleUsage(ctx, all.stale, sqlstore.Dead, now), tx.PostponeUsage(ctx, all.later, now))
	})
	if err != nil {
		return 0, err
	}
	for p, batch := range all.send {
		for part := range slices.Chunk(batch, MeteredMax) {
			if err := s.sendPart(ctx, h, p, part); err != nil {
				return done, err
			}
			done += len(part)
		}
	}
	return done + len(all.stale), nil
}

// sortUsage decides by event. What has no customer yet, or whose feature the catalogue has no more, waits: nothing that was used is thrown away while
// it can still be billed.
func (s *Service) sortUsage(ctx context.Context, events []billing.UsageEvent) sorted {
	all := sorted{send: map[*providerAccount][]outgoing{}}
	now := s.cfg.Clock.Business()
	for _, e := range events {
		if e.At.Before(now.Add(-billing.UsageStaleMax)) {
			all.stale = append(all.stale, e)
			continue
		}
		about, _, err := s.facts.account(ctx, e.Account)
		account := about.account
		feature, known := s.cfg.Catalog.Feature(e.Feature)
		p, unknown := s.at(account.ProviderAccount)
		if err != nil || unknown != nil || !known || feature.Type != billing.Usage || account.Customer == "" || !s.paused(p).IsZero() {
			all.later = append(all.later, e)
			continue
		}
		all.send[p] = append(all.send[p], outgoing{e, MeterEvent{
			Identifier: usageIdentifier(e), Event: feature.Meter.Event, Customer: account.Customer, Quantity: e.Quantity, At: e.At,
		}})
	}
	return all
}

// usageIdentifier names usage at the provider, where keys of different accounts would meet.
func usageIdentifier(e billing.UsageEvent) string {
	sum := sha256.Sum256([]byte(string(e.Account) + "\x00" + e.Key))
	return hex.EncodeToString(sum[:])
}

// sendPart makes one call, and notes that it was made. When that note fails, the same is sent again, and the provider knows it.
func (s *Service) sendPart(ctx context.Context, h *hold, p *providerAccount, part []outgoing) error {
	sent, meters := make([]billing.UsageEvent, len(part)), make([]MeterEvent, len(part))
	for i, one := range part {
		sent[i], meters[i] = one.event, one.meter
	}
	_, err := call(ctx, func(ctx context.Context) (struct{}, error) { return struct{}{}, p.Provider.SendUsage(ctx, meters) })
	s.heard(ctx, p, usageLease, err)
	if err != nil {
		return err
	}
	return s.inTxHeld(ctx, h, func(tx *sqlstore.Tx) error { return tx.SettleUsage(ctx, sent, sqlstore.Done, s.cfg.Clock.Wall()) })
}

// Usage is what an account used of a feature.
type Usage struct {
	Feature billing.Feature
	billing.Period
	Total int64
	Days  []billing.UsageDay // on which something was used
	// Provider is what the provider's meter counts on each of these days, and on others; nil when it was not asked for.
	Provider map[time.Time]int64
}

// UsageAsked says which usage is asked for. The zero times are the subscription's period, or the calendar month without one.
type UsageAsked struct {
	Feature billing.FeatureID
	Since   time.Time
	Until   time.Time
	// Compare asks the provider what its meter counts; then the period is widened to whole days (UTC), for meters are read by these.
	Compare bool
}

// Usage returns what an account used in a period, by days. It answers from our own store, so what was reported a moment ago is in it.
func (s *Service) Usage(ctx context.Context, id billing.AccountID, asked UsageAsked) (Usage, error) {
	now, err := s.facts.verdict(ctx, id)
	if err != nil {
		return Usage{}, err
	}
	feature, known := s.cfg.Catalog.Feature(asked.Feature)
	if !known || feature.Type != billing.Usage {
		return Usage{}, billing.Errorf(billing.Invalid, "the catalogue has no metered feature %q", asked.Feature).In("feature")
	}
	u := Usage{Feature: feature, Period: s.usagePeriod(now, asked.Feature)}
	if u.End.IsZero() { // the news of a renewal are late
		u.End = s.cfg.Clock.Business().Add(billing.UsageEarlyMax)
	}
	if !asked.Since.IsZero() {
		u.Start = asked.Since
	}
	if !asked.Until.IsZero() {
		u.End = asked.Until
	}
	const day = 24 * time.Hour
	if asked.Compare {
		u.Start = u.Start.Truncate(day)
		if down := u.End.Truncate(day); down.Before(u.End) {
			u.End = down.Add(day)
		}
	}
	switch {
	case !u.End.After(u.Start):
		return Usage{}, billing.Errorf(billing.Invalid, "until must be after since").In("until")
	case u.End.Sub(u.Start) > usageDaysMax*day:
		return Usage{}, billing.Errorf(billing.Invalid, "at most %d days are read at once", usageDaysMax).In("since")
	}
	if err := s.countUsage(ctx); err != nil {
		return Usage{}, err
	}
	if u.Days, err = s.cfg.Store.Usage(ctx, id, feature, u.Start, u.End); err != nil {
		return Usage{}, err
	}
	u.Total = feature.Meter.Total(u.Days)
	if !asked.Compare {
		return u, nil
	}
	p, err := s.configured(now.account.ProviderAccount)
	if err != nil {
		return Usage{}, err
	}
	u.Provider, err = call(ctx, func(ctx context.Context) (map[time.Time]int64, error) {
		return p.Provider.MeteredUsage(ctx, now.account.Customer, feature.Meter.Event, u.Start, u.End)
	})
	return u, err
}

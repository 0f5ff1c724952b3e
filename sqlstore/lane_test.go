package sqlstore_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// outgoing stores an effect for each key: a notice to the endpoint named before the first /, or a mail.
func outgoing(t *testing.T, s *sqlstore.Store, keys ...string) {
	t.Helper()
	write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error {
		for i, key := range keys {
			e := sqlstore.Effect{Key: key, Kind: "mail", Name: "receipt", Account: "ada", Payload: []byte(`{}`), CreatedAt: start.Add(time.Duration(i) * time.Second)}
			if key[0] != 'm' {
				e.Kind, e.Name, e.Endpoint = "notice", "access.changed", key[:1]
			}
			if _, err := tx.AddEffect(ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// claimed are the keys of what can be claimed of an endpoint in an hour's time.
func claimed(t *testing.T, s *sqlstore.Store, endpoint string) (effects []sqlstore.Effect, keys []string) {
	t.Helper()
	at := start.Add(time.Hour)
	effects, err := s.ClaimEffects(t.Context(), endpoint, at, at.Add(time.Minute), 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range effects {
		keys = append(keys, e.Key)
	}
	return effects, keys
}

func TestEachEndpointHasALaneOfItsOwn(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		ctx := t.Context()
		outgoing(t, s, "a/1", "b/1", "mail/1", "a/2")
		if next, err := s.NextEffect(ctx, "b"); err != nil || !next.Equal(start.Add(time.Second)) {
			t.Errorf("the next of b at %v, %v", next, err)
		}
		if next, err := s.NextEffect(ctx, "c"); err != nil || !next.IsZero() {
			t.Errorf("the next of c, which has none, at %v, %v", next, err)
		}
		for endpoint, want := range map[string][]string{"a": {"a/1", "a/2"}, "b": {"b/1"}, "": {"mail/1"}, "c": nil} {
			if _, got := claimed(t, s, endpoint); !slices.Equal(got, want) {
				t.Errorf("endpoint %q: claimed %q, want %q", endpoint, got, want)
			}
		}
		if oldest, err := s.OldestEffect(ctx, "a"); err != nil || !oldest.Equal(start) {
			t.Errorf("the oldest of a at %v, %v", oldest, err)
		}
	})
}

func TestAClaimThatIsGivenBackIsNoTry(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		outgoing(t, s, "a/1")
		first, _ := claimed(t, s, "a")
		if err := s.ReturnEffects(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		second, _ := claimed(t, s, "a")
		if len(second) != 1 || second[0].Attempts != 1 {
			t.Errorf("got %+v, want the first try", second)
		}
	})
}

func TestWhatBecameOfANoticeIsKept(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		outgoing(t, s, "a/1")
		effects, _ := claimed(t, s, "a")
		e := effects[0]
		e.TriedAt, e.Answer = start.Add(time.Hour), 503
		if err := s.EffectLate(t.Context(), e, start.Add(2*time.Hour), "answered 503", true); err != nil {
			t.Fatal(err)
		}
		all, err := s.Effects(t.Context(), sqlstore.EffectFilter{}, sqlstore.Page{Limit: 10})
		if err != nil || len(all) != 1 || all[0].Endpoint != "a" || all[0].Answer != 503 || !all[0].TriedAt.Equal(e.TriedAt) || all[0].State != sqlstore.Dead {
			t.Errorf("got %+v, %v", all, err)
		}
	})
}

func TestNoticesAreSentAgainByFilterAndMailsNever(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		ctx := t.Context()
		again := func(f sqlstore.EffectFilter, want int64) {
			t.Helper()
			if n, err := s.RetryEffects(ctx, f, start.Add(time.Hour)); n != want || err != nil {
				t.Errorf("%+v: %d are tried again, %v; want %d", f, n, err, want)
			}
		}
		outgoing(t, s, "a/1", "a/2", "b/1", "mail/1")
		for _, endpoint := range []string{"a", "b", ""} {
			effects, _ := claimed(t, s, endpoint)
			for _, e := range effects {
				if err := s.EffectDone(ctx, e, start.Add(time.Hour)); err != nil {
					t.Fatal(err)
				}
			}
		}
		again(sqlstore.EffectFilter{}, 0)
		again(sqlstore.EffectFilter{State: sqlstore.Done, Key: "mail/1"}, 0)
		again(sqlstore.EffectFilter{State: sqlstore.Done, Endpoint: "a", Since: start.Add(time.Second)}, 1)
		again(sqlstore.EffectFilter{State: sqlstore.Done, Name: "access.changed"}, 2)
		if effects, keys := claimed(t, s, "a"); !slices.Equal(keys, []string{"a/1", "a/2"}) || effects[0].Attempts != 1 || !effects[0].DoneAt.IsZero() {
			t.Errorf("claimed %+v; want both, at their first try", effects)
		}
	})
}

func TestNoticesOfAnEndpointThatIsGoneAreGivenUp(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		ctx := t.Context()
		outgoing(t, s, "a/1", "b/1", "mail/1")
		if n, err := s.GiveUpEndpoints(ctx, []string{"b"}, start.Add(-time.Second), "not configured"); n != 0 || err != nil {
			t.Errorf("too early: %d given up, %v", n, err)
		}
		if n, err := s.GiveUpEndpoints(ctx, []string{"b"}, start.Add(time.Hour), "not configured"); n != 1 || err != nil {
			t.Errorf("%d given up, %v; want the notice to a", n, err)
		}
		if n, err := s.CountEffects(ctx, sqlstore.Pending); n != 2 || err != nil {
			t.Errorf("%d wait, %v; want the notice to b and the mail", n, err)
		}
	})
}

func TestWhatWasToldIsKept(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		ctx := t.Context()
		if told, err := s.Told(ctx, "ada"); !told.Equal(billing.Told{}) || err != nil {
			t.Errorf("before anything was told: %+v, %v", told, err)
		}
		for _, want := range []billing.Told{
			{Plan: "starter", Level: billing.Full, Sequence: 1},
			{Plan: "premium", Level: billing.Limited, Sequence: 3, LookAt: start.Add(time.Hour)},
			{Plan: "premium", Level: billing.Full, Sequence: 4, LookAt: start.Add(time.Hour), Others: map[billing.Group]billing.Standing{"support": {Plan: "hotline", Level: billing.Full}}},
		} {
			write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error { return tx.SaveTold(ctx, "ada", want) })
			if told, err := s.Told(ctx, "ada"); !told.Equal(want) || err != nil {
				t.Errorf("got %+v, %v; want %+v", told, err, want)
			}
		}
		for at, want := range map[time.Duration]int{time.Hour - time.Second: 0, time.Hour: 1} {
			if due, err := s.ToLookAt(ctx, start.Add(at), 10); len(due) != want || err != nil {
				t.Errorf("after %s: to look at %q, %v; want %d", at, due, err, want)
			}
		}
	})
}

// A story of the simulation never ended: its clock stood a third of a microsecond before the end of a pause, where the worker put the
// same call off for ever.
func TestWhatIsPutOffIsNotDueAMomentTooEarly(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		outgoing(t, s, "mail/1")
		effects, _ := claimed(t, s, "")
		until := start.Add(time.Hour + 333*time.Nanosecond)
		if err := s.PostponeEffect(t.Context(), effects[0], until); err != nil {
			t.Fatal(err)
		}
		next, err := s.NextEffect(t.Context(), "")
		if err != nil || next.Before(until) || next.After(until.Add(time.Microsecond)) {
			t.Errorf("put off until %s, it is due at %s, %v", until, next, err)
		}
	})
}

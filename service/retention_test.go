package service_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
	"github.com/dues-billing/dues/sqlstore"
)

const day = 24 * time.Hour

func TestWhatWasWorkedOffIsKeptForTheRetentionAndNothingHappensTwiceAfterIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.serviceWith(func(c *service.Config) {
			c.Retention, c.Pace.Tidy = 40*day, time.Millisecond
		})
		account := w.signUp(s)
		w.settle(s)
		w.expectMails("welcome")
		count := func() (events, made int) {
			t.Helper()
			all, _, err := s.Events(t.Context(), service.EventFilter{Account: "ada"}, service.Page{Limit: 500})
			if err != nil {
				t.Fatal(err)
			}
			effects, err := w.store().Effects(t.Context(), sqlstore.EffectFilter{Account: "ada"}, sqlstore.Page{Limit: 500})
			if err != nil || len(effects) != 1 {
				t.Fatalf("effects %+v, %v; want the key of the welcome for ever", effects, err)
			}
			return len(all), len(effects[0].Payload)
		}
		begun, _ := count()
		tidy := func(until func() bool) {
			t.Helper()
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error)
			go func() { ended <- s.Run(ctx) }()
			for deadline, give := context.WithTimeout(t.Context(), 10*time.Second); ; {
				if until() || deadline.Err() != nil {
					give()
					break
				}
			}
			stop()
			<-ended
		}
		w.move(w.now.Now().Add(39 * day))
		rounds := 0
		tidy(func() bool { rounds++; return rounds > 20 })
		if events, made := count(); events < begun || made == 0 {
			t.Errorf("after 39 of 40 days %d events and %d bytes are left", events, made)
		}
		w.move(w.now.Now().Add(2 * day))
		tidy(func() bool { _, made := count(); return made == 0 })
		if _, made := count(); made != 0 {
			t.Errorf("after 41 days the effect still holds %d bytes", made)
		}
		w.mails.kinds() // what a month brought
		if err := s.Sync(t.Context(), account.Customer); err != nil {
			t.Fatal(err)
		}
		if n, err := s.RetryEffects(t.Context(), service.EffectFilter{State: "done", Account: "ada"}); n != 0 || err != nil {
			t.Errorf("%d effects happen again, %v", n, err)
		}
		w.drain(s)
		w.expectMails()
	})
}

func TestARetentionInWhichStripeMayRepeatItselfIsRefused(t *testing.T) {
	t.Parallel()
	for given, ok := range map[time.Duration]bool{0: true, 31 * day: true, 31*day - 1: false, 30 * day: false, -day: false, 400 * day: true} {
		if err := service.CheckRetention(given); (err == nil) != ok {
			t.Errorf("%s: %v", given, err)
		} else if err != nil && (billing.CodeOf(err) != billing.Invalid || !strings.Contains(err.Error(), "31 days")) {
			t.Errorf("%s is refused with %v, want the way out", given, err)
		}
	}
}

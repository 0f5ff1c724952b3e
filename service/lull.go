package service

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Trouble is a failure that speaks of the provider as a whole and not of one request: whoever calls next would meet it too. Providers
// wrap it.
type Trouble struct {
	// Limited says that there were too many requests; otherwise the provider is down or out of reach.
	Limited bool
	// After is how long it asks to be left alone, 0 when it does not say.
	After time.Duration
	Err   error
}

func (t *Trouble) Error() string {
	switch {
	case t.Err != nil:
		return t.Err.Error()
	case t.Limited:
		return "too many requests"
	}
	return "the provider is down"
}

// Unwrap returns the cause.
func (t *Trouble) Unwrap() error { return t.Err }

const (
	// lullMax bounds a pause that we choose, and so how late the end of an outage is noticed.
	lullMax = time.Minute
	// lullAskedMax bounds a pause that the provider asks for.
	lullAskedMax = time.Hour
)

// lull says how a provider account was of late, and until when all workers leave it alone. Without it every customer would find out by
// itself that the provider is down, and use up its tries.
type lull struct {
	failures int    // in a row
	about    string // whom the last of them was about
	until    time.Time
	answered time.Time // when it answered somebody last, zero when it has not yet
}

// failed is the lull after a failure that was about somebody. A limit holds for everybody at once. That the provider is down is
// believed when calls about two customers fail, one after the other: one alone may be what the provider stumbles over.
func (l lull) failed(t Trouble, about string, now time.Time) lull {
	asked := now.Add(min(t.After, lullAskedMax))
	switch {
	case now.Before(l.until): // it began before the pause, and tells at most that the pause has to be longer
		if asked.After(l.until) {
			l.until = asked
		}
		return l
	case !t.Limited && about == l.about:
		return l
	}
	l.failures, l.about = l.failures+1, about
	if t.Limited || l.failures > 1 {
		l.until = now.Add(min(backOff(l.failures), lullMax))
	}
	if asked.After(l.until) && (t.Limited || t.After > 0) {
		l.until = asked
	}
	return l
}

// succeeded is the lull after a call that was answered. One that began before the pause does not end it.
func (l lull) succeeded(now time.Time) lull {
	if now.Before(l.until) {
		l.answered = now
		return l
	}
	return lull{answered: now}
}

// outageTries is after how many tries those that fail in an outage are no longer counted: the pause between them is the longest by then.
const outageTries = 12

// outage reports whether a try that failed after so many others says nothing against the work itself: the provider is down, as far as
// anybody knows, for it has answered nobody since the try before. However long an outage lasts, nothing is given up over it.
func (s *Service) outage(p *providerAccount, tries int, err error) bool {
	var t *Trouble
	if tries < outageTries || !errors.As(err, &t) {
		return false
	}
	return s.cfg.Clock.Wall().Sub(p.lull().answered) > backOffMax
}

// calm keeps the lull of a provider account in a process. Others find out by themselves, at the price of one call.
type calm struct {
	mu  sync.Mutex
	now lull
}

// heard notes what came of a call to a provider account about somebody. Errors that say nothing of the provider change nothing.
func (s *Service) heard(ctx context.Context, p *providerAccount, about string, err error) {
	var t *Trouble
	if err != nil && !errors.As(err, &t) {
		return
	}
	now := s.cfg.Clock.Wall()
	p.calm.mu.Lock()
	before := p.calm.now
	if t == nil {
		p.calm.now = before.succeeded(now)
	} else {
		p.calm.now = before.failed(*t, about, now)
	}
	after := p.calm.now
	p.calm.mu.Unlock()
	if after.until.After(before.until) {
		s.log.WarnContext(ctx, "the payment provider is left alone; what waits for it is kept", "provider_account", p.Name.Name(), "until", after.until, "limited", t.Limited, "error", t)
	}
}

// lull returns the present lull.
func (p *providerAccount) lull() lull {
	p.calm.mu.Lock()
	defer p.calm.mu.Unlock()
	return p.calm.now
}

// paused returns until when a provider account is left alone, zero when it is not.
func (s *Service) paused(p *providerAccount) time.Time {
	if until := p.lull().until; s.cfg.Clock.Wall().Before(until) {
		return until
	}
	return time.Time{}
}

// nextEvent asks when the events of a provider account have to be looked at again.
func (s *Service) nextEvent(p *providerAccount) func(context.Context) (time.Time, error) {
	return func(ctx context.Context) (time.Time, error) {
		at, err := s.cfg.Store.NextEvent(ctx, p.Name)
		if until := s.paused(p); err == nil && !at.IsZero() && until.After(at) {
			at = until
		}
		return at, err
	}
}

// isLimited reports whether an error says that there were too many requests: nobody's fault, and no try.
func isLimited(err error) bool {
	var t *Trouble
	return errors.As(err, &t) && t.Limited
}

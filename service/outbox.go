package service

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

const (
	// outboxBatch is how many effects one claim takes.
	outboxBatch = 32
	// outboxWorkers is how many accounts' effects happen at once; those of one account go in order.
	outboxWorkers = 8
	// effectTime bounds one try of an effect.
	effectTime = 20 * time.Second
	// claimTime is when a crashed worker's effects are claimed again. An effect begins only if it can end within.
	claimTime = 45 * time.Second
)

// callFacts are what a call to the provider needs.
type callFacts struct {
	Subscription billing.SubscriptionID
	Price        string
	Purchase     billing.PurchaseID
	Order        billing.RefundOrderID
	Method       billing.PaymentMethodID
	Invoice      billing.InvoiceID `json:",omitempty"`
	Keep         bool              // the customer at the provider
	Guest        *billing.Change   `json:",omitempty"`
}

// outboxRound returns the round that lets the effects of an endpoint happen that are due, or with "" mails and calls. A round waits for
// all that it claimed, so an endpoint that is slow or dead keeps nobody waiting but itself.
func (s *Service) outboxRound(endpoint string) round {
	return func(ctx context.Context) (done int, held bool, err error) {
		done, err = s.letHappen(ctx, endpoint)
		return done, false, err
	}
}

func (s *Service) letHappen(ctx context.Context, endpoint string) (done int, err error) {
	s.working.Add(1)
	defer s.working.Add(-1)
	now := s.cfg.Clock.Wall()
	// A look costs nothing; a claim is a transaction that others wait for.
	if due, err := s.cfg.Store.EffectDue(ctx, endpoint, now); err != nil || !due {
		return 0, err
	}
	until := now.Add(claimTime)
	claimed, err := s.cfg.Store.ClaimEffects(ctx, endpoint, now, until, outboxBatch)
	if err != nil {
		return 0, err
	}
	s.happenAll(ctx, claimed, until)
	return len(claimed), nil
}

// happenAll lets effects happen that were claimed until then, those of one account in order.
func (s *Service) happenAll(ctx context.Context, claimed []sqlstore.Effect, until time.Time) {
	queues := map[billing.AccountID][]sqlstore.Effect{}
	for _, effect := range claimed {
		queues[effect.Account] = append(queues[effect.Account], effect)
	}
	var wait sync.WaitGroup
	slots := make(chan struct{}, outboxWorkers)
	for _, queue := range queues {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			for i, effect := range queue {
				if s.cfg.Clock.Wall().Add(effectTime).After(until) || ctx.Err() != nil {
					s.giveBack(ctx, queue[i:])
					return
				}
				at := s.calls(ctx, effect)
				if until := s.pausedFor(at); !until.IsZero() {
					s.postpone(ctx, effect, until)
					continue
				}
				s.happen(ctx, effect, at)
			}
		})
	}
	wait.Wait()
}

// calls returns the provider account that an effect calls, nil for mails and notices, and for a call that cannot tell: trying it will.
func (s *Service) calls(ctx context.Context, e sqlstore.Effect) *providerAccount {
	if e.Kind != string(billing.CallEffect) {
		return nil
	}
	if len(s.providers) == 1 {
		return s.providers[0]
	}
	row, err := s.cfg.Store.Account(ctx, e.Account)
	if err != nil {
		return nil
	}
	p, err := s.at(row.ProviderAccount)
	if err != nil {
		return nil
	}
	return p
}

// pausedFor is paused for what calls no provider account, too.
func (s *Service) pausedFor(at *providerAccount) time.Time {
	if at == nil {
		return time.Time{}
	}
	return s.paused(at)
}

// giveBack lets claimed effects that were not tried be claimed again, and the claim does not count as a try.
func (s *Service) giveBack(ctx context.Context, effects []sqlstore.Effect) {
	if err := s.cfg.Store.ReturnEffects(context.WithoutCancel(ctx), effects); err != nil {
		s.log.WarnContext(ctx, "claimed effects were not given back; they are claimed again when the claim ends", "effects", len(effects), "error", err)
	}
}

// postpone lets a call to the provider wait until the provider is well again; that is not a try.
func (s *Service) postpone(ctx context.Context, e sqlstore.Effect, until time.Time) {
	if err := s.cfg.Store.PostponeEffect(context.WithoutCancel(ctx), e, until); err != nil {
		s.log.WarnContext(ctx, "a call was not put off; it is claimed again when the claim ends", "effect", e.Key, "error", err)
	}
}

// happen lets one effect happen and notes the outcome. When that note fails too, the effect is claimed again and happens again:
// mails carry their key as Message-ID, calls as idempotency key. at is the provider account that it calls, nil when it calls none.
func (s *Service) happen(ctx context.Context, e sqlstore.Effect, at *providerAccount) {
	ctx, span := s.begin(ctx, Consumes, e.Kind+" "+e.Name, s.origins.find(e.Key)...)
	var err error
	e.Answer, err = s.try(ctx, e)
	if span.on() {
		span.set(slog.String("dues.effect.key", e.Key), slog.String("dues.effect.kind", e.Kind), slog.String("dues.effect.name", e.Name),
			slog.Int("dues.effect.tries", e.Attempts), slog.Duration("dues.effect.lag", s.cfg.Clock.Wall().Sub(e.CreatedAt)))
	}
	defer span.end(err)
	if at != nil {
		s.heard(ctx, at, string(e.Account), err)
		if until := s.paused(at); isLimited(err) && !until.IsZero() {
			s.postpone(ctx, e, until)
			return
		}
		if s.outage(at, e.Attempts-1, err) {
			s.postpone(ctx, e, s.cfg.Clock.Wall().Add(backOff(e.Attempts)))
			return
		}
	}
	now := s.cfg.Clock.Wall()
	e.TriedAt = now
	s.cfg.Meter.Happened(e.Name, now.Sub(e.CreatedAt), err)
	switch {
	case err == nil:
		s.log.LogAttrs(ctx, slog.LevelDebug, "an effect has happened", slog.String("effect", e.Key), slog.Int("tries", e.Attempts))
		err = s.cfg.Store.EffectDone(ctx, e, now)
	case failed(ctx, err):
		due, dead := nextTry(e, err, now)
		s.log.WarnContext(ctx, "an effect failed", "effect", e.Key, "tries", e.Attempts, "given_up", dead, "error", err)
		err = s.cfg.Store.EffectLate(ctx, e, due, brief(err), dead)
	}
	if err != nil && ctx.Err() == nil {
		s.log.ErrorContext(ctx, "the outcome of an effect was not stored", "effect", e.Key, "error", err)
	}
}

// try makes one bounded try of an effect. A notice's returns the status of the answer.
func (s *Service) try(ctx context.Context, e sqlstore.Effect) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, effectTime)
	defer cancel()
	if e.Kind == string(billing.NoticeEffect) {
		return s.deliver(ctx, e)
	}
	return 0, s.perform(ctx, e)
}

// nextTry is when an effect that failed is tried again, or that it is given up.
func nextTry(e sqlstore.Effect, err error, now time.Time) (due time.Time, dead bool) {
	if e.Kind == string(billing.NoticeEffect) {
		return nextDelivery(e, err, now)
	}
	return now.Add(backOff(e.Attempts)), giveUp(e.Attempts, err)
}

func (s *Service) perform(ctx context.Context, e sqlstore.Effect) error {
	row, err := s.cfg.Store.Account(ctx, e.Account)
	if err != nil {
		return err
	}
	if e.Kind == string(billing.MailEffect) {
		return s.send(ctx, row.Account, e)
	}
	var facts callFacts
	if err := json.Unmarshal(e.Payload, &facts); err != nil {
		return fmt.Errorf("payload: %w", err)
	}
	switch e.Name {
	case billing.CompleteCall:
		_, err := s.ready(ctx, e.Account)
		return err
	case billing.StartFreeCall:
		return s.startFree(ctx, row.Account, facts, e.Key)
	case billing.CancelFreeCall:
		return s.cancelFree(ctx, row.Account, facts, e.Key)
	case billing.EndUnpaidCall:
		return s.endUnpaid(ctx, row.Account, facts, e.Key)
	case billing.EndTrialCall:
		return s.endAbusedTrial(ctx, row.Account, facts, e.Key)
	case billing.ClosePageCall:
		return s.closePage(ctx, row.Account, facts)
	case billing.BillCapturedCall:
		return s.billOrdered(ctx, row.Account, facts)
	case billing.DeleteAccountCall:
		return s.deleteOrdered(ctx, e.Account, facts)
	case billing.SetDefaultMethodCall:
		return s.adopt(ctx, row.Account, facts)
	case billing.TellGuestCall:
		return s.tellGuest(ctx, row.Account, *facts.Guest, e.Key)
	case billing.RefundCall:
		return s.refundOrdered(ctx, row.Account, facts)
	case billing.HoldInvoiceCall:
		return s.holdOrdered(ctx, row.Account, facts)
	case billing.CancelRefundedCall:
		return s.cancelRefunded(ctx, row.Account, facts, e.Key)
	}
	return billing.Errorf(billing.Invalid, "unknown call %q", e.Name)
}

// startFree puts an account whose paid subscription ended on the free plan, unless it has bought again meanwhile.
func (s *Service) startFree(ctx context.Context, account billing.Account, facts callFacts, key string) error {
	return s.locked(ctx, customerLock(account.Customer), func(ctx context.Context, h *hold) error {
		state, err := s.sync(ctx, h, account.Customer)
		if err != nil {
			return err
		}
		if best, running := billing.Best(s.cfg.Catalog.InPriceOf(facts.Price), state); state.Deleted || running && best.Status != billing.Incomplete {
			return nil
		}
		if err := s.billLeft(ctx, account, state, key); err != nil {
			return err
		}
		return s.subscribe(ctx, h, account, facts.Price, key)
	})
}

// cancelFree ends a free subscription beside which a paid one runs.
func (s *Service) cancelFree(ctx context.Context, account billing.Account, facts callFacts, key string) error {
	return s.locked(ctx, customerLock(account.Customer), func(ctx context.Context, h *hold) error {
		state, err := s.sync(ctx, h, account.Customer)
		if err != nil {
			return err
		}
		free, found := state.Subscription(facts.Subscription)
		best, running := billing.Best(s.cfg.Catalog.In(s.cfg.Catalog.GroupOf(free)), state)
		if !running || !s.cfg.Catalog.Paid(best) || !found || free.Status.Ended() {
			return nil
		}
		p, err := s.configured(account.ProviderAccount)
		if err != nil {
			return err
		}
		if err := p.Provider.Cancel(ctx, CancelRequest{Subscription: facts.Subscription, When: billing.CancelNow, Key: key}); err != nil {
			return err
		}
		_, err = s.sync(ctx, h, account.Customer)
		return err
	})
}

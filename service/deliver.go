package service

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
	"github.com/dues-billing/dues/webhook"
)

// Limits of deliveries.
const (
	// deliveryTime is how long an endpoint may take to answer.
	deliveryTime = 15 * time.Second
	// answerBytesMax is how much of an answer is read: what it says is nothing to us, and a connection is kept for the next only
	// when it was read to its end.
	answerBytesMax = 16 << 10
	// noticeTries is when a notice is given up: with the pauses below after three days, and before four have passed.
	noticeTries = 21
	// noticePauseMin is the first pause, noticePauseMax the longest; each is three times the one before, and up to a fifth longer.
	noticePauseMin = 5 * time.Second
	noticePauseMax = 6 * time.Hour
	// orphanTime is how long a notice waits for a process that knows its endpoint, and an event for one that knows its provider account.
	orphanTime = 3 * 24 * time.Hour
)

// undelivered is a delivery that was not answered 2xx.
type undelivered struct {
	status int           // 0: no answer came
	after  time.Duration // how long the endpoint asks to wait, 0 when it does not
	cause  string
}

func (u *undelivered) Error() string { return u.cause }

// deliver brings a notice to its endpoint, with the same id and body each time, and returns the status of the answer.
func (s *Service) deliver(ctx context.Context, e sqlstore.Effect) (status int, err error) {
	to := s.endpoint(e.Endpoint)
	if to == nil {
		return 0, fmt.Errorf("endpoint %s is not configured", e.Endpoint)
	}
	if to.Do != nil {
		return s.hand(ctx, to, e)
	}
	id := noticeID(e.Key[len("notice:"+e.Endpoint+":"):])
	ctx, cancel := context.WithTimeout(ctx, deliveryTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL, bytes.NewReader(e.Payload))
	if err != nil {
		return 0, err
	}
	request.Header = webhook.Sign(id, s.cfg.Clock.Wall(), e.Payload, to.secrets...)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "Dues")
	answer, err := s.post(request, to.Name)
	if err != nil {
		return 0, &undelivered{cause: reasonOf(err)}
	}
	_, _ = io.CopyN(io.Discard, answer.Body, answerBytesMax) // the status has said all
	_ = answer.Body.Close()
	if answer.StatusCode/100 == 2 {
		return answer.StatusCode, nil
	}
	u := &undelivered{status: answer.StatusCode, cause: fmt.Sprintf("answered %d", answer.StatusCode)}
	if answer.StatusCode/100 == 3 {
		u.cause += ": redirects are not followed, so give the endpoint the URL it leads to"
	}
	if seconds, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil && seconds > 0 {
		u.after = min(time.Duration(min(seconds, 1<<20))*time.Second, noticePauseMax)
	}
	return answer.StatusCode, u
}

// post sends a notice, and tells the endpoint in which trace.
func (s *Service) post(request *http.Request, endpoint string) (*http.Response, error) {
	ctx, span := s.begin(request.Context(), Asks, "POST notice")
	if span.on() {
		span.set(slog.String("http.request.method", request.Method), slog.String("dues.endpoint", endpoint))
		request.Header.Set("Traceparent", s.cfg.Tracer.Here(ctx))
	}
	answer, err := s.poster.Do(request.WithContext(ctx))
	if err == nil {
		span.set(slog.Int("http.response.status_code", answer.StatusCode))
		span.end(nil)
		return answer, nil
	}
	span.end(errors.New(reasonOf(err)))
	return nil, err
}

// reasonOf is why no answer came, without the URL, which may be a secret itself.
func reasonOf(err error) string {
	var wrapped *url.Error
	if !errors.As(err, &wrapped) {
		return err.Error()
	}
	if wrapped.Timeout() {
		return fmt.Sprintf("no answer within %s", deliveryTime)
	}
	return wrapped.Err.Error()
}

// noRedirects gives a redirect back as the answer that it is.
func noRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// newPoster returns what carries notices. Each endpoint has its own connections, and few: more would not make it faster.
func newPoster(through http.RoundTripper) *http.Client {
	if through == nil {
		own := http.DefaultTransport.(*http.Transport).Clone()
		own.MaxConnsPerHost, own.MaxIdleConnsPerHost = 2*outboxWorkers, outboxWorkers
		own.MaxResponseHeaderBytes = answerBytesMax
		own.DisableCompression = true // an answer that grows when it is unpacked is not asked for
		through = own
	}
	return &http.Client{Transport: through, CheckRedirect: noRedirects}
}

// noticePause is the pause after so many failed tries of a notice. The key spreads notices that failed together.
func noticePause(key string, tries int) time.Duration {
	pause := noticePauseMin
	for range tries - 1 {
		if pause = 3 * pause; pause >= noticePauseMax {
			pause = noticePauseMax
			break
		}
	}
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%s:%d", key, tries) // a hash takes everything
	return pause + time.Duration(h.Sum64()%uint64(pause/5+1))
}

// nextDelivery is when a notice that failed is tried again, or that it is given up: its tries are used up, or the endpoint says that
// it is gone for good.
func nextDelivery(e sqlstore.Effect, err error, now time.Time) (due time.Time, dead bool) {
	pause := noticePause(e.Key, e.Attempts)
	var u *undelivered
	if errors.As(err, &u) {
		if u.status == http.StatusGone {
			return now, true
		}
		pause = max(pause, u.after)
	}
	return now.Add(pause), e.Attempts >= noticeTries
}

// giveUpOrphans gives up the notices to endpoints that are no longer configured.
func (s *Service) giveUpOrphans(ctx context.Context) {
	var names []string
	for _, e := range s.endpoints {
		names = append(names, e.Name)
	}
	n, err := s.cfg.Store.GiveUpEndpoints(ctx, names, s.cfg.Clock.Wall().Add(-orphanTime), "the endpoint is not configured any more")
	switch {
	case err != nil && ctx.Err() == nil:
		s.log.ErrorContext(ctx, "notices without an endpoint were not given up", "error", err)
	case n > 0:
		s.log.WarnContext(ctx, "notices were given up whose endpoint is not configured any more", "notices", n)
	}
	s.giveUpForeign(ctx)
}

// giveUpForeign gives up the events from provider accounts that are no longer configured: nobody can read what they are about. When the
// account is back they are retried by hand.
func (s *Service) giveUpForeign(ctx context.Context) {
	var names []billing.ProviderAccount
	for _, p := range s.providers {
		names = append(names, p.Name)
	}
	n, err := s.cfg.Store.GiveUpProviderAccounts(ctx, names, s.cfg.Clock.Wall().Add(-orphanTime), "the provider account is not configured any more")
	switch {
	case err != nil && ctx.Err() == nil:
		s.log.ErrorContext(ctx, "events of a provider account that is not configured were not given up", "error", err)
	case n > 0:
		s.log.WarnContext(ctx, "events were given up whose provider account is not configured any more", "events", n)
	}
}

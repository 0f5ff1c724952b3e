package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/httpapi"
	"github.com/dues-billing/dues/service"
)

// Usage as an application reports it, made durable. What came in is counted after each round, and how fast is printed beside: in life both happen at once and share
// the machine. Sending it on to Stripe is not measured, for that waits for Stripe.

const (
	// usageBatch is how many events an application reports at once.
	usageBatch = 100
	// The goals, in events a second. OpenMeter's intake with its queue stubbed takes 28,000 and 7,300 on the reference machine.
	usageGoal    = 50_000
	usageGoalOne = 8_000
	usagePeople  = 1_000
)

// meteredCatalog sells calls.
const meteredCatalog = `
features: [{id: calls, name: Calls, type: metered}]
plans: [{id: pro, name: Pro, prices: [{key: premium-monthly, amount: 19.00 EUR, every: month}], features: {calls: true}}]
`

// usageTable measures the intake of usage on each database.
func usageTable(ctx context.Context, path string, span time.Duration, postgres, profiles string) (err error) {
	s := &stage{}
	defer func() { err = errors.Join(err, s.close()) }()
	if s.stripe, err = launchEmulator(ctx, path); err != nil {
		return err
	}
	s.closers = append(s.closers, s.stripe.stop)
	made := map[string]func() (database, error){onSQLite: newSQLite}
	if postgres != "" {
		made[onPostgres] = func() (database, error) { return newPostgres(ctx, postgres) }
	}
	var all []workload
	for _, kind := range []string{onSQLite, onPostgres} {
		if made[kind] == nil {
			continue
		}
		more, err := s.usageWorkloads(ctx, kind, made[kind])
		if err != nil {
			return err
		}
		all = append(all, more...)
	}
	fmt.Fprintf(os.Stderr, "%d workloads, %d times %s each …\n", len(all), rounds, span)
	taken, err := median(ctx, all, span, profiles)
	if err != nil {
		return err
	}
	for i := range all {
		if all[i].goalRate == usageGoal/usageBatch {
			fmt.Printf("%s: %d events a second, goal %d\n", all[i].name, taken[i].perSecond*usageBatch, usageGoal)
		}
	}
	for _, c := range s.countings {
		fmt.Printf("counted, %s: %d events a second, of %d\n", c.kind, c.events*int64(time.Second)/int64(c.took), c.events)
	}
	return table(all, taken)
}

func (s *stage) usageWorkloads(ctx context.Context, kind string, anew func() (database, error)) ([]workload, error) {
	at, err := anew()
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, at.drop)
	if err := fill(ctx, at.url, usagePeople); err != nil {
		return nil, err
	}
	sold, err := catalog.Parse([]byte(meteredCatalog))
	if err != nil {
		return nil, err
	}
	svc, err := dues.Open(ctx, dues.Config{
		Stripe:   dues.Stripe{Key: stripeKey, BaseURL: s.stripe.url, WebhookSecrets: []string{webhookSecret}},
		Database: at.url, Catalog: sold, PublicURL: "http://127.0.0.1", ServerKeys: []string{serverKey},
		JWT: httpapi.JWT{Algorithm: "HS256", Key: tokenSecret, Issuer: issuer, Audience: audience},
	})
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, svc.Close)
	url, err := s.listen(svc.Handler())
	if err != nil {
		return nil, err
	}
	bare, err := anew()
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, bare.drop)
	bareURL, err := s.startBareUsage(ctx, kind, bare)
	if err != nil {
		return nil, err
	}
	made := new(atomic.Int64)
	report := func(url string, events int) func(int64) (*http.Request, error) {
		return func(int64) (*http.Request, error) { return usageRequest(url, made, events) }
	}
	counts := &usageCount{kind: kind}
	s.countings = append(s.countings, counts)
	counted := func(each int) func(m measurement) error {
		return func(m measurement) error { return counts.count(ctx, svc, int64(m.requests*each)) }
	}
	const peer = "bare server that decodes, groups and commits: "
	many, one := "usage, 100 events a call, "+kind, "usage, one by one, "+kind
	return []workload{
		{name: many, goalRate: usageGoal / usageBatch, make: report(url, usageBatch), peer: peer + many, after: counted(usageBatch)},
		{name: peer + many, make: report(bareURL, usageBatch)},
		{name: one, goalRate: usageGoalOne, make: report(url, 1), peer: peer + one, after: counted(1)},
		{name: peer + one, make: report(bareURL, 1)},
	}, nil
}

// usageCount is how fast what came in was counted.
type usageCount struct {
	kind   string
	events int64
	took   time.Duration
}

// count reads an account's usage, which counts all that came in before.
func (c *usageCount) count(ctx context.Context, svc *dues.Service, events int64) error {
	start := time.Now()
	_, err := svc.Usage(ctx, "acc-1", service.UsageAsked{Feature: "calls"})
	c.took, c.events = c.took+time.Since(start), c.events+events
	return err
}

// usageRequest reports events that nobody has reported before, of one account after the other.
func usageRequest(url string, made *atomic.Int64, events int) (*http.Request, error) {
	body := []byte(`{"events":[`)
	for i := range events {
		n := made.Add(1)
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, `{"key":"k`...)
		body = strconv.AppendInt(body, n, 10)
		body = append(body, `","account":"`...)
		body = append(body, billing.AccountID("acc-"+strconv.FormatInt(n%usagePeople, 10))...)
		body = append(body, `","feature":"calls","quantity":1}`...)
	}
	req, err := http.NewRequest(http.MethodPost, url+"/v1/usage", bytes.NewReader(append(body, "]}"...)))
	if err == nil {
		req.Header.Set("Authorization", "Bearer "+serverKey)
		req.Header.Set("Content-Type", "application/json")
	}
	return req, err
}

package service_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/service"
)

// grouped opens a service whose plans are of several groups.
func (w *world) grouped(change ...func(*service.Config)) *service.Service {
	w.t.Helper()
	text, err := os.ReadFile("../testdata/catalogs/groups.yaml")
	if err != nil {
		w.t.Fatal(err)
	}
	sold, err := catalog.Parse(text)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.serviceWith(func(c *service.Config) {
		c.Catalog = sold
		for _, fn := range change {
			fn(c)
		}
	})
}

// expectGroups compares what ada is on in each group: plan, subscription's status, level.
func (w *world) expectGroups(s *service.Service, want ...string) {
	w.t.Helper()
	var got []string
	for _, a := range w.status(s).Accesses() {
		got = append(got, strings.Join(strings.Fields(fmt.Sprintf("%s %s %s", a.Plan, a.Status, a.Level)), " "))
	}
	if !slices.Equal(got, want) {
		w.t.Errorf("ada is on\n%q, want\n%q", got, want)
	}
}

// running counts ada's paid subscriptions that run, by plan, as Stripe was read last.
func (w *world) running(s *service.Service) map[billing.PlanID]int {
	w.t.Helper()
	all, err := s.Subscriptions(w.t.Context(), "ada")
	if err != nil {
		w.t.Fatal(err)
	}
	count := map[billing.PlanID]int{}
	for _, sub := range all {
		if plan, _ := s.Catalog().Sold(sub); !sub.Status.Ended() {
			count[plan.ID]++
		}
	}
	return count
}

// Features: 22.
func TestASubscriptionInEachGroupLivesALifeOfItsOwn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		app := w.application()
		s := w.grouped(func(c *service.Config) {
			c.Endpoints = []service.Endpoint{app.endpoint("app", billing.AccessChanged, billing.Started, billing.CancelScheduled, billing.Ended)}
		})
		w.signUp(s)
		w.settle(s)
		w.expectGroups(s, "starter active full", "self-help active full", "none")

		w.pay(w.upgrade(s, "pro-monthly").URL, "4242424242424242")
		w.settle(s)
		w.expectGroups(s, "pro active full", "self-help active full", "none")
		w.upgrade(s, "hotline-monthly") // with the card that is saved by now
		w.settle(s)
		w.expectGroups(s, "pro active full", "hotline active full", "none")
		app.expect("access.changed starter full", "access.changed self-help full", "access.changed pro full", "subscription.started pro full",
			"access.changed hotline full", "subscription.started hotline full")
		if all, err := s.Entitlements(t.Context(), "ada"); err != nil || all[0].Limit != 110 || !all[1].Enabled {
			t.Errorf("entitled to %+v, %v; want 100 and 10 projects, and the phone", all, err)
		}

		for _, c := range []struct {
			name string
			ask  func() error
			want billing.Code
		}{
			{"a group that is not", func() error { _, err := s.Pause(t.Context(), "ada", "cars"); return err }, billing.Invalid},
			{"a group of which nothing is paid for", func() error { _, err := s.Pause(t.Context(), "ada", "storage"); return err }, billing.Conflict},
			{"a change to a price of another group", func() error {
				_, err := s.Change(t.Context(), "ada", service.PlanChange{ChangeWish: billing.ChangeWish{Group: "support", PriceKey: "pro-yearly"}})
				return err
			}, billing.Invalid},
			{"the next invoice of a group that is not", func() error { _, err := s.Upcoming(t.Context(), "ada", "cars"); return err }, billing.Invalid},
			{"the refund of a group that is not", func() error { _, err := s.QuoteRefund(t.Context(), "ada", "cars", ""); return err }, billing.Invalid},
			{"the portal of a group that is not", func() error {
				_, err := s.OpenPortalAt(t.Context(), "ada", "cars", service.CancelTask, accountPage)
				return err
			}, billing.Invalid},
		} {
			if err := c.ask(); billing.CodeOf(err) != c.want {
				t.Errorf("%s: got %v, want code %s", c.name, err, c.want)
			}
		}
		for group, want := range map[billing.Group]string{"": "19.00 EUR", "support": "49.00 EUR"} {
			if next, err := s.Upcoming(t.Context(), "ada", group); err != nil || next.AmountDue.String() != want {
				t.Errorf("the next invoice of %q: %v, %v; want %s", group, next.AmountDue, err, want)
			}
			if quote, err := s.QuoteRefund(t.Context(), "ada", group, ""); err != nil || !quote.Eligible() || quote.Amount.String() != want {
				t.Errorf("a refund in %q: %+v, %v; want %s", group, quote, err, want)
			}
		}
		w.mails.kinds()

		if _, err := s.Cancel(t.Context(), "ada", service.Cancel{Group: "support"}); err != nil {
			t.Fatal(err)
		}
		w.settle(s)
		app.expect("subscription.cancel_scheduled hotline full")
		w.move(w.status(s).PeriodEnd.Add(2 * time.Hour))
		w.settle(s)
		w.expectGroups(s, "pro active full", "self-help active full", "none")
		w.expectMails("receipt", "ended")
		app.expect("access.changed hotline free", "access.changed self-help free", "subscription.ended self-help free", "access.changed self-help full")
	})
}

// Features: 23.
func TestAHundredBuyersInTwoGroupsEndWithOneSubscriptionInEach(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		services := []*service.Service{w.grouped(), w.grouped()}
		w.saveCard(w.signUp(services[0]).Customer, "pm_card_visa")
		w.settle(services[0])
		prices := []string{"pro-monthly", "hotline-monthly"}
		var wait sync.WaitGroup
		for i := range 100 {
			wait.Go(func() {
				result, err := services[i%2].Upgrade(t.Context(), "ada", service.Upgrade{PriceKey: prices[i/2%2], SuccessURL: success, CancelURL: cancel})
				if err != nil || !result.Changed {
					t.Errorf("buyer %d: %+v, %v", i, result, err)
				}
			})
		}
		wait.Wait()
		w.settle(services[0])
		w.expectGroups(services[0], "pro active full", "hotline active full", "none")
		if got := w.running(services[0]); len(got) != 2 || got["pro"] != 1 || got["hotline"] != 1 {
			t.Errorf("%v run, want one of each group", got)
		}
		w.expectPaid(2, 2)
	})
}

// Features: 23.
func TestADoubleClickGetsTheOpenPageOfItsGroup(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		services := []*service.Service{w.grouped(), w.grouped()}
		w.signUp(services[0])
		w.settle(services[0])
		prices := []string{"pro-monthly", "hotline-monthly"}
		pages := make([]map[string]bool, 2)
		for i := range pages {
			pages[i] = map[string]bool{}
		}
		var mu sync.Mutex
		var wait sync.WaitGroup
		for i := range 100 {
			wait.Go(func() {
				result, err := services[i%2].Upgrade(t.Context(), "ada", service.Upgrade{PriceKey: prices[i/2%2], SuccessURL: success, CancelURL: cancel})
				if err != nil {
					t.Errorf("click %d: %v", i, err)
				}
				mu.Lock()
				defer mu.Unlock()
				pages[i/2%2][result.URL] = true
			})
		}
		wait.Wait()
		if len(pages[0]) != 1 || len(pages[1]) != 1 {
			t.Fatalf("%d pages for one group and %d for the other, want one each", len(pages[0]), len(pages[1]))
		}
		for i := range pages {
			for page := range pages[i] {
				w.pay(page, "4242424242424242")
			}
		}
		w.settle(services[0])
		w.expectGroups(services[0], "pro active full", "hotline active full", "none")
		if got := w.running(services[0]); len(got) != 2 || got["pro"] != 1 || got["hotline"] != 1 {
			t.Errorf("%v run, want one of each group", got)
		}
	})
}

package service_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/mailer"
	"github.com/dues-billing/dues/service"
	"github.com/dues-billing/dues/stripeprovider"
)

const secondSecret = "whsec_of_the_second"

// second is a view of the same world from another account at the provider.
func (w *world) second() *world {
	other := *w
	other.stripe = &emulator.Server{Emulator: w.stripe.Emulator, URL: w.stripe.URL, Key: "sk_test_second"}
	other.taken = map[string]bool{}
	return &other
}

// both is a service with the world's account as the default one, and the other as "second".
func (w *world) both(other *world) *service.Service {
	return w.bothBy(other, &http.Transport{DisableKeepAlives: true})
}

// bothBy is both with the way that the second's requests take.
func (w *world) bothBy(other *world, way http.RoundTripper) *service.Service {
	w.t.Helper()
	return w.serviceWith(func(c *service.Config) {
		p := stripeprovider.New(stripeprovider.Config{
			Key: other.stripe.Key, BaseURL: other.stripe.URL, Secrets: []string{secondSecret},
			HTTPClient: &http.Client{Timeout: 20 * time.Second, Transport: way},
		})
		c.ProviderAccounts = []service.ProviderAccount{{Name: "second", Provider: p, Prices: p, Verifier: p, Feed: p, Directory: p}}
	})
}

// signUpSecond makes the account "bob", billed at the second.
func (w *world) signUpSecond(s *service.Service) billing.Account {
	w.t.Helper()
	bob, created, err := s.CreateAccount(w.t.Context(), service.NewAccount{ID: "bob", Email: "bob@example.com", ProviderAccount: "second"})
	if err != nil || !created || bob.ProviderAccount != "second" {
		w.t.Fatalf("%+v, created %v, %v", bob, created, err)
	}
	return bob
}

// deliverSecond brings what happened at the second account to its own endpoint.
func (w *world) deliverSecond(s *service.Service, other *world) (n int) {
	w.t.Helper()
	for _, e := range other.newEvents() {
		if err := s.Receive(w.t.Context(), "second", w.signed(e.body, secondSecret, w.now.Now()), e.body); err != nil {
			w.t.Fatalf("%s %s: %v", e.Type, e.ID, err)
		}
		n++
	}
	return n
}

func (w *world) access(s *service.Service, id billing.AccountID, plan billing.PlanID, status billing.Status) {
	w.t.Helper()
	got, err := s.Status(w.t.Context(), id)
	if err != nil || got.Plan != plan || got.Status != status {
		w.t.Errorf("%s is on %s, %s (%v); want %s, %s", id, got.Plan, got.Status, err, plan, status)
	}
}

// Features: 77.
func TestTwoAccountsAtTheProviderAreBilledSideBySide(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		other := w.second()
		s := w.both(other)
		ada, bob := w.signUp(s), w.signUpSecond(s)
		if _, err := w.stripe.Client().V1Customers.Retrieve(t.Context(), string(bob.Customer), nil); err == nil {
			t.Error("bob is a customer of the default account")
		}
		w.saveCard(ada.Customer, "pm_card_visa")
		other.saveCard(bob.Customer, "pm_card_mastercard")
		w.settle(s)
		for w.deliverSecond(s, other) > 0 {
			w.drain(s)
		}
		for _, id := range []billing.AccountID{"ada", "bob"} {
			if got, err := s.Upgrade(t.Context(), id, service.Upgrade{PriceKey: "premium-monthly", SuccessURL: success, CancelURL: cancel}); err != nil || !got.Changed {
				t.Fatalf("%s: %+v, %v", id, got, err)
			}
		}
		w.move(start.AddDate(0, 1, 1)) // both renew
		w.settle(s)
		for w.deliverSecond(s, other) > 0 {
			w.drain(s)
		}
		w.access(s, "ada", "premium", billing.Active)
		w.access(s, "bob", "premium", billing.Active)
		if sum, found := w.reconcile(s, service.Reconciling{}); sum.Customers != 2 || sum.Drifted+sum.Failed+sum.Late > 0 {
			t.Errorf("the comparison says %+v %q, want both customers as they are", sum, found)
		}
		for from, want := range map[string]int64{"": 2, "second": 1, "third": 0} {
			n, err := s.RetryEvents(t.Context(), service.EventFilter{State: "done", Type: "customer.created", ProviderAccount: from})
			if n != want || err != nil {
				t.Errorf("from %q: %d events are replayed, %v; want %d", from, n, err, want)
			}
			w.drain(s)
		}
		if portal, err := s.OpenPortal(t.Context(), "bob", success); err != nil || !strings.Contains(portal, "/p/") {
			t.Errorf("bob's portal: %q, %v", portal, err)
		}
	})
}

func TestWhatIsLostOfASecondAccountIsFoundInItsOwnList(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		other := w.second()
		s := w.both(other)
		w.signUp(s)
		bob := w.signUpSecond(s)
		if _, err := s.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.drain(s)
		if _, err := other.stripe.Client().V1Customers.Delete(t.Context(), string(bob.Customer), nil); err != nil {
			t.Fatal(err)
		}
		w.move(start.Add(time.Minute))
		found, err := s.CatchUp(t.Context()) // no webhook has come
		if err != nil || found == 0 {
			t.Fatalf("found %d, %v", found, err)
		}
		w.drain(s)
		events, _, err := s.Events(t.Context(), service.EventFilter{Type: "customer.deleted"}, service.Page{})
		if err != nil || len(events) != 1 || events[0].ProviderAccount != "second" || events[0].State != "done" {
			t.Errorf("got %+v, %v; want bob's end, from the second", events, err)
		}
		if state, err := w.store().State(t.Context(), bob.Customer); err != nil || !state.Deleted {
			t.Errorf("the mirror says deleted %v, %v", state.Deleted, err)
		}
	})
}

// Rows: C23.
func TestAnEventIsKnownByItsIDWithinItsProviderAccount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.both(w.second())
		body := []byte(`{"id":"evt_same","object":"event","type":"product.created","created":1769853600,"livemode":false,"data":{"object":{"id":"prod_1","object":"product"}}}`)
		for range 2 {
			for from, with := range map[billing.ProviderAccount]string{"": secret, "second": secondSecret} {
				if err := s.Receive(t.Context(), from, w.signed(body, with, w.now.Now()), body); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, c := range []struct {
			from string
			want int
		}{{"", 2}, {"default", 1}, {"second", 1}, {"third", 0}} {
			events, _, err := s.Events(t.Context(), service.EventFilter{ProviderAccount: c.from}, service.Page{})
			if err != nil || len(events) != c.want {
				t.Errorf("from %q: %d events, %v; want %d", c.from, len(events), err, c.want)
			}
		}
		if err := s.Receive(t.Context(), "second", w.signed(body, secret, w.now.Now()), body); billing.CodeOf(err) != billing.Invalid {
			t.Errorf("signed with the other account's secret: %v", err)
		}
		if err := s.Receive(t.Context(), "third", w.signed(body, secret, w.now.Now()), body); billing.CodeOf(err) != billing.NotFound {
			t.Errorf("to an account that is not configured: %v", err)
		}
	})
}

func TestAnAccountNeverMovesToAnotherProviderAccount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.both(w.second())
		w.signUpSecond(s)
		for wanted, code := range map[billing.ProviderAccount]billing.Code{"": "", "second": "", "third": billing.Invalid} {
			_, created, err := s.CreateAccount(t.Context(), service.NewAccount{ID: "bob", Email: "bob@example.com", ProviderAccount: wanted})
			if created || billing.CodeOf(err) != code {
				t.Errorf("again with %q: created %v, %v; want code %q", wanted, created, err, code)
			}
		}
		w.signUp(s)
		_, _, err := s.CreateAccount(t.Context(), service.NewAccount{ID: "ada", Email: "ada@example.com", ProviderAccount: "second"})
		if billing.CodeOf(err) != billing.Conflict {
			t.Errorf("ada to the second: %v, want a conflict", err)
		}
	})
}

func TestProviderAccountsThatCannotBeToldApartAreRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.store()
		for name, names := range map[string][]billing.ProviderAccount{
			"the default one again": {"default"}, "no name": {""}, "a name with a slash": {"a/b"}, "one twice": {"a", "a"},
		} {
			p := stripeprovider.New(stripeprovider.Config{})
			config := service.Config{
				Store: s, Provider: p, Prices: p, Verifier: p, Sender: w.mails, Render: mailer.NewRenderer("Test"), Clock: service.Clock{Business: w.now.Now, Wall: w.now.Now},
				PublicURL: w.publicURL,
			}
			for _, n := range names {
				config.ProviderAccounts = append(config.ProviderAccounts, service.ProviderAccount{Name: n, Provider: p, Prices: p, Verifier: p})
			}
			if _, err := service.New(config); billing.CodeOf(err) != billing.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// A process without a key for the second account asks the default one, where nobody knows its customers: that is no deletion.
func TestACustomerOfAnAccountThatIsNotConfiguredIsLeftAsHeIs(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		other := w.second()
		s := w.both(other)
		bob := w.signUpSecond(s)
		other.saveCard(bob.Customer, "pm_card_visa")
		if _, err := s.Upgrade(t.Context(), "bob", service.Upgrade{PriceKey: "premium-monthly", SuccessURL: success, CancelURL: cancel}); err != nil {
			t.Fatal(err)
		}
		if w.deliverSecond(s, other) == 0 {
			t.Fatal("nothing was told of bob")
		}
		alone := w.service()
		w.drain(alone)
		w.access(alone, "bob", "premium", billing.Active)
		if sum, found := w.reconcile(alone, service.Reconciling{}); sum.Drifted > 0 {
			t.Errorf("the comparison says %+v %q, want nothing of bob", sum, found)
		}
		w.access(alone, "bob", "premium", billing.Active)
		if _, err := alone.OpenPortal(t.Context(), "bob", success); billing.CodeOf(err) != billing.Unavailable {
			t.Errorf("bob's portal answers %v, want that it is unavailable: nothing is wrong with what he asks", err)
		}
		w.move(start.Add(time.Hour))
		w.drain(s)
		if q, err := s.Queues(t.Context()); q != (service.Queues{}) || err != nil {
			t.Errorf("%+v, %v; want everything worked off once the key is back", q, err)
		}
		w.access(s, "bob", "premium", billing.Active)
	})
}

package service_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/service"
)

// selling is a service with a catalogue of one plan in these prices.
func (w *world) selling(prices string) *service.Service {
	w.t.Helper()
	c, err := catalog.Parse([]byte("plans:\n  - id: premium\n    name: Premium\n    prices:\n" + prices))
	if err != nil {
		w.t.Fatal(err)
	}
	return w.serviceWith(func(cfg *service.Config) { cfg.Catalog = c })
}

const (
	before = "      - {key: premium, amount: 19.00 EUR, every: month}\n"
	after  = "      - {key: premium-2, amount: 25.00 EUR, every: month}\n" +
		"      - {key: premium, amount: 19.00 EUR, every: month, archived: true, move_to: premium-2}\n"
)

// subscribed makes accounts that pay for the price premium.
func (w *world) subscribed(s *service.Service, ids ...billing.AccountID) (all []billing.Account) {
	w.t.Helper()
	for _, id := range ids {
		account, _, err := s.CreateAccount(w.t.Context(), service.NewAccount{ID: id, Email: string(id) + "@example.com"})
		if err != nil {
			w.t.Fatal(err)
		}
		result, err := s.Upgrade(w.t.Context(), id, service.Upgrade{PriceKey: "premium", SuccessURL: success, CancelURL: cancel})
		if err != nil {
			w.t.Fatal(err)
		}
		w.pay(result.URL, goodCard)
		all = append(all, account)
	}
	w.settle(s)
	return all
}

// migrated moves everybody, and returns what was told of each, by account.
func (w *world) migrated(s *service.Service, how service.Migrating) (service.Migrated, map[billing.AccountID]string) {
	w.t.Helper()
	told := map[billing.AccountID]string{}
	how.From, how.Rate = "premium", 1000
	how.Done = func(m billing.PriceMove) { told[m.Account] = strings.TrimSpace(fmt.Sprintf("%s %s", m.Status, m.Why)) }
	sum, err := s.Migrate(w.t.Context(), how)
	if err != nil {
		w.t.Fatal(err)
	}
	return sum, told
}

// Features: 11.
func TestSubscribersOfAnArchivedPriceStayUntilTheyAreMovedAndPayTheNewOneFromTheirNextPeriod(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		accounts := w.subscribed(w.selling(before), "ada", "bob", "eve")
		s := w.selling(after)
		w.expect(s, "premium active full") // who stays is entitled as before
		if _, err := s.Upgrade(t.Context(), "new", service.Upgrade{PriceKey: "premium", SuccessURL: success, CancelURL: cancel}); billing.CodeOf(err) != billing.Invalid {
			t.Errorf("the archived price is sold: %v", err)
		}
		if _, err := s.Cancel(t.Context(), "eve", service.Cancel{}); err != nil {
			t.Fatal(err)
		}
		charges, _ := w.paidAtStripe()

		dry, told := w.migrated(s, service.Migrating{DryRun: true})
		if want := (service.Migrated{Moved: 2, Skipped: 1}); dry != want || told["ada"] != "pending" {
			t.Errorf("a dry run says %+v %v, want %+v", dry, told, want)
		}
		if moves, err := s.PriceMoves(t.Context(), "premium", ""); err != nil || len(moves) != 0 {
			t.Errorf("a dry run wrote %+v, %v", moves, err)
		}
		sum, told := w.migrated(s, service.Migrating{})
		if sum != dry || told["ada"] != "moved" || told["bob"] != "moved" || told["eve"] != "skipped it ends with its period" {
			t.Errorf("got %+v %v", sum, told)
		}
		if now, _ := w.paidAtStripe(); now != charges {
			t.Errorf("moving made %d charges", now-charges)
		}
		if again, _ := w.migrated(s, service.Migrating{To: "premium-2"}); again != (service.Migrated{Skipped: 1}) {
			t.Errorf("a second run says %+v, want only the one that was skipped", again)
		}
		moves, err := s.PriceMoves(t.Context(), "premium", "")
		ledger := map[string]int{}
		for _, m := range moves {
			ledger[string(m.Account)+" "+string(m.Status)]++
		}
		if err != nil || len(moves) != 3 || ledger["ada moved"] != 1 || ledger["bob moved"] != 1 || ledger["eve skipped"] != 1 {
			t.Errorf("the ledger is %v, %v", ledger, err)
		}

		w.settle(s)
		w.move(start.AddDate(0, 0, 40))
		w.settle(s)
		if paid, _ := w.paidLast(accounts[0].Customer); paid != 2500 {
			t.Errorf("the next period costs %d, want 2500", paid)
		}
		w.expect(s, "premium active full")
	})
}

// Features: 11.
func TestAMigrationThatBreaksOffIsGoneOnWith(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.subscribed(w.selling(before), "ada", "bob", "eve")
		s := w.selling(after)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		done := 0
		_, err := s.Migrate(ctx, service.Migrating{From: "premium", Rate: 1000, Done: func(billing.PriceMove) {
			done++
			stop()
		}})
		if !errors.Is(err, context.Canceled) || done != 1 {
			t.Fatalf("broken off after %d: %v", done, err)
		}
		sum, _ := w.migrated(s, service.Migrating{})
		if sum.Moved != 2 {
			t.Errorf("the second run says %+v, want the other two", sum)
		}
		moves, err := s.PriceMoves(t.Context(), "premium", "")
		for _, m := range moves {
			if m.Status != billing.Moved {
				t.Errorf("the ledger has %+v", m)
			}
		}
		if err != nil || len(moves) != 3 {
			t.Errorf("the ledger has %d rows, %v; want one for each", len(moves), err)
		}
	})
}

func TestTwoMigrationsAtOnceMoveEachSubscriberOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.subscribed(w.selling(before), "ada", "bob")
		results := make(chan error, 2)
		for range 2 {
			s := w.selling(after)
			go func() {
				_, err := s.Migrate(t.Context(), service.Migrating{From: "premium", Rate: 1000})
				results <- err
			}()
		}
		for range 2 {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		moves, err := w.selling(after).PriceMoves(t.Context(), "premium", "")
		moved := 0
		for _, m := range moves {
			if m.Status == billing.Moved {
				moved++
			}
		}
		if err != nil || moved != 2 {
			t.Errorf("%d moves in %+v, %v; want 2", moved, moves, err)
		}
	})
}

func TestAMigrationThatTheCatalogueDoesNotSayIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.selling(after)
		for _, how := range []service.Migrating{{From: "premium-2"}, {From: "gone"}, {From: "premium", To: "gone"}, {}} {
			if _, err := s.Migrate(t.Context(), how); billing.CodeOf(err) != billing.Invalid {
				t.Errorf("%+v: got %v, want code invalid", how, err)
			}
		}
		if sum, _ := w.migrated(s, service.Migrating{}); sum != (service.Migrated{}) {
			t.Errorf("nobody is subscribed, and %+v", sum)
		}
	})
}

func TestACustomerWhoIsNobodysAccountIsMovedToo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first, client := w.selling(before), w.stripe.Client()
		w.subscribed(first, "ada") // who makes the price at the provider
		prices := client.V1Prices.List(t.Context(), &stripe.PriceListParams{LookupKeys: []*string{stripe.String("premium")}})
		stranger, err := client.V1Customers.Create(t.Context(), &stripe.CustomerCreateParams{
			PaymentMethod: stripe.String("pm_card_visa"), InvoiceSettings: &stripe.CustomerCreateInvoiceSettingsParams{DefaultPaymentMethod: stripe.String("pm_card_visa")},
		})
		if err != nil {
			t.Fatal(err)
		}
		for price, err := range prices.All(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.V1Subscriptions.Create(t.Context(), &stripe.SubscriptionCreateParams{
				Customer: &stranger.ID, Items: []*stripe.SubscriptionCreateItemParams{{Price: &price.ID}},
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		w.settle(first)
		s := w.selling(after)
		if sum, told := w.migrated(s, service.Migrating{}); sum != (service.Migrated{Moved: 2}) {
			t.Errorf("got %+v %v", sum, told)
		}
		subs, err := w.store().Subscriptions(t.Context(), billing.CustomerID(stranger.ID))
		if err != nil || len(subs) != 1 || !subs[0].On("premium-2") {
			t.Errorf("the mirror has %+v, %v; want the new price", subs, err)
		}
	})
}

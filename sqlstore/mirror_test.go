package sqlstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/sqlstore"
)

// full is a State with every field of its parts set.
func full() billing.State {
	period := billing.Period{Start: start, End: start.AddDate(0, 0, 28)}
	eur := func(minor int64) money.Amount { return money.New(minor, "eur") }
	return billing.State{
		Customer: "cus_ada", Known: true, SyncedAt: start.Add(123456 * time.Microsecond),
		Subscriptions: []billing.Subscription{
			{
				ID: "sub_2", Customer: "cus_ada", Status: billing.Active, CreatedAt: start.Add(time.Hour), StartedAt: start,
				Items:         []billing.Item{{ID: "si_2", Price: "price_2", PriceKey: "premium", Quantity: 1, Period: period, Amount: eur(1900)}},
				PaymentMethod: "pm_1", LatestInvoice: "in_2",
			},
			{ID: "sub_1", Customer: "cus_ada", Status: billing.Canceled, CreatedAt: start, EndedAt: start.Add(time.Hour), CancelReason: "payment_failed"},
		},
		Invoices: []billing.Invoice{
			{
				ID: "in_2", Customer: "cus_ada", Status: billing.InvoiceOpen, Total: eur(1900), AmountDue: eur(1900), AmountPaid: eur(0),
				CreatedAt: start.Add(time.Hour), NextAttempt: start.Add(72 * time.Hour), Attempts: 1, NeedsConfirmation: true,
				Lines: []billing.InvoiceLine{{ID: "il_2", Amount: eur(1900), PriceKey: "premium", Quantity: 1, Period: period}},
			},
			{ID: "in_1", Customer: "cus_ada", Status: billing.InvoicePaid, Total: eur(0), CreatedAt: start, PaidAt: start},
		},
		Methods: []billing.PaymentMethod{{ID: "pm_1", Type: "card", Brand: "visa", Last4: "4242", ExpMonth: 4, ExpYear: 2030, Default: true}},
	}
}

// A version before this one may have written a customer last, or write it beside this one while all processes are being exchanged.
func TestACustomerThatAnOlderVersionWroteIsKnownPartly(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		partly := func(want bool) {
			t.Helper()
			if got, err := s.State(t.Context(), "cus_ada"); err != nil || got.Partly != want || !got.Known {
				t.Errorf("partly %v (%+v, %v), want %v", got.Partly, got, err, want)
			}
		}
		for i := range 2 {
			at := start.Add(time.Duration(i) * time.Minute)
			write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error { return tx.SaveCustomerAsBefore(ctx, "cus_ada", at) })
			partly(true)
			write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error {
				mirror, err := tx.State(ctx, "cus_ada")
				if err != nil {
					return err
				}
				now := mirror
				now.OwnMethod, now.SyncedAt = "pm_1", at.Add(time.Second)
				return tx.SaveState(ctx, mirror, now)
			})
			partly(false)
		}
	})
}

func TestTheMirrorReturnsWhatWasSavedAndKeepsWhatIsGone(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		save := func(now billing.State) {
			t.Helper()
			write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error {
				mirror, err := tx.State(ctx, now.Customer)
				if err != nil {
					return err
				}
				return tx.SaveState(ctx, mirror, now)
			})
		}
		if got, err := s.State(t.Context(), "cus_ada"); err != nil || got.Known {
			t.Errorf("a customer that was never fetched: got %+v, %v; want an unknown state", got, err)
		}
		want := full()
		save(want)
		got, err := s.State(t.Context(), "cus_ada")
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("after the first save (%v) -want +got:\n%s", err, diff)
		}
		standing, err := s.Standing(t.Context(), "cus_ada")
		if err != nil || len(standing.Invoices) != 1 || standing.Invoices[0].ID != "in_2" || len(standing.Subscriptions) != 2 {
			t.Errorf("the standing has the open invoices only, got %+v, %v", standing, err)
		}

		// The next fetch shows one invoice paid and no longer lists the old one.
		want.Invoices[0].Status, want.Invoices[0].PaidAt = billing.InvoicePaid, start.Add(2*time.Hour)
		old := want.Invoices[1]
		want.Invoices = want.Invoices[:1]
		save(want)
		want.Invoices = append(want.Invoices, old)
		got, err = s.State(t.Context(), "cus_ada")
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("after the second save (%v) -want +got:\n%s", err, diff)
		}
		if other, err := s.State(t.Context(), "cus_other"); err != nil || other.Known || len(other.Subscriptions) != 0 {
			t.Errorf("another customer sees %+v, %v", other, err)
		}
	})
}

func TestWhatIsOfOneSecondStaysInTheProvidersOrder(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		var now billing.State
		for _, id := range []string{"b", "c", "a"} { // as they are made: the ids are not in order
			mirror, err := s.State(t.Context(), "cus_ada")
			if err != nil {
				t.Fatal(err)
			}
			sub := billing.Subscription{ID: billing.SubscriptionID(id), Customer: "cus_ada", CreatedAt: start}
			invoice := billing.Invoice{ID: billing.InvoiceID(id), Customer: "cus_ada", Status: billing.InvoiceOpen, CreatedAt: start}
			now = billing.State{
				Customer: "cus_ada", Known: true, SyncedAt: start,
				Subscriptions: append([]billing.Subscription{sub}, now.Subscriptions...), Invoices: append([]billing.Invoice{invoice}, now.Invoices...),
			}
			write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error { return tx.SaveState(ctx, mirror, now) })
		}
		got, err := s.Standing(t.Context(), "cus_ada")
		if diff := cmp.Diff(now, got); err != nil || diff != "" {
			t.Errorf("one by one (%v) -want +got:\n%s", err, diff)
		}

		all := now // another customer, of whom all is seen at once
		all.Customer = "cus_bob"
		for i := range all.Subscriptions {
			all.Subscriptions[i].ID += "_bob"
			all.Invoices[i].ID += "_bob"
		}
		write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error { return tx.SaveState(ctx, billing.State{}, all) })
		got, err = s.State(t.Context(), "cus_bob")
		if diff := cmp.Diff(all, got); err != nil || diff != "" {
			t.Errorf("at once (%v) -want +got:\n%s", err, diff)
		}
	})
}

func TestAnAccountHasOneOpenPurchaseOfEachGroup(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		first := billing.Purchase{
			ID: "pur_1", Account: "ada", PriceKey: "premium", Status: billing.PurchasePending, SuccessURL: "https://app.example.com/ok", CreatedAt: start,
		}
		second := first
		second.ID, second.CreatedAt = "pur_2", start.Add(time.Minute)
		add := func(p billing.Purchase) error {
			return s.InTx(t.Context(), func(tx *sqlstore.Tx) error { return tx.AddPurchase(t.Context(), p) })
		}
		if err := add(first); err != nil {
			t.Fatal(err)
		}
		if err := add(second); err == nil {
			t.Fatal("a second open purchase was stored")
		}
		support := second
		support.ID, support.Group = "pur_3", "support"
		if err := add(support); err != nil {
			t.Fatalf("one of another group: %v", err)
		}
		if open, err := s.OpenPurchases(t.Context(), "ada"); err != nil || !cmp.Equal([]billing.Purchase{first, support}, open) {
			t.Errorf("open are %+v, %v; want one of each group", open, err)
		}
		support.Status = billing.PurchaseExpired
		write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error { return tx.SavePurchase(ctx, support) })
		first.Status, first.Checkout, first.URL = billing.PurchaseCompleted, "cs_1", "https://pay.example.com/cs_1"
		first.Subscription, first.PaymentIntent, first.PaymentMethod = "sub_1", "pi_1", "pm_1"
		first.Amount, first.CompletedAt = money.New(1900, "eur"), start.Add(time.Hour)
		save := func(p billing.Purchase) {
			write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error { return tx.SavePurchase(ctx, p) })
		}
		save(first)
		late := first
		late.Status = billing.PurchaseExpired
		save(late)
		if got, err := s.Purchase(t.Context(), "pur_1"); err != nil || got != first {
			t.Errorf("a purchase that has ended stays as it is: got %+v, %v; want %+v", got, err, first)
		}
		if _, found, err := s.OpenPurchase(t.Context(), "ada", ""); found || err != nil {
			t.Errorf("found an open purchase: %v, %v", found, err)
		}
		if err := add(second); err != nil {
			t.Fatal(err)
		}
		open, found, err := s.OpenPurchase(t.Context(), "ada", "")
		if err != nil || !found || open != second {
			t.Errorf("got %+v, %v, %v; want %+v", open, found, err, second)
		}
		all, err := s.Purchases(t.Context(), "ada")
		if diff := cmp.Diff([]billing.Purchase{second, support, first}, all); err != nil || diff != "" {
			t.Errorf("(%v) -want +got:\n%s", err, diff)
		}
		if _, err := s.Purchase(t.Context(), "pur_9"); billing.CodeOf(err) != billing.NotFound {
			t.Errorf("got %v, want not_found", err)
		}
	})
}

func TestALicenseLineCountsOnce(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		line := billing.LicenseLine{
			Line: "il_1", Asset: "handbook", Account: "ada", Invoice: "in_1", StartsAt: start, EndsAt: start.AddDate(0, 1, 0), RecordedAt: start,
		}
		var added []bool
		for range 2 {
			write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error {
				ok, err := tx.AddLicenseLine(ctx, line)
				added = append(added, ok)
				return err
			})
		}
		if !added[0] || added[1] {
			t.Errorf("added %v, want the first only", added)
		}
		got, err := s.LicenseLines(t.Context(), "ada")
		if diff := cmp.Diff([]billing.LicenseLine{line}, got); err != nil || diff != "" {
			t.Errorf("(%v) -want +got:\n%s", err, diff)
		}
	})
}

func TestAPortalVisitRemembersWhereToGoForAWhile(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		visit := func(id string, at time.Time) {
			write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error {
				return tx.AddVisit(ctx, id, "ada", "https://app.example.com/"+id, at, at.AddDate(0, 0, -7))
			})
		}
		visit("one", start)
		account, url, err := s.Visit(t.Context(), "one")
		if err != nil || account != "ada" || url != "https://app.example.com/one" {
			t.Errorf("got %q, %q, %v", account, url, err)
		}
		visit("two", start.AddDate(0, 0, 8))
		if _, _, err := s.Visit(t.Context(), "one"); billing.CodeOf(err) != billing.NotFound {
			t.Errorf("got %v, want not_found for a forgotten visit", err)
		}
	})
}

package service_test

import (
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

// record is what the mirror holds of a customer beside the state.
func (w *world) record(customer billing.CustomerID) billing.Record {
	w.t.Helper()
	record, err := w.store().Record(w.t.Context(), customer)
	if err != nil {
		w.t.Fatal(err)
	}
	return record
}

// raw is an object as the mirror keeps it.
func (w *world) raw(id string) map[string]any {
	w.t.Helper()
	object, err := w.store().Object(w.t.Context(), id)
	if err != nil {
		w.t.Fatalf("%s: %v", id, err)
	}
	var members map[string]any
	if err := json.Unmarshal([]byte(object.Raw), &members); err != nil || strings.ContainsAny(object.Raw, "\n") {
		w.t.Fatalf("%s is kept as %q: %v", id, object.Raw, err)
	}
	return members
}

// forget brings the mirror of a customer to what a version before the wider one kept.
func (w *world) forget(customer billing.CustomerID) {
	w.t.Helper()
	kind, source := "sqlite", strings.TrimPrefix(w.database, "sqlite:")
	if strings.HasPrefix(w.database, "postgres") {
		kind, source = "pgx", w.database
	}
	db, err := sql.Open(kind, source)
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	for _, table := range []string{"charges", "objects", "payment_methods"} {
		if _, err := db.ExecContext(w.t.Context(), `DELETE FROM `+table+` WHERE customer = $1`, customer); err != nil {
			w.t.Fatal(err)
		}
	}
	if _, err := db.ExecContext(w.t.Context(), `UPDATE customers SET mirrored_at = 0 WHERE id = $1`, customer); err != nil {
		w.t.Fatal(err)
	}
}

// Features: 93.
func TestARefundAndADisputeAppearInTheMirror(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, client := w.service(), w.stripe.Client()
		account := w.signUp(s)
		w.saveCard(account.Customer, "pm_card_createDispute")
		w.upgrade(s, "premium-monthly")
		w.settle(s)
		record := w.record(account.Customer)
		if len(record.Charges) != 1 || len(record.Disputes) != 1 || len(record.Refunds) != 0 {
			t.Fatalf("after a payment that is disputed: %+v", record)
		}
		charge, dispute := record.Charges[0], record.Disputes[0]
		if charge.Amount.Minor == 0 || charge.Status != "succeeded" || !charge.Disputed || charge.PaymentIntent == "" || charge.PaymentMethod == "" {
			t.Errorf("the charge is %+v", charge)
		}
		if dispute.Charge != charge.ID || dispute.Amount != charge.Amount || dispute.Status != "needs_response" || dispute.AnswerBy.IsZero() {
			t.Errorf("the dispute is %+v", dispute)
		}
		if w.raw(string(charge.ID))["object"] != "charge" || w.raw(string(dispute.ID))["object"] != "dispute" {
			t.Error("charge and dispute are not kept as they were sent")
		}
		w.agrees(s)

		win := &stripe.DisputeUpdateParams{Evidence: &stripe.DisputeUpdateEvidenceParams{UncategorizedText: stripe.String("winning_evidence")}}
		if _, err := client.V1Disputes.Update(t.Context(), string(dispute.ID), win); err != nil {
			t.Fatal(err)
		}
		w.settle(s)
		if got := w.record(account.Customer).Disputes; got[0].Status != "won" {
			t.Errorf("the dispute that was won is %+v", got)
		}
		w.agrees(s)

		w.move(w.now.Now().Add(time.Minute))
		part := &stripe.RefundCreateParams{Charge: stripe.String(string(charge.ID)), Amount: stripe.Int64(500), Reason: stripe.String("requested_by_customer")}
		if _, err := client.V1Refunds.Create(t.Context(), part); err != nil {
			t.Fatal(err)
		}
		events, since := w.newEvents(), w.watched()
		w.deliver(s, events...)
		since()
		w.drain(s)
		record = w.record(account.Customer)
		if record.Charges[0].Refunded != money.New(500, charge.Amount.Currency) || len(record.Refunds) != 1 || record.Refunds[0].Amount.Minor != 500 ||
			record.Refunds[0].Reason != "requested_by_customer" || record.Refunds[0].Charge != charge.ID {
			t.Errorf("after a refund (%d events, %q): %+v", len(events), since(), record)
		}
		if w.raw(string(record.Refunds[0].ID))["object"] != "refund" || w.raw(string(charge.ID))["refunds"] != nil {
			t.Error("the refund is not kept as it was sent, beside its charge")
		}
		w.agrees(s)
	})
}

func TestASavedCardIsKeptInColumnsAndAsItWasSent(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.signUp(s)
		w.saveCard(account.Customer, "pm_card_visa")
		w.settle(s)
		methods, err := w.store().Methods(t.Context(), account.Customer)
		if err != nil || len(methods) != 1 || methods[0].Brand != "visa" || methods[0].Last4 != "4242" || methods[0].ExpYear == 0 || !methods[0].Default {
			t.Fatalf("%+v, %v", methods, err)
		}
		card, _ := w.raw(string(methods[0].ID))["card"].(map[string]any)
		if customer := w.raw(string(account.Customer)); card["brand"] != "visa" || customer["email"] != "ada@example.com" {
			t.Errorf("kept are %v and %v", card, customer)
		}
		for method, err := range w.stripe.Client().V1Customers.ListPaymentMethods(t.Context(), &stripe.CustomerListPaymentMethodsParams{Customer: stripe.String(string(account.Customer))}).All(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.stripe.Client().V1PaymentMethods.Detach(t.Context(), method.ID, nil); err != nil {
				t.Fatal(err)
			}
		}
		w.settle(s)
		left, err := w.store().Methods(t.Context(), account.Customer)
		if _, gone := w.store().Object(t.Context(), string(methods[0].ID)); len(left) > 0 || err != nil || !errors.Is(gone, sql.ErrNoRows) {
			t.Errorf("after it was taken away: %+v, %v, %v", left, err, gone)
		}
	})
}

// Nobody tells us of what happened: a comparison finds it, by kind, and repairs it.
func TestAChargeARefundADisputeAndAProductThatDifferAreRepaired(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, client := w.service(), w.stripe.Client()
		account := w.signUp(s)
		w.saveCard(account.Customer, "pm_card_createDispute")
		w.upgrade(s, "premium-monthly")
		w.settle(s)
		record := w.record(account.Customer)
		win := &stripe.DisputeUpdateParams{Evidence: &stripe.DisputeUpdateEvidenceParams{UncategorizedText: stripe.String("winning_evidence")}}
		if _, err := client.V1Disputes.Update(t.Context(), string(record.Disputes[0].ID), win); err != nil {
			t.Fatal(err)
		}
		if _, err := client.V1Refunds.Create(t.Context(), &stripe.RefundCreateParams{Charge: stripe.String(string(record.Charges[0].ID)), Amount: stripe.Int64(500)}); err != nil {
			t.Fatal(err)
		}
		if _, err := client.V1Products.Update(t.Context(), "dues_premium", &stripe.ProductUpdateParams{Name: stripe.String("Gold")}); err != nil {
			t.Fatal(err)
		}
		marked := &stripe.ProductUpdateParams{Metadata: map[string]string{"shelf": "3"}}
		if _, err := client.V1Products.Update(t.Context(), "dues_starter", marked); err != nil {
			t.Fatal(err)
		}
		fresh, err := client.V1Products.Create(t.Context(), &stripe.ProductCreateParams{Name: stripe.String("New")})
		if err != nil {
			t.Fatal(err)
		}
		w.newEvents() // and none of the webhooks arrives
		want := []string{"charge Refunded", "dispute AnswerBy", "dispute Status", "product", "product Name", "product raw.metadata", "refund"}
		sum, found := w.reconcile(s, service.Reconciling{DryRun: true})
		if !slices.Equal(found, want) || sum != (service.Reconciled{Customers: 1, Drifted: 1, Goods: 3}) {
			t.Errorf("a dry run finds %q (%+v), want %q", found, sum, want)
		}
		if sum, again := w.reconcile(s, service.Reconciling{}); !slices.Equal(again, found) || sum.Repaired != 1 || sum.GoodsRepaired != 3 {
			t.Errorf("the repair says %+v %q", sum, again)
		}
		w.agrees(s)
		if repaired := w.record(account.Customer); len(repaired.Refunds) != 1 || repaired.Disputes[0].Status != "won" || repaired.Charges[0].Refunded.Minor != 500 {
			t.Errorf("repaired is %+v", repaired)
		}
		if _, err := client.V1Products.Delete(t.Context(), fresh.ID, nil); err != nil {
			t.Fatal(err)
		}
		w.newEvents()
		if sum, found := w.reconcile(s, service.Reconciling{}); sum.GoodsRepaired != 1 || !slices.Equal(found, []string{"product Deleted"}) {
			t.Errorf("a deleted product is found as %+v %q", sum, found)
		}
		w.agrees(s)
	})
}

// A customer that a version before the wider mirror wrote is completed by the next event about it.
func TestACustomerOfAnOlderVersionIsCompletedByTheNextReading(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.premium(s)
		w.forget(account.Customer)
		if record := w.record(account.Customer); len(record.Charges)+len(record.Objects) > 0 {
			t.Fatalf("it is not forgotten: %+v", record)
		}
		w.move(w.now.Now().Add(time.Minute))
		update := &stripe.CustomerUpdateParams{Description: stripe.String("anything")}
		if _, err := w.stripe.Client().V1Customers.Update(t.Context(), string(account.Customer), update); err != nil {
			t.Fatal(err)
		}
		w.settle(s)
		if record := w.record(account.Customer); len(record.Charges) != 1 || len(record.Objects) < 4 {
			t.Errorf("after an event it is %+v", record)
		}
		w.agrees(s)
	})
}

func TestAWalletsCardIsMirroredWithBrandLastFourAndWallet(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.signUp(s)
		for _, c := range []struct{ token, brand, last4, wallet string }{
			{"pm_card_mastercard_apple_pay", "mastercard", "4444", "apple_pay"},
			{"pm_card_visa_google_pay", "visa", "4242", "google_pay"},
			{"pm_card_visa", "visa", "4242", ""},
		} {
			w.saveCard(account.Customer, c.token)
			w.settle(s)
			want := billing.PaymentMethod{Type: "card", Brand: c.brand, Last4: c.last4, Wallet: c.wallet, ExpMonth: 1, ExpYear: 2027, Default: true}
			methods, err := w.store().Methods(t.Context(), account.Customer)
			if err != nil {
				t.Fatal(err)
			}
			at := slices.IndexFunc(methods, func(m billing.PaymentMethod) bool { return m.Default })
			if at < 0 {
				t.Fatalf("%s: no method is the default: %+v", c.token, methods)
			}
			shown := w.status(s).Method
			want.ID = methods[at].ID
			if methods[at] != want || shown == nil || *shown != want {
				t.Errorf("%s: the table has %+v, the status %+v; want %+v", c.token, methods[at], shown, want)
			}
			card := w.raw(string(want.ID))["card"].(map[string]any)
			wallet, _ := card["wallet"].(map[string]any)
			if (c.wallet == "") != (wallet == nil) || wallet != nil && wallet["type"] != c.wallet {
				t.Errorf("%s: as it was sent, the wallet is %v", c.token, wallet)
			}
		}
		w.agrees(s)
		w.saveCard(account.Customer, "pm_card_visa_apple_pay")
		if got := w.upgrade(s, "premium-monthly"); !got.Changed {
			t.Errorf("a wallet's card does not pay: %+v", got)
		}
	})
}

// Features: 10.
func TestARenamedProductAndARetiredPriceAreMirrored(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, client := w.service(), w.stripe.Client()
		w.signUp(s)
		w.settle(s)
		goods := func() (names map[billing.ProductID]billing.Product, prices map[string]billing.ProductPrice) {
			t.Helper()
			all, err := w.store().Goods(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			names, prices = map[billing.ProductID]billing.Product{}, map[string]billing.ProductPrice{}
			for _, p := range all.Products {
				names[p.ID] = p
			}
			for _, p := range all.Prices {
				prices[p.PriceKey] = p
			}
			return names, prices
		}
		products, prices := goods()
		price := prices["premium-monthly"]
		if products["dues_premium"].Name != "Premium" || price.Amount.Minor != 1900 || price.Period != billing.Month || price.PeriodCount != 1 || !price.Active {
			t.Fatalf("the catalogue at the provider is mirrored as %+v %+v", products, price)
		}
		if _, err := client.V1Products.Update(t.Context(), "dues_premium", &stripe.ProductUpdateParams{Name: stripe.String("Gold")}); err != nil {
			t.Fatal(err)
		}
		if _, err := client.V1Prices.Update(t.Context(), string(price.ID), &stripe.PriceUpdateParams{Active: stripe.Bool(false)}); err != nil {
			t.Fatal(err)
		}
		bare, err := client.V1Products.Create(t.Context(), &stripe.ProductCreateParams{Name: stripe.String("Mistake")})
		if err != nil {
			t.Fatal(err)
		}
		w.settle(s)
		products, prices = goods()
		if products["dues_premium"].Name != "Gold" || prices["premium-monthly"].Active || w.raw("dues_premium")["name"] != "Gold" {
			t.Errorf("after the changes: %+v %+v", products, prices["premium-monthly"])
		}
		if _, err := client.V1Products.Delete(t.Context(), bare.ID, nil); err != nil {
			t.Fatal(err)
		}
		w.settle(s)
		if products, _ = goods(); !products[billing.ProductID(bare.ID)].Deleted || products[billing.ProductID(bare.ID)].Name != "Mistake" {
			t.Errorf("the deleted product is %+v", products[billing.ProductID(bare.ID)])
		}
	})
}

// What happens to a payment of nobody is no work, and no failure.
func TestARefundToAGuestIsIgnored(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, client := w.service(), w.stripe.Client()
		intent, err := client.V1PaymentIntents.Create(t.Context(), &stripe.PaymentIntentCreateParams{
			Amount: stripe.Int64(700), Currency: stripe.String("eur"), PaymentMethod: stripe.String("pm_card_visa"), Confirm: stripe.Bool(true),
			PaymentMethodTypes: stripe.StringSlice([]string{"card"}),
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.V1Refunds.Create(t.Context(), &stripe.RefundCreateParams{PaymentIntent: &intent.ID}); err != nil {
			t.Fatal(err)
		}
		w.settle(s)
		if queues, err := s.Queues(t.Context()); err != nil || queues != (service.Queues{}) {
			t.Errorf("%+v, %v", queues, err)
		}
		if record := w.record(""); len(record.Charges) > 0 {
			t.Errorf("a guest's charge is in the mirror: %+v", record)
		}
	})
}

// Features: 38.
func TestANewExpiryOfACardIsMirrored(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.signUp(s)
		w.saveCard(account.Customer, "pm_card_visa")
		w.settle(s)
		before, err := w.store().Methods(t.Context(), account.Customer)
		if err != nil || len(before) != 1 {
			t.Fatalf("%+v, %v", before, err)
		}
		later := int64(before[0].ExpYear) + 3
		update := &stripe.PaymentMethodUpdateParams{Card: &stripe.PaymentMethodUpdateCardParams{ExpMonth: stripe.Int64(2), ExpYear: stripe.Int64(later)}}
		if _, err := w.stripe.Client().V1PaymentMethods.Update(t.Context(), string(before[0].ID), update); err != nil {
			t.Fatal(err)
		}
		w.settle(s)
		after, err := w.store().Methods(t.Context(), account.Customer)
		if err != nil || len(after) != 1 || after[0].ID != before[0].ID || int64(after[0].ExpYear) != later || after[0].ExpMonth != 2 {
			t.Errorf("%+v, %v; want the card with its new expiry", after, err)
		}
		w.saveCard(account.Customer, "pm_card_mastercard")
		w.settle(s)
		if method := w.status(s).Method; method == nil || method.Brand != "mastercard" {
			t.Errorf("the method is %+v, want the card that took the other's place", method)
		}
	})
}

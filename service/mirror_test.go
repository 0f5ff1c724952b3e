package service_test

import (
	"encoding/json"
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

func TestACardOfAWalletIsKeptWithBrandAndExpiry(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.signUp(s)
		w.saveCard(account.Customer, "pm_card_visa")
		w.settle(s)
		methods, err := w.store().Methods(t.Context(), account.Customer)
		if err != nil || len(methods) != 1 || methods[0].Brand != "visa" || methods[0].Last4 != "4242" || methods[0].ExpYear == 0 || !methods[0].Default {
			t.Fatalf("%+v, %v", methods, err)
		}
	})
}

func TestARenamedProductAndARetiredPriceAreMirrored(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, client := w.service(), w.stripe.Client()
		w.signUp(s)
		w.settle(s)
		goods := func() (names map[billing.ProductID]billing.Product, prices map[string]billing.ProductPrice) {
			t.Helper()
			all, err := w.store().Goods(t.Context())
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

package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/sqlstore"
)

// fullRecord is a Record with every field of its parts set.
func fullRecord() billing.Record {
	eur := func(minor int64) money.Amount { return money.New(minor, "eur") }
	return billing.Record{
		Charges: []billing.Charge{{
			ID: "ch_1", Customer: "cus_ada", PaymentIntent: "pi_1", PaymentMethod: "pm_1", Status: "succeeded", Amount: eur(1900), Captured: eur(1900),
			Refunded: eur(500), Disputed: true, Failure: "card_declined", CreatedAt: start,
		}},
		Refunds: []billing.Refund{{
			ID: "re_1", Customer: "cus_ada", Charge: "ch_1", Status: "succeeded", Reason: "duplicate", Amount: eur(500), CreatedAt: start.Add(time.Hour),
		}},
		Disputes: []billing.Dispute{{
			ID: "dp_1", Customer: "cus_ada", Charge: "ch_1", Status: "needs_response", Reason: "fraudulent", Amount: eur(1400), CreatedAt: start,
			AnswerBy: start.AddDate(0, 0, 9),
		}},
		Objects: []billing.Object{
			{ID: "ch_1", Kind: billing.ChargeObject, Raw: `{"id":"ch_1"}`}, {ID: "dp_1", Kind: billing.DisputeObject, Raw: `{"id":"dp_1"}`},
			{ID: "re_1", Kind: billing.RefundObject, Raw: `{"id":"re_1","metadata":{"a":"\u0000 ü"}}`},
		},
	}
}

// fullGoods are Goods with every field of their parts set.
func fullGoods() billing.Goods {
	return billing.Goods{
		Products: []billing.Product{{ID: "prod_1", Name: "Premium", Active: true, CreatedAt: start}},
		Prices: []billing.ProductPrice{{
			ID: "price_1", Product: "prod_1", PriceKey: "premium-monthly", Active: true, Amount: money.New(1900, "eur"), Period: billing.Month,
			PeriodCount: 3, CreatedAt: start,
		}},
		Objects: []billing.Object{{ID: "price_1", Kind: billing.PriceObject, Raw: `{}`}, {ID: "prod_1", Kind: billing.ProductObject, Raw: `{}`}},
	}
}

func TestARecordIsKeptAsItWasReadLast(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		save := func(read billing.Record) {
			t.Helper()
			write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error { return tx.SaveRecord(ctx, "cus_ada", read) })
		}
		want := fullRecord()
		save(want)
		want.Charges[0].Refunded, want.Charges[0].Status = money.New(1900, "eur"), "failed"
		want.Refunds[0].Status, want.Disputes[0].Status, want.Disputes[0].AnswerBy = "failed", "won", time.Time{}
		want.Objects[0].Raw = `{"id":"ch_1","status":"failed"}`
		save(want)
		save(billing.Record{}) // a reading of something else leaves it as it is
		got, err := s.Record(t.Context(), "cus_ada")
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("(%v) -want +got:\n%s", err, diff)
		}
		if customer, err := s.Charged(t.Context(), "ch_1"); customer != "cus_ada" || err != nil {
			t.Errorf("the charge is %q's, %v", customer, err)
		}
		if _, err := s.Charged(t.Context(), "ch_2"); !errors.Is(err, sql.ErrNoRows) {
			t.Errorf("a charge that nobody read: %v", err)
		}
		if one, err := s.Object(t.Context(), "dp_1"); one != want.Objects[1] || err != nil {
			t.Errorf("the dispute as it was sent: %+v, %v", one, err)
		}
	})
}

func TestGoodsAreKeptAsTheyWereReadLast(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		save := func(read billing.Goods) {
			t.Helper()
			write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error { return tx.SaveGoods(ctx, "", read) })
		}
		want := fullGoods()
		save(want)
		want.Products[0].Name, want.Prices[0].Active, want.Prices[0].PriceKey = "Premium plus", false, ""
		save(want)
		want.Products[0].Deleted = true // and what is told of it is how it was
		save(billing.Goods{
			Products: []billing.Product{{ID: "prod_1", Deleted: true}, {ID: "prod_9", Deleted: true}}, Prices: []billing.ProductPrice{{ID: "price_9", Deleted: true}},
		})
		write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error { return tx.SaveGoods(ctx, "second", fullGoods()) })
		for of, want := range map[billing.ProviderAccount]billing.Goods{"": want, "second": fullGoods(), "third": {}} {
			got, err := s.Goods(t.Context(), of)
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("of %q (%v) -want +got:\n%s", of, err, diff)
			}
		}
		if one, err := s.GoodsBy(t.Context(), "second", "prod_1"); err != nil || len(one.Products) != 1 || one.Products[0] != fullGoods().Products[0] {
			t.Errorf("one of them: %+v, %v", one, err)
		}
	})
}

func TestSavedMethodsCanBeAskedForByColumn(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		card := billing.PaymentMethod{ID: "pm_1", Type: "card", Brand: "visa", Last4: "4242", ExpMonth: 4, ExpYear: 2030, Wallet: "apple_pay", Default: true}
		bank := billing.PaymentMethod{ID: "pm_2", Type: "sepa_debit"}
		for _, want := range [][]billing.PaymentMethod{{card}, {card, bank}, {bank}} {
			write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error {
				mirror, err := tx.State(ctx, "cus_ada")
				if err != nil {
					return err
				}
				now := billing.State{Customer: "cus_ada", Known: true, SyncedAt: start, Methods: want}
				objects := []billing.Object{{ID: string(want[0].ID), Kind: billing.PaymentMethodObject, Raw: `{}`}}
				return errors.Join(tx.SaveState(ctx, mirror, now), tx.SaveRecord(ctx, "cus_ada", billing.Record{Objects: objects}))
			})
			got, err := s.Methods(t.Context(), "cus_ada")
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
				t.Errorf("(%v) -want +got:\n%s", err, diff)
			}
		}
		if _, err := s.Object(t.Context(), "pm_1"); !errors.Is(err, sql.ErrNoRows) {
			t.Errorf("what was sent of a method that is gone: %v", err)
		}
	})
}

func TestEventsThatNameNobodyAreWorkedOffByTheirObject(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		add := func(id, kind, object, customer string, wait time.Duration) {
			t.Helper()
			e := event(id, customer)
			e.Type, e.Object, e.DueAt = kind, object, start.Add(wait)
			if _, err := s.AddEvent(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
		add("evt_1", "customer.updated", "cus_bob", "cus_bob", 0)
		add("evt_2", "product.created", "prod_1", "", time.Second)
		add("evt_3", "charge.dispute.created", "ch_1", "", 2*time.Second)
		add("evt_4", "product.updated", "prod_1", "", 2*time.Second)
		add("evt_5", "customer.updated", "cus_eve", "cus_eve", 3*time.Second)
		due := func(limit int, want ...sqlstore.Due) {
			t.Helper()
			got, err := s.DueCustomers(t.Context(), "", start.Add(time.Minute), limit)
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
				t.Errorf("(%v) -want +got:\n%s", err, diff)
			}
		}
		bob, eve := sqlstore.Due{Customer: "cus_bob", Seq: 1, Since: start}, sqlstore.Due{Customer: "cus_eve", Seq: 5, Since: start.Add(3 * time.Second)}
		product, charge := sqlstore.Due{Object: "prod_1", Type: "product.updated", Seq: 4}, sqlstore.Due{Object: "ch_1", Type: "charge.dispute.created", Seq: 3}
		due(1, bob)
		due(10, bob, product, charge, eve)
		write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error {
			return tx.ObjectLate(ctx, "", "prod_1", 4, sqlstore.Late{Due: start.Add(time.Hour), Cause: "down"})
		})
		due(10, bob, charge, eve)
		write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error { return tx.Address(ctx, "", "ch_1", 3, "cus_bob") })
		bob.Seq = 3
		due(10, bob, eve)
		write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error {
			return tx.ObjectDone(ctx, "", "prod_1", 4, sqlstore.Done, start)
		})
		events, err := s.Events(t.Context(), sqlstore.EventFilter{}, sqlstore.Page{Limit: 10})
		for _, e := range events {
			if e.Object == "prod_1" && (e.State != sqlstore.Done || e.Attempts != 1) {
				t.Errorf("after the product was read: %+v", e)
			}
		}
		if err != nil || len(events) != 5 {
			t.Errorf("%d events, %v", len(events), err)
		}
	})
}

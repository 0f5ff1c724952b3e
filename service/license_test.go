package service_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/testenv"
	"github.com/dues-billing/dues/service"
)

// held returns ada's one license and how it stands.
func (w *world) held(s *service.Service) billing.Held {
	w.t.Helper()
	all, err := s.Licenses(w.t.Context(), "ada")
	if err != nil || len(all) != 1 {
		w.t.Fatalf("licenses %+v, %v; want one", all, err)
	}
	return all[0]
}

// Rows: A7 C20.
func TestALicenseIsNotLockedWhileItsRenewalIsUnderWay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.premium(s)
		paid := w.status(s).PeriodEnd
		expect := func(when string, valid bool, until time.Time) {
			t.Helper()
			if got := w.held(s); got.Valid != valid || !got.EndsAt.Equal(paid) || !got.ValidUntil.Equal(until) {
				t.Errorf("%s: valid %v, paid until %v, held until %v; want %v, %v, %v", when, got.Valid, got.EndsAt, got.ValidUntil, valid, paid, until)
			}
		}
		leeway := 48 * time.Hour
		w.saveCard(account.Customer, "pm_card_chargeCustomerFail")
		w.settle(s)
		w.move(paid.Add(10 * time.Minute))
		expect("before the webhooks of the renewal", true, paid.Add(leeway))
		w.settle(s)
		next := w.status(s).PeriodEnd
		expect("while the renewal is a draft", true, next.Add(leeway))
		w.move(paid.Add(5 * 24 * time.Hour))
		w.settle(s)
		w.expect(s, "premium past_due full update_payment_method")
		expect("while the payment is tried again", true, next.Add(leeway))
		w.move(paid.Add(40 * 24 * time.Hour))
		w.settle(s)
		w.expect(s, "starter active full")
		expect("after the retries ran out", false, paid.Add(leeway))
	})
}

func TestASyncRecordsMissedLicenseLinesAndWritesNoneAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testenv.SQLiteURL(t))
	s := w.service()
	account := w.premium(s)
	paid := w.license(s)
	db, err := sql.Open("sqlite", strings.TrimPrefix(w.database, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	exec := func(statement string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	exec(`CREATE TRIGGER written_again BEFORE INSERT ON license_lines
		WHEN EXISTS (SELECT 1 FROM license_lines WHERE line = NEW.line AND asset = NEW.asset)
		BEGIN SELECT RAISE(ABORT, 'a license line was written again'); END`)
	if err := s.Sync(t.Context(), account.Customer); err != nil {
		t.Error(err)
	}
	exec(`DELETE FROM license_lines`)
	if err := s.Sync(t.Context(), account.Customer); err != nil {
		t.Error(err)
	}
	if got := w.license(s); !got.Equal(paid) {
		t.Errorf("the license that was lost runs until %v, want %v", got, paid)
	}
}

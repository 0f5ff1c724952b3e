package service_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// worked is an invoice of two lines, 9.00 EUR.
func worked(key string) billing.InvoiceWish {
	return billing.InvoiceWish{Lines: []billing.LineWish{hours(250, 4, ""), hours(-100, 1, "")}, Memo: "Thank you", Key: key}
}

// Features: 49.
// Rows: C16.
func TestAnInvoiceThatStandsAloneIsChargedOrSentAndEnds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.premium(s)
		is := func(got billing.Invoice, err error, status billing.InvoiceStatus, total string) billing.InvoiceID {
			t.Helper()
			if err != nil || got.Status != status || got.Total.String() != total {
				t.Errorf("%+v, %v; want %s of %s", got, err, status, total)
			}
			return got.ID
		}
		made := func(wish billing.InvoiceWish, total string) billing.InvoiceID {
			t.Helper()
			got, err := s.MakeInvoice(t.Context(), "ada", wish)
			return is(got, err, billing.InvoiceDraft, total)
		}
		issue := func(id billing.InvoiceID, status billing.InvoiceStatus, total string) billing.Invoice {
			t.Helper()
			got, err := s.IssueInvoice(t.Context(), "ada", id)
			is(got, err, status, total)
			return got
		}
		end := func(id billing.InvoiceID, how billing.InvoiceEnd, code billing.Code) {
			t.Helper()
			if _, err := s.EndInvoice(t.Context(), "ada", id, how); billing.CodeOf(err) != code {
				t.Errorf("%s: %v, want code %q", how, err, code)
			}
		}
		charged := made(worked("charged"), "9.00 EUR")
		w.move(w.now.Now().Add(26 * time.Hour)) // nobody finalizes it, and Stripe has forgotten the keys
		if again := made(worked("charged"), "9.00 EUR"); again != charged {
			t.Errorf("two invoices: %s and %s", charged, again)
		}
		for range 2 {
			issue(charged, billing.InvoicePaid, "9.00 EUR")
		}
		end(charged, billing.EndVoided, billing.Conflict)

		// What waits is billed outside the cycle, and no second time with the renewal.
		if _, err := s.AddLine(t.Context(), "ada", hours(300, 1, "waits")); err != nil {
			t.Fatal(err)
		}
		issue(made(billing.InvoiceWish{Pending: true, Key: "waiting"}, "3.00 EUR"), billing.InvoicePaid, "3.00 EUR")
		if next, err := s.Upcoming(t.Context(), "ada", ""); err != nil || next.Total.String() != "19.00 EUR" {
			t.Errorf("the next invoice: %+v, %v", next, err)
		}

		mailed := worked("mailed")
		mailed.DueDays = 14
		sent := issue(made(mailed, "9.00 EUR"), billing.InvoiceOpen, "9.00 EUR")
		if !sent.DueAt.Equal(sent.CreatedAt.Add(14*24*time.Hour)) || sent.HostedURL == "" {
			t.Errorf("sent: %+v", sent)
		}
		for range 2 {
			end(sent.ID, billing.EndWrittenOff, "")
		}
		for range 2 {
			end(sent.ID, billing.EndVoided, "")
		}
		end(sent.ID, billing.EndWrittenOff, billing.Conflict)

		slip := made(worked("slip"), "9.00 EUR")
		for range 2 {
			end(slip, billing.EndDiscarded, "")
		}
		if _, err := s.MakeInvoice(t.Context(), "ada", worked("slip")); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("the key of a deleted draft: %v", err)
		}

		w.saveCard(account.Customer, "pm_card_chargeCustomerFail")
		var unpaid *service.UnpaidInvoice
		declined := made(worked("declined"), "9.00 EUR")
		if _, err := s.IssueInvoice(t.Context(), "ada", declined); !errors.Is(err, service.ErrDeclined) || !errors.As(err, &unpaid) || unpaid.URL == "" {
			t.Errorf("declined: %v, want a conflict with the page", err)
		}
		w.settle(s)
		w.expect(s, "premium active full") // the plan is paid
		end(declined, billing.EndVoided, "")
	})
}

// Rows: C17.
func TestARenewalIsHeldForReviewAndReleased(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.premium(s)
		w.move(w.status(s).PeriodEnd.Add(time.Minute))
		w.settle(s)
		draft := w.newest(s)
		for range 2 {
			if got, err := s.HoldInvoice(t.Context(), "ada", draft.ID, true); err != nil || !got.Held || got.Status != billing.InvoiceDraft {
				t.Errorf("held: %+v, %v", got, err)
			}
		}
		w.move(w.now.Now().Add(4 * 24 * time.Hour))
		w.settle(s)
		if got := w.newest(s); got.ID != draft.ID || got.Status != billing.InvoiceDraft {
			t.Errorf("four days later: %+v", got)
		}
		late := hours(100, 1, "reviewed")
		late.Invoice = draft.ID
		if _, err := s.AddLine(t.Context(), "ada", late); err != nil {
			t.Error(err)
		}
		if got, err := s.HoldInvoice(t.Context(), "ada", draft.ID, false); err != nil || got.Held || got.Status != billing.InvoiceDraft {
			t.Errorf("released: %+v, %v", got, err)
		}
		w.move(w.now.Now().Add(2 * time.Hour))
		w.settle(s)
		if got := w.newest(s); got.Status != billing.InvoicePaid || got.AmountPaid.String() != "20.00 EUR" {
			t.Errorf("after the hour: %+v", got)
		}
		if _, err := s.HoldInvoice(t.Context(), "ada", draft.ID, true); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("a paid invoice is held: %v", err)
		}
	})
}

func TestAHundredInvoicesOfTheSameKeyAtOnceAreOneAndChargedOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		services := []*service.Service{w.service(), w.service()}
		w.premium(services[0])
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				made, err := services[i%2].MakeInvoice(t.Context(), "ada", worked("hours"))
				if err != nil {
					t.Error(err)
				}
				if got, err := services[i%2].IssueInvoice(t.Context(), "ada", made.ID); err != nil || got.Status != billing.InvoicePaid || got.AmountPaid.String() != "9.00 EUR" {
					t.Errorf("%+v, %v", got, err)
				}
			})
		}
		all.Wait()
		w.expectInvoices(services[0], "hours", 1)
	})
}

func TestAnInvoiceWhoseMakingBrokeOffIsCompletedAndMadeOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, lost := range []bool{false, true} {
			for _, broken := range []string{"/invoices", "/invoiceitems", "/finalize", "/pay"} {
				s := w.service()
				key := strings.Trim(broken, "/") + map[bool]string{true: "-lost"}[lost]
				if !lost && broken == "/invoices" {
					w.premium(s)
				}
				w.trouble.when(lost, func(r *http.Request) bool {
					return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, broken)
				})
				made, err := s.MakeInvoice(t.Context(), "ada", worked(key))
				if err == nil {
					_, err = s.IssueInvoice(t.Context(), "ada", made.ID)
				}
				if err == nil {
					t.Errorf("%s: no error, although no answer came", key)
				}
				w.trouble.over()
				if made, err = s.MakeInvoice(t.Context(), "ada", worked(key)); err != nil || len(made.Lines) != 2 {
					t.Errorf("%s: %+v, %v", key, made, err)
				}
				if made, err = s.IssueInvoice(t.Context(), "ada", made.ID); err != nil || made.AmountPaid.String() != "9.00 EUR" {
					t.Errorf("%s: %+v, %v", key, made, err)
				}
				w.expectInvoices(s, key, 1)
			}
		}
	})
}

// expectInvoices counts the invoices of a key.
func (w *world) expectInvoices(s *service.Service, key string, want int) {
	w.t.Helper()
	invoices, err := s.Invoices(w.t.Context(), "ada")
	for _, invoice := range invoices {
		if invoice.Key == key {
			want--
		}
	}
	if err != nil || want != 0 {
		w.t.Errorf("%s: %d invoices are missing, %v", key, want, err)
	}
}

package service_test

import (
	"html"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Rows: A7 B7.
func TestAReceiptLeadsToItsInvoice(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.premium(s)
		w.move(w.status(s).PeriodEnd.Add(2 * time.Hour))
		w.settle(s)
		w.expectMails("receipt")
		invoices, err := s.Invoices(t.Context(), "ada")
		if err != nil || len(invoices) != 3 {
			t.Fatalf("invoices %+v, %v; want the free one, the first and the renewal", invoices, err)
		}
		mails := w.mails.all()
		for i, mail := range mails[len(mails)-2:] { // oldest first
			page := invoices[1-i].HostedURL
			if !strings.Contains(mail.Text, page) || !strings.Contains(html.UnescapeString(mail.HTML), page) {
				t.Errorf("%q does not lead to %s:\n%s", mail.Subject, page, mail.Text)
			}
		}
	})
}

func TestAMailThatIsSwitchedOffIsNotSent(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.serviceWith(func(c *service.Config) { c.Catalog.Mails.Off = []string{billing.WelcomeMail, billing.BackToFreeMail} })
		w.saveCard(w.signUp(s).Customer, "pm_card_visa")
		if result := w.upgrade(s, "premium-monthly"); !result.Changed {
			t.Fatalf("the upgrade needs a page: %+v", result)
		}
		w.settle(s)
		w.expectMails("receipt")
		if _, err := s.Cancel(t.Context(), "ada", service.Cancel{When: billing.CancelNow}); err != nil {
			t.Fatal(err)
		}
		w.settle(s)
		w.expectMails()
	})
}

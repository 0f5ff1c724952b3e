package service_test

import (
	"html"
	"strings"
	"testing"
	"time"
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

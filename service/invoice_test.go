package service_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// Features: 46 47.
func TestInvoicesAreListedWithTheirPDF(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.premium(s)
		invoices, err := s.Invoices(t.Context(), "ada")
		if err != nil || len(invoices) != 2 || invoices[0].Total.String() != "19.00 EUR" || !invoices[1].Total.IsZero() {
			t.Fatalf("invoices %+v, %v; want the paid one before the free one", invoices, err)
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, invoices[0].PDF, nil)
		if err != nil {
			t.Fatal(err)
		}
		browser := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		answer, err := browser.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK || !strings.HasPrefix(string(body), "%PDF-") {
			t.Errorf("%s is answered %d with %.20q, %v; want a PDF", invoices[0].PDF, answer.StatusCode, body, err)
		}
	})
}

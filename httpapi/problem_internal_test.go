package httpapi

import (
	"context"
	"net/http"
	"testing"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

func TestAnUnpaidInvoiceIsAConflictThatLeadsToItsPage(t *testing.T) {
	err := billing.Errorf(billing.Conflict, "Your card was declined.").Because(&service.UnpaidInvoice{URL: "https://pay.example.com/in_1", Err: service.ErrDeclined})
	got := problemOf(context.Background(), err)
	if got.Status != http.StatusConflict || got.URL != "https://pay.example.com/in_1" || got.Detail != "Your card was declined." {
		t.Errorf("got %+v", got)
	}
}

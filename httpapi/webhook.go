package httpapi

import (
	"errors"
	"io"
	"net/http"

	"github.com/dues-billing/dues/billing"
)

// stripeWebhook answers 2xx only when the event is committed to the inbox, so Stripe sends again whatever we did not keep.
func (a *api) stripeWebhook(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyBytesMax))
	if err != nil {
		a.service.Unread()
		a.fail(w, r, unreadable(err))
		return
	}
	if err := a.service.Receive(r.Context(), billing.ProviderAccountNamed(r.PathValue("account")), r.Header, body); err != nil {
		a.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	writeJSON(w, map[string]bool{"received": true})
}

func unreadable(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return billing.Errorf(billing.TooLarge, tooLargeDetail)
	}
	return billing.Errorf(billing.Invalid, "the body could not be read to its end").Because(err)
}

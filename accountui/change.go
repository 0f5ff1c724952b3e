package accountui

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Fields of the forms that change a plan.
const (
	priceField    = "price"
	quantityField = "quantity"
	previewField  = "preview"
)

// changeView is what a change will cost.
type changeView struct {
	frame
	Plan     billing.Plan
	Price    billing.Price
	Amount   string
	Per      string
	Quantity int64                  // of a price by seats, else 0
	Preview  *service.ChangePreview // nil where it is paid on a page of Stripe
	Fault    string                 // one of the texts fault.NAME
}

func (p *pages) askChange(w http.ResponseWriter, r *http.Request, f frame) error {
	v, err := p.changing(r, f, r.URL.Query())
	if err != nil {
		return err
	}
	p.serve(w, r, f, http.StatusOK, "change.title", changePage(v))
	return nil
}

// changing reads what is wished, and what it costs.
func (p *pages) changing(r *http.Request, f frame, form url.Values) (changeView, error) {
	v := changeView{frame: f}
	var ok bool
	if v.Plan, v.Price, ok = p.service.Catalog().PlanOfPrice(form.Get(priceField)); !ok || v.Price.Archived || v.Price.Free() {
		return v, billing.Errorf(billing.NotFound, "no such price is sold")
	}
	v.Amount, v.Per = f.price(v.Price, "", v.Plan.Unit)
	status, pays, err := p.standing(r.Context(), f.account.ID)
	if err != nil {
		return v, err
	}
	if v.Price.Kind == billing.PerSeat {
		v.Quantity = max(1, v.Price.MinSeats, status.Quantity)
		if asked, err := strconv.ParseInt(form.Get(quantityField), 10, 64); err == nil && asked > 0 {
			v.Quantity = asked
		}
	}
	if !pays || status.Method == nil {
		return v, nil
	}
	preview, err := p.service.PreviewChange(r.Context(), f.account.ID, billing.ChangeWish{PriceKey: v.Price.Key, Quantity: v.Quantity})
	v.Preview = &preview
	return v, err
}

// change makes a change: at once, with the card that is saved and for the amount that was shown, or by a page of Stripe.
func (p *pages) change(w http.ResponseWriter, r *http.Request, f frame) error {
	if err := r.ParseForm(); err != nil {
		return billing.Errorf(billing.Invalid, "the form cannot be read").Because(err)
	}
	shown := r.PostForm.Get(previewField)
	if shown == "" {
		return p.buy(w, r, f)
	}
	done, err := p.service.Change(r.Context(), f.account.ID, service.PlanChange{Preview: shown, ByCustomer: true})
	var stale *service.StalePreview
	switch {
	case errors.As(err, &stale):
		return p.again(w, r, f, "stale")
	case errors.Is(err, service.ErrDeclined), errors.Is(err, service.ErrNeedsConfirmation):
		return p.buy(w, r, f) // there is a page for that
	case billing.CodeOf(err) == billing.Invalid, billing.CodeOf(err) == billing.Conflict:
		return p.again(w, r, f, "refused")
	case err != nil:
		return err
	case !done.Next.At.IsZero():
		return p.did(w, r, f, "scheduled", nil)
	}
	return p.did(w, r, f, "changed", nil)
}

// again shows what a change costs now, and why it was not made.
func (p *pages) again(w http.ResponseWriter, r *http.Request, f frame, fault string) error {
	v, err := p.changing(r, f, r.PostForm)
	if err != nil {
		return err
	}
	v.Fault = fault
	p.serve(w, r, f, http.StatusConflict, "change.title", changePage(v))
	return nil
}

// buy leads to a page of Stripe where the price is paid, and back. The card that is saved is charged for what was shown alone: who was shown no amount enters one
// there, and after a card that did not pay the change waits for its invoice.
func (p *pages) buy(w http.ResponseWriter, r *http.Request, f frame) error {
	quantity, err := strconv.ParseInt(r.PostForm.Get(quantityField), 10, 64)
	if err != nil {
		quantity = 0 // not a price by seats
	}
	shown := r.PostForm.Get(previewField)
	done, err := p.service.Upgrade(r.Context(), f.account.ID, service.Upgrade{
		PriceKey: r.PostForm.Get(priceField), Quantity: quantity, Preview: shown, NewMethod: shown == "",
		SuccessURL: withQuery(f.public, doneField, "bought"), CancelURL: f.public,
	})
	var stale *service.StalePreview
	switch {
	case errors.As(err, &stale):
		return p.again(w, r, f, "stale")
	case err != nil:
		return err
	case done.URL != "":
		p.lead(w, r, f, done.URL, false)
		return nil
	}
	return p.did(w, r, f, "changed", nil)
}

// withQuery adds a field to an address.
func withQuery(address, field, value string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address // which we made: it is none of a reader's
	}
	q := u.Query()
	q.Set(field, value)
	u.RawQuery = q.Encode()
	return u.String()
}

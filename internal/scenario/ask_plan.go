package scenario

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/dues-billing/dues/httpapi"
	"github.com/dues-billing/dues/money"
)

// planAsks are what the application asks for a customer who changes what he has, or tries something.
var planAsks = []ask{
	{form{"move", "WHO PRICE [times QUANTITY]"}, func(ctx context.Context, d *whole, a args) error {
		body, err := wished(a)
		if err != nil {
			return err
		}
		return d.as(ctx, a["WHO"], http.MethodPost, "/v1/me/change", body, nil)
	}},
	{form{"stay", "WHO"}, func(ctx context.Context, d *whole, a args) error {
		return d.as(ctx, a["WHO"], http.MethodPost, "/v1/me/keep", nil, nil)
	}},
	{form{"try", "WHO PRICE"}, func(ctx context.Context, d *whole, a args) error {
		out, err := d.checkout(ctx, a["WHO"], a["PRICE"], false)
		if err == nil && !out.Changed {
			err = errors.New("the service wants a page to be visited")
		}
		return err
	}},
	{form{"upgrade", "WHO PRICE with CARD"}, func(ctx context.Context, d *whole, a args) error {
		out, err := d.checkout(ctx, a["WHO"], a["PRICE"], false)
		if err != nil {
			return err
		}
		if out.Changed {
			return errors.New("it was changed without a page")
		}
		return d.pay(ctx, a["WHO"], out.URL, cards[a["CARD"]])
	}},
	{form{"pay-now", "WHO"}, func(ctx context.Context, d *whole, a args) error {
		return d.as(ctx, a["WHO"], http.MethodPost, "/v1/me/trial/end", nil, nil)
	}},
	{form{"delete", "WHO"}, func(ctx context.Context, d *whole, a args) error {
		return d.call(ctx, http.MethodDelete, "/v1/accounts/"+a["WHO"], serverKey, nil, nil)
	}},
}

// planLooks are what the application is told before anything is done.
var planLooks = []look{
	{form{"preview", "WHO PRICE AMOUNT CURRENCY now|period_end"}, func(ctx context.Context, d *whole, a args) error {
		want, err := a.amount()
		if err != nil {
			return err
		}
		var shown httpapi.ChangePreview
		if err := d.as(ctx, a["WHO"], http.MethodPost, "/v1/me/preview", map[string]string{"price": a["PRICE"]}, &shown); err != nil {
			return err
		}
		return errors.Join(same("amount", want.String(), money.New(shown.AmountDue, shown.Currency).String()), same("when", a["now|period_end"], string(shown.When)))
	}},
}

// wished is the body of a change.
func wished(a args) (map[string]any, error) {
	body := map[string]any{"price": a["PRICE"]}
	if a["QUANTITY"] == "" {
		return body, nil
	}
	n, err := strconv.Atoi(a["QUANTITY"])
	body["quantity"] = n
	return body, err
}

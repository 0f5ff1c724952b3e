package scenario

import (
	"context"
	"errors"
	"net/http"

	"github.com/dues-billing/dues/httpapi"
)

// oneOffAsks are about what is paid once: on a page, or with the saved card.
var oneOffAsks = []ask{
	{form{"buy", "WHO PRICE with CARD"}, func(ctx context.Context, d *whole, a args) error {
		var out httpapi.Purchase
		body := map[string]string{"price": a["PRICE"], "success_url": appURL + "/done", "cancel_url": appURL + "/shop"}
		if err := d.as(ctx, a["WHO"], http.MethodPost, "/v1/me/purchases", body, &out); err != nil {
			return err
		}
		if out.URL == "" {
			return errors.New("the service offered no page to pay on")
		}
		return d.pay(ctx, a["WHO"], out.URL, cards[a["CARD"]])
	}},
	{form{"charge", "WHO PRICE as KEY"}, func(ctx context.Context, d *whole, a args) error {
		body := map[string]any{"price": a["PRICE"], "saved": true, "key": a["KEY"]}
		return d.as(ctx, a["WHO"], http.MethodPost, "/v1/me/purchases", body, nil)
	}},
	{form{"authorize", "WHO PRICE as KEY"}, func(ctx context.Context, d *whole, a args) error {
		body := map[string]any{"price": a["PRICE"], "saved": true, "key": a["KEY"], "capture": "manual"}
		return d.call(ctx, http.MethodPost, "/v1/accounts/"+a["WHO"]+"/purchases", serverKey, body, nil)
	}},
	{form{"capture", "WHO KEY"}, func(ctx context.Context, d *whole, a args) error {
		return d.withPurchase(ctx, a, "capture", map[string]any{})
	}},
	{form{"withdraw", "WHO KEY"}, func(ctx context.Context, d *whole, a args) error { return d.withPurchase(ctx, a, "cancel", nil) }},
}

// withPurchase asks something of the purchase that has a key.
func (d *whole) withPurchase(ctx context.Context, a args, what string, body any) error {
	path := "/v1/accounts/" + a["WHO"] + "/purchases"
	var out httpapi.Purchases
	if err := d.call(ctx, http.MethodGet, path, serverKey, nil, &out); err != nil {
		return err
	}
	for _, p := range out.Purchases {
		if p.Key == a["KEY"] {
			return d.call(ctx, http.MethodPost, path+"/"+string(p.ID)+"/"+what, serverKey, body, nil)
		}
	}
	return errors.New("there is no purchase with the key " + a["KEY"])
}

// oneOffLooks are what became of it.
var oneOffLooks = []look{
	{form{"bought", "WHO PRICE STATUS"}, func(ctx context.Context, d *whole, a args) error {
		var out httpapi.Purchases
		if err := d.as(ctx, a["WHO"], http.MethodGet, "/v1/me/purchases", nil, &out); err != nil {
			return err
		}
		got := ""
		for _, p := range out.Purchases { // newest first
			if p.Price == a["PRICE"] && got == "" {
				got = string(p.Status)
			}
		}
		return same("purchase", a["STATUS"], got)
	}},
}

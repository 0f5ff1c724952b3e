package scenario

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/dues-billing/dues/httpapi"
)

// addOnAsks are what customers buy beside their plan.
var addOnAsks = []ask{
	{form{"add-on", "WHO PRICE [times QUANTITY]"}, func(ctx context.Context, d *whole, a args) error {
		body, err := wished(a)
		if err != nil {
			return err
		}
		return d.as(ctx, a["WHO"], http.MethodPost, "/v1/me/addons", body, nil)
	}},
	{form{"drop", "WHO PRICE now|period_end"}, func(ctx context.Context, d *whole, a args) error {
		return d.as(ctx, a["WHO"], http.MethodPost, "/v1/me/addons", map[string]any{"price": a["PRICE"], "drop": true, "when": a["now|period_end"]}, nil)
	}},
}

// addOnLooks are what an account has of it.
var addOnLooks = []look{
	{form{"beside", "WHO PRICE QUANTITY"}, func(ctx context.Context, d *whole, a args) error {
		var account httpapi.Account
		if err := d.as(ctx, a["WHO"], http.MethodGet, "/v1/me", nil, &account); err != nil {
			return err
		}
		has := "none"
		if at := slices.IndexFunc(account.AddOns, func(h httpapi.HeldAddOn) bool { return h.Price == a["PRICE"] }); at >= 0 {
			has = fmt.Sprint(account.AddOns[at].Quantity)
		}
		return same("beside the plan", a["QUANTITY"], has)
	}},
}

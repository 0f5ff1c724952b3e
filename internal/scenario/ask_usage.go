package scenario

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/dues-billing/dues/httpapi"
)

// usageAsks are what an application's server reports, to be billed afterwards.
var usageAsks = []ask{
	{form{"report", "WHO QUANTITY FEATURE as KEY"}, func(ctx context.Context, d *whole, a args) error {
		n, err := strconv.Atoi(a["QUANTITY"])
		if err != nil {
			return err
		}
		event := map[string]any{"key": a["KEY"], "account": a["WHO"], "feature": a["FEATURE"], "quantity": n}
		return d.call(ctx, http.MethodPost, "/v1/usage", serverKey, map[string]any{"events": []any{event}}, nil)
	}},
}

// usageLooks are what was reported in the running period.
var usageLooks = []look{
	{form{"reported", "WHO FEATURE QUANTITY"}, func(ctx context.Context, d *whole, a args) error {
		var out httpapi.Usage
		if err := d.as(ctx, a["WHO"], http.MethodGet, "/v1/me/usage?feature="+a["FEATURE"], nil, &out); err != nil {
			return err
		}
		return same("reported", a["QUANTITY"], fmt.Sprint(out.Quantity))
	}},
}

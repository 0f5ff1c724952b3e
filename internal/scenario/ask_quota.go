package scenario

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/dues-billing/dues/httpapi"
)

// quotaAsks are what an application's server counts, and gives by hand.
var quotaAsks = []ask{
	{form{"use", "WHO QUANTITY FEATURE yes|no"}, func(ctx context.Context, d *whole, a args) error {
		n, err := strconv.Atoi(a["QUANTITY"])
		if err != nil {
			return err
		}
		var q httpapi.Quota
		if err := d.call(ctx, http.MethodPost, "/v1/accounts/"+a["WHO"]+"/consume", serverKey, map[string]any{"feature": a["FEATURE"], "quantity": n}, &q); err != nil {
			return err
		}
		return same("allowed", a["yes|no"], map[bool]string{true: "yes", false: "no"}[q.Allowed])
	}},
	{form{"grant", "WHO FEATURE [until TIME]"}, func(ctx context.Context, d *whole, a args) error {
		body := map[string]any{"feature": a["FEATURE"]}
		if a["TIME"] != "" {
			body["ends_at"] = a.time().Format("2006-01-02T15:04:05Z")
		}
		return d.call(ctx, http.MethodPost, "/v1/accounts/"+a["WHO"]+"/grants", serverKey, body, nil)
	}},
	{form{"seat", "WHO HOLDER"}, func(ctx context.Context, d *whole, a args) error {
		return d.call(ctx, http.MethodPost, "/v1/accounts/"+a["WHO"]+"/seats", serverKey, map[string]string{"holder": a["HOLDER"]}, nil)
	}},
}

// quotaLooks are how much is used of what.
var quotaLooks = []look{
	{form{"used", "WHO FEATURE QUANTITY of LIMIT"}, func(ctx context.Context, d *whole, a args) error {
		var q httpapi.Quota
		if err := d.as(ctx, a["WHO"], http.MethodGet, "/v1/me/check?feature="+a["FEATURE"], nil, &q); err != nil {
			return err
		}
		limit := "no limit"
		if q.Limit != nil {
			limit = fmt.Sprint(*q.Limit)
		}
		return same("used", a["QUANTITY"]+" of "+a["LIMIT"], fmt.Sprintf("%d of %s", q.Used, limit))
	}},
}

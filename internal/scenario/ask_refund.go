package scenario

import (
	"context"
	"net/http"
	"strconv"
)

// refundAsks are about money that is given back, and what decides about it.
var refundAsks = []ask{
	{form{"refund", "WHO"}, func(ctx context.Context, d *whole, a args) error {
		return d.as(ctx, a["WHO"], http.MethodPost, "/v1/me/refunds", map[string]string{}, nil)
	}},
	{form{"goodwill", "WHO"}, func(ctx context.Context, d *whole, a args) error {
		return d.call(ctx, http.MethodPost, "/v1/accounts/"+a["WHO"]+"/refunds", serverKey, map[string]bool{"override": true}, nil)
	}},
	{form{"consume", "WHO ASSET PERCENT"}, func(ctx context.Context, d *whole, a args) error {
		percent, err := strconv.Atoi(a["PERCENT"])
		if err != nil {
			return err
		}
		return d.call(ctx, http.MethodPost, "/v1/accounts/"+a["WHO"]+"/consumption", serverKey, map[string]any{"asset": a["ASSET"], "percent": percent}, nil)
	}},
}

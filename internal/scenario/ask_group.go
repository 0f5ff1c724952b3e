package scenario

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/httpapi"
)

// groupAsks are about the subscription of a group of plans beside the default one.
var groupAsks = []ask{
	{form{"leave", "WHO GROUP now|period_end"}, func(ctx context.Context, d *whole, a args) error {
		return d.as(ctx, a["WHO"], http.MethodPost, "/v1/me/cancel?group="+a["GROUP"], map[string]string{"when": a["now|period_end"]}, nil)
	}},
	{form{"return", "WHO GROUP"}, func(ctx context.Context, d *whole, a args) error {
		return d.as(ctx, a["WHO"], http.MethodPost, "/v1/me/resume?group="+a["GROUP"], nil, nil)
	}},
	{form{"refund-of", "WHO GROUP"}, func(ctx context.Context, d *whole, a args) error {
		return d.as(ctx, a["WHO"], http.MethodPost, "/v1/me/refunds?group="+a["GROUP"], map[string]string{}, nil)
	}},
}

// groupLooks are what an account has in a group.
var groupLooks = []look{
	{form{"group", "WHO GROUP LEVEL PLAN"}, func(ctx context.Context, d *whole, a args) error {
		var account httpapi.Account
		if err := d.as(ctx, a["WHO"], http.MethodGet, "/v1/me", nil, &account); err != nil {
			return err
		}
		at := slices.IndexFunc(account.Groups, func(g httpapi.GroupAccess) bool { return g.Group == billing.Group(a["GROUP"]) })
		if at < 0 {
			return errors.New("the service knows no such group")
		}
		return same("access", a["LEVEL"]+" "+a["PLAN"], string(account.Groups[at].Access)+" "+string(account.Groups[at].Plan))
	}},
}

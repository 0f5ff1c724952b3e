package scenario

import (
	"context"
	"net/http"
)

// cancelAsks are what the application asks for a customer who leaves, or leaves for a while. In the portal it is cancel and resume.
var cancelAsks = []ask{
	{form{"end", "WHO now|period_end [because FEEDBACK]"}, func(ctx context.Context, d *whole, a args) error {
		body := map[string]string{"when": a["now|period_end"]}
		if a["FEEDBACK"] != "" {
			body["feedback"] = a["FEEDBACK"]
		}
		return d.as(ctx, a["WHO"], http.MethodPost, "/v1/me/cancel", body, nil)
	}},
	{form{"pause", "WHO"}, func(ctx context.Context, d *whole, a args) error {
		return d.as(ctx, a["WHO"], http.MethodPost, "/v1/me/pause", nil, nil)
	}},
	{form{"unpause", "WHO"}, func(ctx context.Context, d *whole, a args) error {
		return d.as(ctx, a["WHO"], http.MethodPost, "/v1/me/unpause", nil, nil)
	}},
	{form{"keep", "WHO"}, func(ctx context.Context, d *whole, a args) error {
		return d.as(ctx, a["WHO"], http.MethodPost, "/v1/me/resume", nil, nil)
	}},
}

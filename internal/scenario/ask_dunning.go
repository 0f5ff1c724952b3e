package scenario

import (
	"context"
	"net/http"
	"time"

	"github.com/dues-billing/dues/httpapi"
)

// dunningLooks are what an operator sees of who owes a payment.
var dunningLooks = []look{
	{form{"dunned", "WHO NEXT [on TIME]"}, func(ctx context.Context, d *whole, a args) error {
		var list httpapi.Dunning
		if err := d.call(ctx, http.MethodGet, "/v1/dunning", operatorKey, nil, &list); err != nil {
			return err
		}
		next, on := "none", ""
		for _, found := range list.Dunning {
			if string(found.Account) != a["WHO"] {
				continue
			}
			if next = found.Next; found.NextAt != nil {
				on = time.Time(*found.NextAt).UTC().Format(time.DateOnly)
			}
		}
		want := a["NEXT"]
		if a["TIME"] != "" {
			want += " on " + a["TIME"]
			next += " on " + on
		}
		return same("dunned", want, next)
	}},
}

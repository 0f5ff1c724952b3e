package scenario

import (
	"context"
	"fmt"
	"net/http"

	"github.com/dues-billing/dues/httpapi"
)

// invoiceAsks are about what is billed beside a plan, and about invoices that a person looks at first.
var invoiceAsks = []ask{
	{form{"bill", "WHO KEY AMOUNT CURRENCY"}, func(ctx context.Context, d *whole, a args) error {
		line, err := lineOf(a)
		if err != nil {
			return err
		}
		line["key"] = a["KEY"]
		return d.call(ctx, http.MethodPost, "/v1/accounts/"+a["WHO"]+"/lines", serverKey, line, nil)
	}},
	{form{"invoice", "WHO KEY AMOUNT CURRENCY [due DAYS]"}, func(ctx context.Context, d *whole, a args) error {
		line, err := lineOf(a)
		if err != nil {
			return err
		}
		body := map[string]any{"key": a["KEY"], "lines": []any{line}}
		if a["DAYS"] != "" {
			var days int
			if _, err := fmt.Sscan(a["DAYS"], &days); err != nil {
				return err
			}
			body["due_days"] = days
		}
		return d.issue(ctx, a["WHO"], body)
	}},
	{form{"invoice-waiting", "WHO KEY"}, func(ctx context.Context, d *whole, a args) error {
		return d.issue(ctx, a["WHO"], map[string]any{"key": a["KEY"], "pending": true})
	}},
	{form{"void", "WHO KEY"}, func(ctx context.Context, d *whole, a args) error {
		var all httpapi.Invoices
		if err := d.call(ctx, http.MethodGet, "/v1/accounts/"+a["WHO"]+"/invoices", serverKey, nil, &all); err != nil {
			return err
		}
		for _, invoice := range all.Invoices {
			if invoice.Key == a["KEY"] {
				return d.call(ctx, http.MethodPost, fmt.Sprintf("/v1/accounts/%s/invoices/%s/void", a["WHO"], invoice.ID), serverKey, nil, nil)
			}
		}
		return fmt.Errorf("%s has no invoice %q", a["WHO"], a["KEY"])
	}},
	{form{"review", "WHO yes|no"}, func(ctx context.Context, d *whole, a args) error {
		return d.call(ctx, http.MethodPost, "/v1/accounts/"+a["WHO"]+"/hold-invoices", serverKey, map[string]bool{"hold": a["yes|no"] == "yes"}, nil)
	}},
	{form{"release", "WHO"}, func(ctx context.Context, d *whole, a args) error {
		var held httpapi.HeldInvoices
		if err := d.call(ctx, http.MethodGet, "/v1/held-invoices", serverKey, nil, &held); err != nil {
			return err
		}
		for _, one := range held.Invoices {
			if string(one.Account) == a["WHO"] {
				return d.call(ctx, http.MethodPost, fmt.Sprintf("/v1/accounts/%s/invoices/%s/release", one.Account, one.Invoice.ID), serverKey, nil, nil)
			}
		}
		return fmt.Errorf("%s has no invoice that is held", a["WHO"])
	}},
}

// lineOf is the body of a line.
func lineOf(a args) (map[string]any, error) {
	amount, err := a.amount()
	return map[string]any{"amount": amount.Minor, "currency": amount.Currency, "description": a["KEY"]}, err
}

// issue makes an invoice and issues it.
func (d *whole) issue(ctx context.Context, who string, body map[string]any) error {
	var made httpapi.Invoice
	if err := d.call(ctx, http.MethodPost, "/v1/accounts/"+who+"/invoices", serverKey, body, &made); err != nil {
		return err
	}
	return d.call(ctx, http.MethodPost, fmt.Sprintf("/v1/accounts/%s/invoices/%s/issue", who, made.ID), serverKey, nil, nil)
}

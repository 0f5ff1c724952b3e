package httpapi

import (
	"context"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Deletion says how far the deletion of an account has come.
type Deletion struct {
	ID   billing.AccountID `json:"id"`
	Done bool              `json:"done" doc:"false: Stripe has not answered yet; it goes on by itself until it is done"`
}

type deleted struct {
	ID       string `path:"id" doc:"The app's own id"`
	Customer string `query:"customer" doc:"What becomes of the customer at Stripe. keep, unless said otherwise: it stays with its invoices, for the books. delete: it is deleted for good" enum:"keep,delete"`
}

func (a *api) deleteAccount(ctx context.Context, in *deleted) (*reply[Deletion], error) {
	if in.Customer != "" && in.Customer != "keep" && in.Customer != "delete" {
		return nil, billing.Errorf(billing.Invalid, "customer is keep or delete, not %q", in.Customer).In("customer")
	}
	id := billing.AccountID(in.ID)
	done, err := a.service.DeleteAccount(ctx, id, service.Deletion{DeleteCustomer: in.Customer == "delete"})
	if err != nil {
		return nil, err
	}
	return ok(Deletion{ID: id, Done: done}), nil
}

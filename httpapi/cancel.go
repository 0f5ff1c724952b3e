package httpapi

import (
	"context"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

type cancelRequest struct {
	When     string    `json:"when,omitempty" enum:"period_end,now,date" doc:"period_end, unless there is a date: what is paid for is kept until its end. now: nothing is given back. date: the last period is shortened to it"`
	Date     timestamp `json:"date,omitempty" doc:"When it ends, to the second; not before what is paid for ends"`
	Feedback string    `json:"feedback,omitempty" enum:"customer_service,low_quality,missing_features,other,switched_service,too_complex,too_expensive,unused" doc:"Why, in a word that Stripe counts (cancellation_details.feedback)"`
	Comment  string    `json:"comment,omitempty" maxLength:"1000" doc:"In the customer's own words; kept at Stripe"`
}

func (r cancelRequest) asked() (service.Cancel, error) {
	date, err := r.Date.moment("date")
	return service.Cancel{When: billing.CancelWhen(r.When), Date: date, CancellationDetails: billing.CancellationDetails{Feedback: r.Feedback, Comment: r.Comment}}, err
}

func (a *api) cancelMine(ctx context.Context, in *withBodyInGroup[cancelRequest]) (*reply[Account], error) {
	return a.cancelAsked(ctx, caller(ctx), in.group(), in.Body.value)
}

func (a *api) cancel(ctx context.Context, in *withBodyOfInGroup[cancelRequest]) (*reply[Account], error) {
	return a.cancelAsked(ctx, billing.AccountID(in.ID), in.group(), in.Body.value)
}

func (a *api) cancelAsked(ctx context.Context, id billing.AccountID, group billing.Group, given cancelRequest) (*reply[Account], error) {
	asked, err := given.asked()
	if err != nil {
		return nil, err
	}
	asked.Group = group
	return changed(a.service.Cancel(ctx, id, asked))
}

func (a *api) resumeMine(ctx context.Context, in *oneselfInGroup) (*reply[Account], error) {
	return changed(a.service.Resume(ctx, caller(ctx), in.group()))
}

func (a *api) resume(ctx context.Context, in *byIDInGroup) (*reply[Account], error) {
	return changed(a.service.Resume(ctx, billing.AccountID(in.ID), in.group()))
}

// changed answers with the account as it is after a change.
func changed(now service.Status, err error) (*reply[Account], error) {
	if err != nil {
		return nil, err
	}
	return ok(accountOf(now)), nil
}

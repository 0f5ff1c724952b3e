package httpapi

import (
	"context"
	"fmt"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

type usageRequest struct {
	Events []usageReported `json:"events" minItems:"1" maxItems:"1000"`
}

type usageReported struct {
	Key      string    `json:"key" maxLength:"200" doc:"Names this usage among all of the account: sent twice, it counts once"`
	Account  string    `json:"account" doc:"The app's own id"`
	Feature  string    `json:"feature" doc:"A metered feature of the catalogue"`
	Quantity int64     `json:"quantity" minimum:"0" maximum:"1000000000000"`
	At       timestamp `json:"at,omitempty" doc:"When it was used: now unless said, at most 34 days ago and 5 minutes ahead"`
}

// UsageTaken says that usage is durable.
type UsageTaken struct {
	Accepted int `json:"accepted" doc:"How many of the events are stored; those that were before count once"`
}

func (a *api) reportUsage(ctx context.Context, in *withBody[usageRequest]) (*reply[UsageTaken], error) {
	given := in.Body.value.Events
	events := make([]billing.UsageEvent, len(given))
	for i, e := range given {
		at, err := e.At.moment(fmt.Sprintf("events[%d].at", i))
		if err != nil {
			return nil, err
		}
		events[i] = billing.UsageEvent{
			Key: e.Key, Account: billing.AccountID(e.Account), Feature: billing.FeatureID(e.Feature), Quantity: e.Quantity, At: at,
		}
	}
	if err := a.service.ReportUsage(ctx, events); err != nil {
		return nil, err
	}
	return ok(UsageTaken{len(events)}), nil
}

// Usage is what an account used of a metered feature in a period.
type Usage struct {
	Feature  billing.FeatureID `json:"feature"`
	Since    Moment            `json:"since"`
	Until    Moment            `json:"until"`
	Quantity int64             `json:"quantity" doc:"Of the whole period, as the feature's meter aggregates it"`
	Days     []UsedDay         `json:"days" nullable:"false" doc:"The days (UTC) on which something was used, oldest first"`
}

// UsedDay is what was used on a day.
type UsedDay struct {
	Day      string `json:"day" format:"date"`
	Quantity int64  `json:"quantity"`
	Events   int64  `json:"events"`
	Waiting  int64  `json:"waiting" doc:"How many of the events are not sent to Stripe yet"`
	Stripe   *int64 `json:"stripe" nullable:"true" doc:"What Stripe's meter counts; null unless compare=true"`
}

type usageAskedMine struct {
	Feature string    `query:"feature" required:"true" doc:"A metered feature of the catalogue"`
	Since   timestamp `query:"since" doc:"From then on; the start of the running period unless said"`
	Until   timestamp `query:"until" doc:"Until before then; the end of the running period unless said"`
}

type usageAsked struct {
	ID      string    `path:"id" doc:"The app's own id"`
	Feature string    `query:"feature" required:"true" doc:"A metered feature of the catalogue"`
	Since   timestamp `query:"since" doc:"From then on; the start of the running period unless said"`
	Until   timestamp `query:"until" doc:"Until before then; the end of the running period unless said"`
	Compare string    `query:"compare" enum:"true,false" doc:"true: whole days, each with what Stripe's meter counts"`
}

func (a *api) myUsage(ctx context.Context, in *usageAskedMine) (*reply[Usage], error) {
	return a.usageOf(ctx, caller(ctx), *in, false)
}

func (a *api) usage(ctx context.Context, in *usageAsked) (*reply[Usage], error) {
	if in.Compare != "" && in.Compare != "true" && in.Compare != "false" {
		return nil, billing.Errorf(billing.Invalid, "compare is true or false").In("compare")
	}
	return a.usageOf(ctx, billing.AccountID(in.ID), usageAskedMine{in.Feature, in.Since, in.Until}, in.Compare == "true")
}

func (a *api) usageOf(ctx context.Context, id billing.AccountID, in usageAskedMine, compare bool) (*reply[Usage], error) {
	since, err := in.Since.moment("since")
	if err != nil {
		return nil, err
	}
	until, err := in.Until.moment("until")
	if err != nil {
		return nil, err
	}
	used, err := a.service.Usage(ctx, id, service.UsageAsked{Feature: billing.FeatureID(in.Feature), Since: since, Until: until, Compare: compare})
	if err != nil {
		return nil, err
	}
	out := Usage{Feature: used.Feature.ID, Since: Moment(used.Start), Until: Moment(used.End), Quantity: used.Total, Days: []UsedDay{}}
	for _, day := range used.Days {
		shown := UsedDay{Day: day.Day.Format(time.DateOnly), Quantity: day.Quantity, Events: day.Events, Waiting: day.Waiting}
		if compare {
			n := used.Provider[day.Day]
			shown.Stripe = &n
		}
		out.Days = append(out.Days, shown)
	}
	return ok(out), nil
}

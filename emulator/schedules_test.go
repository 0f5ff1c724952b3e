package emulator_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"
)

func TestASubscriptionScheduleThroughTheOfficialLibrary(t *testing.T) {
	t.Parallel()
	server := start(t)
	sc, ctx := server.Client(), t.Context()
	begin := time.Date(2027, 1, 31, 9, 0, 0, 0, time.UTC)
	clock, err := sc.V1TestHelpersTestClocks.Create(ctx, &stripe.TestHelpersTestClockCreateParams{FrozenTime: stripe.Int64(begin.Unix())})
	if err != nil {
		t.Fatal(err)
	}
	shop := openShop(t, server, clock.ID)
	items := []*stripe.SubscriptionScheduleCreatePhaseItemParams{{Price: stripe.String(shop.price.ID), Quantity: stripe.Int64(2)}}
	params := &stripe.SubscriptionScheduleCreateParams{
		Customer: stripe.String(shop.customer.ID), EndBehavior: stripe.String("cancel"), Metadata: map[string]string{"deal": "7"},
		DefaultSettings: &stripe.SubscriptionScheduleCreateDefaultSettingsParams{Description: stripe.String("Seats")},
		StartDate:       stripe.Int64(begin.Add(24 * time.Hour).Unix()),
		Phases: []*stripe.SubscriptionScheduleCreatePhaseParams{
			{Items: items, Duration: &stripe.SubscriptionScheduleCreatePhaseDurationParams{Interval: stripe.String("month")}},
			{Items: items[:1], EndDate: stripe.Int64(begin.AddDate(0, 4, 0).Unix()), ProrationBehavior: stripe.String("none")},
		},
	}
	params.AddExpand("phases.items.price")
	schedule, err := sc.V1SubscriptionSchedules.Create(ctx, params)
	if err != nil {
		t.Fatal(err)
	}
	if schedule.Status != stripe.SubscriptionScheduleStatusNotStarted || schedule.Phases[0].Items[0].Price.UnitAmount != 2000 || schedule.DefaultSettings.Description != "Seats" {
		t.Errorf("made %+v", schedule)
	}
	preview, err := sc.V1Invoices.CreatePreview(ctx, &stripe.InvoiceCreatePreviewParams{Schedule: stripe.String(schedule.ID)})
	if err != nil || preview.Total != 4000 {
		t.Errorf("previewed %+v, %v", preview, err)
	}
	update := &stripe.SubscriptionScheduleUpdateParams{Metadata: map[string]string{"deal": "8"}, Phases: []*stripe.SubscriptionScheduleUpdatePhaseParams{{
		StartDateNow: stripe.Bool(true), Items: []*stripe.SubscriptionScheduleUpdatePhaseItemParams{{Price: stripe.String(shop.price.ID)}},
		Duration: &stripe.SubscriptionScheduleUpdatePhaseDurationParams{Interval: stripe.String("month"), IntervalCount: stripe.Int64(6)},
	}}}
	update.AddExpand("subscription.latest_invoice")
	if schedule, err = sc.V1SubscriptionSchedules.Update(ctx, schedule.ID, update); err != nil {
		t.Fatal(err)
	}
	sub := schedule.Subscription
	if schedule.Status != stripe.SubscriptionScheduleStatusActive || sub.LatestInvoice.Status != stripe.InvoiceStatusDraft || sub.Description != "Seats" ||
		sub.CancelAt != begin.AddDate(0, 6, 0).Unix() || schedule.CurrentPhase.StartDate != begin.Unix() {
		t.Errorf("started now: %+v with %+v", schedule, sub)
	}
	get := &stripe.SubscriptionRetrieveParams{}
	get.AddExpand("schedule")
	if sub, err = sc.V1Subscriptions.Retrieve(ctx, sub.ID, get); err != nil || sub.Schedule.Metadata["deal"] != "8" {
		t.Errorf("the subscription shows %+v, %v", sub.Schedule, err)
	}
	found := 0
	for s, err := range sc.V1SubscriptionSchedules.List(ctx, &stripe.SubscriptionScheduleListParams{Customer: stripe.String(shop.customer.ID)}).All(ctx) {
		if err != nil || s.ID != schedule.ID {
			t.Fatalf("listed %v, %v", s, err)
		}
		found++
	}
	if found != 1 {
		t.Errorf("listed %d schedules, want 1", found)
	}
	if schedule, err = sc.V1SubscriptionSchedules.Release(ctx, schedule.ID, nil); err != nil || schedule.ReleasedSubscription == nil || schedule.Subscription != nil {
		t.Errorf("released %+v, %v", schedule, err)
	}
	again, err := sc.V1SubscriptionSchedules.Create(ctx, &stripe.SubscriptionScheduleCreateParams{FromSubscription: stripe.String(sub.ID)})
	if err != nil || again.Subscription.ID != sub.ID || again.Phases[0].Items[0].Quantity != 1 {
		t.Fatalf("from a subscription: %+v, %v", again, err)
	}
	if again, err = sc.V1SubscriptionSchedules.Cancel(ctx, again.ID, &stripe.SubscriptionScheduleCancelParams{InvoiceNow: stripe.Bool(false), Prorate: stripe.Bool(false)}); err != nil || again.CanceledAt == 0 {
		t.Errorf("canceled %+v, %v", again, err)
	}
	if again, err = sc.V1SubscriptionSchedules.Retrieve(ctx, again.ID, nil); err != nil || again.Status != stripe.SubscriptionScheduleStatusCanceled {
		t.Errorf("got %+v, %v", again, err)
	}
	var refused *stripe.Error
	if _, err := sc.V1SubscriptionSchedules.Retrieve(ctx, "sub_sched_none", nil); !errors.As(err, &refused) || refused.Code != stripe.ErrorCodeResourceMissing {
		t.Errorf("got %v, want resource_missing", err)
	}
}

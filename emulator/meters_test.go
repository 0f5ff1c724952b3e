package emulator_test

import (
	"errors"
	"testing"

	"github.com/stripe/stripe-go/v86"
)

// meter makes a meter that adds up the values of events of a name.
func (s *shop) meter(t *testing.T, name, formula string) *stripe.BillingMeter {
	t.Helper()
	meter, err := s.sc.V1BillingMeters.Create(t.Context(), &stripe.BillingMeterCreateParams{
		DisplayName: stripe.String("API calls"), EventName: stripe.String(name),
		DefaultAggregation: &stripe.BillingMeterCreateDefaultAggregationParams{Formula: stripe.String(formula)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return meter
}

// use reports usage of the shop's customer at a moment, 0 for now.
func (s *shop) use(t *testing.T, name, value string, at int64) *stripe.BillingMeterEvent {
	t.Helper()
	params := &stripe.BillingMeterEventCreateParams{
		EventName: stripe.String(name), Payload: map[string]string{"stripe_customer_id": s.customer.ID, "value": value},
	}
	if at != 0 {
		params.Timestamp = stripe.Int64(at)
	}
	event, err := s.sc.V1BillingMeterEvents.Create(t.Context(), params)
	if err != nil {
		t.Fatal(err)
	}
	return event
}

func TestMetersTakeEventsAndSumThemUp(t *testing.T) {
	t.Parallel()
	shop := openShop(t, start(t), "")
	sc, ctx := shop.sc, t.Context()
	meter := shop.meter(t, "calls", "sum")
	if meter.Status != stripe.BillingMeterStatusActive || meter.CustomerMapping.EventPayloadKey != "stripe_customer_id" || meter.ValueSettings.EventPayloadKey != "value" {
		t.Errorf("made %+v", meter)
	}
	minute := shop.Now().Unix() / 60 * 60
	shop.use(t, "calls", "25", minute)
	wrong := shop.use(t, "calls", "1.5", minute-120)
	if wrong.Identifier == "" || wrong.Timestamp != minute-120 || wrong.Payload["value"] != "1.5" {
		t.Errorf("event %+v", wrong)
	}
	sum := func() (total float64, windows int) {
		params := &stripe.BillingMeterEventSummaryListParams{
			ID: stripe.String(meter.ID), Customer: stripe.String(shop.customer.ID), StartTime: stripe.Int64(minute - 600), EndTime: stripe.Int64(minute + 60),
		}
		for summary, err := range sc.V1BillingMeterEventSummaries.List(ctx, params).All(ctx) {
			if err != nil || summary.Meter != meter.ID {
				t.Fatalf("got %+v, %v", summary, err)
			}
			total, windows = total+summary.AggregatedValue, windows+1
		}
		return total, windows
	}
	if total, windows := sum(); total != 26.5 || windows != 1 {
		t.Errorf("used %v in %d windows, want 26.5 in one", total, windows)
	}
	adjusted, err := sc.V1BillingMeterEventAdjustments.Create(ctx, &stripe.BillingMeterEventAdjustmentCreateParams{
		EventName: stripe.String("calls"), Type: stripe.String("cancel"),
		Cancel: &stripe.BillingMeterEventAdjustmentCreateCancelParams{Identifier: stripe.String(wrong.Identifier)},
	})
	if err != nil || adjusted.Cancel.Identifier != wrong.Identifier {
		t.Errorf("adjusted %+v, %v", adjusted, err)
	}
	if total, _ := sum(); total != 25 {
		t.Errorf("used %v after the adjustment, want 25", total)
	}
}

func TestAMeterIsRenamedSwitchedOffAndOn(t *testing.T) {
	t.Parallel()
	shop := openShop(t, start(t), "")
	sc, ctx := shop.sc, t.Context()
	id := shop.meter(t, "calls", "count").ID
	if meter, err := sc.V1BillingMeters.Update(ctx, id, &stripe.BillingMeterUpdateParams{DisplayName: stripe.String("Calls")}); err != nil || meter.DisplayName != "Calls" {
		t.Errorf("renamed %+v, %v", meter, err)
	}
	if meter, err := sc.V1BillingMeters.Deactivate(ctx, id, nil); err != nil || meter.Status != stripe.BillingMeterStatusInactive || meter.StatusTransitions.DeactivatedAt == 0 {
		t.Errorf("off: %+v, %v", meter, err)
	}
	if meter, err := sc.V1BillingMeters.Retrieve(ctx, id, nil); err != nil || meter.Status != stripe.BillingMeterStatusInactive {
		t.Errorf("read: %+v, %v", meter, err)
	}
	listed := 0
	for meter, err := range sc.V1BillingMeters.List(ctx, &stripe.BillingMeterListParams{Status: stripe.String("inactive")}).All(ctx) {
		if err != nil || meter.ID != id {
			t.Fatalf("listed %+v, %v", meter, err)
		}
		listed++
	}
	if listed != 1 {
		t.Errorf("listed %d meters, want 1", listed)
	}
	if meter, err := sc.V1BillingMeters.Reactivate(ctx, id, nil); err != nil || meter.Status != stripe.BillingMeterStatusActive {
		t.Errorf("on: %+v, %v", meter, err)
	}
	var refused *stripe.Error
	_, err := sc.V1BillingMeterEvents.Create(ctx, &stripe.BillingMeterEventCreateParams{EventName: stripe.String("cals"), Payload: map[string]string{"value": "1"}})
	if !errors.As(err, &refused) || refused.HTTPStatusCode != 400 || refused.Msg != `No active meter found for event name "cals".` {
		t.Errorf("got %v", err)
	}
	var types []stripe.EventType
	for event, err := range sc.V1Events.List(ctx, &stripe.EventListParams{Types: []*string{
		stripe.String("billing.meter.created"), stripe.String("billing.meter.updated"), stripe.String("billing.meter.deactivated"), stripe.String("billing.meter.reactivated"),
	}}).All(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		types = append(types, event.Type)
	}
	if len(types) != 4 || types[0] != stripe.EventTypeBillingMeterReactivated {
		t.Errorf("events %v", types)
	}
}

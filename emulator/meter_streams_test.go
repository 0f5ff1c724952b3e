package emulator_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"
)

// stream sends meter events with the token of a session.
func (s *shop) stream(t *testing.T, token string, events ...*stripe.V2BillingMeterEventStreamCreateEventParams) error {
	t.Helper()
	return s.ClientWith(token).V2BillingMeterEventStreams.Create(t.Context(), &stripe.V2BillingMeterEventStreamCreateParams{Events: events})
}

func (s *shop) session(t *testing.T) string {
	t.Helper()
	session, err := s.sc.V2BillingMeterEventSessions.Create(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if lasts := session.ExpiresAt.Sub(session.Created); lasts != 15*time.Minute {
		t.Errorf("a session lasts %v", lasts)
	}
	return session.AuthenticationToken
}

func counted(name, customer, value, identifier string) *stripe.V2BillingMeterEventStreamCreateEventParams {
	e := &stripe.V2BillingMeterEventStreamCreateEventParams{
		EventName: stripe.String(name), Payload: map[string]string{"stripe_customer_id": customer, "value": value},
	}
	if identifier != "" {
		e.Identifier = stripe.String(identifier)
	}
	return e
}

// total is the usage of the shop's customer today.
func (s *shop) total(t *testing.T, meter *stripe.BillingMeter) float64 {
	t.Helper()
	now := s.Now().Truncate(24 * time.Hour)
	sum := 0.0
	for summary, err := range s.sc.V1BillingMeterEventSummaries.List(t.Context(), &stripe.BillingMeterEventSummaryListParams{
		ID: stripe.String(meter.ID), Customer: stripe.String(s.customer.ID), StartTime: stripe.Int64(now.Add(-24 * time.Hour).Unix()),
		EndTime: stripe.Int64(now.Add(48 * time.Hour).Unix()),
	}).All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		sum += summary.AggregatedValue
	}
	return sum
}

func TestEventsOfTheSecondVersionFeedTheSameMeters(t *testing.T) {
	t.Parallel()
	s := openShop(t, start(t), "")
	meter := s.meter(t, "calls", "sum")
	at := time.Now().Add(-time.Minute).UTC().Truncate(time.Second)
	made, err := s.sc.V2BillingMeterEvents.Create(t.Context(), &stripe.V2BillingMeterEventCreateParams{
		EventName: stripe.String("calls"), Identifier: stripe.String("one"), Timestamp: &at,
		Payload: map[string]string{"stripe_customer_id": s.customer.ID, "value": "4"},
	})
	if err != nil || made.Identifier != "one" || !made.Timestamp.Equal(at) || made.Object != "v2.billing.meter_event" {
		t.Fatalf("made %+v (%v)", made, err)
	}
	s.use(t, "calls", "2", 0)
	if err := s.stream(t, s.session(t), counted("calls", s.customer.ID, "10", ""), counted("calls", s.customer.ID, "1", "two")); err != nil {
		t.Fatal(err)
	}
	if got := s.total(t, meter); got != 17 {
		t.Errorf("the meter counts %v, want 4 + 2 + 10 + 1", got)
	}
	adjusted, err := s.sc.V2BillingMeterEventAdjustments.Create(t.Context(), &stripe.V2BillingMeterEventAdjustmentCreateParams{
		EventName: stripe.String("calls"), Type: stripe.String("cancel"),
		Cancel: &stripe.V2BillingMeterEventAdjustmentCreateCancelParams{Identifier: stripe.String("one")},
	})
	if err != nil || adjusted.Cancel.Identifier != "one" || adjusted.Created.IsZero() {
		t.Fatalf("adjusted %+v (%v)", adjusted, err)
	}
	if got := s.total(t, meter); got != 13 {
		t.Errorf("after the cancellation the meter counts %v, want 13", got)
	}
}

func TestWhatIsWrongInAStreamIsToldByThinEvents(t *testing.T) {
	t.Parallel()
	server := start(t, quick)
	s := openShop(t, server, "")
	meter := s.meter(t, "calls", "sum")
	r := newThinReceiver(t, s.sc)
	r.destination(t, "v1.billing.meter.error_report_triggered", "v1.billing.meter.no_meter_found")
	err := s.stream(t, s.session(t),
		counted("calls", s.customer.ID, "5", "good"), counted("calls", "cus_nobody", "1", "a"), counted("calls", "cus_nobody", "1", "b"),
		counted("calls", s.customer.ID, "many", "c"), counted("cals", s.customer.ID, "1", "d"), counted("calls", s.customer.ID, "5", "good"))
	if err != nil {
		t.Fatal(err)
	}
	report, isReport := r.next(t).(*stripe.V1BillingMeterErrorReportTriggeredEventNotification)
	if !isReport {
		t.Fatal("the first thin event is no error report")
	}
	event, err := report.FetchEvent(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if event.Data.Reason.ErrorCount != 3 || len(event.Data.Reason.ErrorTypes) != 2 || !event.Data.ValidationStart.Before(event.Data.ValidationEnd) {
		t.Fatalf("reported %+v", event.Data.Reason)
	}
	customers := event.Data.Reason.ErrorTypes[0]
	if customers.Code != "meter_event_customer_not_found" || customers.ErrorCount != 2 || customers.SampleErrors[1].Request.Identifier != "b" {
		t.Errorf("reported %+v", customers)
	}
	if values := event.Data.Reason.ErrorTypes[1]; values.Code != "meter_event_invalid_value" || values.ErrorCount != 1 {
		t.Errorf("reported %+v", values)
	}
	if related, err := report.FetchRelatedObject(t.Context()); err != nil || related.ID != meter.ID {
		t.Errorf("related %+v (%v)", related, err)
	}
	missing, isMissing := r.next(t).(*stripe.V1BillingMeterNoMeterFoundEventNotification)
	if !isMissing {
		t.Fatal("the second thin event does not miss a meter")
	}
	found, err := missing.FetchEvent(t.Context())
	if err != nil || found.Data.Reason.ErrorTypes[0].Code != "no_meter" {
		t.Errorf("reported %+v (%v)", found, err)
	}
	if got := s.total(t, meter); got != 5 {
		t.Errorf("the meter counts %v: the good event once", got)
	}
}

func TestAStreamNeedsATokenThatIsGood(t *testing.T) {
	t.Parallel()
	server := start(t)
	s := openShop(t, server, "")
	s.meter(t, "calls", "sum")
	token := s.session(t)
	good := counted("calls", s.customer.ID, "1", "")
	var expired *stripe.TemporarySessionExpiredError
	if err := s.stream(t, server.Key, good); !errors.As(err, &expired) {
		t.Errorf("an API key answers %v", err)
	}
	var many []*stripe.V2BillingMeterEventStreamCreateEventParams
	for i := range 101 {
		many = append(many, counted("calls", s.customer.ID, "1", fmt.Sprint(i)))
	}
	var refused *stripe.V2RawError
	if err := s.stream(t, token, many...); !errors.As(err, &refused) || refused.HTTPStatusCode != http.StatusBadRequest {
		t.Errorf("101 events answer %v", err)
	}
	if err := s.stream(t, token, many[:100]...); err != nil {
		t.Errorf("100 events answer %v", err)
	}
	server.MoveTime(16 * time.Minute)
	if err := s.stream(t, token, good); !errors.As(err, &expired) {
		t.Errorf("after 16 minutes the token answers %v", err)
	}
}

func TestAStreamReachesCustomersOnSeveralClocks(t *testing.T) {
	t.Parallel()
	server := start(t)
	s := openShop(t, server, "")
	s.meter(t, "calls", "sum")
	var events []*stripe.V2BillingMeterEventStreamCreateEventParams
	for range 2 {
		clock, err := s.sc.V1TestHelpersTestClocks.Create(t.Context(), &stripe.TestHelpersTestClockCreateParams{FrozenTime: stripe.Int64(server.Now().Unix())})
		if err != nil {
			t.Fatal(err)
		}
		customer, err := s.sc.V1Customers.Create(t.Context(), &stripe.CustomerCreateParams{TestClock: stripe.String(clock.ID)})
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, counted("calls", customer.ID, "1", ""))
	}
	if err := s.stream(t, s.session(t), events...); err != nil {
		t.Fatal(err)
	}
	page := askV2(t, server, http.MethodGet, "/v2/core/events?types[0]=v1.billing.meter.error_report_triggered", "", nil)
	if len(eventIDs(page)) != 0 {
		t.Errorf("errors were reported: %v", page.body)
	}
}

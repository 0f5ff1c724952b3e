package engine

import (
	"errors"
	"slices"
)

// A stream of meter events is taken whole and looked at in the background: what is wrong in it is told by thin events, not by the answer.

const (
	meterSessionSeconds = 15 * 60
	streamEventsMax     = 100
	errorSamplesMax     = 10 // of each kind; Stripe documents no number

	// validationSeconds is how long a window of the background validation is. Here the validation follows at once, so that a test need
	// not wait, and its window is the time before.
	validationSeconds = 10
)

// CreateMeterEventSession is POST /v2/billing/meter_event_session.
type CreateMeterEventSession struct{}

func (CreateMeterEventSession) apply(t *tx) (Result, error) {
	s := &MeterEventSession{
		ID: "mes_test_61" + t.world.characters(32), Created: t.now, Expires: t.now + meterSessionSeconds,
		Token: t.world.AccountID() + "_" + t.world.characters(64),
	}
	put(t, s)
	return s, nil
}

// MeterSession finds the session of a token.
func (w *World) MeterSession(token string) (*MeterEventSession, bool) {
	found := w.tables.meterSessions.all("token", token)
	if len(found) == 0 {
		return nil, false
	}
	return found[0], true
}

// StreamMeterEvents is POST /v2/billing/meter_event_stream. The token is that of a session.
type StreamMeterEvents struct {
	Token  string             `form:"-"`
	Events []CreateMeterEvent `form:"events"`
}

func (c StreamMeterEvents) apply(t *tx) (Result, error) {
	session, ok := t.world.MeterSession(c.Token)
	if !ok || t.now >= session.Expires {
		return nil, sessionExpired()
	}
	if len(c.Events) == 0 {
		return nil, required("events")
	}
	if len(c.Events) > streamEventsMax {
		return nil, invalid("events", "", "At most %d events can be streamed at once, got %d.", streamEventsMax, len(c.Events))
	}
	var reports []*MeterErrors
	line, now := t.line, t.now
	for _, event := range c.Events {
		before := t.savepoint()
		_, err := event.apply(t)
		t.line, t.now = line, now // each customer may be on a clock of their own
		if err == nil {
			continue
		}
		t.rollbackTo(before)
		var refused *Error
		if !errors.As(err, &refused) || refused.Status != 400 {
			return nil, err
		}
		if refused.Code != duplicateMeterEvent { // which was counted the first time
			reports = t.report(reports, event, refused)
		}
	}
	for _, r := range reports {
		kind := meterErrors
		if r.Meter == "" {
			kind = meterUnknown
		}
		t.emit(kind, r)
	}
	return nil, nil
}

// sessionExpired is the answer to a token that is not good, or not any more.
func sessionExpired() *Error {
	return &Error{
		Status: 401, Type: "temporary_session_expired", Code: "billing_meter_event_session_expired",
		Message: "The meter event session has expired or does not exist. Create a new session and use its token.",
	}
}

// report adds what is wrong with an event to the report on its meter.
func (t *tx) report(reports []*MeterErrors, event CreateMeterEvent, wrong *Error) []*MeterErrors {
	meter, code := "", wrong.Code
	if m := t.meterOf(event.EventName.Or("")); m != nil {
		meter = m.ID
	}
	i := slices.IndexFunc(reports, func(r *MeterErrors) bool { return r.Meter == meter })
	if i < 0 {
		i = len(reports)
		reports = append(reports, &MeterErrors{Meter: meter, Start: t.now - validationSeconds, End: t.now})
	}
	r := reports[i]
	k := slices.IndexFunc(r.Types, func(e MeterErrorType) bool { return e.Code == code })
	if k < 0 {
		k = len(r.Types)
		r.Types = append(r.Types, MeterErrorType{Code: code})
	}
	r.Types[k].Count++
	if len(r.Types[k].Samples) < errorSamplesMax {
		r.Types[k].Samples = append(r.Types[k].Samples, MeterErrorSample{wrong.Message, event.Identifier.Or("")})
	}
	return reports
}

// meterOf is the meter that listens to an event name, or the newest that once did; nil is none.
func (t *tx) meterOf(eventName string) *Meter {
	var found *Meter
	t.world.tables.meters.each("", "", func(m *Meter) bool {
		if m.EventName == eventName && (found == nil || found.Status != StatusActive) {
			found = m
		}
		return true
	})
	return found
}

var _ = register(CreateMeterEventSession{}, StreamMeterEvents{})

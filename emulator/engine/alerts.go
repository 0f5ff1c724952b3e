package engine

import "strings"

// CreateAlert is POST /v1/billing/alerts.
type CreateAlert struct {
	AlertType      Opt[string]               `form:"alert_type"`
	Title          Opt[string]               `form:"title"`
	UsageThreshold Opt[UsageThresholdParams] `form:"usage_threshold"`
}

// UsageThresholdParams say what usage an alert waits for.
type UsageThresholdParams struct {
	Filters    Opt[[]AlertFilterParams] `form:"filters"`
	GTE        Opt[int64]               `form:"gte"`
	Meter      Opt[string]              `form:"meter"`
	Recurrence Opt[string]              `form:"recurrence"`
}

// AlertFilterParams limit an alert to a customer.
type AlertFilterParams struct {
	Customer Opt[string] `form:"customer"`
	Type     Opt[string] `form:"type"`
}

// alertsMax is how many alerts a meter and customer can have.
const alertsMax = 25

func (c CreateAlert) apply(t *tx) (Result, error) {
	alert := &Alert{ID: "alrt_" + t.world.characters(20), Created: t.now, Title: c.Title.Or(""), Status: StatusActive, Since: t.now}
	if c.AlertType.Or("") != "usage_threshold" {
		return nil, required("alert_type")
	}
	if strings.TrimSpace(alert.Title) == "" {
		return nil, required("title")
	}
	threshold, ok := c.UsageThreshold.Get()
	if !ok {
		return nil, required("usage_threshold")
	}
	if err := threshold.take(t, alert); err != nil {
		return nil, err
	}
	return alert, t.storeAlert(alert)
}

// take takes the threshold of an alert.
func (p UsageThresholdParams) take(t *tx, alert *Alert) error {
	gte, ok := p.GTE.Get()
	if !ok {
		return required("usage_threshold[gte]")
	}
	if err := within(gte, 1, usageMost, "usage_threshold[gte]"); err != nil {
		return err
	}
	meter, ok := Get[Meter](t.world, p.Meter.Or(""))
	if !ok {
		return noSuchParam("billing meter", p.Meter.Or(""), "usage_threshold[meter]")
	}
	if p.Recurrence.Or("") != "one_time" {
		return required("usage_threshold[recurrence]")
	}
	alert.GTE, alert.Meter = gte, meter.ID
	filters, _ := p.Filters.Get()
	if len(filters) > 1 {
		return invalid("usage_threshold[filters]", "", "You can only specify up to one filter.")
	}
	for _, f := range filters {
		if f.Type.Or("") != "customer" {
			return required("usage_threshold[filters][0][type]")
		}
		id, given := f.Customer.Get()
		if customer, found := Get[Customer](t.world, id); given && (!found || customer.Deleted) {
			return noSuchParam("customer", id, "usage_threshold[filters][0][customer]")
		}
		alert.Customer = id
	}
	return nil
}

// storeAlert stores a new alert, within Stripe's limit of alerts for one meter and customer.
func (t *tx) storeAlert(alert *Alert) error {
	alike := 0
	for _, old := range t.world.tables.alerts.all("meter", alert.Meter) {
		if old.Customer == alert.Customer {
			alike++
		}
	}
	if alike >= alertsMax {
		return invalid("", "", "You can create at most %d alerts for one meter and customer.", alertsMax)
	}
	put(t, alert)
	return nil
}

// soundAlerts triggers the alerts that a customer's usage of a meter has reached. Stripe keeps alerts and test clocks apart.
func (t *tx) soundAlerts(m *Meter, customer *Customer) {
	if customer.TestClock != "" {
		return
	}
	for _, alert := range t.world.tables.alerts.all("meter", m.ID) {
		if alert.Status != StatusActive || alert.Customer != "" && alert.Customer != customer.ID ||
			len(t.world.tables.alarms.refs("once", usageKey(alert.ID, customer.ID))) > 0 {
			continue
		}
		var reported []*MeterEvent
		t.world.tables.meterEvents.each("usage", usageKey(m.ID, customer.ID), func(e *MeterEvent) bool {
			if e.Created >= alert.Since {
				reported = append(reported, e)
			}
			return true
		})
		if value := m.aggregate(reported); !DecimalOf(alert.GTE).above(value) {
			create(t, "billing.alert.triggered", &AlertTriggered{
				ID: "alrtt_" + t.world.characters(20), Created: t.now, Alert: alert, Customer: customer.ID, Value: value,
			})
		}
	}
}

// ActivateAlert is POST /v1/billing/alerts/{id}/activate: the alert may trigger again, by usage from now on.
type ActivateAlert struct {
	ID string `form:"-"`
}

func (c ActivateAlert) apply(t *tx) (Result, error) {
	return t.turnAlert(c.ID, StatusActive)
}

// DeactivateAlert is POST /v1/billing/alerts/{id}/deactivate.
type DeactivateAlert struct {
	ID string `form:"-"`
}

func (c DeactivateAlert) apply(t *tx) (Result, error) {
	return t.turnAlert(c.ID, StatusInactive)
}

// ArchiveAlert is POST /v1/billing/alerts/{id}/archive: nobody sees the alert any more.
type ArchiveAlert struct {
	ID string `form:"-"`
}

func (c ArchiveAlert) apply(t *tx) (Result, error) {
	return t.turnAlert(c.ID, StatusArchived)
}

// turnAlert gives an alert its next status.
func (t *tx) turnAlert(id, status string) (Result, error) {
	before, err := t.world.AlertByID(id)
	if err != nil {
		return nil, err
	}
	if before.Status == status {
		return nil, invalid("", "", "This alert is already %s.", status)
	}
	alert := *before
	if alert.Status = status; status == StatusActive {
		alert.Since = t.now
		for _, old := range t.world.tables.alarms.all("alert", id) {
			over := *old
			over.Over = true
			put(t, &over)
		}
	}
	put(t, &alert)
	return &alert, nil
}

// AlertByID finds an alert that is not archived.
func (w *World) AlertByID(id string) (*Alert, error) {
	if alert, ok := Get[Alert](w, id); ok && alert.Status != StatusArchived {
		return alert, nil
	}
	return nil, NotFound("billing alert", id, "id")
}

// ListAlerts is GET /v1/billing/alerts: archived ones are hidden.
type ListAlerts struct {
	Page
	AlertType Opt[string] `form:"alert_type"`
	Meter     Opt[string] `form:"meter"`
}

func (q ListAlerts) run(w *World) (*Listing, error) {
	return list(w, q.Page, selection[Alert]{cursorName: "billing alert", keep: func(a *Alert) bool {
		return a.Status != StatusArchived && q.Meter.Or(a.Meter) == a.Meter && q.AlertType.Or("usage_threshold") == "usage_threshold"
	}})
}

var _ = register(CreateAlert{}, ActivateAlert{}, DeactivateAlert{}, ArchiveAlert{})

package wire

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dues-billing/dues/emulator/engine"
)

// isoTime is a time as the second version of the API writes it. Worlds count whole seconds.
func isoTime(unix int64) string { return time.Unix(unix, 0).UTC().Format("2006-01-02T15:04:05.000Z") }

// renderV2 renders the answers of the second version.
func (c *call) renderV2(v *view, o any) object {
	switch o := o.(type) {
	case nil:
		return object{}
	case *engine.Deleted:
		return object{"id": o.ID, "object": o.Object}
	case engine.Notice:
		return v.fetchedEvent(o)
	case *engine.WebhookEndpoint:
		return eventDestination(o, c.include)
	case *engine.MeterEventSession:
		return object{
			"id": o.ID, "object": "v2.billing.meter_event_session", "authentication_token": o.Token, "created": isoTime(o.Created),
			"expires_at": isoTime(o.Expires), "livemode": false,
		}
	case *engine.MeterEvent:
		return object{
			"object": "v2.billing.meter_event", "created": isoTime(o.Created), "event_name": o.EventName, "identifier": o.Identifier,
			"livemode": false, "payload": o.Payload, "timestamp": isoTime(o.Timestamp),
		}
	case *engine.MeterEventAdjustment:
		return object{
			"id": o.ID, "object": "v2.billing.meter_event_adjustment", "cancel": object{"identifier": o.Identifier}, "created": isoTime(o.Created),
			"event_name": o.EventName, "livemode": false, "status": o.Status, "type": "cancel",
		}
	}
	panic(fmt.Sprintf("wire: no rendering of the second version for %T", o))
}

// eventDestination shows its address, and once its secret, to who asks for them by include.
func eventDestination(e *engine.WebhookEndpoint, include []string) object {
	webhook := object{"signing_secret": nil, "url": nil}
	if slices.Contains(include, "webhook_endpoint.url") {
		webhook["url"] = e.URL
	}
	if slices.Contains(include, "webhook_endpoint.signing_secret") {
		webhook["signing_secret"] = e.Secret
	}
	status, payload := "enabled", engine.PayloadSnapshot
	var details any
	if e.Disabled {
		status, details = "disabled", object{"disabled": object{"reason": "user"}}
	}
	if e.Thin {
		payload = engine.PayloadThin
	}
	name := e.Name
	if !e.Destination {
		name = e.URL // what the first version makes has no name
	}
	return object{
		"id": e.ID, "object": "v2.core.event_destination", "created": isoTime(e.Created), "description": e.Description,
		"enabled_events": texts(e.EnabledEvents), "event_payload": payload, "events_from": []string{"@self"}, "livemode": false,
		"metadata": metadata(e.Metadata), "name": name, "snapshot_api_version": orNull(e.APIVersion), "status": status, "status_details": details,
		"type": "webhook_endpoint", "updated": isoTime(e.Updated), "webhook_endpoint": webhook,
	}
}

// notice renders what is sent of an event: thin, or with its object.
func (v *view) notice(n engine.Notice) object {
	if n.Twin == 0 {
		return v.event(n.Event)
	}
	return v.thinEvent(n)
}

// thinEvent is a thin event as it is sent.
func (v *view) thinEvent(n engine.Notice) object {
	e := n.Event
	var reason, about any
	if e.Request.ID != "" {
		reason = object{"type": "request", "request": object{"id": e.Request.ID, "idempotency_key": orNull(e.Request.IdempotencyKey)}}
	}
	if related := v.related(e); related != nil {
		about = related
	}
	return object{
		"id": n.ID(), "object": "v2.core.event", "context": nil, "created": isoTime(e.Created), "livemode": false, "reason": reason,
		"related_object": about, "type": n.Type,
	}
}

// fetchedEvent is a thin event with what only a request for it tells.
func (v *view) fetchedEvent(n engine.Notice) object {
	out := v.thinEvent(n)
	out["changes"], out["data"] = nil, nil
	if !n.Event.ThinOnly() {
		out["snapshot_event"] = n.Event.ID
	}
	switch o := n.Event.Object.(type) {
	case *engine.MeterErrors:
		out["data"] = meterErrors(o)
	case *engine.Invoice:
		if n.Event.Type == "invoice.upcoming" {
			out["data"] = object{"customer": o.Customer, "subscription": orNull(o.Subscription)}
		}
	}
	return out
}

func meterErrors(m *engine.MeterErrors) object {
	types := make([]any, len(m.Types))
	for i, t := range m.Types {
		samples := make([]any, len(t.Samples))
		for j, s := range t.Samples {
			samples[j] = object{"error_message": s.Message, "request": object{"identifier": s.Identifier}}
		}
		types[i] = object{"code": t.Code, "error_count": t.Count, "sample_errors": samples}
	}
	summary := fmt.Sprintf("There are %d invalid events", m.Count())
	if m.Count() == 1 {
		summary = "There is 1 invalid event"
	}
	return object{
		"developer_message_summary": summary, "reason": object{"error_count": m.Count(), "error_types": types},
		"validation_end": isoTime(m.End), "validation_start": isoTime(m.Start),
	}
}

// related names the object that an event is about and where it can be fetched; nil is none, as of what has no address.
func (v *view) related(e *engine.Event) object {
	switch o := e.Object.(type) {
	case *engine.WebhookEndpoint:
		return relatedTo("event_destination", o.ID, "/v2/core/event_destinations/"+o.ID)
	case *engine.MeterErrors:
		if o.Meter == "" {
			return nil
		}
		return relatedTo("billing.meter", o.Meter, "/v1/billing/meters/"+o.Meter)
	case *engine.AlertTriggered:
		return relatedTo("billing.alert", o.Alert.ID, "/v1/billing/alerts/"+o.Alert.ID)
	case *engine.PortalSession, *engine.EntitlementSummary:
		return nil
	}
	shown := v.native(wholeCustomer(e.Object))
	kind, _ := shown["object"].(string)
	id, _ := shown["id"].(string)
	customer, _ := shown["customer"].(string)
	switch {
	case kind == "balance" || kind == "balance_settings":
		return relatedTo(kind, kind, "/v1/"+kind)
	case id == "" || e.Type == "invoice.upcoming":
		return nil
	case kind == "discount" && shown["subscription"] != nil:
		return relatedTo(kind, id, fmt.Sprintf("/v1/subscriptions/%v/discount", shown["subscription"]))
	case kind == "discount" && customer != "":
		return relatedTo(kind, id, "/v1/customers/"+customer+"/discount")
	}
	return relatedTo(kind, id, "/v1/"+strings.ReplaceAll(kind, ".", "/")+"s/"+id)
}

func relatedTo(kind, id, url string) object { return object{"id": id, "type": kind, "url": url} }

package httpapi

import (
	"context"
	"encoding/json"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Events is a page of the inbox, newest first.
type Events struct {
	Events     []Event `json:"events" nullable:"false"`
	NextCursor *string `json:"next_cursor" doc:"cursor of the next page; null after the last"`
}

// Event is a webhook from Stripe and what became of it.
type Event struct {
	ID              string             `json:"id" doc:"Stripe's id"`
	Type            string             `json:"type"`
	Customer        billing.CustomerID `json:"customer" doc:"Whom it is about at Stripe; empty: nobody, such as a product"`
	Object          string             `json:"object" doc:"Stripe's id of what it is about"`
	ProviderAccount string             `json:"provider_account" doc:"The Stripe account that it came from, by the name in our configuration"`
	APIVersion      string             `json:"api_version" doc:"In which version of Stripe's API it came"`
	ForeignVersion  bool               `json:"foreign_version" doc:"Whether that is another than ours; it is worked off all the same"`
	State           string             `json:"state" enum:"pending,running,done,dead,ignored" doc:"running: it is pending, and somebody works at it"`
	Attempts        int                `json:"attempts"`
	CreatedAt       Moment             `json:"created_at" doc:"By Stripe's clock"`
	ReceivedAt      Moment             `json:"received_at"`
	DueAt           *Moment            `json:"due_at" nullable:"true" doc:"When it is tried next; null unless it is pending"`
	DoneAt          *Moment            `json:"done_at" nullable:"true" doc:"null until it is worked off"`
	Error           string             `json:"error" doc:"Of the last try that failed; empty once it is worked off"`
}

func eventOf(e service.Event) Event {
	out := Event{
		ID: e.ID, Type: e.Type, Customer: e.Customer, Object: e.Object, ProviderAccount: e.ProviderAccount.Name(), APIVersion: e.APIVersion, ForeignVersion: e.Foreign, State: e.State,
		Attempts: e.Attempts, CreatedAt: Moment(e.CreatedAt), ReceivedAt: Moment(e.ReceivedAt), DoneAt: moment(e.DoneAt), Error: e.Error,
	}
	if e.State == statePending {
		out.DueAt = moment(e.DueAt)
	}
	return out
}

// statePending is the state of what waits for its next try.
const statePending = "pending"

// Retried says how much is worked off again.
type Retried struct {
	Retried int64 `json:"retried" doc:"How many"`
}

type askedEvents struct {
	State           string    `query:"state" enum:"pending,running,done,dead,ignored" doc:"pending chooses those too that are running"`
	Type            string    `query:"type" doc:"Stripe's type, such as invoice.paid"`
	Customer        string    `query:"customer" doc:"Stripe's id"`
	Account         string    `query:"account" doc:"The app's own id: what is about its customer"`
	Since           timestamp `query:"since" doc:"Received then or later"`
	ProviderAccount string    `query:"provider_account" doc:"The Stripe account that it came from, by the name in our configuration"`
	Listed
}

func (a *api) events(ctx context.Context, in *askedEvents) (*reply[Events], error) {
	page, err := in.page(in)
	if err != nil {
		return nil, err
	}
	since, err := in.Since.moment("since")
	if err != nil {
		return nil, err
	}
	events, next, err := a.service.Events(ctx, service.EventFilter{
		State: in.State, Type: in.Type, Customer: billing.CustomerID(in.Customer), Account: billing.AccountID(in.Account), Since: since,
		ProviderAccount: in.ProviderAccount,
	}, page)
	if err != nil {
		return nil, err
	}
	out := Events{Events: []Event{}, NextCursor: cursor(next)}
	for _, e := range events {
		out.Events = append(out.Events, eventOf(e))
	}
	return ok(out), nil
}

// cursor is null after the last page.
func cursor(next string) *string {
	if next == "" {
		return nil
	}
	return &next
}

type byEventID struct {
	ID              string `path:"id" doc:"Stripe's id of the event"`
	ProviderAccount string `query:"provider_account" doc:"The Stripe account that it came from, by the name in our configuration; empty: default"`
}

func (a *api) event(ctx context.Context, in *byEventID) (*reply[Event], error) {
	found, err := a.service.Event(ctx, billing.ProviderAccountNamed(in.ProviderAccount), in.ID)
	if err != nil {
		return nil, err
	}
	return ok(eventOf(found)), nil
}

// Delivery is a webhook as it came.
type Delivery struct {
	Headers map[string]string `json:"headers" doc:"Where it came from: content type, user agent, forwarders and request id, each cut at 256 bytes. Empty when it was found in Stripe's list of events"`
	Body    json.RawMessage   `json:"body" doc:"As Stripe sent it"`
}

func (a *api) delivery(ctx context.Context, in *byEventID) (*reply[Delivery], error) {
	found, err := a.service.Delivery(ctx, billing.ProviderAccountNamed(in.ProviderAccount), in.ID)
	if err != nil {
		return nil, err
	}
	out := Delivery{Headers: found.Headers, Body: found.Body}
	if out.Headers == nil {
		out.Headers = map[string]string{}
	}
	return ok(out), nil
}

func (a *api) retryEvent(ctx context.Context, in *byEventID) (*reply[Event], error) {
	now, err := a.service.RetryEvent(ctx, billing.ProviderAccountNamed(in.ProviderAccount), in.ID)
	if err != nil {
		return nil, err
	}
	return ok(eventOf(now)), nil
}

type chosenEvents struct {
	State           string    `json:"state,omitempty" enum:"dead,done" doc:"dead, unless said: what was given up; done: what was worked off"`
	Type            string    `json:"type,omitempty"`
	Customer        string    `json:"customer,omitempty"`
	Account         string    `json:"account,omitempty"`
	Since           timestamp `json:"since,omitempty" doc:"Received then or later"`
	ProviderAccount string    `json:"provider_account,omitempty" doc:"The Stripe account that it came from, by the name in our configuration"`
}

func (a *api) retryEvents(ctx context.Context, in *withBody[chosenEvents]) (*reply[Retried], error) {
	given := in.Body.value
	since, err := given.Since.moment("since")
	if err != nil {
		return nil, err
	}
	n, err := a.service.RetryEvents(ctx, service.EventFilter{
		State: given.State, Type: given.Type, Customer: billing.CustomerID(given.Customer), Account: billing.AccountID(given.Account), Since: since,
		ProviderAccount: given.ProviderAccount,
	})
	if err != nil {
		return nil, err
	}
	return ok(Retried{n}), nil
}

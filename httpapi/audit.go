package httpapi

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Operations with a method that changes something which leave no line in the audit log.
var unaudited = []string{
	"accountChecks", "myChecks", "accountPreview", "preview", // questions that are too long for a URL
	"reportUsage", "accountConsume", // measurements, each a row of its own with its key and time, and too many for a log that people read
}

// audited is whether an operation leaves a line in the audit log.
func audited(rt route) bool { return keyed(rt.method) && !slices.Contains(unaudited, rt.id) }

// audit notes who changes what, before and after. It stands behind once: what is answered again changes nothing again.
func (a *api) audit(rt route) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		v := visitOf(r.Context())
		act, err := a.service.Begin(r.Context(), actOf(rt, r, v))
		if err != nil {
			a.fail(w, r, err)
			return
		}
		v.act = &act
		act.Outcome = service.ActFailed // unless it comes to an end: a panic goes on from here
		changed := true
		defer func() {
			// The caller may go away; what was done for him is noted all the same.
			if err := a.service.EndAct(context.WithoutCancel(r.Context()), act, changed); err != nil {
				a.log.ErrorContext(r.Context(), "http: the end of an act could not be noted in the audit log; it stays begun", "act", act.ID, "error", err)
			}
		}()
		next(ctx)
		switch status := ctx.Status(); {
		case status < http.StatusMultipleChoices:
			act.Outcome = service.ActDone
		case status == http.StatusConflict:
			act.Outcome = service.ActRefused
		case status < http.StatusInternalServerError:
			changed = false // the request was wrong in itself
		}
	}
}

// actOf is what a request's path and credential say of it.
func actOf(rt route, r *http.Request, v *visit) service.Act {
	act := service.Act{Actor: v.actor, Action: rt.id, Account: v.account, Request: v.requestID[0]}
	for _, part := range strings.Split(rt.path, "/") {
		name, named := strings.CutPrefix(part, "{")
		value := r.PathValue(strings.TrimSuffix(name, "}"))
		switch {
		case !named:
		case rt.who == servers && part == "{id}":
			act.Account = billing.AccountID(value)
		default:
			act.Object = value
		}
	}
	return act
}

// note tells the audit log of what the path does not name. "" leaves what is there.
func note(ctx context.Context, account billing.AccountID, object string) {
	if v := visitOf(ctx); v != nil && v.act != nil {
		v.act.Account, v.act.Object = cmp.Or(account, v.act.Account), cmp.Or(object, v.act.Object)
	}
}

// Audit is a page of the audit log, newest first.
type Audit struct {
	Acts       []Act   `json:"acts" nullable:"false"`
	NextCursor *string `json:"next_cursor" doc:"cursor of the next page; null after the last"`
}

// Act says who changed what.
type Act struct {
	ID        int64             `json:"id" doc:"Grows with time"`
	At        Moment            `json:"at"`
	Kind      service.ActorKind `json:"kind" enum:"key,server,operator,user,admin,cli" doc:"Of who did it: an API key, a server or operator key of the configuration, an end user, an operator at the admin, or a command"`
	Who       string            `json:"who" doc:"The key's id, its place in the configuration, the token's subject, the operator's id (empty of who came with the admin password), or the name of who ran the command. Empty of a user whose account was deleted"`
	Action    string            `json:"action" doc:"The operation's id in this document, or the command"`
	Account   billing.AccountID `json:"account" doc:"That it was about; empty: none"`
	Object    string            `json:"object" doc:"What of it, such as the id of a grant; empty when the account was deleted"`
	RequestID string            `json:"request_id"`
	Outcome   string            `json:"outcome" enum:"begun,done,refused,failed" doc:"refused: something stood in the way, such as a card that was declined; failed: on our side, and part of it may have happened; begun: it is under way, or its process has died"`
}

type askedActs struct {
	Kind    string    `query:"kind" enum:"key,server,operator,user,admin,cli"`
	Who     string    `query:"who"`
	Action  string    `query:"action"`
	Account string    `query:"account" doc:"The app's own id, also of an account that was deleted"`
	Since   timestamp `query:"since" doc:"Then or later"`
	Listed
}

func (a *api) acts(ctx context.Context, in *askedActs) (*reply[Audit], error) {
	page, err := in.page(in)
	if err != nil {
		return nil, err
	}
	since, err := in.Since.moment("since")
	if err != nil {
		return nil, err
	}
	found, next, err := a.service.Acts(ctx, service.ActFilter{
		Kind: in.Kind, Who: in.Who, Action: in.Action, Account: billing.AccountID(in.Account), Since: since,
	}, page)
	if err != nil {
		return nil, err
	}
	out := Audit{Acts: []Act{}, NextCursor: cursor(next)}
	for _, act := range found {
		out.Acts = append(out.Acts, Act{
			ID: act.ID, At: Moment(act.At), Kind: act.Actor.Kind, Who: act.Actor.Name, Action: act.Action, Account: act.Account, Object: act.Object,
			RequestID: act.Request, Outcome: act.Outcome,
		})
	}
	return ok(out), nil
}

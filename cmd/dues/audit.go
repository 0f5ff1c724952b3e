package main

import (
	"context"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

type auditLog struct {
	inDatabase
	Kind    string    `help:"Only by a key, server, operator, user, admin or cli." placeholder:"KIND"`
	Who     string    `help:"Only by this key, person or user." placeholder:"NAME"`
	Action  string    `help:"Only this operation or command, such as accountRefund." placeholder:"NAME"`
	Account string    `help:"Only about this account." placeholder:"ID"`
	Since   time.Time `help:"Only then or later." placeholder:"2026-01-31T00:00:00Z"`
	page
}

// Help teaches by examples.
func (auditLog) Help() string {
	return `What was done to an account:

  dues audit --account ada

What a key did since a moment, before it is revoked:

  dues audit --kind key --who key_… --since 2026-01-31T00:00:00Z

An outcome of "refused" stood something in the way of, such as a card that was declined; "failed" went wrong on our side, and part of it may have
happened; "begun" is under way, or its process has died in the middle. Requests that were wrong in themselves have no line.`
}

// Run prints the audit log, the newest first.
func (l auditLog) Run(ctx context.Context, c console) error {
	return l.sit(ctx, func(desk *service.Desk) error {
		acts, next, err := desk.Acts(ctx, service.ActFilter{
			Kind: l.Kind, Who: l.Who, Action: l.Action, Account: billing.AccountID(l.Account), Since: l.Since,
		}, l.asked())
		if err != nil {
			return err
		}
		t := lines{console: c, json: l.JSON, head: "AT\tBY\tACTION\tACCOUNT\tOBJECT\tOUTCOME\tREQUEST"}
		for _, a := range acts {
			t.add(map[string]any{
				"id": a.ID, "at": a.At, "kind": a.Actor.Kind, "who": a.Actor.Name, "action": a.Action, "account": a.Account, "object": a.Object,
				"request_id": a.Request, "outcome": a.Outcome,
			}, a.At.Format(time.DateTime), a.Actor, a.Action, a.Account, a.Object, a.Outcome, a.Request)
		}
		return t.end(next)
	})
}

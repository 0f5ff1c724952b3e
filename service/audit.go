package service

import (
	"context"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// ActorKind is a kind of those who change something.
type ActorKind string

// The kinds.
const (
	KeyActor      ActorKind = "key"      // an API key, by its id
	ServerActor   ActorKind = "server"   // a server key of the configuration, by its place there
	OperatorActor ActorKind = "operator" // an operator key of the configuration, by its place there
	UserActor     ActorKind = "user"     // an end user, by the subject of his token
	AdminActor    ActorKind = "admin"    // an operator at the admin, by his id; "" came with the password of the settings
	CLIActor      ActorKind = "cli"      // who runs a command, by his name on that machine
)

// Actor is who changes something.
type Actor struct {
	Kind ActorKind
	Name string
}

// String is the actor in one word.
func (a Actor) String() string { return string(a.Kind) + ":" + a.Name }

// Act is one line of the audit log: who changed what.
type Act struct {
	ID      int64 // grows with time
	At      time.Time
	Actor   Actor
	Action  string            // an operation of the API by its id, or a command
	Account billing.AccountID // that it was about, "" for none
	Object  string            // what of it, such as the id of a grant; never a name or an address
	Request string            // the request's id, as in the log
	// Outcome is done; refused, when something stood in the way, such as a card that was declined; failed, when something went wrong on our side
	// and part of it may have happened; or begun, which nobody has ended: it is under way, or its process has died.
	Outcome string
}

// The outcomes of an act.
const (
	ActBegun   = sqlstore.ActBegun
	ActDone    = sqlstore.ActDone
	ActRefused = sqlstore.ActRefused
	ActFailed  = sqlstore.ActFailed
)

// actNameMax bounds what is kept of a name that comes from outside.
const actNameMax = 255

// Begin notes that somebody is about to change something, before anything is changed: what happens without a line cannot be, and a line without an
// end says where to look. A change asks the provider in the middle, so there is no one transaction that both could be in. End it with EndAct.
func (d *Desk) Begin(ctx context.Context, act Act) (Act, error) {
	act.At, act.Outcome = d.wall(), ActBegun
	act.Actor.Name = act.Actor.Name[:min(len(act.Actor.Name), actNameMax)]
	var err error
	act.ID, err = d.store.AddAct(ctx, act.stored())
	return act, err
}

// EndAct notes what came of an act that was begun. With changed false it is forgotten: it changed nothing.
func (d *Desk) EndAct(ctx context.Context, act Act, changed bool) error {
	if !changed {
		return d.store.DropAct(ctx, act.ID)
	}
	return d.store.EndAct(ctx, act.stored())
}

// Audited does something between Begin and EndAct; do may say in the act what it is about. Errors that say what is wrong with the request itself
// have changed nothing.
func (d *Desk) Audited(ctx context.Context, act Act, do func(*Act) error) error {
	act, err := d.Begin(ctx, act)
	if err != nil {
		return err
	}
	err = do(&act)
	changed := true
	switch code := billing.CodeOf(err); {
	case err == nil:
		act.Outcome = ActDone
	case code == billing.Conflict:
		act.Outcome = ActRefused
	case code == "" || code == billing.Unavailable:
		act.Outcome = ActFailed
	default:
		changed = false
	}
	if late := d.EndAct(context.WithoutCancel(ctx), act, changed); err == nil {
		return late
	}
	return err
}

// ActFilter chooses lines of the audit log. Its zero fields choose all.
type ActFilter struct {
	Kind    string // of actors
	Who     string // an actor's name
	Action  string
	Account billing.AccountID // also one that was deleted
	Since   time.Time
}

// Acts returns a page of the audit log, newest first, and the cursor of the next page, "" after the last.
func (d *Desk) Acts(ctx context.Context, f ActFilter, p Page) (acts []Act, next string, err error) {
	at, err := p.stored()
	if err != nil {
		return nil, "", err
	}
	switch ActorKind(f.Kind) {
	case "", KeyActor, ServerActor, OperatorActor, UserActor, AdminActor, CLIActor:
	default:
		return nil, "", billing.Errorf(billing.Invalid, "who did it is a key, server, operator, user, admin or cli").In("kind")
	}
	rows, err := d.store.Acts(ctx, sqlstore.ActFilter(f), at)
	rows, next = cut(rows, at, func(row sqlstore.Act) int64 { return row.Seq })
	for _, row := range rows {
		acts = append(acts, Act{
			ID: row.Seq, At: row.At, Actor: Actor{ActorKind(row.Kind), row.Who}, Action: row.Action, Account: row.Account, Object: row.Object,
			Request: row.Request, Outcome: row.Outcome,
		})
	}
	return acts, next, err
}

func (a Act) stored() sqlstore.Act {
	return sqlstore.Act{
		Seq: a.ID, At: a.At, Kind: string(a.Actor.Kind), Who: a.Actor.Name, Action: a.Action, Account: a.Account, Object: a.Object, Request: a.Request,
		Outcome: a.Outcome,
	}
}

// AuditDefault is how long a line of the audit log is kept, unless said otherwise.
const AuditDefault = 365 * 24 * time.Hour

// forgetActs deletes old lines of the audit log.
func (s *Service) forgetActs(ctx context.Context, _ time.Time, limit int) (int64, error) {
	return s.cfg.Store.ForgetActs(ctx, s.cfg.Clock.Wall().Add(-s.cfg.AuditRetention), limit)
}

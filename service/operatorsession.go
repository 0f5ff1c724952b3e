package service

import (
	"context"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/operator"
	"github.com/dues-billing/dues/sqlstore"
)

const (
	sessionsShown = 1000
	agentBytesMax = 255
)

// Ways are the ways into the admin that there are now.
type Ways struct {
	Shared bool // the password of the settings: it opens until the first owner has signed in by name
	Named  bool // somebody has a name here
}

// Ways returns how one gets in.
func (o Operators) Ways(ctx context.Context) (Ways, error) {
	all, err := o.List(ctx, false)
	return Ways{Shared: !owned(all), Named: len(all) > 0}, err
}

// wrongSignIn says nothing about which of them is wrong.
func wrongSignIn() error {
	return billing.Errorf(billing.Unauthorized, "this address, password and code do not belong together")
}

// SignIn lets an operator in by address, password and the code of now, and returns what his browser is to hold. Errors are of code unauthorized.
func (o Operators) SignIn(ctx context.Context, email, password, code, agent string) (token string, who operator.Operator, err error) {
	who, err = o.prove(ctx, email, password)
	if err != nil {
		return "", who, err
	}
	step, err := who.CodeFor(code, o.wall())
	if err != nil {
		return "", who, err
	}
	token, err = o.enter(ctx, who, agent, func(tx *sqlstore.Tx) error {
		first, err := tx.UseCode(ctx, who.ID, step, o.wall())
		if err == nil && !first {
			err = billing.Errorf(billing.Unauthorized, "this code was used already; wait for the next, at most half a minute").In("code")
		}
		return err
	})
	return token, who, err
}

// prove returns the operator that address and password belong to. An address that nobody has takes as long as a wrong password.
func (o Operators) prove(ctx context.Context, email, password string) (operator.Operator, error) {
	who, err := o.ByEmail(ctx, email)
	if err != nil && billing.CodeOf(err) != billing.NotFound && billing.CodeOf(err) != billing.Invalid {
		return who, err
	}
	if !operator.RightPassword(who.Password, password) {
		return who, wrongSignIn()
	}
	return who, nil
}

// SignInVouched lets in who the OpenID provider says has this address, and is who he was the last time. subject is his name there, which is
// never given to another. Errors are of code unauthorized.
func (o Operators) SignInVouched(ctx context.Context, subject, email, agent string) (token string, who operator.Operator, err error) {
	who, err = o.ByEmail(ctx, email)
	if code := billing.CodeOf(err); code == billing.NotFound || code == billing.Invalid {
		return "", who, billing.Errorf(billing.Unauthorized, "nobody with the address %s works here; an owner can add it", email)
	}
	if err != nil {
		return "", who, err
	}
	token, err = o.enter(ctx, who, agent, func(tx *sqlstore.Tx) error {
		same, err := tx.VouchOperator(ctx, who.ID, subject, o.wall())
		if err == nil && !same {
			err = billing.Errorf(billing.Unauthorized, "%s was somebody else at the provider before; an owner can give a new link, which lets this person in", email)
		}
		return err
	})
	return token, who, err
}

// Enter lets in who gave the password of the settings. proof is a hash of it, with which the session lasts no longer than the password does.
// Once an owner has signed in by name it is an error of code unauthorized.
func (o Operators) Enter(ctx context.Context, proof, agent string) (token string, err error) {
	ways, err := o.Ways(ctx)
	if err != nil {
		return "", err
	}
	if !ways.Shared {
		return "", billing.Errorf(billing.Unauthorized, "the password of the settings opens nothing any more: an owner has a name here. Sign in with yours")
	}
	token = randomText(linkBytes)
	return token, o.store.InTx(ctx, func(tx *sqlstore.Tx) error { return tx.AddSession(ctx, o.session(token, "", proof, agent)) })
}

// enter does what lets somebody in, and opens his session with it or not at all. With an owner the sessions of the settings' password end.
func (o Operators) enter(ctx context.Context, who operator.Operator, agent string, do func(*sqlstore.Tx) error) (token string, err error) {
	token = randomText(linkBytes)
	return token, o.store.InTx(ctx, func(tx *sqlstore.Tx) error {
		if err := do(tx); err != nil {
			return err
		}
		if who.Role == operator.Own {
			if err := tx.EndSessionsOf(ctx, "", ""); err != nil {
				return err
			}
		}
		return tx.AddSession(ctx, o.session(token, who.ID, "", agent))
	})
}

func (o Operators) session(token string, of operator.ID, proof, agent string) operator.Session {
	now := o.wall()
	return operator.Session{
		ID: sessionID(token), Operator: of, Proof: proof, Agent: agent[:min(len(agent), agentBytesMax)], CreatedAt: now, Until: now.Add(operator.SessionLife),
	}
}

func sessionID(token string) operator.SessionID {
	return operator.SessionID(hashSecret("session " + token))
}

// Link returns whose link it is, or an error of code not_found for one that was used, is too old or never was.
func (o Operators) Link(ctx context.Context, link string) (operator.Operator, error) {
	who, err := o.store.OperatorByInvite(ctx, hashSecret(link))
	if err == nil && !who.Invited(o.wall()) {
		err = billing.Errorf(billing.NotFound, "this link is too old")
	}
	return who, err
}

// Welcome takes the password that was chosen with a link and a first code, and lets the operator in. Errors of code invalid or unauthorized name the field.
func (o Operators) Welcome(ctx context.Context, link, password, code, agent string) (token string, who operator.Operator, err error) {
	who, err = o.Link(ctx, link)
	if err != nil {
		return "", who, err
	}
	if err := operator.CheckPassword(password, who.Email); err != nil {
		return "", who, err
	}
	now := o.wall()
	if who.CodeStep, err = who.CodeFor(code, now); err != nil {
		return "", who, err
	}
	who.Password, who.SignedInAt = operator.HashPassword(password), now
	token, err = o.enter(ctx, who, agent, func(tx *sqlstore.Tx) error {
		first, err := tx.WelcomeOperator(ctx, who, hashSecret(link))
		if err == nil && !first {
			err = billing.Errorf(billing.NotFound, "this link was used already")
		}
		return err
	})
	return token, who, err
}

// ChangePassword gives an operator another password, and ends his sessions but the one that he is in.
func (o Operators) ChangePassword(ctx context.Context, in operator.Signed, before, password string) error {
	if !operator.RightPassword(in.Operator.Password, before) {
		return billing.Errorf(billing.Unauthorized, "this is not the password of now").In("before")
	}
	if err := operator.CheckPassword(password, in.Operator.Email); err != nil {
		return err
	}
	hash := operator.HashPassword(password)
	return o.store.InTx(ctx, func(tx *sqlstore.Tx) error {
		same, err := tx.SetPassword(ctx, in.Operator.ID, in.Operator.Password, hash)
		if err == nil && !same {
			err = billing.Errorf(billing.Conflict, "the password was changed in this moment")
		}
		if err == nil {
			err = tx.EndSessionsOf(ctx, in.Operator.ID, in.Session.ID)
		}
		return err
	})
}

// Signed returns who holds a token, or an error of code unauthorized. proof is the hash of the settings' password.
func (o Operators) Signed(ctx context.Context, token, proof string) (in operator.Signed, err error) {
	now := o.wall()
	in.Session, err = o.store.Session(ctx, sessionID(token))
	if billing.CodeOf(err) == billing.NotFound || err == nil && !in.Session.Open(now) {
		return operator.Signed{}, billing.Errorf(billing.Unauthorized, "nobody is signed in")
	}
	if err != nil {
		return operator.Signed{}, err
	}
	if err := o.lasts(ctx, &in, proof); err != nil {
		return operator.Signed{}, err
	}
	if in.Session.Stale(now) {
		err = o.store.SessionSeen(ctx, in.Session.ID, now)
	}
	return in, err
}

// lasts finds who is in a session, who may have been removed since, and reports code unauthorized when it opens nothing any more.
func (o Operators) lasts(ctx context.Context, in *operator.Signed, proof string) (err error) {
	out := billing.Errorf(billing.Unauthorized, "nobody is signed in")
	if in.Session.Operator == "" {
		ways, err := o.Ways(ctx)
		if err == nil && (!ways.Shared || in.Session.Proof != proof) {
			err = out
		}
		return err
	}
	in.Operator, err = o.store.Operator(ctx, in.Session.Operator)
	if billing.CodeOf(err) == billing.NotFound || err == nil && !in.Operator.RemovedAt.IsZero() {
		return out
	}
	return err
}

// Sessions returns those that last, the newest first.
func (o Operators) Sessions(ctx context.Context) ([]operator.Session, error) {
	return o.store.Sessions(ctx, o.wall(), sessionsShown)
}

// EndSession ends one, at once. Of a session that is not there any more it is no error.
func (o Operators) EndSession(ctx context.Context, id operator.SessionID) error {
	return o.store.InTx(ctx, func(tx *sqlstore.Tx) error {
		_, err := tx.EndSession(ctx, id)
		return err
	})
}

// EndSessionsOf ends those of an operator but one; "" spares none.
func (o Operators) EndSessionsOf(ctx context.Context, of operator.ID, but operator.SessionID) error {
	return o.store.InTx(ctx, func(tx *sqlstore.Tx) error { return tx.EndSessionsOf(ctx, of, but) })
}

// forgetSessions deletes those that have ended.
func (s *Service) forgetSessions(ctx context.Context, _ time.Time, limit int) (int64, error) {
	return s.cfg.Store.ForgetSessions(ctx, s.cfg.Clock.Wall(), limit)
}

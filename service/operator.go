package service

import (
	"context"
	"slices"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/operator"
	"github.com/dues-billing/dues/sqlstore"
)

const (
	operatorIDPrefix = "op_"
	operatorIDBytes  = 10
	linkBytes        = 32
)

// Operators are the people who work at the admin, and where they are signed in.
type Operators struct {
	store *sqlstore.Store
	wall  func() time.Time
}

// Operators returns who works at the admin.
func (d *Desk) Operators() Operators { return Operators{store: d.store, wall: d.wall} }

// Invited is an operator with the secret of the link with which he chooses a password, at the one moment in which that is known.
type Invited struct {
	operator.Operator
	Link string // the end of the address /admin/welcome/…
}

// Add lets somebody work at the admin. brand is what his authenticator calls us. Errors of code invalid name the field; an address that has an operator is
// one of code conflict.
func (o Operators) Add(ctx context.Context, email string, role operator.Role, brand string) (Invited, error) {
	if err := role.Check(); err != nil {
		return Invited{}, err
	}
	email, err := operator.Email(email)
	if err != nil {
		return Invited{}, err
	}
	made, err := o.invite(operator.Operator{ID: operator.ID(operatorIDPrefix + randomText(operatorIDBytes)), Email: email, Role: role, CreatedAt: o.wall()}, brand)
	if err != nil {
		return Invited{}, err
	}
	return made, o.store.InTx(ctx, func(tx *sqlstore.Tx) error {
		added, err := tx.AddOperator(ctx, made.Operator, operator.Max)
		if err == nil && !added {
			err = billing.Errorf(billing.Conflict, "%s is an operator already, or there are %d; give a new link instead, or remove one", email, operator.Max).In("email")
		}
		return err
	})
}

// invite gives an operator a link and the secret of new codes.
func (o Operators) invite(of operator.Operator, brand string) (made Invited, err error) {
	made = Invited{Operator: of, Link: randomText(linkBytes)}
	made.Invite, made.InviteUntil = hashSecret(made.Link), o.wall().Add(operator.InviteLife)
	made.Secret, err = operator.NewSecret(brand, of.Email)
	return made, err
}

// List returns who works at the admin, by address; with removed also who did once, last.
func (o Operators) List(ctx context.Context, removed bool) ([]operator.Operator, error) {
	return o.store.Operators(ctx, removed, 2*operator.Max)
}

// Get returns one, also one that was removed, or an error of code not_found.
func (o Operators) Get(ctx context.Context, id operator.ID) (operator.Operator, error) {
	return o.store.Operator(ctx, id)
}

// ByEmail returns the one with this address, or an error of code not_found.
func (o Operators) ByEmail(ctx context.Context, email string) (operator.Operator, error) {
	email, err := operator.Email(email)
	if err != nil {
		return operator.Operator{}, err
	}
	return o.store.OperatorByEmail(ctx, email)
}

// SetRole changes what an operator may do, at once. The last owner stays one: an error of code conflict.
func (o Operators) SetRole(ctx context.Context, id operator.ID, role operator.Role) error {
	if err := role.Check(); err != nil {
		return err
	}
	return o.change(ctx, id, func(tx *sqlstore.Tx) (bool, error) {
		if role != operator.Own {
			if err := ownerLeft(ctx, tx, id); err != nil {
				return false, err
			}
		}
		return tx.SetOperatorRole(ctx, id, role)
	})
}

// Reset takes an operator's password, device and sessions away and gives a link to begin anew: for who forgot the one or lost the other.
func (o Operators) Reset(ctx context.Context, id operator.ID, brand string) (Invited, error) {
	before, err := o.store.Operator(ctx, id)
	if err != nil {
		return Invited{}, err
	}
	made, err := o.invite(before, brand)
	if err != nil {
		return Invited{}, err
	}
	return made, o.change(ctx, id, func(tx *sqlstore.Tx) (bool, error) {
		found, err := tx.ResetOperator(ctx, made.Operator)
		if err == nil {
			err = tx.EndSessionsOf(ctx, id, "")
		}
		return found, err
	})
}

// Remove lets an operator in no more, from now on. The last owner stays: an error of code conflict.
func (o Operators) Remove(ctx context.Context, id operator.ID) error {
	return o.change(ctx, id, func(tx *sqlstore.Tx) (bool, error) {
		if err := ownerLeft(ctx, tx, id); err != nil {
			return false, err
		}
		if err := tx.EndSessionsOf(ctx, id, ""); err != nil {
			return false, err
		}
		return tx.RemoveOperator(ctx, id, o.wall())
	})
}

func (o Operators) change(ctx context.Context, id operator.ID, do func(*sqlstore.Tx) (bool, error)) error {
	return o.store.InTx(ctx, func(tx *sqlstore.Tx) error {
		found, err := do(tx)
		if err == nil && !found {
			err = billing.Errorf(billing.NotFound, "there is no operator %s", id)
		}
		return err
	})
}

// ownerLeft returns an error when nobody but this one could say who works here.
func ownerLeft(ctx context.Context, tx *sqlstore.Tx, but operator.ID) error {
	all, err := tx.Operators(ctx, false, operator.Max)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(o operator.Operator) bool { return o.ID == but })
	if at < 0 || !owned(all[at:at+1]) {
		return nil // it takes no owner away
	}
	for i, o := range all {
		if i != at && o.Role == operator.Own && o.Proven() {
			return nil
		}
	}
	return billing.Errorf(billing.Conflict, "%s is the last owner; let another owner sign in first", all[at].Email)
}

// owned reports whether an owner has signed in. One who got a new link since is an owner still: the password of the settings does not open again meanwhile.
func owned(all []operator.Operator) bool {
	return slices.ContainsFunc(all, func(o operator.Operator) bool {
		return o.Role == operator.Own && !o.SignedInAt.IsZero() && o.RemovedAt.IsZero()
	})
}

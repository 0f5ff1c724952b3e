// Package operator has the rules of who works at the admin: what a role may do, how somebody proves that he is it, and how long a session lasts.
// Nothing here reads a clock or a database.
package operator

import (
	"net/mail"
	"strings"
	"time"

	"github.com/dues-billing/dues/billing"
)

// ID names an operator in lists, addresses of pages and the audit log: op_….
type ID string

// Role is what an operator may do. Each of them may do what the one before it may.
type Role string

// The roles.
const (
	Read    Role = "read"    // sees everything, changes nothing
	Operate Role = "operate" // helps customers: refunds, grants, fetching, queues
	Own     Role = "own"     // API keys, and the operators themselves
)

// Roles are all of them, the least first, each with what it may do in words.
func Roles() []RoleInWords {
	return []RoleInWords{
		{Read, "Looks at everything and changes nothing"},
		{Operate, "Helps customers too: refunds, grants, the queues"},
		{Own, "Does everything: API keys and operators too"},
	}
}

// RoleInWords is a role with what it may do.
type RoleInWords struct {
	Role Role
	May  string
}

// May reports whether the role is enough for what needs another. A role that is none may nothing.
func (r Role) May(need Role) bool { return need.rank() > 0 && r.rank() >= need.rank() }

func (r Role) rank() int {
	switch r {
	case Read:
		return 1
	case Operate:
		return 2
	case Own:
		return 3
	}
	return 0
}

// Check returns an error of code invalid for what is no role.
func (r Role) Check() error {
	if r.rank() == 0 {
		return billing.Errorf(billing.Invalid, "a role is read, operate or own, not %q", string(r)).In("role")
	}
	return nil
}

// Limits of operators.
const (
	Max = 500 // that were not removed
	// InviteLife is how long a link opens with which somebody chooses his password: over a weekend.
	InviteLife = 72 * time.Hour
)

// Operator is somebody who works at the admin.
type Operator struct {
	ID       ID
	Email    string // in lower case; what he signs in with
	Role     Role
	Password string // its hash, "" for none
	// Secret makes his codes: it is known to us and to his device, in base32.
	Secret string
	// CodeStep is the half minute whose code was used last: neither it nor one before it opens again.
	CodeStep int64
	// Invite is the hash of the link with which he chooses his password, "" for none.
	Invite      string
	InviteUntil time.Time
	// Subject is who he is at the OpenID provider, "" before he came from there the first time.
	Subject    string
	CreatedAt  time.Time // by the wall clock, like all times here
	SignedInAt time.Time // zero: never
	RemovedAt  time.Time // zero: he was not
}

// Email returns an address as operators are found by it, or an error of code invalid.
func Email(text string) (string, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	if address, err := mail.ParseAddress(text); err != nil || address.Address != text || len(text) > billing.EmailBytesMax {
		return "", billing.Errorf(billing.Invalid, "the e-mail address must be one such as ada@example.com").In("email")
	}
	return text, nil
}

// Proven reports whether somebody has signed in as this operator who could do so again.
func (o Operator) Proven() bool {
	return o.RemovedAt.IsZero() && !o.SignedInAt.IsZero() && (o.Password != "" || o.Subject != "")
}

// Invited reports whether a link of his still opens.
func (o Operator) Invited(now time.Time) bool {
	return o.RemovedAt.IsZero() && o.Invite != "" && now.Before(o.InviteUntil)
}

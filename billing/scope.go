package billing

import "strings"

// Scope is one subject that a key may read or change.
type Scope string

// The scopes. Reading and writing are apart: who may write may not read by that.
const (
	AccountsRead  Scope = "accounts:read"
	AccountsWrite Scope = "accounts:write"
	GrantsWrite   Scope = "grants:write"
	BillingRead   Scope = "billing:read"
	BillingWrite  Scope = "billing:write"
	RefundsWrite  Scope = "refunds:write"
	UsageRead     Scope = "usage:read"
	UsageWrite    Scope = "usage:write"
	QueuesRead    Scope = "queues:read"
	QueuesWrite   Scope = "queues:write"
	AuditRead     Scope = "audit:read"
	// Admin is all of them and the keys themselves: who may make keys could give himself any scope.
	Admin Scope = "admin"
)

// ScopeMeaning is a scope in words.
type ScopeMeaning struct {
	Scope Scope
	Opens string
}

// Scopes are all scopes, in the order in which they are listed.
func Scopes() []ScopeMeaning {
	return []ScopeMeaning{
		{AccountsRead, "accounts, their plan and access, entitlements, checks, licenses, seats, grants"},
		{AccountsWrite, "make and delete accounts, give and take seats"},
		{GrantsWrite, "give entitlements by hand, and end them"},
		{BillingRead, "invoices, what comes next, previews, credit, payment methods, refunds"},
		{BillingWrite, "checkout, changes, trials, discounts, cancels, pauses, invoices and their lines, payments, payment methods, the portal"},
		{RefundsWrite, "give money back, and credit"},
		{UsageRead, "usage by days"},
		{UsageWrite, "report usage, consume features, say how much of an asset is consumed"},
		{QueuesRead, "webhooks that came in and mails, calls and notices that go out, of every account"},
		{QueuesWrite, "work them off again"},
		{AuditRead, "the audit log"},
		{Admin, "everything, and the keys themselves"},
	}
}

// ServerScopes are those of a server key of the configuration.
func ServerScopes() []Scope {
	return []Scope{AccountsRead, AccountsWrite, GrantsWrite, BillingRead, BillingWrite, RefundsWrite, UsageRead, UsageWrite}
}

// OperatorScopes are those of an operator key of the configuration. Keys are no part of them: the first one that may make others is made on the
// command line, by who can reach the database.
func OperatorScopes() []Scope { return []Scope{QueuesRead, QueuesWrite} }

// May reports whether who holds these scopes may do what needs one.
func May(held []Scope, needed Scope) bool {
	for _, scope := range held {
		if scope == needed || scope == Admin {
			return true
		}
	}
	return false
}

func (s Scope) known() bool {
	for _, one := range Scopes() {
		if one.Scope == s {
			return true
		}
	}
	return false
}

func scopeNames() string {
	var names []string
	for _, one := range Scopes() {
		names = append(names, string(one.Scope))
	}
	return strings.Join(names, ", ")
}

package billing

import "time"

// Verdict is what an account may use, as the rules say it at a moment, and how long they say the same.
type Verdict struct {
	Accesses     []Access      // in each group, the default one first
	Entitlements []Entitlement // every feature of the catalogue, with what grants add
	From         time.Time     // the moment
	By           time.Time     // when it is another one although nothing has happened; zero: never
}

// VerdictOf applies the rules at a moment.
func VerdictOf(c Catalog, s State, grants []Grant, now time.Time) Verdict {
	accesses := AccessesOf(c, s, now)
	v := Verdict{
		Accesses: accesses, Entitlements: WithGrants(EntitlementsOf(c, accesses...), grants, now),
		From: now, By: nextChange(c, s, accesses, now),
	}
	for _, g := range grants {
		if g.EndsAt.After(now) && (v.By.IsZero() || g.EndsAt.Before(v.By)) {
			v.By = g.EndsAt
		}
	}
	return v
}

// Holds reports whether the rules would say the same at that moment, if nothing has happened. Of a time before it was made it does not know.
func (v Verdict) Holds(now time.Time) bool {
	return !now.Before(v.From) && (v.By.IsZero() || now.Before(v.By))
}

// nextChange returns the next moment at which access in any of the groups changes although nothing happens, zero when it never does.
func nextChange(c Catalog, s State, accesses []Access, now time.Time) (next time.Time) {
	for _, a := range accesses {
		if at := changesBy(c, s, a, now); !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}

// changesBy returns the next moment at which access in one group changes although nothing happens: its end, or that of a stretch of the policy.
func changesBy(c Catalog, s State, a Access, now time.Time) time.Time {
	next := a.Until
	if !next.After(now) {
		next = time.Time{}
	}
	if a.Subscription == "" {
		return next
	}
	debt := oldestDebt(s, a.Subscription)
	if debt == nil {
		return next
	}
	if over := c.unpaidFrom(debt); over.After(now) && (next.IsZero() || over.Before(next)) {
		next = over
	}
	for _, rule := range c.Policy.Rules {
		at := debt.CreatedAt.Add(rule.Within)
		if rule.Within > 0 && at.After(now) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}

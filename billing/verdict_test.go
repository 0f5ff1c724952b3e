package billing_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/dues-billing/dues/billing"
)

func TestAVerdictHoldsUntilTheMomentThatItNamesAndNoLonger(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, state, grants := rapid.SampledFrom([]billing.Catalog{shop, twoGroups()}).Draw(t, "catalogue"), anyState(t), anyGrants(t)
		if rapid.Bool().Draw(t, "in debt") { // what is drawn rarely is: a debt of the subscription that counts, while its period runs
			late := sub("sub_late", "monthly", billing.PastDue)
			late.Items[0].Period.End = jan31.Add(days(400))
			state = billing.State{Customer: "cus_ada", Known: true, Subscriptions: []billing.Subscription{late}, Invoices: []billing.Invoice{{
				ID: "in_late", Subscription: late.ID, Status: billing.InvoiceOpen, AmountDue: eur(1900), Attempts: 1,
				CreatedAt: jan31.Add(days(rapid.IntRange(-60, 380).Draw(t, "in debt since"))), NextAttempt: jan31.Add(days(380)),
			}}}
		}
		then := jan31.Add(days(rapid.IntRange(-40, 400).Draw(t, "day")))
		verdict := billing.VerdictOf(c, state, grants, then)
		later := then.Add(time.Duration(rapid.Int64Range(0, int64(days(200))).Draw(t, "later")))
		if rapid.Bool().Draw(t, "at its end") && !verdict.By.IsZero() {
			later = verdict.By.Add(time.Duration(rapid.IntRange(-1, 0).Draw(t, "nanoseconds")))
		}
		if !verdict.Holds(then) || verdict.Holds(then.Add(-1)) {
			t.Errorf("a verdict of %v holds then: %v; before it was made: %v", then, verdict.Holds(then), verdict.Holds(then.Add(-1)))
		}
		if !verdict.Holds(later) {
			return
		}
		again := billing.VerdictOf(c, state, grants, later)
		if diff := cmp.Diff(verdict.Accesses, again.Accesses); diff != "" {
			t.Errorf("a verdict of %v until %v is another one at %v (-was +is):\n%s", then, verdict.By, later, diff)
		}
		if diff := cmp.Diff(verdict.Entitlements, again.Entitlements); diff != "" {
			t.Errorf("entitlements of %v until %v are others at %v (-were +are):\n%s", then, verdict.By, later, diff)
		}
	})
}

// anyGrants draws grants, ended ones and such of no feature too.
func anyGrants(t *rapid.T) (all []billing.Grant) {
	for range rapid.IntRange(0, 3).Draw(t, "grants") {
		g := billing.Grant{
			Feature: rapid.SampledFrom([]billing.FeatureID{"projects", "export", "elsewhere"}).Draw(t, "feature"),
			Limit:   rapid.Int64Range(0, 5).Draw(t, "more"),
		}
		if rapid.Bool().Draw(t, "ends") {
			g.EndsAt = jan31.Add(days(rapid.IntRange(-60, 380).Draw(t, "ends at")))
		}
		all = append(all, g)
	}
	return all
}

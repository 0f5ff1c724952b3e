package engine

import (
	"cmp"
	"slices"
)

// Credit at work: a finalized invoice pays its usage from the customer's grants, after discounts and before tax; an invoice that is voided
// gives back what it took.

// applyCredits takes what the customer's grants can pay off the lines of usage, and says whether it took anything.
func (t *tx) applyCredits(inv *Invoice) bool {
	grants := t.grantsFor(inv)
	if len(grants) == 0 {
		return false
	}
	took := false
	lines := slices.Clone(inv.Lines)
	for _, g := range grants {
		left := t.world.leftOf(g)
		for i, line := range lines {
			amount := min(left, line.net())
			if amount <= 0 || !t.pays(g, line) {
				continue
			}
			move := t.moveCredit(g, CreditBalanceTransaction{Kind: CreditsApplied, Amount: amount, Invoice: inv.ID, Line: line.ID})
			next := *line
			next.Credits = append(slices.Clip(line.Credits), AppliedCredit{amount, move.ID})
			lines[i], left, took = &next, left-amount, true
		}
	}
	inv.Lines = lines
	return took
}

// grantsFor are the grants that may pay an invoice, in the order they do: by priority, the sooner to expire, promotional before paid, the
// earlier effective, the older.
func (t *tx) grantsFor(inv *Invoice) []*CreditGrant {
	var grants []*CreditGrant
	t.world.tables.creditGrants.each("customer", inv.Customer, func(g *CreditGrant) bool {
		if g.Currency == inv.Currency && g.usable(t.now) {
			grants = append(grants, g)
		}
		return true
	})
	promotionalFirst := map[string]int{CreditPromotional: 0, CreditPaid: 1}
	slices.SortStableFunc(grants, func(a, b *CreditGrant) int {
		return cmp.Or(
			cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.lastDay(), b.lastDay()),
			cmp.Compare(promotionalFirst[a.Category], promotionalFirst[b.Category]), cmp.Compare(a.EffectiveAt, b.EffectiveAt),
		)
	})
	return grants
}

// lastDay is when a grant expires, as a number that orders: never is last.
func (g *CreditGrant) lastDay() int64 {
	if g.ExpiresAt == 0 {
		return timestampMost
	}
	return g.ExpiresAt
}

// pays says whether a grant may pay for a line: the usage of a meter, of a price that it names if it names any.
func (t *tx) pays(g *CreditGrant, line *InvoiceLine) bool {
	return line.usage() && must[Price](t, line.Price).Recurring.Meter != "" && (g.Prices == nil || slices.Contains(g.Prices, line.Price))
}

// credited is what grants have paid of an invoice.
func (inv *Invoice) credited() int64 {
	sum := int64(0)
	for _, line := range inv.Lines {
		for _, credit := range line.Credits {
			sum += credit.Amount
		}
	}
	return sum
}

// reinstateCredits gives back what a voided invoice took. A grant that has ended meanwhile loses it again at once.
func (t *tx) reinstateCredits(inv *Invoice) {
	for _, line := range inv.Lines {
		for _, credit := range line.Credits {
			g := must[CreditGrant](t, must[CreditBalanceTransaction](t, credit.Transaction).Grant)
			t.moveCredit(g, CreditBalanceTransaction{Kind: CreditsReinstated, Amount: credit.Amount, Invoice: inv.ID, Line: line.ID})
			if g.VoidedAt != 0 {
				t.drain(g, CreditsVoided)
			} else if !g.usable(t.now) {
				t.drain(g, CreditsExpired)
			}
		}
	}
}

package engine

import (
	"fmt"
	"reflect"
	"slices"
)

const timerGrant = "credit_grant.expires"

func init() { onTimer(timerGrant, (*tx).grantExpires) }

// CreateCreditGrant is POST /v1/billing/credit_grants.
type CreateCreditGrant struct {
	Amount        Opt[CreditAmountParams]  `form:"amount"`
	Applicability Opt[ApplicabilityParams] `form:"applicability_config"`
	Category      Opt[string]              `form:"category"`
	Customer      Opt[string]              `form:"customer"`
	EffectiveAt   Opt[int64]               `form:"effective_at"`
	ExpiresAt     Opt[int64]               `form:"expires_at"`
	Metadata      Opt[map[string]string]   `form:"metadata"`
	Name          Opt[string]              `form:"name"`
	Priority      Opt[int64]               `form:"priority"`
}

// CreditAmountParams are the amount of a grant.
type CreditAmountParams struct {
	Monetary Opt[MonetaryParams] `form:"monetary"`
	Type     Opt[string]         `form:"type"`
}

// MonetaryParams are an amount of money.
type MonetaryParams struct {
	Currency Opt[string] `form:"currency"`
	Value    Opt[int64]  `form:"value"`
}

// ApplicabilityParams say what a grant pays for.
type ApplicabilityParams struct {
	Scope Opt[ScopeParams] `form:"scope"`
}

// ScopeParams are a kind of prices, or a list of them.
type ScopeParams struct {
	PriceType Opt[string]        `form:"price_type"`
	Prices    Opt[[]PriceParams] `form:"prices"`
}

// PriceParams name a price.
type PriceParams struct {
	ID Opt[string] `form:"id"`
}

// Limits of credit grants.
const (
	grantPriorityDefault = 50
	grantPriorityMost    = 100
	unusedGrantsMax      = 100 // for each customer
)

func (c CreateCreditGrant) apply(t *tx) (Result, error) {
	if !c.Customer.Given() {
		return nil, required("customer")
	}
	customer, err := t.enterCustomer(c.Customer.Or(""), "customer")
	if err != nil {
		return nil, err
	}
	g := &CreditGrant{
		ID: "credgr_test_61" + t.world.characters(30), Created: t.now, Updated: t.now, TestClock: customer.TestClock, Customer: customer.ID,
		Name: c.Name.Or(""), Category: c.Category.Or(CreditPaid), Priority: c.Priority.Or(grantPriorityDefault),
		EffectiveAt: c.EffectiveAt.Or(t.now), ExpiresAt: c.ExpiresAt.Or(0), Metadata: mergeMetadata(nil, c.Metadata),
	}
	if err := oneOf("category", g.Category, CreditPaid, CreditPromotional); err != nil {
		return nil, err
	}
	if err := within(g.Priority, 0, grantPriorityMost, "priority"); err != nil {
		return nil, err
	}
	if err := c.takeAmount(g); err != nil {
		return nil, err
	}
	if g.Prices, err = t.scopePrices(c.Applicability.Or(ApplicabilityParams{}).Scope, "applicability_config[scope]"); err != nil {
		return nil, err
	}
	if err := checkTimestamp(g.EffectiveAt, "effective_at"); err != nil {
		return nil, err
	}
	if err := t.checkExpiry(g); err != nil {
		return nil, err
	}
	if err := t.roomForGrant(g); err != nil {
		return nil, err
	}
	create(t, "billing.credit_grant.created", g)
	t.moveCredit(g, CreditBalanceTransaction{Kind: CreditsGranted, Amount: g.Amount, EffectiveAt: g.EffectiveAt})
	t.plan(timerGrant, g.ID, g.ExpiresAt)
	return g, nil
}

// takeAmount takes what a grant is worth.
func (c CreateCreditGrant) takeAmount(g *CreditGrant) (err error) {
	amount := c.Amount.Or(CreditAmountParams{})
	if amount.Type.Or("") != "monetary" {
		return required("amount[type]")
	}
	money, ok := amount.Monetary.Get()
	if !ok {
		return required("amount[monetary]")
	}
	if g.Currency, err = currencyParam(money.Currency, "amount[monetary][currency]"); err != nil {
		return err
	}
	if g.Amount, ok = money.Value.Get(); !ok {
		return required("amount[monetary][value]")
	}
	return within(g.Amount, 1, unitAmountMost, "amount[monetary][value]")
}

// scopePrices are the prices that a scope names, nil for all metered ones.
func (t *tx) scopePrices(p Opt[ScopeParams], param string) ([]string, error) {
	scope := p.Or(ScopeParams{})
	prices, listed := scope.Prices.Get()
	switch {
	case scope.PriceType.Given() && listed:
		return nil, invalid("", "parameters_exclusive", "You may only specify one of these parameters: %s, %s.", nested(param, "price_type"), nested(param, "prices"))
	case !listed && scope.PriceType.Or("") != Metered:
		return nil, required(nested(param, "price_type"))
	case !listed:
		return nil, nil
	case len(prices) == 0:
		return nil, required(nested(param, "prices"))
	}
	var ids []string
	for i, p := range prices {
		at := fmt.Sprintf("%s[%d][id]", nested(param, "prices"), i)
		price, ok := Get[Price](t.world, p.ID.Or(""))
		if !ok || price.Deleted {
			return nil, noSuchParam("price", p.ID.Or(""), at)
		}
		if price.Recurring == nil || price.Recurring.Meter == "" {
			return nil, invalid(at, "", "Credit grants only apply to metered prices that are backed by a meter; %s is not.", price.ID)
		}
		ids = append(ids, price.ID)
	}
	return ids, nil
}

func (t *tx) checkExpiry(g *CreditGrant) error {
	if g.ExpiresAt == 0 {
		return nil
	}
	if g.ExpiresAt <= t.now || g.ExpiresAt <= g.EffectiveAt {
		return invalid("expires_at", "", "`expires_at` must be in the future, and after `effective_at`.")
	}
	return checkTimestamp(g.ExpiresAt, "expires_at")
}

// roomForGrant keeps to Stripe's limit of grants that nothing was taken from.
func (t *tx) roomForGrant(g *CreditGrant) error {
	unused := 0
	for _, old := range t.world.tables.creditGrants.all("customer", g.Customer) {
		if t.world.leftOf(old) == old.Amount {
			unused++
		}
	}
	if unused >= unusedGrantsMax {
		return invalid("customer", "", "Customer %s already has the maximum of %d unused credit grants.", g.Customer, unusedGrantsMax)
	}
	return nil
}

// moveCredit moves the balance of a grant and emits the movement.
func (t *tx) moveCredit(g *CreditGrant, move CreditBalanceTransaction) *CreditBalanceTransaction {
	move.ID, move.Created, move.TestClock = "cbtxn_test_61"+t.world.characters(30), t.now, g.TestClock
	move.Customer, move.Grant, move.Currency = g.Customer, g.ID, g.Currency
	if move.EffectiveAt == 0 {
		move.EffectiveAt = t.now
	}
	return create(t, "billing.credit_balance_transaction.created", &move)
}

// leftOf is what is left of a grant.
func (w *World) leftOf(g *CreditGrant) int64 {
	left := int64(0)
	w.tables.creditMoves.each("credit_grant", g.ID, func(move *CreditBalanceTransaction) bool {
		if move.Adds() {
			left += move.Amount
		} else {
			left -= move.Amount
		}
		return true
	})
	return left
}

// usable says whether a grant can pay at a moment.
func (g *CreditGrant) usable(at int64) bool {
	return g.VoidedAt == 0 && g.EffectiveAt <= at && (g.ExpiresAt == 0 || at < g.ExpiresAt)
}

// drain takes what is left of a grant away.
func (t *tx) drain(g *CreditGrant, kind string) {
	if left := t.world.leftOf(g); left > 0 {
		t.moveCredit(g, CreditBalanceTransaction{Kind: kind, Amount: left})
	}
}

// grantExpires ends a grant at its expires_at.
func (t *tx) grantExpires(id string) {
	if g, ok := Get[CreditGrant](t.world, id); ok {
		t.drain(g, CreditsExpired)
	}
}

// UpdateCreditGrant is POST /v1/billing/credit_grants/{id}.
type UpdateCreditGrant struct {
	ID        string                 `form:"-"`
	ExpiresAt Opt[int64]             `form:"expires_at"`
	Metadata  Opt[map[string]string] `form:"metadata"`
}

func (c UpdateCreditGrant) apply(t *tx) (Result, error) {
	before, err := t.grantAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	g := *before
	g.Metadata = mergeMetadata(g.Metadata, c.Metadata)
	if c.ExpiresAt.Given() {
		if err := t.endable(before); err != nil {
			return nil, err
		}
		g.ExpiresAt = c.ExpiresAt.Or(0)
		if err := t.checkExpiry(&g); err != nil {
			return nil, err
		}
	}
	return t.updateGrant(before, &g), nil
}

// updateGrant stores the next state of a grant.
func (t *tx) updateGrant(before, after *CreditGrant) *CreditGrant {
	if reflect.DeepEqual(before, after) {
		return before
	}
	after.Updated = t.now
	update(t, "billing.credit_grant.updated", before, after)
	t.plan(timerGrant, after.ID, t.future(after.ExpiresAt))
	return after
}

func (t *tx) grantAtPath(id string) (*CreditGrant, error) {
	g, ok := Get[CreditGrant](t.world, id)
	if !ok {
		return nil, NotFound("credit grant", id, "id")
	}
	return g, t.enter(g.TestClock)
}

// endable refuses to end what has ended.
func (t *tx) endable(g *CreditGrant) error {
	if g.VoidedAt != 0 {
		return invalid("", "", "This credit grant has been voided.")
	}
	if g.ExpiresAt != 0 && g.ExpiresAt <= t.now {
		return invalid("", "", "This credit grant has expired.")
	}
	return nil
}

// ExpireCreditGrant is POST /v1/billing/credit_grants/{id}/expire: what is left of it is gone from now on.
type ExpireCreditGrant struct {
	ID string `form:"-"`
}

func (c ExpireCreditGrant) apply(t *tx) (Result, error) {
	return t.endGrant(c.ID, CreditsExpired, func(g *CreditGrant) error {
		g.ExpiresAt = t.now
		return nil
	})
}

// VoidCreditGrant is POST /v1/billing/credit_grants/{id}/void: it was a mistake. One that has paid for something can only expire.
type VoidCreditGrant struct {
	ID string `form:"-"`
}

func (c VoidCreditGrant) apply(t *tx) (Result, error) {
	return t.endGrant(c.ID, CreditsVoided, func(g *CreditGrant) error {
		if t.world.leftOf(g) != g.Amount && !appliedGrantsVoidable {
			return invalid("", "", "This credit grant has been applied to an invoice and can't be voided. You can expire it instead.")
		}
		g.VoidedAt = t.now
		return nil
	})
}

// endGrant takes what is left of a grant away, and says why.
func (t *tx) endGrant(id, kind string, end func(*CreditGrant) error) (Result, error) {
	before, err := t.grantAtPath(id)
	if err != nil {
		return nil, err
	}
	if err := t.endable(before); err != nil {
		return nil, err
	}
	g := *before
	if err := end(&g); err != nil {
		return nil, err
	}
	g.Updated = t.now
	t.unschedule(timerGrant, g.ID)
	update(t, "billing.credit_grant.updated", before, &g)
	t.drain(&g, kind)
	return &g, nil
}

// ListCreditGrants is GET /v1/billing/credit_grants.
type ListCreditGrants struct {
	Page
	Customer Opt[string] `form:"customer"`
}

func (q ListCreditGrants) run(w *World) (*Listing, error) {
	s := selection[CreditGrant]{cursorName: "credit grant"}
	if customer, ok := q.Customer.Get(); ok {
		s.index, s.value = "customer", customer
	}
	return list(w, q.Page, s)
}

// ListCreditBalanceTransactions is GET /v1/billing/credit_balance_transactions.
type ListCreditBalanceTransactions struct {
	Page
	CreditGrant Opt[string] `form:"credit_grant"`
	Customer    Opt[string] `form:"customer"`
}

func (q ListCreditBalanceTransactions) run(w *World) (*Listing, error) {
	s := selection[CreditBalanceTransaction]{cursorName: "credit balance transaction"}
	if customer, ok := q.Customer.Get(); ok {
		s.index, s.value = "customer", customer
	}
	if grant, ok := q.CreditGrant.Get(); ok {
		s.index, s.value = "credit_grant", grant
		s.keep = func(move *CreditBalanceTransaction) bool { return q.Customer.Or(move.Customer) == move.Customer }
	}
	return list(w, q.Page, s)
}

// ReadCreditBalance is GET /v1/billing/credit_balance_summary: its one answer is what a customer has left, of one grant or for a scope.
type ReadCreditBalance struct {
	Customer Opt[string]              `form:"customer"`
	Filter   Opt[BalanceFilterParams] `form:"filter"`
}

// BalanceFilterParams select grants.
type BalanceFilterParams struct {
	ApplicabilityScope Opt[ScopeParams] `form:"applicability_scope"`
	CreditGrant        Opt[string]      `form:"credit_grant"`
	Type               Opt[string]      `form:"type"`
}

func (q ReadCreditBalance) run(w *World) (*Listing, error) {
	id, ok := q.Customer.Get()
	if !ok {
		return nil, required("customer")
	}
	customer, found := Get[Customer](w, id)
	if !found || customer.Deleted {
		return nil, noSuchParam("customer", id, "customer")
	}
	wanted, err := q.wanted(w)
	if err != nil {
		return nil, err
	}
	summary := &CreditBalanceSummary{Customer: id}
	for _, g := range w.tables.creditGrants.all("customer", id) {
		if !wanted(g) {
			continue
		}
		i := slices.IndexFunc(summary.Balances, func(b CreditBalance) bool { return b.Currency == g.Currency })
		if i < 0 {
			i = len(summary.Balances)
			summary.Balances = append(summary.Balances, CreditBalance{Currency: g.Currency})
		}
		if g.usable(w.timeOf(customer)) {
			left := w.leftOf(g)
			summary.Balances[i].Available += left
			summary.Balances[i].Ledger += left
		}
	}
	return &Listing{Data: []any{summary}}, nil
}

// timeOf is the time on a customer's line.
func (w *World) timeOf(c *Customer) int64 {
	if clock, ok := Get[TestClock](w, c.TestClock); ok {
		return clock.FrozenTime
	}
	return w.now
}

// wanted says which grants a filter selects.
func (q ReadCreditBalance) wanted(w *World) (func(*CreditGrant) bool, error) {
	filter := q.Filter.Or(BalanceFilterParams{})
	switch filter.Type.Or("") {
	case "credit_grant":
		id, ok := filter.CreditGrant.Get()
		if !ok {
			return nil, required("filter[credit_grant]")
		}
		g, found := Get[CreditGrant](w, id)
		if !found || g.Customer != q.Customer.Or("") {
			return nil, noSuchParam("credit grant", id, "filter[credit_grant]")
		}
		return func(g *CreditGrant) bool { return g.ID == id }, nil
	case "applicability_scope":
		scope := filter.ApplicabilityScope.Or(ScopeParams{})
		prices, listed := scope.Prices.Get()
		if !listed && scope.PriceType.Or("") != Metered {
			return nil, required("filter[applicability_scope][price_type]")
		}
		return func(g *CreditGrant) bool {
			return listed == (g.Prices != nil) && !slices.ContainsFunc(prices, func(p PriceParams) bool { return !slices.Contains(g.Prices, p.ID.Or("")) })
		}, nil
	}
	return nil, required("filter[type]")
}

var _ = register(CreateCreditGrant{}, UpdateCreditGrant{}, ExpireCreditGrant{}, VoidCreditGrant{})

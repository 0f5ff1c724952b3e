package engine

// CreatePlan is POST /v1/plans: a recurring price made through the old API.
type CreatePlan struct {
	ID              Opt[string]            `form:"id"`
	Active          Opt[bool]              `form:"active"`
	AggregateUsage  Opt[string]            `form:"aggregate_usage"`
	Amount          Opt[int64]             `form:"amount"`
	AmountDecimal   Opt[Decimal]           `form:"amount_decimal"`
	BillingScheme   Opt[string]            `form:"billing_scheme"`
	Currency        Opt[string]            `form:"currency"`
	Interval        Opt[string]            `form:"interval"`
	IntervalCount   Opt[int64]             `form:"interval_count"`
	Metadata        Opt[map[string]string] `form:"metadata"`
	Meter           Opt[string]            `form:"meter"`
	Nickname        Opt[string]            `form:"nickname"`
	Product         Opt[PlanProduct]       `form:"product"`
	Tiers           Opt[[]TierParam]       `form:"tiers"`
	TiersMode       Opt[string]            `form:"tiers_mode"`
	TransformUsage  Opt[TransformQuantity] `form:"transform_usage"`
	TrialPeriodDays Opt[int64]             `form:"trial_period_days"`
	UsageType       Opt[string]            `form:"usage_type"`
}

// PlanProduct is the id of a product, or the data of a new one.
type PlanProduct struct {
	Existing            string                 `form:"-"`
	ID                  Opt[string]            `form:"id"`
	Active              Opt[bool]              `form:"active"`
	Metadata            Opt[map[string]string] `form:"metadata"`
	Name                Opt[string]            `form:"name"`
	StatementDescriptor Opt[string]            `form:"statement_descriptor"`
	TaxCode             Opt[string]            `form:"tax_code"`
	UnitLabel           Opt[string]            `form:"unit_label"`
}

// FromScalar reads product=prod_1.
func (p *PlanProduct) FromScalar(text string) error {
	*p = PlanProduct{Existing: text}
	return nil
}

func (c CreatePlan) apply(t *tx) (Result, error) {
	product, ok := c.Product.Get()
	if !ok {
		return nil, required("product")
	}
	if err := ownID(c.ID.Or("")); err != nil {
		return nil, err
	}
	if product.Existing == "" {
		made, err := CreateProduct{ID: product.ID, ProductParams: ProductParams{
			Active: product.Active, Metadata: product.Metadata, Name: product.Name, StatementDescriptor: product.StatementDescriptor,
			TaxCode: product.TaxCode, UnitLabel: product.UnitLabel,
		}}.apply(t)
		if err != nil {
			return nil, inside(err, "product")
		}
		product.Existing = made.(*Product).ID
	}
	p, err := t.newPrice(CreatePrice{
		Active: c.Active, BillingScheme: c.BillingScheme, Currency: c.Currency, Metadata: c.Metadata, Nickname: c.Nickname,
		Product: Some(product.Existing), Tiers: c.Tiers, TiersMode: c.TiersMode, TransformQuantity: c.TransformUsage,
		UnitAmount: c.Amount, UnitAmountDecimal: c.AmountDecimal,
		Recurring: Some(RecurringParam{
			Interval: c.Interval, IntervalCount: c.IntervalCount, Meter: c.Meter, TrialPeriodDays: c.TrialPeriodDays,
			UsageType: c.UsageType, AggregateUsage: c.AggregateUsage,
		}),
	}, "")
	if err != nil {
		return nil, asPlanError(err)
	}
	if id, chosen := c.ID.Get(); chosen {
		if _, taken := Get[Price](t.world, id); taken {
			return nil, invalid("id", "resource_already_exists", "Plan already exists.")
		}
		p.ID = id
	}
	t.storePrice(p)
	return &Plan{p}, nil
}

// asPlanError names parameters as the plan API does.
func asPlanError(err error) error {
	names := map[string]string{
		"unit_amount": "amount", "recurring[interval]": "interval", "recurring[interval_count]": "interval_count",
		"recurring[usage_type]": "usage_type", "recurring[trial_period_days]": "trial_period_days",
		"recurring[meter]": "meter", "recurring[aggregate_usage]": "aggregate_usage",
	}
	e, ok := err.(*Error)
	if !ok || names[e.Param] == "" {
		return err
	}
	renamed := *e
	renamed.Param = names[e.Param]
	if renamed.Code == "parameter_missing" {
		return required(renamed.Param)
	}
	return &renamed
}

// PlanByID finds a recurring price as a plan.
func (w *World) PlanByID(id string) (*Plan, bool) {
	p, ok := Get[Price](w, id)
	if !ok || p.Recurring == nil || p.Deleted {
		return nil, false
	}
	return &Plan{p}, true
}

// UpdatePlan is POST /v1/plans/{id}.
type UpdatePlan struct {
	ID              string                 `form:"-"`
	Active          Opt[bool]              `form:"active"`
	Metadata        Opt[map[string]string] `form:"metadata"`
	Nickname        Opt[string]            `form:"nickname"`
	Product         Opt[string]            `form:"product"`
	TrialPeriodDays Opt[int64]             `form:"trial_period_days"`
}

func (c UpdatePlan) apply(t *tx) (Result, error) {
	plan, ok := t.world.PlanByID(c.ID)
	if !ok {
		return nil, NotFound("plan", c.ID, "plan")
	}
	p := *plan.Price
	if id, given := c.Product.Get(); given && id != p.Product {
		if _, found := Get[Product](t.world, id); !found {
			return nil, noSuchParam("product", id, "product")
		}
		if len(t.world.tables.items.refs("price", c.ID)) > 0 {
			return nil, invalid("product", "", "The product of a plan that subscriptions use cannot be changed.")
		}
		p.Product = id
	}
	if days, given := c.TrialPeriodDays.Get(); given || c.TrialPeriodDays.Cleared() {
		if days < 0 || days > trialDaysMax {
			return nil, invalid("trial_period_days", "parameter_invalid_integer", "This value must be between 0 and %d.", trialDaysMax)
		}
		r := *p.Recurring
		r.TrialPeriodDays = days
		p.Recurring = &r
	}
	p.Active = c.Active.Or(p.Active)
	c.Nickname.Set(&p.Nickname)
	p.Metadata = mergeMetadata(p.Metadata, c.Metadata)
	return &Plan{t.updatePrice(plan.Price, &p)}, nil
}

// DeletePlan is DELETE /v1/plans/{id}: its subscribers go on being billed, nobody new can join.
type DeletePlan struct {
	ID string `form:"-"`
}

func (c DeletePlan) apply(t *tx) (Result, error) {
	plan, ok := t.world.PlanByID(c.ID)
	if !ok {
		return nil, NotFound("plan", c.ID, "plan")
	}
	p := *plan.Price
	p.Deleted, p.Active, p.LookupKey = true, false, ""
	put(t, &p)
	t.emit("plan.deleted", plan)
	t.emit("price.deleted", plan.Price)
	return &Deleted{ID: c.ID, Object: "plan"}, nil
}

// ListPlans is GET /v1/plans.
type ListPlans struct {
	Page
	Active  Opt[bool]   `form:"active"`
	Created Range       `form:"created"`
	Product Opt[string] `form:"product"`
}

func (q ListPlans) run(w *World) (*Listing, error) {
	s := selection[Price]{cursorName: "plan", keep: func(p *Price) bool {
		return p.Recurring != nil && !p.Inline && !p.Deleted && q.Active.Or(p.Active) == p.Active && q.Created.holds(p.Created)
	}}
	if product, ok := q.Product.Get(); ok {
		s.index, s.value = "product", product
	}
	out, err := list(w, q.Page, s)
	if err != nil {
		return nil, err
	}
	for i, p := range out.Data {
		out.Data[i] = &Plan{p.(*Price)}
	}
	return out, nil
}

var _ = register(CreatePlan{}, UpdatePlan{}, DeletePlan{})

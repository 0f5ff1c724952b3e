package billing

// EntitlementsOf returns every feature of the catalogue, in its order, and what an account may use of it with its access in each group.
// Limited keeps what the plan switches on but not more of anything than the free plan gives.
func EntitlementsOf(c Catalog, accesses ...Access) []Entitlement {
	all := make([]Entitlement, 0, len(c.Features))
	for _, feature := range c.Features {
		e := Entitlement{Feature: feature.ID, Type: feature.Type}
		for _, a := range accesses {
			e = e.with(entitlement(c.In(a.Group), a, feature))
		}
		all = append(all, e)
	}
	return all
}

// with adds what another group gives of the same feature. Limits add up, as those of grants do: each of the subscriptions is paid for, and the
// larger one alone would take away what the other has bought. What one of them gives without limit has none.
func (e Entitlement) with(other Entitlement) Entitlement {
	switch {
	case !other.Enabled:
	case !e.Enabled:
		return other
	case e.Type == Usage && (e.Limit == 0 || other.Limit == 0):
		e.Limit = 0
	default:
		e.Limit += other.Limit
	}
	return e
}

func entitlement(c Catalog, a Access, feature Feature) Entitlement {
	var value FeatureValue
	switch a.Level {
	case Full:
		value = c.bought(a, feature)
	case Limited:
		value = c.bought(a, feature)
		free := c.value(c.freePlan(), feature.ID)
		switch {
		case feature.Type != Usage:
			value.Limit = min(value.Limit, free.Limit)
		case !free.Enabled || value.Limit == 0 || free.Limit > 0 && free.Limit < value.Limit:
			value = free
		}
	case FreeOnly:
		value = c.value(c.freePlan(), feature.ID)
	}
	e := Entitlement{Feature: feature.ID, Type: feature.Type, Enabled: value.Enabled}
	switch feature.Type {
	case Limit:
		e.Limit, e.Enabled = value.Limit, value.Limit > 0
	case Usage:
		e.Limit = value.Limit
	}
	return e
}

// limitMax is what limits add up to at most, far from where numbers end.
const limitMax = 1_000_000_000_000_000_000

// bought is what the plan and the add-ons of an account give of a feature together.
func (c Catalog) bought(a Access, feature Feature) FeatureValue {
	value := c.value(a.Plan, feature.ID)
	for _, held := range a.AddOns {
		addOn, _ := c.AddOn(held.AddOn)
		for _, more := range addOn.Features {
			if more.Feature == feature.ID {
				value = feature.sum(value, more, max(1, held.Quantity))
			}
		}
	}
	return value
}

// sum is what a value and so many times another give together: what one of them switches on is on, limits add up, and what one of them gives without
// limit has none.
func (f Feature) sum(value, more FeatureValue, times int64) FeatureValue {
	if more.Limit > limitMax/times {
		more.Limit = limitMax
	} else {
		more.Limit *= times
	}
	switch {
	case f.Type != Usage:
		value.Limit = min(limitMax, value.Limit+more.Limit)
	case !more.Enabled:
		return value
	case !value.Enabled:
		return more
	case value.Limit == 0 || more.Limit == 0:
		value.Limit = 0
	default:
		value.Limit = min(limitMax, value.Limit+more.Limit)
	}
	value.Enabled = value.Enabled || more.Enabled
	return value
}

// value is what a plan gives of a feature, nothing when it does not name it.
func (c Catalog) value(id PlanID, feature FeatureID) FeatureValue {
	plan, _ := c.Plan(id)
	for _, value := range plan.Features {
		if value.Feature == feature {
			return value
		}
	}
	return FeatureValue{Feature: feature}
}

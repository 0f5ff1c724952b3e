package billing

import "time"

// ConsumeMax is how much can be asked for or consumed at a time.
const ConsumeMax = 1_000_000_000

// Quota is an entitlement and how much of it is used.
type Quota struct {
	Entitlement
	Used    int64  // that was counted by consuming: of Usage in Period, of Limit ever
	Period  Period // of Usage: what Used and Limit are of
	Allowed bool   // whether as much as was asked for may be used
}

// Bounded reports whether there is a limit.
func (q Quota) Bounded() bool { return q.Type == Limit || q.Type == Usage && q.Limit > 0 }

// Remaining is how much may still be used, 0 for what is not Bounded.
func (q Quota) Remaining() int64 {
	if !q.Bounded() || !q.Enabled {
		return 0
	}
	return max(0, q.Limit-q.Used)
}

// Allows reports whether so much may be used beside what is used. What is given back, less than nothing, always may.
func (q Quota) Allows(quantity int64) bool {
	switch {
	case quantity < 0:
		return true
	case !q.Enabled:
		return false
	case q.Bounded():
		return q.Used+quantity <= q.Limit
	}
	return true
}

// CheckQuantity returns an error of code invalid unless so much of a feature can be consumed. Only what has a Limit can be given back, by a
// quantity below 0: what is metered was used.
func (f Feature) CheckQuantity(quantity int64) error {
	switch {
	case f.Type == Boolean:
		return Errorf(Invalid, "%s is on or off, so it cannot be consumed; ask with check", f.ID).In("feature")
	case quantity == 0 || quantity > ConsumeMax || quantity < -ConsumeMax:
		return Errorf(Invalid, "a quantity is 1 to %d", ConsumeMax).In("quantity")
	case quantity < 0 && f.Type == Usage:
		return Errorf(Invalid, "usage of %s is metered and cannot be given back", f.ID).In("quantity")
	}
	return nil
}

// UsagePeriod is the stretch of time that usage is counted in: the period of the subscription that decides about access, and the calendar month
// in UTC without one. c is seen by the group that Counting says. When the provider's news of a renewal are late, the next period has begun all the same; its end is not known then, and zero.
func UsagePeriod(c Catalog, s State, now time.Time) Period {
	if best, ok := Best(c, s); ok {
		var latest Period
		for _, item := range best.Items {
			if item.Period.End.After(latest.End) {
				latest = item.Period
			}
		}
		switch {
		case latest.End.IsZero():
		case now.Before(latest.End):
			return latest
		default:
			return Period{Start: latest.End}
		}
	}
	now = now.UTC()
	month := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	return Period{Start: month, End: month.AddDate(0, 1, 0)}
}

// Counting returns the catalogue as the group sees it in whose periods usage of a feature is counted: the first whose running subscription gives
// the feature, and the default one where none does. accesses are those of all groups.
func (c Catalog) Counting(feature FeatureID, accesses []Access) Catalog {
	for _, a := range accesses {
		if a.Subscription != "" && c.value(a.Plan, feature).Enabled {
			return c.In(a.Group)
		}
	}
	return c.In("")
}

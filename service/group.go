package service

import (
	"github.com/dues-billing/dues/billing"
)

// GroupStatus is what an account is on in one group of plans.
type GroupStatus struct {
	billing.Access
	PlanName string
}

// Accesses is the access in all groups, the default one first.
func (s Status) Accesses() []billing.Access {
	all := []billing.Access{s.Access}
	for _, other := range s.Others {
		all = append(all, other.Access)
	}
	return all
}

// withGroups fills in what an account is on in each group.
func (s Status) withGroups(c billing.Catalog, accesses []billing.Access) Status {
	for _, a := range accesses {
		plan, _ := c.Plan(a.Plan)
		if a.Group == "" {
			s.Access, s.PlanName = a, plan.Name
			continue
		}
		s.Others = append(s.Others, GroupStatus{a, plan.Name})
	}
	return s
}

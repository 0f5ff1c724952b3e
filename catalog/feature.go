package catalog

import (
	"slices"

	"github.com/goccy/go-yaml/ast"

	"github.com/dues-billing/dues/billing"
)

// eventBytesMax is Stripe's limit of a meter's event_name.
const eventBytesMax = 100

func readFeatures(list node) []billing.Feature {
	var features []billing.Feature
	seen, events := unique{}, map[string]bool{}
	for _, n := range list.list(featuresMax) {
		key := n.keys("id", "name", "type", "event", "aggregate")
		f := billing.Feature{ID: billing.FeatureID(seen.id(key("id"))), Name: name(key("name"))}
		f.Type = oneOf(key("type"), billing.Boolean, billing.Limit, billing.Usage)
		if f.Type == billing.Usage {
			f.Meter = readMeter(key, f.ID)
			if events[f.Meter.Event] {
				key("event").problem("%q is the event of another feature", f.Meter.Event)
			}
			events[f.Meter.Event] = true
		} else {
			for _, name := range []string{"event", "aggregate"} {
				if key(name).given() {
					key(name).problem("goes with type: metered")
				}
			}
		}
		features = append(features, f)
	}
	return features
}

// readMeter reads how usage is counted: the sum of events that are named like the feature, if the file does not say otherwise.
func readMeter(key func(string) node, id billing.FeatureID) billing.Meter {
	m := billing.Meter{Event: key("event").text(eventBytesMax), Aggregate: billing.Sum}
	if m.Event == "" {
		m.Event = string(id)
	}
	if key("aggregate").given() {
		m.Aggregate = oneOf(key("aggregate"), billing.Sum, billing.Count, billing.Last)
	}
	return m
}

func readValues(n node, features []billing.Feature) []billing.FeatureValue {
	var values []billing.FeatureValue
	for _, e := range n.entries() {
		i := slices.IndexFunc(features, func(f billing.Feature) bool { return string(f.ID) == e.name })
		if i < 0 {
			e.value.problem("there is no feature %q", e.name)
			continue
		}
		v := billing.FeatureValue{Feature: features[i].ID}
		_, isFlag := e.value.ast.(*ast.BoolNode)
		switch {
		case features[i].Type == billing.Limit, features[i].Type == billing.Usage && !isFlag:
			v.Limit = e.value.number()
			v.Enabled = v.Limit > 0
		default:
			v.Enabled = e.value.flag()
		}
		if v.Limit < 0 {
			e.value.problem("a limit cannot be negative")
		}
		values = append(values, v)
	}
	return values
}

package billing

// Feature is something an account may be entitled to.
type Feature struct {
	ID    FeatureID
	Name  string
	Type  FeatureType
	Meter Meter // Usage
}

// FeatureType says what an entitlement to a feature holds.
type FeatureType string

// The feature types.
const (
	Boolean FeatureType = "boolean" // may or may not
	Limit   FeatureType = "limit"   // up to so many
	Usage   FeatureType = "metered" // what is used is counted; a limit for each period is optional
)

// Meter is how usage of a feature is counted.
type Meter struct {
	Event     string // the name of its events at the provider
	Aggregate Aggregate
}

// Aggregate says how the values of a period become one.
type Aggregate string

// The ways to aggregate, in Stripe's words.
const (
	Sum   Aggregate = "sum"
	Count Aggregate = "count"
	Last  Aggregate = "last"
)

// FeatureValue is what a plan or an add-on gives of a feature.
type FeatureValue struct {
	Feature FeatureID
	Enabled bool  // Boolean, and Usage
	Limit   int64 // Limit; of Usage how much a period may hold, 0: no limit
}

// Feature returns the feature with that id, or false.
func (c Catalog) Feature(id FeatureID) (Feature, bool) {
	for _, feature := range c.Features {
		if feature.ID == id {
			return feature, true
		}
	}
	return Feature{}, false
}

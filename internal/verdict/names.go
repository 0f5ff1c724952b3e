package verdict

import (
	"fmt"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
)

// Names are what the catalogue calls things.
type Names struct {
	Feature map[billing.FeatureID]string
	Asset   map[billing.AssetID]string
	Price   map[string]string // by key: the plan's name and the price
}

// NamesOf reads the names of a catalogue.
func NamesOf(c billing.Catalog) Names {
	n := Names{Feature: map[billing.FeatureID]string{}, Asset: map[billing.AssetID]string{}, Price: map[string]string{}}
	for _, f := range c.Features {
		n.Feature[f.ID] = f.Name
	}
	for _, a := range c.Assets {
		n.Asset[a.ID] = a.Name
		for _, price := range a.Prices {
			n.Price[price.Key] = a.Name + ", " + priceInWords(price)
		}
	}
	for _, plan := range c.Plans {
		for _, price := range plan.Prices {
			n.Price[price.Key] = plan.Name + ", " + priceInWords(price)
		}
	}
	for _, addOn := range c.AddOns {
		for _, price := range addOn.Prices {
			n.Price[price.Key] = addOn.Name + ", " + priceInWords(price)
		}
	}
	return n
}

// Price is what the catalogue calls a price, by its key.
func (f Facts) Price(key string) string {
	if name, ok := f.Names.Price[key]; ok {
		return name
	}
	return "a price that is not in the catalogue"
}

func priceInWords(p billing.Price) string {
	text := design.FormatMoney(p.Amount)
	if p.Pico > 0 { // parts of a cent
		text = p.Rate().String()
	}
	if p.Tiering != "" {
		text = string(p.Tiering) + " tiers"
	}
	switch {
	case p.Package > 0:
		text += fmt.Sprintf(" for %d", p.Package)
	case p.Kind == billing.PerSeat:
		text += " for each seat"
	case p.Kind == billing.Metered:
		text += " for each unit"
	}
	if p.IntervalCount == 1 {
		return fmt.Sprintf("%s per %s", text, p.Interval)
	}
	return fmt.Sprintf("%s every %d %ss", text, p.IntervalCount, p.Interval)
}

func toneOf(s billing.Status) design.Tone {
	switch s {
	case billing.Active, billing.Trialing:
		return design.Good
	case billing.PastDue, billing.Incomplete, billing.Paused:
		return design.Warn
	}
	return design.Bad
}

func hours(d time.Duration) string {
	const day = 24 * time.Hour
	if d%day == 0 {
		return design.Count(int(d/day), "day")
	}
	return design.Count(int(d/time.Hour), "hour")
}

// Usable is how much of a feature may be used, in words.
func Usable(e billing.Entitlement) string {
	switch {
	case !e.Enabled:
		return "no"
	case e.Limit > 0:
		return fmt.Sprintf("up to %d", e.Limit)
	}
	return "yes"
}

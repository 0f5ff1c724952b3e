package engine

import (
	"fmt"
	"strconv"
	"time"
)

// The texts of invoice lines, letter by letter as Stripe writes them (chapters 2.5, 3.5, 4.2 and 14.12). They name the product, never the
// price's nickname.

// pricedText describes an ordinary line: "3 seats × Pro (at $20.00 / month)". A tier's line names the tier instead of "at".
func pricedText(p *Price, currency string, product *Product, line priced) string {
	at := "at " + money(currency, line.Unit)
	if line.Tier > 0 {
		at = "Tier " + strconv.Itoa(line.Tier) + " " + at
	}
	if p.TransformQuantity != nil {
		at += fmt.Sprintf(" per %d units", p.TransformQuantity.DivideBy)
	}
	return counted(line.Quantity.String(), product) + " (" + at + " / " + everyText(intervalOf(p)) + ")"
}

// everyText names an interval as the texts do: "month", "3 months".
func everyText(v interval) string {
	if v.Count == 1 {
		return v.Unit
	}
	return fmt.Sprintf("%d %ss", v.Count, v.Unit)
}

// trialText describes the free line of a trial.
func trialText(mode string, quantity int64, product *Product) string {
	if mode == ModeClassic {
		return "Trial period for " + product.Name
	}
	return "Free trial for " + counted(strconv.FormatInt(quantity, 10), product)
}

// counted is a quantity of a product: the label verbatim, never pluralised, and without a label only the count.
func counted(quantity string, product *Product) string {
	if product.UnitLabel == "" {
		return quantity + " × " + product.Name
	}
	return fmt.Sprintf("%s %s × %s", quantity, product.UnitLabel, product.Name)
}

// prorationText describes a proration line. It has no unit label, and a quantity of 1 is not written.
func (t *tx) prorationText(p prorated, product *Product) string {
	what := "Remaining"
	if p.Credit {
		what = "Unused"
	}
	name := product.Name
	if p.Quantity > 1 {
		name = fmt.Sprintf("%d × %s", p.Quantity, name)
	}
	text := fmt.Sprintf("%s time on %s after %s", what, name, time.Unix(p.Period.Start+60*t.decided().ProrationZone, 0).UTC().Format("02 Jan 2006"))
	if !p.Percent.IsZero() {
		text += fmt.Sprintf(" (with %s%% off)", p.Percent.dotted())
	}
	return text
}

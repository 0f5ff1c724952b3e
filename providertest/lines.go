package providertest

import (
	"time"

	"github.com/dues-billing/dues/billing"
)

// lines are what was added to Ada's invoices.
func (c *scene) lines() billing.AddedLines {
	c.Helper()
	lines, err := c.Provider.AddedLines(c.ctx, c.ada.Customer)
	c.must(err)
	return lines
}

func linesAdded(c *scene) {
	sub := c.buy(basicKey, Good)
	hours := billing.LineWish{Unit: eur(250), Quantity: 3, Description: "Set-up, hours", Key: "setup-1"}
	for range 2 {
		c.must(c.Provider.AddLine(c.ctx, c.ada.Customer, hours))
	}
	c.must(c.Provider.AddLine(c.ctx, c.ada.Customer, billing.LineWish{Unit: eur(-100), Quantity: 1, Description: "An apology", Key: "apology-1"}))
	c.must(c.Provider.AddLine(c.ctx, c.ada.Customer, billing.LineWish{Unit: eur(999), Quantity: 1, Description: "A slip", Key: "slip-1"}))
	slip, _ := c.lines().Keyed("slip-1")
	for range 2 {
		c.must(c.Provider.RemoveLine(c.ctx, slip.ID))
	}
	lines := c.lines()
	if got, _ := lines.Keyed(hours.Key); len(lines) != 2 || got.Amount != eur(750) || got.Unit != hours.Unit || got.Quantity != 3 || got.Invoice != "" || got.Billed {
		c.Errorf("lines: %+v", lines)
	}
	shown, err := c.Provider.Upcoming(c.ctx, sub.ID)
	c.must(err)
	c.World.Pass(c.T, month)
	invoice := c.fetch().Invoices[0]
	if invoice.Status != billing.InvoicePaid || invoice.Total != eur(1650) || shown.Total != invoice.Total || len(invoice.Lines) != 3 {
		c.Errorf("shown %+v, billed %+v", shown, invoice)
	}
	if got, _ := c.lines().Keyed(hours.Key); got.Invoice != invoice.ID || !got.Billed || len(c.lines().Open()) != 0 {
		c.Errorf("after the invoice: %+v", c.lines())
	}
}

func lineOnDraft(c *scene) {
	sub := c.buy(basicKey, Good)
	c.World.Pass(c.T, sub.Items[0].Period.End.Sub(sub.Items[0].Period.Start)+time.Minute)
	draft := c.fetch().Invoices[0]
	if draft.Status != billing.InvoiceDraft {
		c.Fatalf("the renewal is %s a minute after it was made", draft.Status)
	}
	wish := billing.LineWish{
		Unit: eur(300), Quantity: 1, Description: "A workshop", Invoice: draft.ID, Key: "workshop-1",
		Period: billing.Period{Start: sub.Items[0].Period.Start, End: sub.Items[0].Period.End},
	}
	c.must(c.Provider.AddLine(c.ctx, c.ada.Customer, wish))
	if got := c.lines(); len(got.Open()) != 1 || got[0].Invoice != draft.ID || got[0].Period != wish.Period {
		c.Errorf("lines: %+v", got)
	}
	c.World.Pass(c.T, 2*time.Hour)
	if got := c.fetch().Invoices[0]; got.ID != draft.ID || got.Status != billing.InvoicePaid || got.Total != eur(1300) {
		c.Errorf("invoice: %+v", got)
	}
	wish.Key = "too-late"
	if err := c.Provider.AddLine(c.ctx, c.ada.Customer, wish); billing.CodeOf(err) != billing.Invalid {
		c.Errorf("on a paid invoice: %v", err)
	}
	if err := c.Provider.RemoveLine(c.ctx, c.lines()[0].ID); billing.CodeOf(err) != billing.Invalid || len(c.lines()) != 1 {
		c.Errorf("from a paid invoice: %v", err)
	}
}

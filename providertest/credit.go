package providertest

import "github.com/dues-billing/dues/billing"

func creditPays(c *scene) {
	c.buy(basicKey, Good)
	wish := billing.CreditWish{Amount: eur(400), Note: "An apology", Key: "apology-1"}
	for range 2 {
		c.must(c.Provider.GiveCredit(c.ctx, c.ada.Customer, wish))
	}
	c.must(c.Provider.GiveCredit(c.ctx, c.ada.Customer, billing.CreditWish{Amount: eur(-100), Key: "slip-1"}))
	credit, err := c.Provider.Credit(c.ctx, c.ada.Customer)
	c.must(err)
	if credit.Balance != eur(300) || len(credit.Moves) != 2 || credit.Moves[1].Amount != wish.Amount || credit.Moves[1].Key != wish.Key || credit.Moves[1].Note != wish.Note {
		c.Errorf("credit: %+v", credit)
	}
	c.World.Pass(c.T, month)
	invoice := c.fetch().Invoices[0]
	if invoice.Status != billing.InvoicePaid || invoice.Total != eur(1000) || invoice.AmountPaid != eur(700) {
		c.Errorf("invoice: %+v", invoice)
	}
	credit, err = c.Provider.Credit(c.ctx, c.ada.Customer)
	c.must(err)
	if !credit.Balance.IsZero() || credit.Moves[0].Amount != eur(-300) || credit.Moves[0].Invoice != invoice.ID {
		c.Errorf("after the invoice: %+v", credit)
	}
}

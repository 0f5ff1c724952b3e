package wire

import "github.com/dues-billing/dues/emulator/engine"

var taxRoutes = []*route{
	post("/v1/tax_rates", "CreateTaxRate"),
	list("/v1/tax_rates", engine.ListTaxRates{}),
	retrieve[engine.TaxRate]("/v1/tax_rates/{tax_rate}", "tax rate", "tax_rate"),
	post("/v1/tax_rates/{tax_rate}", "UpdateTaxRate"),
}

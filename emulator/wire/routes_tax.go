package wire

import "github.com/dues-billing/dues/emulator/engine"

var taxRoutes = []*route{
	post("/v1/tax_rates", "CreateTaxRate"),
	list("/v1/tax_rates", engine.ListTaxRates{}),
	retrieve[engine.TaxRate]("/v1/tax_rates/{tax_rate}", "tax rate", "tax_rate"),
	post("/v1/tax_rates/{tax_rate}", "UpdateTaxRate"),

	post("/v1/tax_ids", "CreateTaxID"),
	list("/v1/tax_ids", engine.ListTaxIDs{}),
	retrieve[engine.TaxID]("/v1/tax_ids/{id}", "tax ID", "id"),
	remove("/v1/tax_ids/{id}", "DeleteTaxID"),
	post("/v1/customers/{customer}/tax_ids", "CreateCustomerTaxID"),
	list("/v1/customers/{customer}/tax_ids", engine.ListCustomerTaxIDs{}),
	read("/v1/customers/{customer}/tax_ids/{id}", customersOwn("tax ID", "id", func(i *engine.TaxID) string { return i.Customer })),
	remove("/v1/customers/{customer}/tax_ids/{id}", "DeleteCustomerTaxID"),
}

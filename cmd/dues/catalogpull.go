package main

import (
	"context"
	"slices"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
)

type catalogPull struct{ stripeFlags }

// Help teaches by examples.
func (catalogPull) Help() string {
	return `Prints the plans, add-ons, prices, meters and coupons that Dues made at Stripe, as a file. What entitles is not at Stripe: features and assets of the
plans are yours to add.

  dues catalog pull > pulled.yaml
  diff pulled.yaml catalog.yaml`
}

// Run prints what is ours.
func (p catalogPull) Run(ctx context.Context, c console) error {
	client, err := p.client()
	if err != nil {
		return err
	}
	stock, err := client.Stock(ctx)
	if err != nil {
		return err
	}
	c.printf("%s", catalog.Format(catalog.FromStock(stock, func(p billing.StockProduct) bool { return p.Ours })))
	return nil
}

type catalogImport struct {
	catalogShop
	Products []string `arg:"" optional:"" help:"Stripe's ids of products. Default: all that the file does not have."`
}

// Help teaches by examples.
func (catalogImport) Help() string {
	return `Prints products that were made without Dues, and their prices, as plans. Put them into the file, add what they entitle to, and apply: their
prices get their keys as lookup_key and are taken over as they are, with everybody who pays them.

  dues catalog import                     all products that the file does not have
  dues catalog import prod_Nxy prod_Oab   these`
}

// Run prints what is not ours yet.
func (i catalogImport) Run(ctx context.Context, c console) error {
	known := map[billing.ProductID]bool{}
	if len(i.Products) == 0 {
		cat, err := readCatalog(i.Catalog)
		if err != nil {
			return err
		}
		for _, plan := range cat.Plans {
			known[plan.ProductID()] = true
		}
		for _, addOn := range cat.AddOns {
			known[addOn.ProductID()] = true
		}
	}
	client, err := i.client()
	if err != nil {
		return err
	}
	stock, err := client.Stock(ctx)
	if err != nil {
		return err
	}
	stock.Coupons = nil
	c.printf("%s", catalog.Format(catalog.FromStock(stock, func(p billing.StockProduct) bool {
		if len(i.Products) > 0 {
			return slices.Contains(i.Products, string(p.ID))
		}
		return !known[p.ID] && p.Active
	})))
	return nil
}

type catalogSchema struct{}

// Help teaches by examples.
func (catalogSchema) Help() string {
	return `Prints the JSON Schema of catalog.yaml. Editors complete and check the file with it:

  dues catalog schema > catalog.schema.json

and as the first line of catalog.yaml:

  # yaml-language-server: $schema=catalog.schema.json`
}

// Run prints the schema.
func (catalogSchema) Run(c console) error {
	c.printf("%s", catalog.Schema())
	return nil
}

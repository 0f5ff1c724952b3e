package engine

// What an invoice shows of itself on its page and its file, beside its amounts.

// IssuerParams name who issues an invoice: the account itself, for it has no others.
type IssuerParams struct {
	Type string `form:"type"`
}

var issuedByUs = IssuerParams{Type: "self"}

func (p IssuerParams) check(param string) error { return oneOf(param+"[type]", p.Type, "self") }

// RenderingParams are how an invoice looks.
type RenderingParams struct {
	AmountTaxDisplay Opt[string]             `form:"amount_tax_display"`
	PDF              Opt[RenderingPDFParams] `form:"pdf"`
	Template         Opt[string]             `form:"template"`
	TemplateVersion  Opt[int64]              `form:"template_version"`
}

// RenderingPDFParams are how its file looks.
type RenderingPDFParams struct {
	PageSize Opt[string] `form:"page_size"`
}

// paper writes it into a draft.
func (p InvoiceParams) paper(t *tx, inv *Invoice) error {
	if err := p.checkNumber(t, inv); err != nil {
		return err
	}
	if err := p.AutomaticTax.Or(AutomaticTaxParam{}).check("automatic_tax"); err != nil {
		return err
	}
	if err := p.Issuer.Or(issuedByUs).check("issuer"); err != nil {
		return err
	}
	if err := checkTimestamp(p.EffectiveAt.Or(0), "effective_at"); err != nil {
		return err
	}
	if r, ok := p.Rendering.Get(); ok {
		look := inv.rendering()
		r.AmountTaxDisplay.Set(&look.AmountTaxDisplay)
		r.PDF.Or(RenderingPDFParams{}).PageSize.Set(&look.PageSize)
		if err := r.template(t, &look); err != nil {
			return err
		}
		inv.Rendering = &look
	}
	if p.ShippingDetails.Given() {
		inv.ShippingDetails = pointer(p.ShippingDetails)
	}
	p.EffectiveAt.Set(&inv.EffectiveAt)
	return nil
}

// checkNumber refuses a number that another invoice has.
func (p InvoiceParams) checkNumber(t *tx, inv *Invoice) error {
	number, ok := p.Number.Get()
	if !ok {
		return nil
	}
	taken := false
	t.world.tables.invoices.each("", "", func(other *Invoice) bool {
		taken = other.Number == number && other.ID != inv.ID
		return !taken
	})
	if taken {
		return invalid("number", "", "The invoice number %s is already in use.", number)
	}
	return nil
}

// rendering is how an invoice looks when nobody said otherwise.
func (inv *Invoice) rendering() InvoiceRendering {
	if inv.Rendering != nil {
		return *inv.Rendering
	}
	return InvoiceRendering{PageSize: "auto"}
}

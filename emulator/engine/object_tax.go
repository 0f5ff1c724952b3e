package engine

// TaxRate is a percentage that somebody set up by hand. Percentage and kind never change; an archived one goes on where it is already used.
type TaxRate struct {
	ID           string
	Created      int64
	Active       bool
	Country      string
	Description  string
	DisplayName  string
	Inclusive    bool // part of the price, else added to it
	Jurisdiction string
	Percentage   Decimal
	State        string
	TaxType      string
	Metadata     map[string]string
}

// TaxAmount is the tax of one rate on a line, or on a whole invoice.
type TaxAmount struct {
	Rate      string
	Inclusive bool
	Amount    int64
	Taxable   int64 // the amount without any tax that Amount is taken from
	Reason    string
}

// Why a tax is what it is (taxability_reason).
const (
	TaxByHand     = "not_available" // a rate of the merchant's own
	TaxExempt     = "customer_exempt"
	TaxReversed   = "reverse_charge"
	exemptNone    = "none"
	exemptReverse = "reverse"
)

// taxTables hold what taxes are made of.
type taxTables struct {
	taxRates *table[TaxRate]
	taxIDs   *table[TaxID]
}

func (ts *taxTables) open() []anyTable {
	ts.taxRates = newTable("tax_rate", func(o *TaxRate) string { return o.ID })
	ts.taxIDs = newTable("tax_id", func(o *TaxID) string { return o.ID }).byAny("customer", func(o *TaxID) string { return o.Customer })
	return []anyTable{ts.taxRates, ts.taxIDs}
}

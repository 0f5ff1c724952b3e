package engine

// Address is a postal address; "" is a part that was not given.
type Address struct {
	City       string `form:"city"`
	Country    string `form:"country"`
	Line1      string `form:"line1"`
	Line2      string `form:"line2"`
	PostalCode string `form:"postal_code"`
	State      string `form:"state"`
}

// Shipping is where goods go.
type Shipping struct {
	Address        Address `form:"address"`
	Carrier        string  `form:"carrier"`
	Name           string  `form:"name"`
	Phone          string  `form:"phone"`
	TrackingNumber string  `form:"tracking_number"`
}

// CustomField is a line that the merchant prints on invoices.
type CustomField struct {
	Name  string `form:"name"`
	Value string `form:"value"`
}

// CustomerInvoiceSettings are a customer's defaults for invoices.
type CustomerInvoiceSettings struct {
	DefaultPaymentMethod string
	Footer               string
	CustomFields         []CustomField
}

// Customer is a Stripe customer. A deleted one stays readable as a stub.
type Customer struct {
	ID                  string
	Created             int64
	TestClock           string
	Deleted             bool
	Email               string
	Name                string
	BusinessName        string
	IndividualName      string
	Description         string
	Phone               string
	Address             *Address
	Shipping            *Shipping
	Balance             int64  // negative is credit
	Currency            string // fixed by the first invoice, item or subscription
	Delinquent          bool
	InvoicePrefix       string
	NextInvoiceSequence int64
	InvoiceSettings     CustomerInvoiceSettings
	DefaultSource       string // a card of the old kind, charged when there is no default payment method
	PreferredLocales    []string
	TaxExempt           string
	Discount            string
	Metadata            map[string]string
}

// CustomerBalanceTransaction is one movement of a customer's credit balance.
type CustomerBalanceTransaction struct {
	ID            string
	Created       int64
	Customer      string
	Amount        int64 // negative is credit
	Currency      string
	Description   string
	EndingBalance int64
	Type          string
	Invoice       string
	CreditNote    string
	Metadata      map[string]string
}

package engine

// What can be searched, and by which fields.

// SearchCustomers is GET /v1/customers/search.
type SearchCustomers struct{ SearchParams }

func (q SearchCustomers) run(w *World) (*Listing, error) {
	return search(w, q.SearchParams, searchable[Customer]{
		resource: "customers",
		fields: map[string]searchField[Customer]{
			"created": {searchNumber, func(o *Customer) string { return searchInt(o.Created) }},
			"email":   {searchString, func(o *Customer) string { return o.Email }},
			"name":    {searchString, func(o *Customer) string { return o.Name }},
			"phone":   {searchString, func(o *Customer) string { return o.Phone }},
		},
		metadata: func(o *Customer) map[string]string { return o.Metadata },
		hidden:   func(o *Customer) bool { return o.Deleted },
		id:       func(o *Customer) string { return o.ID },
	})
}

// SearchCharges is GET /v1/charges/search.
type SearchCharges struct{ SearchParams }

func (q SearchCharges) run(w *World) (*Listing, error) {
	s := searchable[Charge]{
		resource: "charges",
		fields: map[string]searchField[Charge]{
			"amount":                              {searchNumber, func(o *Charge) string { return searchInt(o.Amount) }},
			"billing_details.address.postal_code": {searchToken, func(o *Charge) string { return o.BillingDetails.Address.PostalCode }},
			"created":                             {searchNumber, func(o *Charge) string { return searchInt(o.Created) }},
			"currency":                            {searchToken, func(o *Charge) string { return o.Currency }},
			"customer":                            {searchToken, func(o *Charge) string { return o.Customer }},
			"disputed":                            {searchToken, func(o *Charge) string { return searchBool(o.Disputed) }},
			"refunded":                            {searchToken, refundedWord},
			"status":                              {searchToken, func(o *Charge) string { return o.Status }},
		},
		metadata: func(o *Charge) map[string]string { return o.Metadata },
		id:       func(o *Charge) string { return o.ID },
	}
	for name, read := range map[string]func(c *Card) string{
		"brand": func(c *Card) string { return c.Brand }, "last4": func(c *Card) string { return c.Last4 },
		"exp_month": func(c *Card) string { return searchInt(c.ExpMonth) }, "exp_year": func(c *Card) string { return searchInt(c.ExpYear) },
		"fingerprint": func(c *Card) string { return c.Fingerprint },
	} {
		s.fields["payment_method_details.card."+name] = searchField[Charge]{searchToken, func(o *Charge) string { return read(o.Card) }}
		for _, terminal := range []string{"card_present", "interac_present"} { // nobody pays at a terminal here
			s.fields["payment_method_details."+terminal+"."+name] = searchField[Charge]{searchToken, func(*Charge) string { return "" }}
		}
	}
	return search(w, q.SearchParams, s)
}

// refundedWord is true for charges that were refunded wholly, false for those in part, and nothing for the others.
func refundedWord(o *Charge) string {
	if o.AmountRefunded == 0 {
		return ""
	}
	return searchBool(o.Refunded)
}

// SearchInvoices is GET /v1/invoices/search.
type SearchInvoices struct{ SearchParams }

func (q SearchInvoices) run(w *World) (*Listing, error) {
	return search(w, q.SearchParams, searchable[Invoice]{
		resource: "invoices",
		fields: map[string]searchField[Invoice]{
			"created":                      {searchNumber, func(o *Invoice) string { return searchInt(o.Created) }},
			"currency":                     {searchToken, func(o *Invoice) string { return o.Currency }},
			"customer":                     {searchToken, func(o *Invoice) string { return o.Customer }},
			"last_finalization_error_code": {searchToken, func(o *Invoice) string { return o.finalizationError().Code }},
			"last_finalization_error_type": {searchToken, func(o *Invoice) string { return o.finalizationError().Type }},
			"number":                       {searchString, func(o *Invoice) string { return o.Number }},
			"receipt_number":               {searchString, func(*Invoice) string { return "" }}, // test mode sends no receipts
			"status":                       {searchString, func(o *Invoice) string { return o.Status }},
			"subscription":                 {searchString, func(o *Invoice) string { return o.Subscription }},
			"total":                        {searchNumber, func(o *Invoice) string { return searchInt(o.Total) }},
		},
		metadata: func(o *Invoice) map[string]string { return o.Metadata },
		id:       func(o *Invoice) string { return o.ID },
	})
}

// SearchPaymentIntents is GET /v1/payment_intents/search.
type SearchPaymentIntents struct{ SearchParams }

func (q SearchPaymentIntents) run(w *World) (*Listing, error) {
	return search(w, q.SearchParams, searchable[PaymentIntent]{
		resource: "payment_intents",
		fields: map[string]searchField[PaymentIntent]{
			"amount":   {searchNumber, func(o *PaymentIntent) string { return searchInt(o.Amount) }},
			"created":  {searchNumber, func(o *PaymentIntent) string { return searchInt(o.Created) }},
			"currency": {searchToken, func(o *PaymentIntent) string { return o.Currency }},
			"customer": {searchToken, func(o *PaymentIntent) string { return o.Customer }},
			"status":   {searchToken, func(o *PaymentIntent) string { return o.Status }},
		},
		metadata: func(o *PaymentIntent) map[string]string { return o.Metadata },
		id:       func(o *PaymentIntent) string { return o.ID },
	})
}

// SearchPrices is GET /v1/prices/search.
type SearchPrices struct{ SearchParams }

func (q SearchPrices) run(w *World) (*Listing, error) {
	return search(w, q.SearchParams, searchable[Price]{
		resource: "prices",
		fields: map[string]searchField[Price]{
			"active":     {searchToken, func(o *Price) string { return searchBool(o.Active) }},
			"currency":   {searchToken, func(o *Price) string { return o.Currency }},
			"lookup_key": {searchString, func(o *Price) string { return o.LookupKey }},
			"product":    {searchString, func(o *Price) string { return o.Product }},
			"type": {searchToken, func(o *Price) string {
				if o.Recurring == nil {
					return OneTime
				}
				return "recurring"
			}},
		},
		metadata: func(o *Price) map[string]string { return o.Metadata },
		hidden:   func(o *Price) bool { return o.Inline || o.Deleted },
		id:       func(o *Price) string { return o.ID },
	})
}

// SearchProducts is GET /v1/products/search.
type SearchProducts struct{ SearchParams }

func (q SearchProducts) run(w *World) (*Listing, error) {
	return search(w, q.SearchParams, searchable[Product]{
		resource: "products",
		fields: map[string]searchField[Product]{
			"active":      {searchToken, func(o *Product) string { return searchBool(o.Active) }},
			"description": {searchString, func(o *Product) string { return o.Description }},
			"name":        {searchString, func(o *Product) string { return o.Name }},
			"shippable": {searchToken, func(o *Product) string {
				if o.Shippable == nil {
					return ""
				}
				return searchBool(*o.Shippable)
			}},
			"url": {searchString, func(o *Product) string { return o.URL }},
		},
		metadata: func(o *Product) map[string]string { return o.Metadata },
		hidden:   func(o *Product) bool { return o.Inline },
		id:       func(o *Product) string { return o.ID },
	})
}

// SearchSubscriptions is GET /v1/subscriptions/search.
type SearchSubscriptions struct{ SearchParams }

func (q SearchSubscriptions) run(w *World) (*Listing, error) {
	return search(w, q.SearchParams, searchable[Subscription]{
		resource: "subscriptions",
		fields: map[string]searchField[Subscription]{
			"canceled_at": {searchNumber, func(o *Subscription) string { return searchTime(o.CanceledAt) }},
			"created":     {searchNumber, func(o *Subscription) string { return searchInt(o.Created) }},
			"status":      {searchString, func(o *Subscription) string { return o.Status }},
		},
		metadata: func(o *Subscription) map[string]string { return o.Metadata },
		id:       func(o *Subscription) string { return o.ID },
	})
}

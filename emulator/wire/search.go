package wire

import (
	"slices"
	"strings"

	"github.com/dues-billing/dues/emulator/engine"
)

var searchRoutes = []*route{
	list("/v1/charges/search", engine.SearchCharges{}),
	list("/v1/customers/search", engine.SearchCustomers{}),
	list("/v1/invoices/search", engine.SearchInvoices{}),
	list("/v1/payment_intents/search", engine.SearchPaymentIntents{}),
	list("/v1/prices/search", engine.SearchPrices{}),
	list("/v1/products/search", engine.SearchProducts{}),
	list("/v1/subscriptions/search", engine.SearchSubscriptions{}),
}

// totalCount is expanded on searches only, and is in no schema as such.
const totalCount = "total_count"

func (op *operation) searches() bool { return strings.HasSuffix(op.path, "/search") }

// takeTotal takes the wish for the total count out of the expansions of a search.
func (c *call) takeTotal() {
	rest := slices.DeleteFunc(slices.Clone(c.expand), func(path expansion) bool { return path[0] == totalCount })
	c.total, c.expand = len(rest) < len(c.expand), rest
}

// found renders a page of a search.
func (c *call) found(v *view, page *engine.Listing) object {
	o := v.list(page, c.url())
	o["object"], o["next_page"] = "search_result", orNull(page.Search.NextPage)
	if c.total {
		o[totalCount] = page.Search.Total
	}
	return o
}

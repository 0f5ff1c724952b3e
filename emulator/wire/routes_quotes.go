package wire

import "github.com/dues-billing/dues/emulator/engine"

var quoteRoutes = []*route{
	post("/v1/quotes", "CreateQuote"),
	list("/v1/quotes", engine.ListQuotes{}),
	retrieve[engine.Quote]("/v1/quotes/{quote}", "quote", "quote"),
	post("/v1/quotes/{quote}", "UpdateQuote"),
	post("/v1/quotes/{quote}/finalize", "FinalizeQuote"),
	post("/v1/quotes/{quote}/accept", "AcceptQuote"),
	post("/v1/quotes/{quote}/cancel", "CancelQuote"),
	{method: "GET", path: "/v1/quotes/{quote}/pdf", act: (*call).quotePDF},
	list("/v1/quotes/{quote}/line_items", engine.ListQuoteLines{}),
	list("/v1/quotes/{quote}/computed_upfront_line_items", engine.ListQuoteUpfrontLines{}),
}

package wire

import (
	"net/http"

	"github.com/dues-billing/dues/emulator/engine"
)

// quotePDF is GET /v1/quotes/{quote}/pdf, which the SDKs ask of Stripe's host for files.
func (c *call) quotePDF() answer {
	a := c.account
	if a.server.opts.QuotePDF == nil {
		return c.refuse(notServed(c.route.method, c.route.path))
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.catchUp(); err != nil {
		return c.fail(err)
	}
	quote, ok := engine.Get[engine.Quote](a.world, c.ids[0])
	if !ok {
		return c.result(nil, engine.NotFound("quote", c.ids[0], "quote"))
	}
	if quote.FinalizedAt == 0 {
		return c.result(nil, badRequest("", "", "You can only download the PDF of a quote that was finalized; this one is %s.", quote.Status))
	}
	body, err := a.server.opts.QuotePDF(a.world, quote)
	if err != nil {
		return c.fail(err)
	}
	return answer{status: http.StatusOK, body: body, kind: "application/pdf"}
}

package accountui

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/dues-billing/dues/billing"
)

// chooseField says where a plan is taken: an address of the application, in which {price} stands for the price's key.
const chooseField = "choose"

// priceMark is what stands for the price's key.
const priceMark = "{price}"

// pricing shows what is sold, to anybody.
func (p *pages) pricing(w http.ResponseWriter, r *http.Request) {
	p.allow(w, r)
	f := p.frame(r)
	asked := r.URL.Query()
	choose := asked.Get(chooseField)
	if choose != "" {
		// An address that leads elsewhere would make this page one of whoever made it up.
		if err := p.service.MaySendTo(chooseField, strings.ReplaceAll(choose, priceMark, "price")); err != nil {
			p.fail(w, r, f, err)
			return
		}
	}
	page := f.root + pricingPath
	for _, field := range []string{chooseField, currencyField, languageField} {
		if value := asked.Get(field); value != "" {
			page = withQuery(page, field, value)
		}
	}
	v := p.offers(r, f, "", func(price billing.Price) string { return chosen(choose, price.Key) }, page)
	v.Title = f.text("pricing.title")
	p.serve(w, r, f, http.StatusOK, "pricing.title", offersPage(v))
}

// chosen is where a price is taken: "" without an address.
func chosen(choose, key string) string {
	switch {
	case choose == "":
		return ""
	case strings.Contains(choose, priceMark):
		return strings.ReplaceAll(choose, priceMark, url.QueryEscape(key))
	}
	return withQuery(choose, priceField, key)
}

package emulator_test

import (
	"net/url"
	"testing"

	"github.com/dues-billing/dues/emulator"
)

func TestSubscriptionsAreServedBelowTheirCustomerToo(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	native := plain{t, server, "2026-06-24.dahlia"}
	shop := oldShop(t, native)
	stranger := native.must("POST", "/v1/customers", nil)["id"].(string)
	for _, version := range []string{"2026-06-24.dahlia", "2024-12-18.acacia"} {
		p := plain{t, server, version}
		base := "/v1/customers/" + shop.customer + "/subscriptions"
		coupon := url.Values{"items[0][plan]": {shop.price}, "discounts[0][coupon]": {"fifth"}, "metadata[old]": {"path"}}
		if version < "2025-03-31.basil" {
			coupon.Del("discounts[0][coupon]")
			coupon.Set("coupon", "fifth")
		}
		sub := p.must("POST", base, coupon)
		id := sub["id"].(string)
		if sub["customer"] != shop.customer || sub["status"] != "active" {
			t.Errorf("%s: made %v", version, sub)
		}
		if got := p.must("GET", base+"/"+id+"?expand[]=customer", nil); at(t, got, "customer")["id"] != shop.customer {
			t.Errorf("%s: got %v", version, got)
		}
		if got := p.must("GET", base+"?limit=1", nil); at(t, got, "data", "0")["id"] != id || got["url"] != base {
			t.Errorf("%s: the newest is %v of %v", version, got["data"], got["url"])
		}
		if got := p.must("GET", base+"/"+id+"/discount", nil); got["subscription"] != id {
			t.Errorf("%s: the discount is %v", version, got)
		}
		if got := p.must("DELETE", base+"/"+id+"/discount", nil); got["deleted"] != true {
			t.Errorf("%s: the discount went as %v", version, got)
		}
		if got := p.must("POST", base+"/"+id, url.Values{"metadata[new]": {"word"}}); at(t, got, "metadata")["new"] != "word" {
			t.Errorf("%s: updated to %v", version, got)
		}
		for _, call := range []string{"GET", "POST", "DELETE"} {
			status, body := p.do(call, "/v1/customers/"+stranger+"/subscriptions/"+id, nil)
			if status != 404 || at(t, body, "error")["message"] != "No such subscription: '"+id+"'" {
				t.Errorf("%s %s below a stranger: got %d %v", version, call, status, body)
			}
		}
		if got := p.must("DELETE", base+"/"+id, nil); got["status"] != "canceled" {
			t.Errorf("%s: ended as %v", version, got["status"])
		}
	}
	if status, body := native.do("POST", "/v1/customers/cus_none/subscriptions", url.Values{"items[0][price]": {shop.price}}); status < 400 {
		t.Errorf("an unknown customer got %v", body)
	}
}

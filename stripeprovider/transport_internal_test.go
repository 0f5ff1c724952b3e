package stripeprovider

import "testing"

func TestARouteHoldsNoID(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/v1/customers":       "/v1/customers",
		"/v1/customers/cus_1": "/v1/customers/{id}",
		"/v1/customers/ada@example.com/payment_methods": "/v1/customers/{id}/payment_methods",
		"/v1/checkout/sessions/cs_test_1/expire":        "/v1/checkout/sessions/{id}/expire",
		"/v1/products/gold":                             "/v1/products/{id}",
		"/v1/invoices/in_1/lines":                       "/v1/invoices/{id}/lines",
		"/v1/billing_portal/configurations":             "/v1/billing_portal/configurations",
	} {
		if got := routeOf(path); got != want {
			t.Errorf("%s is route %s, want %s", path, got, want)
		}
	}
}

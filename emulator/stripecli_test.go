package emulator_test

import (
	"net/url"
	"testing"
)

// What Stripe's CLI calls beside Stripe's document; emulator/clitest runs the CLI itself.
func TestTheCLIsOwnOperationsRefuseMistakes(t *testing.T) {
	t.Parallel()
	p := plain{t, start(t), ""}
	_, session := p.do("POST", "/v1/checkout/sessions", url.Values{
		"mode": {"payment"}, "success_url": {"https://example.com"}, "line_items[0][quantity]": {"2"},
		"line_items[0][price_data][currency]": {"usd"}, "line_items[0][price_data][unit_amount]": {"1500"},
		"line_items[0][price_data][product_data][name]": {"Shirt"},
	})
	page := "/v1/payment_pages/" + session["id"].(string)
	_, method := p.do("POST", "/v1/payment_methods", url.Values{"type": {"card"}, "card[token]": {"tok_visa"}})
	nameless, _ := method["id"].(string)
	for _, c := range []struct {
		path   string
		form   url.Values
		status int
		param  string
	}{
		{page + "/confirm", url.Values{}, 400, "payment_method"},
		{page + "/confirm", url.Values{"payment_method": {"pm_none"}}, 400, "payment_method"},
		{page + "/confirm", url.Values{"payment_method": {nameless}, "expected_amount": {"1"}}, 400, "expected_amount"},
		{page + "/confirm", url.Values{"payment_method": {nameless}}, 400, "payment_method"}, // nobody to send a receipt to
		{"/v1/payment_pages/cs_none/confirm", url.Values{"payment_method": {nameless}}, 404, "session"},
		{"/v1/events/evt_none/retry", url.Values{"for_stripecli": {"true"}}, 404, "id"},
		{"/v1/stripecli/sessions", url.Values{"websocket_features[]": {"terminal"}}, 400, "websocket_features"},
		{"/v1/stripecli/sessions", url.Values{}, 400, "websocket_features"},
		{"/v1/stripecli/sessions", url.Values{"websocket_features[]": {"request_logs"}, "filters": {"{"}}, 400, "filters"},
		{"/v1/stripecli/sessions", url.Values{"websocket_features[]": {"request_logs"}, "filters": {`{"filter_mood":["good"]}`}}, 400, "filters"},
	} {
		status, answer := p.do("POST", c.path, c.form)
		refused, _ := answer["error"].(map[string]any)
		if status != c.status || refused["param"] != c.param {
			t.Errorf("%s %v: %d, %v; want %d about %s", c.path, c.form, status, refused, c.status, c.param)
		}
	}
	if status, answer := p.do("GET", page, nil); status != 200 || answer["status"] != "open" {
		t.Errorf("after the refusals the session is %v", answer["status"])
	}
	status, answer := p.do("GET", "/subscribe/acct_none", nil)
	if refused, _ := answer["error"].(map[string]any); status != 400 || refused["message"] != "Unknown WebSocket ID." {
		t.Errorf("an unknown session may subscribe: %d %v", status, answer)
	}
}

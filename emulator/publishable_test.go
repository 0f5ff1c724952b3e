package emulator_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/dues-billing/dues/emulator"
)

// device is a payer's page or app: it has the publishable key of an account.
type device struct {
	plain
	key string
}

func (d device) ask(method, path string, form url.Values) (int, map[string]any) {
	d.t.Helper()
	status, _, body := d.raw(method, path, form, map[string]string{"Authorization": "Bearer " + d.key})
	return status, body
}

func devices(t *testing.T) (plain, device) {
	t.Helper()
	server := start(t)
	p := plain{t, server, ""}
	return p, device{p, strings.Replace(server.Key, "sk_", "pk_", 1)}
}

func TestAPayersDeviceConfirmsWithThePublishableKeyAndTheClientSecret(t *testing.T) {
	t.Parallel()
	p, phone := devices(t)
	made := p.must("POST", "/v1/payment_intents", url.Values{
		"amount": {"1000"}, "currency": {"usd"}, "payment_method_types[]": {"card"}, "metadata[internal]": {"margin 40%"}, "description": {"Book"},
	})
	path, secret := "/v1/payment_intents/"+made["id"].(string), made["client_secret"].(string)
	status, card := phone.ask("POST", "/v1/payment_methods", url.Values{
		"type": {"card"}, "card[number]": {"4242424242424242"}, "card[exp_month]": {"12"}, "card[exp_year]": {"2040"}, "card[cvc]": {"123"},
	})
	if status != 200 || card["object"] != "payment_method" {
		t.Fatalf("its card: %d %v", status, card)
	}
	status, seen := phone.ask("GET", path+"?client_secret="+secret, nil)
	if status != 200 || seen["description"] != "Book" || seen["status"] != "requires_payment_method" {
		t.Fatalf("read: %d %v", status, seen)
	}
	for _, hidden := range []string{"metadata", "customer", "latest_charge", "amount_received", "invoice"} {
		if _, shown := seen[hidden]; shown {
			t.Errorf("it sees %s: %v", hidden, slices.Sorted(maps.Keys(seen)))
		}
	}
	status, paid := phone.ask("POST", path+"/confirm", url.Values{
		"client_secret": {secret}, "payment_method": {card["id"].(string)}, "expand[]": {"payment_method"},
	})
	if status != 200 || paid["status"] != "succeeded" {
		t.Fatalf("confirmed: %d %v", status, paid)
	}
	if method, _ := paid["payment_method"].(map[string]any); method["id"] != card["id"] || method["metadata"] != nil {
		t.Errorf("its card, expanded: %v", paid["payment_method"])
	}
	if whole := p.must("GET", path, nil); whole["status"] != "succeeded" || whole["metadata"].(map[string]any)["internal"] != "margin 40%" {
		t.Errorf("the merchant sees %v", whole)
	}

	set := p.must("POST", "/v1/setup_intents", url.Values{"payment_method_types[]": {"card"}, "metadata[internal]": {"x"}})
	status, done := phone.ask("POST", "/v1/setup_intents/"+set["id"].(string)+"/confirm", url.Values{
		"client_secret": {set["client_secret"].(string)}, "payment_method": {"pm_card_visa"},
	})
	if _, shown := done["metadata"]; status != 200 || done["status"] != "succeeded" || shown {
		t.Errorf("set up: %d %v", status, done)
	}
	if status, token := phone.ask("POST", "/v1/tokens", url.Values{
		"card[number]": {"4242424242424242"}, "card[exp_month]": {"12"}, "card[exp_year]": {"2040"},
	}); status != 200 || token["object"] != "token" {
		t.Errorf("a token: %d %v", status, token)
	}
}

func TestADeclineShowsAPayersDeviceNoMoreThanARead(t *testing.T) {
	t.Parallel()
	p, phone := devices(t)
	made := p.must("POST", "/v1/payment_intents", url.Values{
		"amount": {"1000"}, "currency": {"usd"}, "payment_method_types[]": {"card"}, "metadata[internal]": {"margin 40%"},
	})
	status, body := phone.ask("POST", "/v1/payment_intents/"+made["id"].(string)+"/confirm", url.Values{
		"client_secret": {made["client_secret"].(string)}, "payment_method": {"pm_card_visa_chargeDeclined"},
	})
	intent, _ := refusal(body)["payment_intent"].(map[string]any)
	if _, shown := intent["metadata"]; status != 402 || shown || intent["status"] != "requires_payment_method" || intent["last_payment_error"] == nil {
		t.Errorf("declined: %d %v", status, body)
	}
}

func TestAPublishableKeyOpensNothingElse(t *testing.T) {
	t.Parallel()
	p, phone := devices(t)
	made := p.must("POST", "/v1/payment_intents", url.Values{"amount": {"1000"}, "currency": {"usd"}, "payment_method_types[]": {"card"}})
	byHand := p.must("POST", "/v1/payment_intents", url.Values{
		"amount": {"1000"}, "currency": {"usd"}, "payment_method_types[]": {"card"}, "confirmation_method": {"manual"},
	})
	set := p.must("POST", "/v1/setup_intents", url.Values{"payment_method_types[]": {"card"}})
	path, secret := "/v1/payment_intents/"+made["id"].(string), made["client_secret"].(string)
	for _, c := range []struct {
		request, form string
		status        int
		code, param   string
		says          string
	}{
		{"GET /v1/customers", "", 403, "secret_key_required", "", "publishable API key"},
		{"POST /v1/payment_intents", "amount=1000&currency=usd", 403, "secret_key_required", "", "publishable API key"},
		{"POST " + path, "client_secret=" + secret + "&amount=1", 403, "secret_key_required", "", "publishable API key"},
		{"POST " + path + "/capture", "client_secret=" + secret, 403, "secret_key_required", "", "publishable API key"},
		{"GET /v1/payment_methods", "", 403, "secret_key_required", "", "publishable API key"},
		{"GET " + path, "client_secret=" + secret + "&expand[]=latest_charge", 403, "secret_key_required", "", "publishable API key"},
		{"GET " + path, "client_secret=" + secret + "&expand[]=payment_method.customer", 403, "secret_key_required", "", "publishable API key"},
		{"GET " + path, "", 400, "", "client_secret", "Missing required param: client_secret."},
		{"GET " + path, "client_secret=", 400, "", "client_secret", "Missing required param: client_secret."},
		{"POST " + path + "/confirm", "payment_method=pm_card_visa", 400, "", "client_secret", "Missing required param: client_secret."},
		{"POST " + path + "/confirm", "payment_method=pm_card_visa&client_secret=" + byHand["client_secret"].(string), 400, "", "client_secret",
			"The client_secret provided does not match the client_secret associated with the PaymentIntent."},
		{"GET /v1/setup_intents/" + set["id"].(string), "client_secret=" + secret, 400, "", "client_secret",
			"The client_secret provided does not match the client_secret associated with the SetupIntent."},
		{"POST /v1/payment_intents/" + byHand["id"].(string) + "/confirm", "payment_method=pm_card_visa&client_secret=" + byHand["client_secret"].(string), 400, "", "",
			"`confirmation_method` is set to `manual`"},
	} {
		method, to, _ := strings.Cut(c.request, " ")
		form, err := url.ParseQuery(c.form)
		if err != nil {
			t.Fatal(err)
		}
		if method == http.MethodGet {
			to, form = to+"?"+c.form, nil
		}
		status, body := phone.ask(method, to, form)
		got := refusal(body)
		code, _ := got["code"].(string)
		param, _ := got["param"].(string)
		if says, _ := got["message"].(string); status != c.status || code != c.code || param != c.param || !strings.Contains(says, c.says) {
			t.Errorf("%s %s: %d %s", c.request, c.form, status, body)
		}
	}
	if kept := p.must("GET", path, nil); kept["status"] != "requires_payment_method" || kept["amount"] != 1000.0 {
		t.Errorf("it changed something: %v", kept)
	}
	other := device{p, "pk_test_of_somebody_else"}
	if status, body := other.ask("GET", path+"?client_secret="+secret, nil); status != 404 {
		t.Errorf("the key of another account: %d %v", status, body)
	}
	for key, want := range map[string]string{"pk_live_51abcdefgh": "live key", "pk_test_a/b": "Invalid API Key provided"} {
		status, body := device{p, key}.ask("GET", path+"?client_secret="+secret, nil)
		if says, _ := refusal(body)["message"].(string); status != 401 || !strings.Contains(says, want) {
			t.Errorf("%s: %d %s", key, status, says)
		}
	}
}

// A page of any origin may ask, with the headers that the libraries send.
func TestABrowserMayAskFromAnyOrigin(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	status, header, _ := plain{t, server, ""}.send(http.MethodOptions, "/v1/payment_methods", nil, map[string]string{
		"Authorization": "", "Origin": "https://shop.example", "Access-Control-Request-Method": "POST",
		"Access-Control-Request-Headers": "authorization,stripe-version",
	})
	if status != 200 || header.Get("Access-Control-Allow-Origin") != "*" || header.Get("Access-Control-Allow-Headers") != "authorization,stripe-version" ||
		!strings.Contains(header.Get("Access-Control-Allow-Methods"), "POST") {
		t.Errorf("%d %v", status, header)
	}
}

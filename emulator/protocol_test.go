package emulator_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/emulator"
)

// refusal is the error object of an answer.
func refusal(body map[string]any) map[string]any {
	e, _ := body["error"].(map[string]any)
	return e
}

// Rows: D4.
func TestEveryMistakeHasStripesOwnError(t *testing.T) {
	t.Parallel()
	p := plain{t, start(t), ""}
	customer := p.must("POST", "/v1/customers", nil)["id"].(string)
	card := p.must("GET", "/v1/customers/"+p.must("POST", "/v1/customers", url.Values{"payment_method": {"pm_card_visa"}})["id"].(string)+"/payment_methods",
		nil)["data"].([]any)[0].(map[string]any)["id"].(string)
	gone := p.must("POST", "/v1/plans", url.Values{"currency": {"usd"}, "amount": {"5"}, "interval": {"day"}, "product[name]": {"x"}})["id"].(string)
	p.must("DELETE", "/v1/plans/"+gone, nil)
	for _, tc := range []struct {
		name, request, form string
		status              int
		code, param, says   string
	}{
		{"unknown object in the path", "GET /v1/customers/cus_x", "", 404, "resource_missing", "id", "No such customer: 'cus_x'"},
		{"unknown object in a parameter", "POST /v1/subscriptions", "customer=" + customer + "&items[0][price]=price_x", 400, "resource_missing", "items[0][price]", "No such price: 'price_x'"},
		{"unknown payment method in the path", "GET /v1/payment_methods/pm_x", "", 404, "resource_missing", "payment_method", "No such PaymentMethod: 'pm_x'"},
		{"another customer's card", "GET /v1/customers/" + customer + "/payment_methods/" + card, "", 404, "resource_missing", "payment_method", "No such PaymentMethod"},
		{"a plan that was deleted", "GET /v1/prices/" + gone, "", 404, "resource_missing", "price", "No such price"},
		{"unknown intent", "GET /v1/payment_intents/pi_x", "", 404, "resource_missing", "intent", "No such payment_intent: 'pi_x'"},
		{"unknown parameter", "POST /v1/customers", "emale=x", 400, "parameter_unknown", "emale", "Received unknown parameter: emale"},
		{"several unknown parameters", "POST /v1/customers", "a=1&b=2", 400, "parameter_unknown", "a", "Received unknown parameters: a, b"},
		{"unknown parameter inside", "POST /v1/customers", "address[strasse]=x", 400, "parameter_unknown", "address[strasse]", "Received unknown parameter: address[strasse]"},
		{"parameter not honoured yet", "POST /v1/customers", "tax[ip_address]=1.2.3.4", 400, "parameter_unsupported", "tax", "does not honour yet"},
		{"missing parameter", "POST /v1/prices", "product=x", 400, "parameter_missing", "currency", "Missing required param: currency."},
		{"a payment of nothing", "POST /v1/payment_intents", "amount=0&currency=usd", 400, "parameter_invalid_integer", "amount", "greater than or equal to the minimum charge amount"},
		{"not an integer", "POST /v1/customers", "balance=ten", 400, "parameter_invalid_integer", "balance", "Invalid integer: ten"},
		{"not a boolean", "POST /v1/products", "name=a&active=yes", 400, "", "active", "Invalid boolean: yes"},
		{"not in the enum", "POST /v1/customers", "tax_exempt=maybe", 400, "", "tax_exempt", "must be one of"},
		{"empty where it cannot be unset", "POST /v1/customers", "balance=", 400, "parameter_invalid_empty", "balance", "You passed an empty string for 'balance'"},
		{"an empty reference", "POST /v1/checkout/sessions", "mode=setup&success_url=https://a.b&customer=", 400, "parameter_invalid_empty", "customer", "You passed an empty string for 'customer'"},
		{"an empty reference inside", "POST /v1/subscriptions", "customer=" + customer + "&items[0][price]=", 400, "parameter_invalid_empty", "items[0][price]", "'items[0][price]' cannot be unset"},
		{"an empty filter", "GET /v1/subscriptions?customer=", "", 400, "parameter_invalid_empty", "customer", "You passed an empty string for 'customer'"},
		{"too long", "POST /v1/customers", "name=" + strings.Repeat("x", 300), 400, "", "name", "at most 256 characters"},
		{"a text in place of an object", "POST /v1/subscriptions", "customer=" + customer + "&items=x", 400, "", "items", "Invalid array"},
		{"an object in place of a text", "POST /v1/customers", "name[a]=x", 400, "", "name", "Invalid string"},
		{"too much metadata", "POST /v1/customers", manyKeys(51), 400, "", "metadata", "up to 50 keys"},
		{"a conflicting form", "POST /v1/customers", "name=a&name[b]=c", 400, "", "", "conflicting shapes"},
		{"a limit out of range", "GET /v1/customers?limit=101", "", 400, "parameter_invalid_integer", "limit", "between 1 and 100"},
		{"both cursors", "GET /v1/customers?starting_after=" + customer + "&ending_before=" + customer, "", 400, "", "", "starting_after"},
		{"an unknown cursor", "GET /v1/customers?starting_after=cus_x", "", 400, "resource_missing", "starting_after", "No such customer: 'cus_x'"},
		{"no such property to expand", "GET /v1/customers/" + customer + "?expand[]=foo", "", 400, "", "expand[0]", "This property cannot be expanded (foo)."},
		{"a list expands below data", "GET /v1/subscriptions?expand[]=customer", "", 400, "", "expand[0]", "data.customer"},
		{"expanded too deep", "GET /v1/invoices/in_x?expand[]=subscription.customer", "", 400, "", "expand[0]", "This property cannot be expanded (subscription)."},
		{"five levels", "GET /v1/charges/x?expand[]=payment_intent.customer.test_clock.a.b", "", 400, "", "expand[0]", "cannot be expanded"},
		{"an event type that is misspelt", "POST /v1/webhook_endpoints", "url=http://a.b&enabled_events[]=invoice.payed", 400, "", "enabled_events[0]", "Invalid enabled_events[0]: must be one of *, account."},
		{"events in a version not rendered", "POST /v1/webhook_endpoints", "url=http://a.b&enabled_events[]=*&api_version=2020-03-02", 400, "version_unsupported", "api_version", "speaks Stripe's API from"},
		{"events in a version that never was", "POST /v1/webhook_endpoints", "url=http://a.b&enabled_events[]=*&api_version=2020-01-01", 400, "", "api_version", "Invalid Stripe API version"},
		{"an unknown route", "GET /v1/unknown", "", 404, "", "", "Unrecognized request URL (GET: /v1/unknown)."},
		{"a trailing slash", "POST /v1/customers/", "", 404, "", "", "Unrecognized request URL (POST: /v1/customers/)."},
		{"a search that looks like an id", "GET /v1/customers/search?query=x", "", 400, "", "", "We were unable to parse your search query."},
		{"an operation not served", "GET /v1/topups", "", 400, "operation_unsupported", "", "does not serve yet"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			method, path, _ := strings.Cut(tc.request, " ")
			form, err := url.ParseQuery(tc.form)
			if err != nil {
				t.Fatal(err)
			}
			status, body := plain{t, p.server, ""}.do(method, path, form)
			e := refusal(body)
			code, _ := e["code"].(string)
			param, _ := e["param"].(string)
			says, _ := e["message"].(string)
			if status != tc.status || code != tc.code || param != tc.param || !strings.Contains(says, tc.says) || e["type"] != "invalid_request_error" {
				t.Errorf("got %d %v, want %d %q %q %q", status, e, tc.status, tc.code, tc.param, tc.says)
			}
			if link, _ := e["request_log_url"].(string); !strings.Contains(link, "/_emulator/accounts/acct_") || !strings.Contains(link, "/requests/req_") {
				t.Errorf("no request_log_url in %v", e)
			}
		})
	}
	if n := len(p.must("GET", "/v1/customers", nil)["data"].([]any)); n != 2 {
		t.Errorf("the mistakes left %d customers, want the two from before", n)
	}
}

func manyKeys(n int) string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("metadata[k%d]=v", i))
	}
	return strings.Join(out, "&")
}

func TestAnEmulatorThatTakesLiveKeysSaysWhichModeAnObjectIsOf(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t, func(o *emulator.Options) { o.LiveKeys = true })
	for key, want := range map[string]bool{"sk_test_one": false, "sk_live_one": true} {
		mine := emulator.Server{Emulator: server.Emulator, URL: server.URL, Key: key}
		said := `"livemode": false`
		made, err := mine.Client().V1Customers.Create(t.Context(), &stripe.CustomerCreateParams{Name: &said})
		if err != nil {
			t.Fatal(err)
		}
		if made.Livemode != want || made.Name != said {
			t.Errorf("%s: livemode %v, name %q; want %v and the name as it was given", key, made.Livemode, made.Name, want)
		}
	}
}

// Rows: D3.
func TestOnlySecretTestKeysOpenAWorld(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	for _, tc := range []struct {
		name, header string
		status       int
		says         string
	}{
		{"no key", "", 401, "You did not provide an API key."},
		{"another scheme", "Digest x", 401, "You did not provide an API key."},
		{"a live key", "Bearer sk_live_51abcdefgh", 401, "refuses the live key sk_live_"},
		{"a live restricted key", "Bearer rk_live_51abcdefgh", 401, "refuses the live key"},
		{"a publishable key", "Bearer pk_test_51abcdefgh", 403, "publishable API key"},
		{"nonsense", "Bearer hello", 401, "Invalid API Key provided"},
		{"a key with odd characters", "Bearer sk_test_a/b", 401, "Invalid API Key provided"},
		{"a restricted test key", "Bearer rk_test_abc", 200, ""},
		{"a secret test key", "bearer sk_test_abc", 200, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			headers := map[string]string{"Authorization": tc.header}
			status, header, body := plain{t, server, ""}.raw("GET", "/v1/customers", nil, headers)
			says, _ := refusal(body)["message"].(string)
			if status != tc.status || !strings.Contains(says, tc.says) {
				t.Errorf("got %d %q, want %d %q", status, says, tc.status, tc.says)
			}
			if status == 401 && (header.Get("WWW-Authenticate") == "" || header.Get("Request-Id") != "") {
				t.Errorf("headers of a refused key: %v", header)
			}
			if strings.Contains(says, "abcdefgh") {
				t.Errorf("the message shows the key: %s", says)
			}
		})
	}
}

func TestKeysAreWorldsOfTheirOwn(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	mine := plain{t, server, ""}
	mine.must("POST", "/v1/customers", nil)
	_, _, theirs := mine.raw("GET", "/v1/customers", nil, map[string]string{"Authorization": "Bearer sk_test_other"})
	if n := len(theirs["data"].([]any)); n != 0 {
		t.Errorf("another key sees %d customers", n)
	}
}

// Rows: B1.
func TestAnIdempotencyKeyRunsARequestOnce(t *testing.T) {
	t.Parallel()
	p := plain{t, start(t), ""}
	key := map[string]string{"Idempotency-Key": "k1"}
	_, first, made := p.raw("POST", "/v1/customers", url.Values{"name": {"Ada"}, "email": {"a@b.c"}}, key)
	if first.Get("Original-Request") != first.Get("Request-Id") || first.Get("Idempotency-Key") != "k1" || first.Get("Stripe-Should-Retry") != "false" || first.Get("Idempotent-Replayed") != "" {
		t.Errorf("headers of the first: %v", first)
	}
	_, second, again := p.raw("POST", "/v1/customers", url.Values{"email": {"a@b.c"}, "name": {"Ada"}}, key)
	if again["id"] != made["id"] || second.Get("Idempotent-Replayed") != "true" || second.Get("Original-Request") != first.Get("Request-Id") || second.Get("Request-Id") == first.Get("Request-Id") {
		t.Errorf("replay %v with headers %v", again["id"], second)
	}
	for _, path := range []string{"/v1/customers", "/v1/products"} {
		status, _, body := p.raw("POST", path, url.Values{"name": {"Bob"}}, key)
		if status != 400 || refusal(body)["type"] != "idempotency_error" {
			t.Errorf("other parameters on %s: %d %v", path, status, body)
		}
	}
	invalid := map[string]string{"Idempotency-Key": "k2"}
	if status, _, _ := p.raw("POST", "/v1/customers", url.Values{"emale": {"x"}}, invalid); status != 400 {
		t.Errorf("an unknown parameter answered %d", status)
	}
	if status, _, body := p.raw("POST", "/v1/customers", url.Values{"email": {"x@y.z"}}, invalid); status != 200 {
		t.Errorf("a request that failed validation took its key: %d %v", status, body)
	}
	declined := map[string]string{"Idempotency-Key": "k3"}
	form := url.Values{"amount": {"500"}, "currency": {"usd"}, "payment_method": {"pm_card_visa_chargeDeclined"}, "confirm": {"true"}, "payment_method_types[]": {"card"}}
	status, _, body := p.raw("POST", "/v1/payment_intents", form, declined)
	if status != 402 || refusal(body)["decline_code"] != "generic_decline" {
		t.Errorf("a declined card answered %d %v", status, body)
	}
	status, header, same := p.raw("POST", "/v1/payment_intents", form, declined)
	if status != 402 || header.Get("Idempotent-Replayed") != "true" || refusal(same)["charge"] != refusal(body)["charge"] {
		t.Errorf("a decline was not replayed: %d %v", status, same)
	}
	if n := len(p.must("GET", "/v1/customers", nil)["data"].([]any)); n != 2 {
		t.Errorf("%d customers, want 2", n)
	}
}

// Rows: B1.
func TestSimultaneousRequestsWithOneKeyMakeOneObject(t *testing.T) {
	t.Parallel()
	p := plain{t, start(t), ""}
	var done sync.WaitGroup
	for range 20 {
		done.Go(func() {
			status, _, body := p.raw("POST", "/v1/customers", url.Values{"name": {"Ada"}}, map[string]string{"Idempotency-Key": "same"})
			if status != 200 && (status != 409 || refusal(body)["code"] != "idempotency_key_in_use") {
				t.Errorf("got %d %v", status, body)
			}
		})
	}
	done.Wait()
	if n := len(p.must("GET", "/v1/customers", nil)["data"].([]any)); n != 1 {
		t.Errorf("%d customers, want 1", n)
	}
}

func TestBodiesThatAreNoFormsAreRefused(t *testing.T) {
	t.Parallel()
	p := plain{t, start(t), ""}
	json := map[string]string{"Content-Type": "application/json"}
	if status, _, body := p.raw("POST", "/v1/customers", url.Values{"name": {"Ada"}}, json); status != 400 || !strings.Contains(fmt.Sprint(body), "content type") {
		t.Errorf("JSON: %d %v", status, body)
	}
	if status, body := p.do("POST", "/v1/customers", url.Values{"name": {strings.Repeat("x", 1<<20)}}); status != 413 {
		t.Errorf("over a megabyte: %d %v", status, body)
	}
	other := map[string]string{"Stripe-Account": "acct_other"}
	if status, _, body := p.raw("GET", "/v1/customers", nil, other); status != 403 || refusal(body)["code"] != "account_invalid" {
		t.Errorf("a connected account: %d %v", status, body)
	}
}

func TestAnswersCarryStripesHeaders(t *testing.T) {
	t.Parallel()
	p := plain{t, start(t), ""}
	_, header, _ := p.raw("GET", "/v1/customers", nil, map[string]string{"Idempotency-Key": "ignored on GET"})
	for name, want := range map[string]string{
		"Content-Type": `^application/json$`, "Request-Id": `^req_[A-Za-z0-9]{14}$`, "Stripe-Version": `^2026-06-24\.dahlia$`,
		"Cache-Control": `^no-cache, no-store$`, "Idempotency-Key": `^$`, "Original-Request": `^$`, "Stripe-Should-Retry": `^$`,
	} {
		if got := header.Get(name); !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%s is %q, want %s", name, got, want)
		}
	}
}

func TestVersionsAreCheckedAndRendered(t *testing.T) {
	t.Parallel()
	server := start(t)
	for _, tc := range []struct {
		version string
		status  int
		has     bool // customer_account
	}{
		{"2026-06-24.dahlia", 200, true}, {"2026-10-28.endive", 200, true}, {"2025-11-17.clover", 200, false}, {"2025-03-31.basil", 200, false},
		{"2024-06-20", 200, false}, {"2020-08-27", 200, false}, {"2020-03-02", 400, false}, {"2030-01-01", 400, false}, {"nonsense", 400, false},
	} {
		t.Run(tc.version, func(t *testing.T) {
			t.Parallel()
			status, header, body := plain{t, server, tc.version}.raw("POST", "/v1/customers", nil, nil)
			_, has := body["customer_account"]
			if status != tc.status || has != tc.has {
				t.Errorf("got %d, customer_account %v; want %d, %v", status, has, tc.status, tc.has)
			}
			if status == http.StatusOK && header.Get("Stripe-Version") != tc.version {
				t.Errorf("the answer says version %s", header.Get("Stripe-Version"))
			}
		})
	}
}

// A choice of Stripe that nothing comes of would only seem to work: it is refused by name.
func TestAChoiceThatIsNotServedIsRefusedByName(t *testing.T) {
	t.Parallel()
	server := start(t)
	p := plain{t, server, ""}
	shop := openShop(t, server, "")
	checkout := "success_url=https://a.b&mode=subscription&line_items[0][quantity]=1&line_items[0][price]=" + shop.price.ID + "&"
	for _, c := range []struct{ path, form, param string }{
		{"checkout/sessions", checkout + "shipping_address_collection[allowed_countries][0]=DE", "shipping_address_collection"},
		{"checkout/sessions", checkout + "branding_settings[display_name]=Acme", "branding_settings"},
		{"checkout/sessions", checkout + "automatic_tax[enabled]=true", "automatic_tax[enabled]"},
		{"checkout/sessions", checkout + "ui_mode=embedded_page", "ui_mode"},
		{"payment_intents", "amount=1000&currency=usd&radar_options[session]=rse_1", "radar_options"},
		{"billing_portal/configurations", "features[invoice_history][enabled]=true&login_page[enabled]=true", "login_page[enabled]"},
	} {
		form, err := url.ParseQuery(c.form)
		if err != nil {
			t.Fatal(err)
		}
		status, body := p.do("POST", "/v1/"+c.path, form)
		refused := refusal(body)
		if status != 400 || refused["code"] != "parameter_unsupported" || refused["param"] != c.param {
			t.Errorf("%s: got %d %v", c.form, status, refused)
		}
	}
	for _, harmless := range []string{
		"line_items[0][adjustable_quantity][enabled]=false", "allow_promotion_codes=false", "billing_address_collection=auto", "automatic_tax[enabled]=false",
	} {
		form, err := url.ParseQuery(checkout + harmless)
		if err != nil {
			t.Fatal(err)
		}
		if status, body := p.do("POST", "/v1/checkout/sessions", form); status != 200 {
			t.Errorf("%s: got %d %v", harmless, status, body["error"])
		}
	}
}

package emulator_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/dues-billing/dues/emulator"
)

// recorded is the API version whose answers were recorded key by key.
const recorded = "2026-03-25.dahlia"

// keysOf are the keys that Stripe sends for a new object, without expand, beside id and object. They are all present, also when null, and no
// other is.
var keysOf = map[string]string{
	"customer": `address balance created currency customer_account default_source delinquent description discount email invoice_prefix
		invoice_settings livemode metadata name next_invoice_sequence phone preferred_locales shipping tax_exempt test_clock`,
	"product": `active created default_price description images livemode marketing_features metadata name package_dimensions shippable
		statement_descriptor tax_code type unit_label updated url`,
	"price": `active billing_scheme created currency custom_unit_amount livemode lookup_key metadata nickname product recurring tax_behavior
		tiers_mode transform_quantity type unit_amount unit_amount_decimal`,
	"plan": `active amount amount_decimal billing_scheme created currency interval interval_count livemode metadata meter nickname product
		tiers_mode transform_usage trial_period_days usage_type`,
	"subscription": `application application_fee_percent automatic_tax billing_cycle_anchor billing_cycle_anchor_config billing_mode
		billing_thresholds cancel_at cancel_at_period_end canceled_at cancellation_details collection_method created currency customer
		customer_account days_until_due default_payment_method default_source default_tax_rates description discounts ended_at invoice_settings
		items latest_invoice livemode metadata next_pending_invoice_item_invoice on_behalf_of pause_collection payment_settings
		pending_invoice_item_interval pending_setup_intent pending_update plan quantity schedule start_date status test_clock transfer_data
		trial_end trial_settings trial_start`,
	"subscription_item": `billing_thresholds created current_period_end current_period_start discounts metadata plan price quantity subscription
		tax_rates`,
	"invoice": `account_country account_name account_tax_ids amount_due amount_overpaid amount_paid amount_remaining amount_shipping application
		attempt_count attempted auto_advance automatic_tax automatically_finalizes_at billing_reason collection_method created currency
		custom_fields customer customer_account customer_address customer_email customer_name customer_phone customer_shipping
		customer_tax_exempt customer_tax_ids default_payment_method default_source default_tax_rates description discounts due_date
		effective_at ending_balance footer from_invoice hosted_invoice_url invoice_pdf issuer last_finalization_error latest_revision lines
		livemode metadata next_payment_attempt number on_behalf_of parent payment_settings period_end period_start
		post_payment_credit_notes_amount pre_payment_credit_notes_amount receipt_number rendering shipping_cost shipping_details
		starting_balance statement_descriptor status status_transitions subtotal subtotal_excluding_tax test_clock total
		total_discount_amounts total_excluding_tax total_pretax_credit_amounts total_taxes webhooks_delivered_at`,
	"line_item": `amount currency description discount_amounts discountable discounts invoice livemode metadata parent period
		pretax_credit_amounts pricing quantity quantity_decimal subtotal taxes`,
	"invoiceitem": `amount currency customer customer_account date description discountable discounts invoice livemode metadata net_amount parent
		period pricing proration quantity quantity_decimal tax_rates test_clock`,
	"invoice_payment": `amount_paid amount_requested created currency invoice is_default livemode payment status status_transitions`,
	"payment_intent": `allowed_payment_method_types amount amount_capturable amount_details amount_received application application_fee_amount
		automatic_payment_methods canceled_at cancellation_reason capture_method client_secret confirmation_method created currency customer
		customer_account description excluded_payment_method_types last_payment_error latest_charge livemode managed_payments metadata
		next_action on_behalf_of payment_method payment_method_configuration_details payment_method_options payment_method_types processing
		receipt_email review setup_future_usage shared_payment_granted_token shipping source statement_descriptor
		statement_descriptor_suffix status transfer_data transfer_group`,
	"setup_intent": `application automatic_payment_methods cancellation_reason client_secret created customer customer_account description
		excluded_payment_method_types flow_directions last_setup_error latest_attempt livemode mandate metadata next_action on_behalf_of
		payment_method payment_method_configuration_details payment_method_options payment_method_types single_use_mandate status usage`,
	"payment_method": `allow_redisplay billing_details card created customer customer_account livemode metadata shared_payment_granted_token type`,
	"charge": `amount amount_captured amount_refunded application application_fee application_fee_amount balance_transaction billing_details
		calculated_statement_descriptor captured created currency customer description destination dispute disputed
		failure_balance_transaction failure_code failure_message fraud_details livemode metadata on_behalf_of order outcome paid
		payment_intent payment_method payment_method_details radar_options receipt_email receipt_number receipt_url refunded review shipping
		source source_transfer statement_descriptor statement_descriptor_suffix status transfer_data transfer_group`,
	"refund": `amount balance_transaction charge created currency destination_details metadata payment_intent reason receipt_number
		source_transfer_reversal status transfer_reversal`,
	"balance_transaction": `amount available_on balance_type created currency description exchange_rate fee fee_details net reporting_category
		source status type`,
	"customer_balance_transaction": `amount checkout_session created credit_note currency customer customer_account description ending_balance
		invoice livemode metadata type`,
	"checkout.session": `adaptive_pricing after_expiration allow_promotion_codes amount_subtotal amount_total automatic_tax
		billing_address_collection branding_settings cancel_url client_reference_id client_secret collected_information consent
		consent_collection created currency currency_conversion custom_fields custom_text customer customer_account customer_creation
		customer_details customer_email discounts expires_at integration_identifier invoice invoice_creation livemode locale metadata mode
		origin_context payment_intent payment_link payment_method_collection payment_method_configuration_details payment_method_options
		payment_method_types payment_status permissions phone_number_collection recovered_from saved_payment_method_options setup_intent
		shipping_address_collection shipping_cost shipping_options status submit_type subscription success_url total_details ui_mode url
		wallet_options`,
	"billing_portal.session": `configuration created customer customer_account flow livemode locale on_behalf_of return_url url`,
	"billing_portal.configuration": `active application business_profile created default_return_url features is_default livemode login_page
		metadata name updated`,
	"event":                   `api_version created data livemode pending_webhooks request type`,
	"webhook_endpoint":        `api_version application created description enabled_events livemode metadata secret status url`,
	"test_helpers.test_clock": `created deletes_after frozen_time livemode name status status_details`,
	"list":                    `data has_more url`,
}

// plain speaks HTTP without an SDK, in an API version.
type plain struct {
	t       *testing.T
	server  *emulator.Server
	version string
}

func (p plain) do(method, path string, form url.Values) (int, map[string]any) {
	p.t.Helper()
	status, _, body := p.raw(method, path, form, nil)
	return status, body
}

func (p plain) raw(method, path string, form url.Values, headers map[string]string) (int, http.Header, map[string]any) {
	p.t.Helper()
	status, header, text := p.send(method, path, form, headers)
	var body map[string]any
	if err := json.Unmarshal(text, &body); err != nil {
		p.t.Fatalf("%s %s: %v in %s", method, path, err, text)
	}
	return status, header, body
}

// send returns the answer as it was written.
func (p plain) send(method, path string, form url.Values, headers map[string]string) (int, http.Header, []byte) {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.SetBasicAuth(p.server.Key, "")
	if p.version != "" {
		r.Header.Set("Stripe-Version", p.version)
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return response.StatusCode, response.Header, text
}

// must is do for a request that succeeds.
func (p plain) must(method, path string, form url.Values) map[string]any {
	p.t.Helper()
	status, body := p.do(method, path, form)
	if status != http.StatusOK {
		p.t.Fatalf("%s %s answered %d %v", method, path, status, body)
	}
	return body
}

func TestNewObjectsHaveExactlyStripesKeys(t *testing.T) {
	t.Parallel()
	server := start(t)
	p := plain{t, server, recorded}
	seen := map[string]map[string]any{}
	note := func(o map[string]any) map[string]any {
		if name, _ := o["object"].(string); seen[name] == nil {
			seen[name] = o
		}
		return o
	}
	id := func(o map[string]any) string { return o["id"].(string) }
	note(p.must("POST", "/v1/webhook_endpoints", url.Values{"url": {"http://127.0.0.1:9/"}, "enabled_events[]": {"charge.expired"}}))
	note(p.must("POST", "/v1/test_helpers/test_clocks", url.Values{"frozen_time": {"1800000000"}}))
	customer := id(note(p.must("POST", "/v1/customers", url.Values{"payment_method": {"pm_card_visa"}, "invoice_settings[default_payment_method]": {"pm_card_visa"}})))
	product := id(note(p.must("POST", "/v1/products", url.Values{"name": {"Premium"}})))
	price := id(note(p.must("POST", "/v1/prices", url.Values{"product": {product}, "currency": {"usd"}, "unit_amount": {"2000"}, "recurring[interval]": {"month"}})))
	note(p.must("GET", "/v1/plans/"+price, nil))
	sub := note(p.must("POST", "/v1/subscriptions", url.Values{"customer": {customer}, "items[0][price]": {price}, "expand[]": {"latest_invoice"}}))
	note(sub["items"].(map[string]any)["data"].([]any)[0].(map[string]any))
	invoice := note(sub["latest_invoice"].(map[string]any))
	note(invoice["lines"].(map[string]any)["data"].([]any)[0].(map[string]any))
	note(p.must("POST", "/v1/invoiceitems", url.Values{"customer": {customer}, "amount": {"500"}, "currency": {"usd"}}))
	note(p.must("POST", "/v1/customers/"+customer+"/balance_transactions", url.Values{"amount": {"-5"}, "currency": {"usd"}}))
	first := func(path string) map[string]any {
		list := note(p.must("GET", path, nil))
		return note(list["data"].([]any)[0].(map[string]any))
	}
	first("/v1/invoice_payments?invoice=" + id(invoice))
	first("/v1/customers/" + customer + "/payment_methods")
	first("/v1/events")
	charge := first("/v1/charges")
	note(p.must("GET", "/v1/balance_transactions/"+charge["balance_transaction"].(string), nil))
	note(p.must("POST", "/v1/refunds", url.Values{"charge": {id(charge)}}))
	note(p.must("POST", "/v1/setup_intents", url.Values{"customer": {customer}}))
	note(plain{t, server, ""}.must("POST", "/v1/payment_intents", url.Values{"amount": {"500"}, "currency": {"usd"}}))
	note(p.must("POST", "/v1/checkout/sessions", url.Values{
		"mode": {"subscription"}, "customer": {customer}, "line_items[0][price]": {price}, "line_items[0][quantity]": {"1"}, "success_url": {"https://example.com"},
	}))
	note(p.must("POST", "/v1/billing_portal/sessions", url.Values{"customer": {customer}}))
	note(p.must("POST", "/v1/billing_portal/configurations", url.Values{"features[invoice_history][enabled]": {"true"}}))
	for name, keys := range keysOf {
		want := append(strings.Fields(keys), "object")
		if name != "list" {
			want = append(want, "id")
		}
		if seen[name] == nil {
			t.Errorf("no %s was made", name)
			continue
		}
		got := slices.Collect(maps.Keys(seen[name]))
		for _, key := range got {
			if !slices.Contains(want, key) {
				t.Errorf("%s has %s, which Stripe does not send", name, key)
			}
		}
		for _, key := range want {
			if !slices.Contains(got, key) {
				t.Errorf("%s lacks %s", name, key)
			}
		}
	}
}

func TestWhatIsLeftOutByDefaultExpands(t *testing.T) {
	t.Parallel()
	shop := openShop(t, start(t), "")
	sub := shop.subscribe(t)
	p := plain{t, shop.Server, ""}
	lazy := "expand[]=sources&expand[]=subscriptions&expand[]=tax&expand[]=tax_ids&expand[]=invoice_credit_balance&expand[]=cash_balance"
	customer := p.must("GET", "/v1/customers/"+shop.customer.ID+"?"+lazy, nil)
	if n := customer["subscriptions"].(map[string]any)["total_count"]; n != 1.0 {
		t.Errorf("%v subscriptions in the customer, want 1", n)
	}
	invoice := p.must("GET", "/v1/invoices/"+sub.LatestInvoice.ID+"?expand[]=payments&expand[]=confirmation_secret&expand[]=customer.subscriptions", nil)
	if secret, _ := invoice["confirmation_secret"].(map[string]any)["client_secret"].(string); !strings.HasPrefix(secret, "pi_") {
		t.Errorf("confirmation_secret %v", invoice["confirmation_secret"])
	}
	preview := p.must("POST", "/v1/invoices/create_preview", url.Values{
		"subscription": {sub.ID}, "expand[]": {"payments", "confirmation_secret", "customer.subscriptions.data.latest_invoice"},
	})
	if preview["confirmation_secret"] != nil {
		t.Errorf("a preview has a secret: %v", preview["confirmation_secret"])
	}
	p.must("DELETE", "/v1/customers/"+shop.customer.ID, nil)
	if gone := p.must("GET", "/v1/customers/"+shop.customer.ID+"?"+lazy, nil); len(gone) != 3 {
		t.Errorf("a deleted customer answers %v, want the stub", gone)
	}
}

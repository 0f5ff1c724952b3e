package wire

import (
	"reflect"
	"slices"
	"testing"

	"github.com/dues-billing/dues/emulator/engine"
)

// notRoutes are the commands that no operation of Stripe's API stands for: time, taken webhooks, and what a person does on the hosted pages.
var notRoutes = []string{
	"AcknowledgeWebhook", "FinishAdvance", "MoveTime", "MoveTimeTo", "ChangeSettings", "RollWebhookSecret", "CreateInvoiceTemplate", "Tick",
	"ChangeCheckout", "OpenPaymentLink", "RecoverCheckout", "PayHostedInvoice", "PortalAddCard", "PortalCancel", "PortalPreview", "PortalUpdate", "PortalRemoveCard", "PortalResume", "PortalSetDefault", "ResolveChallenge", "SubmitCheckout",
}

func TestEveryCommandIsReachable(t *testing.T) {
	t.Parallel()
	var routed []string
	for _, r := range slices.Concat(routes, oldRoutes, newRoutes, cliRoutes, v2Routes) {
		if r.command == "" {
			continue
		}
		routed = append(routed, r.command)
		if _, known := engine.CommandByName(r.command); !known {
			t.Errorf("%s %s: the engine has no command %s", r.method, r.path, r.command)
		}
	}
	for _, name := range engine.CommandNames() {
		if slices.Contains(routed, name) == slices.Contains(notRoutes, name) {
			t.Errorf("%s: want exactly one of a route and a place among the commands without one", name)
		}
	}
}

// Every honoured parameter must be one of Stripe's: the table refuses what it does not know before a command sees it.
func TestCommandsHonourParametersOfStripeOnly(t *testing.T) {
	t.Parallel()
	servedRoutes()
	newest := eraOf(laterVersions[len(laterVersions)-1])
	for _, r := range slices.Concat(routes, newRoutes, cliRoutes, v2Routes) {
		target := r.query
		if cmd, ok := engine.CommandByName(r.command); ok {
			target = reflect.TypeOf(cmd).Elem()
		}
		if target == nil || r.customer != nil { // below a customer an operation takes fewer parameters than its command
			continue
		}
		for name := range layoutOf(target) {
			if newest.params(r.op).fields[name] == nil && !otherwiseKnown[target.Name()+"."+name] {
				t.Errorf("%s %s: %s honours %s, which is no parameter of Stripe's", r.method, r.path, target.Name(), name)
			}
		}
	}
}

// otherwiseKnown are parameters of another route of the same query, of a later release that modernize renames, or of versions of old.
var otherwiseKnown = map[string]bool{
	"ListPaymentMethods.customer": true, "CreateCheckoutSession.allowed_payment_method_types": true, "CreatePlan.aggregate_usage": true,
}

func TestRoutesAreFoundByTheirPath(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ method, path, want string }{
		{"POST", "/v1/customers", "/v1/customers"},
		{"GET", "/v1/customers/cus_1", "/v1/customers/{customer}"},
		{"POST", "/v1/invoices/create_preview", "/v1/invoices/create_preview"},
		{"POST", "/v1/invoices/in_1/pay", "/v1/invoices/{invoice}/pay"},
		{"POST", "/v1/customers/", ""},
		{"GET", "/v1/customers//x", ""},
		{"PUT", "/v1/customers", ""},
		{"GET", "/v1/none", ""},
		{"GET", "/v1", ""},
	} {
		got := ""
		if r, _ := servedRoutes().find(tc.method, tc.path); r != nil {
			got = r.path
		}
		if got != tc.want {
			t.Errorf("%s %s: got %q, want %q", tc.method, tc.path, got, tc.want)
		}
	}
}

package wire

import "github.com/dues-billing/dues/emulator/engine"

// cliOperations are what Stripe's own tools use although its document does not list it, in the words of specText. Stripe's answers about a
// payment page are unknown; the CLI reads no more of them than the id, and here they are the Checkout Session.
const cliOperations = `
op GET /v1/payment_pages/{session} checkout.session {expand:[s5000]}
op POST /v1/payment_pages/{session}/confirm checkout.session {expected_amount:i;expand:[s5000];payment_method!:s5000}
op POST /v1/events/{id}/retry event {expand:[s5000];for_stripecli:b;webhook_endpoint:s5000}
op POST /v1/stripecli/sessions - {device_name:s5000;filters:s5000;forward_connect_to_url:s5000;forward_thin_connect_to_url:s5000;forward_thin_to_url:s5000;forward_to_url:s5000;websocket_features:[s5000]}
`

// cliRoutes serve cliOperations.
var cliRoutes = []*route{
	retrieve[engine.CheckoutSession]("/v1/payment_pages/{session}", "checkout.session", "session"),
	post("/v1/payment_pages/{session}/confirm", "ConfirmPaymentPage"),
	{method: "POST", path: "/v1/events/{id}/retry", act: retryEvent},
	{method: "POST", path: "/v1/stripecli/sessions", act: openSession},
}

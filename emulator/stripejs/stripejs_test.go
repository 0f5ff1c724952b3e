package stripejs_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/internal/testenv/browser"
)

// shop is a site with a payment page of its own, on another site than the emulator.
type shop struct {
	t      *testing.T
	server *emulator.Server
	client *stripe.Client
	tab    *browser.Tab
	url    string
	page   string // what it serves at /
}

func open(t *testing.T) *shop {
	t.Helper()
	s := &shop{t: t, server: emulator.Start(t), tab: browser.Open(t, 1000)}
	s.client = s.server.Client()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.URL.Path != "/" {
			_, _ = io.WriteString(w, "back at "+r.URL.String())
			return
		}
		_, _ = io.WriteString(w, s.page)
	}))
	t.Cleanup(site.Close)
	s.url = strings.Replace(site.URL, "127.0.0.1", "localhost", 1)
	return s
}

// serve shows a page that has loaded Stripe.js and runs a script; stripe is there, and show(answer) writes an answer into the page.
func (s *shop) serve(html, script string) {
	s.t.Helper()
	s.page = `<!doctype html><html lang="en"><head><title>Shop</title><script src="` + s.server.URL + `/v3/"></script></head><body><h1>Pay</h1>` + html +
		`<p id="answer"></p><script type="module">
			const stripe = Stripe("` + strings.Replace(s.server.Key, "sk_", "pk_", 1) + `");
			window.show = (answer) => { document.querySelector("#answer").textContent = "answer: " + JSON.stringify(answer) };
			new MutationObserver(() => { // a page cannot look into the frame of the challenge, but hears that it has come
				const frame = document.querySelector("dialog iframe");
				if (frame && !frame.heard) { frame.heard = true; frame.addEventListener("load", () => { window.asked = frame }) }
			}).observe(document.body, { childList: true });
			try { ` + script + ` } catch (e) { show({ thrown: e.message }) }</script></body></html>`
	s.tab.Visit(s.url)
}

// intent is a payment that waits for its card.
func (s *shop) intent(cents int64) *stripe.PaymentIntent {
	s.t.Helper()
	made, err := s.client.V1PaymentIntents.Create(s.t.Context(), &stripe.PaymentIntentCreateParams{
		Amount: stripe.Int64(cents), Currency: stripe.String("eur"), AutomaticPaymentMethods: &stripe.PaymentIntentCreateAutomaticPaymentMethodsParams{Enabled: stripe.Bool(true)},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return made
}

func (s *shop) status(id string) stripe.PaymentIntentStatus {
	s.t.Helper()
	found, err := s.client.V1PaymentIntents.Retrieve(s.t.Context(), id, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return found.Status
}

// typeCard types into the fields, from the first on, as a person does.
func (s *shop) typeCard(fields ...string) {
	s.t.Helper()
	s.tab.Until(`window.ready === true`)
	s.tab.Do(chromedp.Evaluate[chromedp.Void](`window.first.focus()`))
	s.tab.Until(`document.activeElement.tagName === "IFRAME"`)
	for _, text := range fields {
		s.tab.Do(chromedp.KeyEvent(text), chromedp.KeyEvent(kb.Tab))
	}
}

// answer waits for what a call answered.
func (s *shop) answer(words ...string) {
	s.t.Helper()
	for _, word := range words {
		s.tab.Until(fmt.Sprintf(`document.querySelector("#answer")?.textContent.includes(%q)`, word))
	}
}

const paymentElement = `
	const elements = stripe.elements({ clientSecret: window.secret, appearance: { variables: { colorPrimary: "#0a7d55" } } });
	const payment = elements.create("payment");
	window.first = payment; window.elements = elements; window.stripe = stripe;
	payment.on("ready", () => { window.ready = true });
	payment.on("change", (e) => { window.state = e });
	payment.mount("#payment");`

func (s *shop) paymentPage(secret string) {
	s.t.Helper()
	s.serve(`<form id="pay"><div id="payment"></div><button>Pay</button></form>`, `window.secret = "`+secret+`";`+paymentElement+`
		document.querySelector("#pay").addEventListener("submit", async (e) => {
			e.preventDefault();
			show(await stripe.confirmPayment({ elements, confirmParams: { return_url: location.origin + "/done?order=7" } }));
		});`)
}

func (s *shop) pay() {
	s.t.Helper()
	s.tab.Do(chromedp.Evaluate[chromedp.Void](`document.querySelector("button").click()`))
}

func TestAPaymentPageOfOnesOwnTakesACard(t *testing.T) {
	t.Parallel()
	s := open(t)
	made := s.intent(1000)
	s.paymentPage(made.ClientSecret)
	s.typeCard("4242424242424242", "1234", "123")
	s.tab.Until(`window.state?.complete === true && window.state.elementType === "payment"`)
	s.tab.Until(`!document.documentElement.outerHTML.includes("4242")`) // the page never sees the number
	s.tab.Go(chromedp.Click("button"))
	s.tab.Says("back at /done?order=7&payment_intent="+made.ID, "&payment_intent_client_secret="+made.ClientSecret, "&redirect_status=succeeded")
	if got := s.status(made.ID); got != stripe.PaymentIntentStatusSucceeded {
		t.Errorf("the payment is %s", got)
	}
}

func TestWhatIsWrongWithACardStandsBesideIt(t *testing.T) {
	t.Parallel()
	s := open(t)
	made := s.intent(1000)
	s.paymentPage(made.ClientSecret)
	s.tab.Until(`window.ready === true`)
	s.pay()
	s.answer(`"code":"incomplete_number"`, `"type":"validation_error"`, "Your card number is incomplete.")
	s.typeCard("4242424242424241", "1234", "123")
	s.tab.Until(`window.state?.error?.code === "invalid_number"`)
	s.paymentPage(made.ClientSecret)
	s.typeCard("4000000000000002", "1234", "123")
	s.pay()
	s.answer(`"type":"card_error"`, `"code":"card_declined"`, "Your card was declined.")
	s.typeCard("4242424242424242", "1234", "123") // over the old: the number is full, so that nothing is added
	if got := s.status(made.ID); got != stripe.PaymentIntentStatusRequiresPaymentMethod {
		t.Errorf("the payment is %s", got)
	}
}

// resolve presses a button of the challenge, which stands in a frame above the page, in a process of its own.
func (s *shop) resolve(outcome string) {
	s.t.Helper()
	s.tab.Until(`window.asked === document.querySelector("dialog[open] iframe")`)
	targets, err := chromedp.Targets(s.tab.Context)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, target := range targets {
		if strings.HasSuffix(target.URL, "/frame") {
			frame, leave := chromedp.NewContext(s.tab.Context, chromedp.WithTargetID(target.TargetID))
			s.t.Cleanup(leave)
			if err := chromedp.Do(frame, chromedp.Evaluate[chromedp.Void](`document.querySelector("button[value=`+outcome+`]").click()`)); err != nil {
				s.t.Fatal(err)
			}
			return
		}
	}
	s.t.Fatalf("no challenge among %v", targets)
}

func TestAChallengeOpensAboveThePage(t *testing.T) {
	t.Parallel()
	s := open(t)
	made := s.intent(2500)
	s.paymentPage(made.ClientSecret)
	s.typeCard("4000002760003184", "1234", "123")
	s.pay()
	s.tab.Until(`document.querySelector("dialog[open] iframe") !== null`)
	if got := s.status(made.ID); got != stripe.PaymentIntentStatusRequiresAction {
		t.Fatalf("under the challenge the payment is %s", got)
	}
	s.resolve("fail")
	s.answer(`"code":"payment_intent_authentication_failure"`)
	s.pay()
	s.tab.Until(`document.querySelector("dialog[open] iframe") !== null`)
	s.resolve("succeed")
	s.tab.Until(`location.pathname === "/done"`)
	s.tab.Says("redirect_status=succeeded")
	if got := s.status(made.ID); got != stripe.PaymentIntentStatusSucceeded {
		t.Errorf("the payment is %s", got)
	}
}

func TestACardIsSavedOnAPageOfOnesOwn(t *testing.T) {
	t.Parallel()
	s := open(t)
	customer, err := s.client.V1Customers.Create(t.Context(), &stripe.CustomerCreateParams{})
	if err != nil {
		t.Fatal(err)
	}
	set, err := s.client.V1SetupIntents.Create(t.Context(), &stripe.SetupIntentCreateParams{Customer: stripe.String(customer.ID), PaymentMethodTypes: []*string{stripe.String("card")}})
	if err != nil {
		t.Fatal(err)
	}
	s.serve(`<div id="payment"></div><button>Save</button>`, `window.secret = "`+set.ClientSecret+`";`+paymentElement+`
		document.querySelector("button").addEventListener("click", async () => show(await stripe.confirmSetup({ elements, redirect: "if_required" })));`)
	s.typeCard("5555555555554444", "1234", "123")
	s.pay()
	s.answer(`"setupIntent"`, `"status":"succeeded"`)
	done, err := s.client.V1SetupIntents.Retrieve(t.Context(), set.ID, nil)
	if err != nil || done.Status != stripe.SetupIntentStatusSucceeded {
		t.Errorf("the card: %v, %v", done, err)
	}
}

// Number, expiry and code in frames of their own, as many older pages have them, with the calls they use.
func TestTheOlderCallsWorkWithFieldsApart(t *testing.T) {
	t.Parallel()
	s := open(t)
	made, err := s.client.V1PaymentIntents.Create(t.Context(), &stripe.PaymentIntentCreateParams{
		Amount: stripe.Int64(1200), Currency: stripe.String("eur"), PaymentMethodTypes: []*string{stripe.String("card")},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.serve(`<div id="number"></div><div id="expiry"></div><div id="cvc"></div><button>Pay</button>`, `
		const elements = stripe.elements();
		const number = elements.create("cardNumber", { style: { base: { color: "#123456" } } });
		const others = { cardExpiry: "#expiry", cardCvc: "#cvc" };
		window.elements = elements;
		let ready = 0;
		const count = () => { window.ready = ++ready === 3 };
		window.first = number; number.on("ready", count); number.mount("#number");
		for (const [kind, where] of Object.entries(others)) elements.create(kind).on("ready", count).mount(where);
		number.on("change", (e) => { window.brand = e.brand });
		document.querySelector("button").addEventListener("click", async () => {
			const { paymentMethod, error } = await stripe.createPaymentMethod({ type: "card", card: number, billing_details: { name: "Ada Lovelace" } });
			if (error) return show({ error });
			window.method = paymentMethod;
			const answer = await stripe.confirmCardPayment("`+made.ClientSecret+`", { payment_method: paymentMethod.id });
			const token = await stripe.createToken(number);
			show({ ...answer, token: token.token?.object, read: (await stripe.retrievePaymentIntent("`+made.ClientSecret+`")).paymentIntent.status });
		});`)
	s.tab.Until(`window.ready === true`)
	for _, field := range [][3]string{{"cardNumber", "#number", "378282246310005"}, {"cardExpiry", "#expiry", "1234"}, {"cardCvc", "#cvc", "1234"}} {
		s.tab.Do(chromedp.Evaluate[chromedp.Void](`void window.elements.getElement("` + field[0] + `").focus()`))
		s.tab.Until(`document.activeElement.parentElement === document.querySelector("` + field[1] + `")`)
		s.tab.Do(chromedp.KeyEvent(field[2]))
		s.tab.Until(`document.querySelector("` + field[1] + `").classList.contains("StripeElement--complete")`)
	}
	s.tab.Until(`window.brand === "amex"`)
	s.pay()
	s.answer(`"status":"succeeded"`, `"token":"token"`, `"read":"succeeded"`)
	s.tab.Until(`window.method.card.last4 === "0005" && window.method.billing_details.name === "Ada Lovelace"`)
}

func TestAServerThatConfirmsLeavesTheRestToHandleNextAction(t *testing.T) {
	t.Parallel()
	s := open(t)
	made, err := s.client.V1PaymentIntents.Create(t.Context(), &stripe.PaymentIntentCreateParams{
		Amount: stripe.Int64(1200), Currency: stripe.String("eur"), PaymentMethodTypes: []*string{stripe.String("card")},
		PaymentMethod: stripe.String("pm_card_threeDSecure2Required"), Confirm: stripe.Bool(true), UseStripeSDK: stripe.Bool(true), ReturnURL: stripe.String(s.url + "/unused"),
	})
	if err != nil || made.NextAction == nil || made.NextAction.Type != "use_stripe_sdk" {
		t.Fatalf("%+v, %v", made, err)
	}
	s.serve(``, `stripe.handleNextAction({ clientSecret: "`+made.ClientSecret+`" }).then(show)`)
	s.resolve("succeed")
	s.answer(`"paymentIntent"`, `"status":"succeeded"`)
}

func TestRedirectToCheckoutOpensTheHostedPage(t *testing.T) {
	t.Parallel()
	s := open(t)
	session, err := s.client.V1CheckoutSessions.Create(t.Context(), &stripe.CheckoutSessionCreateParams{
		Mode: stripe.String("setup"), Currency: stripe.String("eur"), SuccessURL: stripe.String(s.url + "/done"),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.serve(``, `stripe.redirectToCheckout({ sessionId: "`+session.ID+`" })`)
	s.tab.Until(`location.pathname === "/c/pay/` + session.ID + `" && document.body.innerText.includes("Save a card")`)
}

func TestWhatStripeJSOfTheEmulatorHasNotSaysSo(t *testing.T) {
	t.Parallel()
	s := open(t)
	for script, want := range map[string]string{
		`stripe.initEmbeddedCheckout({})`:                                                "The emulator's Stripe.js has no stripe.initEmbeddedCheckout(). It has elements with card,",
		`stripe.elements().create("iban")`:                                               `has no "iban" element; it has card, cardNumber`,
		`Stripe("sk_test_oops")`:                                                         "A secret key must never be in a page.",
		`await stripe.confirmCardPayment("pi_1")`:                                        "value should be a client secret",
		`await stripe.confirmPayment({ clientSecret: "pi_1_secret_2" })`:                 `You must pass confirmParams.return_url unless redirect is`,
		`await stripe.redirectToCheckout({ lineItems: [] })`:                             "takes the sessionId of a Checkout session",
		`stripe.elements().create("card").mount("#nowhere")`:                             "applies to no DOM elements",
		`stripe.retrievePaymentIntent("pi_1_secret_2").then(show)`:                       "No such payment_intent: 'pi_1'",
		`stripe.retrievePaymentIntent("seti_1_secret_2").then(show)`:                     "No such setupintent: 'seti_1'",
		`stripe.elements().create("expressCheckout").on("ready", show).mount("#answer")`: `"elementType":"expressCheckout"`,
	} {
		s.serve(``, script)
		s.tab.Until(fmt.Sprintf(`document.querySelector("#answer").textContent.replaceAll("\\", "").includes(%q)`, want))
	}
}

func TestStripeJSIsServedWhereStripeHasIt(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	for _, path := range []string{"/v3/", "/v3", "/basil/stripe.js", "/clover/stripe.js", "/dahlia/stripe.js"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close() // it was read
		if err != nil || answer.StatusCode != http.StatusOK || !strings.Contains(string(body), "window.Stripe") || answer.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d, %v, %v", path, answer.StatusCode, answer.Header, err)
		}
	}
}

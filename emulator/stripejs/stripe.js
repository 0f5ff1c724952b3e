// Stripe.js of the Dues emulator. A page loads it from the emulator in place of https://js.stripe.com and finds the same functions:
// elements in frames, confirmPayment, confirmSetup, the card calls before them, handleNextAction and redirectToCheckout. What it does not
// have throws an error that says so.
(() => {
  const base = new URL(document.currentScript.src).origin;

  class IntegrationError extends Error {
    constructor(message) { super(message); this.name = "IntegrationError"; }
  }
  const wrong = (message) => { throw new IntegrationError(message); };

  // ---------- elements ----------

  const kinds = ["card", "cardNumber", "cardExpiry", "cardCvc", "payment", "linkAuthentication", "address", "expressCheckout"];
  const states = ["ready", "change", "focus", "blur", "escape", "confirm", "loaderror", "loaderstart"];

  // Element is one frame in the page.
  class Element {
    #group; #kind; #options; #frame; #handlers = {}; #waiting = new Map(); #ready; #loaded = false; #heard;
    constructor(group, kind, options) {
      this.#group = group; this.#kind = kind; this.#options = options ?? {};
      this._elementType = kind;
      this._mode = this.#options.mode;
    }

    mount(where) {
      const parent = typeof where === "string" ? document.querySelector(where) : where;
      if (!parent) wrong(`The selector you specified (${where}) applies to no DOM elements that are currently on the page. Make sure the element exists on the page before calling mount().`);
      if (this.#frame) this.unmount();
      parent.classList.add("StripeElement", "StripeElement--empty");
      this.#ready = new Promise((resolve) => { this.#loaded = resolve; });
      this.#heard = (e) => this.#hear(e);
      addEventListener("message", this.#heard);
      this.#frame = document.createElement("iframe");
      Object.assign(this.#frame, { src: base + "/v3/frame.html", title: "Secure " + this.#kind + " input frame", allow: "payment *" });
      this.#frame.name = "__privateStripeFrame" + crypto.randomUUID().slice(0, 8);
      Object.assign(this.#frame.style, { border: "0", width: "100%", display: "block", height: this.#kind.startsWith("card") ? "1.2em" : "3em", colorScheme: "normal" });
      if (this.#kind === "expressCheckout") { // no wallet is here
        this.#frame.remove(); this.#frame = undefined; this.#loaded();
        queueMicrotask(() => this.#fire("ready", { elementType: this.#kind, availablePaymentMethods: undefined }));
        return this;
      }
      parent.replaceChildren(this.#frame);
      return this;
    }

    unmount() {
      removeEventListener("message", this.#heard);
      this.#frame?.parentElement?.classList.remove("StripeElement", "StripeElement--empty", "StripeElement--focus", "StripeElement--complete", "StripeElement--invalid");
      this.#frame?.remove();
      this.#frame = undefined;
      return this;
    }

    destroy() { this.unmount(); this.#group._forget(this.#kind); this.#handlers = {}; return this; }

    on(event, handler) {
      if (!states.includes(event)) console.warn(`The emulator's Stripe.js knows no event "${event}" of an element.`);
      (this.#handlers[event] ??= []).push(handler);
      return this;
    }
    once(event, handler) {
      const first = (value) => { this.off(event, first); handler(value); };
      return this.on(event, first);
    }
    off(event, handler) {
      this.#handlers[event] = handler ? (this.#handlers[event] ?? []).filter((h) => h !== handler) : [];
      return this;
    }
    addListener(event, handler) { return this.on(event, handler); }
    removeListener(event, handler) { return this.off(event, handler); }

    focus() { this._ask("focus"); return this; }
    blur() { this._ask("blur"); return this; }
    clear() { this._ask("clear"); return this; }
    collapse() { return this; }
    update(options) {
      Object.assign(this.#options, options);
      this._ask("update", { options: { ...this.#group._look(), ...this.#options } });
      return this;
    }
    async getValue() {
      const value = await this._ask("values");
      const { error } = await this._ask("validate");
      return { complete: !error, isNewAddress: true, value };
    }

    // _ask asks the frame for something and waits for the answer.
    async _ask(request, more = {}) {
      if (!this.#frame) wrong(`We could not retrieve data from the specified Element. Please make sure the Element you are attempting to use is still mounted.`);
      await this.#ready;
      const id = crypto.randomUUID();
      return new Promise((resolve) => {
        this.#waiting.set(id, resolve);
        this.#frame.contentWindow.postMessage({ stripe: "page", request, id, ...more }, base);
      });
    }

    #fire(event, value) { for (const handler of [...this.#handlers[event] ?? []]) handler(value); }

    #hear({ source, origin, data }) {
      if (!this.#frame || source !== this.#frame.contentWindow || origin !== base || data?.stripe !== "emulator") return;
      const { event, answer } = data;
      const marks = this.#frame.parentElement?.classList;
      if (answer) { this.#waiting.get(answer)?.(data.result); this.#waiting.delete(answer); return; }
      if (event === "loaded") {
        const init = { kind: this.#kind, group: this.#group._id, ...this.#group._client, ...this.#group._look(), ...plain(this.#options) };
        this.#frame.contentWindow.postMessage({ stripe: "page", init }, base);
      }
      if (event === "height") this.#frame.style.height = data.height + "px";
      if (event === "ready") { this.#loaded(); this.#fire("ready", this); }
      if (event === "focus" || event === "blur") { marks?.toggle("StripeElement--focus", event === "focus"); this.#fire(event, { elementType: this.#kind }); }
      if (event === "escape") this.#fire(event, { elementType: this.#kind });
      if (event === "change") {
        const { stripe, event: _, ...state } = data;
        marks?.toggle("StripeElement--empty", state.empty);
        marks?.toggle("StripeElement--complete", state.complete);
        marks?.toggle("StripeElement--invalid", Boolean(state.error));
        this.#fire("change", { ...state, error: state.error ?? undefined });
      }
    }
  }

  // plain is what of the options can be sent to a frame: functions cannot.
  const plain = (value) => JSON.parse(JSON.stringify(value ?? {}));

  // Elements is a group of elements, which pay for one thing.
  class Elements {
    #options; #made = new Map();
    constructor(client, options) {
      this._id = crypto.randomUUID();
      this._client = client;
      this.#options = options ?? {};
    }
    create(kind, options) {
      if (!kinds.includes(kind)) wrong(`The emulator's Stripe.js has no "${kind}" element; it has ${kinds.join(", ")}.`);
      if (this.#made.has(kind)) wrong(`Can only create one Element of type ${kind}.`);
      const element = new Element(this, kind, options);
      this.#made.set(kind, element);
      return element;
    }
    getElement(kind) { return this.#made.get(typeof kind === "string" ? kind : kind?.__elementType) ?? null; }
    update(options) { Object.assign(this.#options, options); for (const element of this.#made.values()) element.update({}); }
    async fetchUpdates() { return {}; }
    async submit() {
      for (const element of this.#made.values()) {
        if (element._elementType === "expressCheckout") continue;
        const { error } = await element._ask("validate");
        if (error) return { error };
      }
      return { selectedPaymentMethod: "card" };
    }
    _forget(kind) { this.#made.delete(kind); }
    _look() { return plain({ appearance: this.#options.appearance, locale: this.#options.locale }); }
    get _secret() { return this.#options.clientSecret; }
    get _fields() { return this.#made.get("payment") ?? this.#made.get("card") ?? this.#made.get("cardNumber"); }

    // _details is what the elements beside the card say about the payer.
    async _details() {
      const email = await this.#made.get("linkAuthentication")?._ask("values");
      const address = await this.#made.get("address")?._ask("values");
      const where = this.#made.get("address")?._mode === "shipping" ? "shipping" : "billing_details";
      const found = { billing_details: { ...email } };
      if (address) found[where] = { ...found[where], ...address };
      return found;
    }
  }

  // ---------- the API ----------

  const kindOf = (secret) => (String(secret).startsWith("seti_") ? "setup_intents" : "payment_intents");
  const answerOf = (secret, intent) => ({ [kindOf(secret) === "setup_intents" ? "setupIntent" : "paymentIntent"]: intent });

  // idOf is the intent of a client secret.
  function idOf(secret, name) {
    const found = /^((?:pi|seti)_[A-Za-z0-9]+)_secret_/.exec(secret ?? "");
    if (!found) wrong(`Invalid value for ${name}: value should be a client secret of the form \${id}_secret_\${secret}. You specified: ${secret}.`);
    return found[1];
  }

  // Client calls the API with the publishable key.
  class Client {
    constructor(key, options) { this.key = key; this.version = options?.apiVersion; this.account = options?.stripeAccount; }
    async call(method, path, params = {}) {
      const form = new URLSearchParams();
      const add = (name, value) => {
        if (value === undefined || value === null || value === "") return;
        if (typeof value === "object") return Object.entries(value).forEach(([inner, v]) => add(name ? `${name}[${inner}]` : inner, v));
        form.append(name, value);
      };
      add("", params);
      const headers = { Authorization: "Bearer " + this.key, ...this.version && { "Stripe-Version": this.version }, ...this.account && { "Stripe-Account": this.account } };
      try {
        const answer = await fetch(base + path + (method === "GET" ? "?" + form : ""), { method, headers, body: method === "GET" ? undefined : form });
        return await answer.json();
      } catch (e) {
        return { error: { type: "api_connection_error", message: "The emulator at " + base + " did not answer: " + e.message } };
      }
    }
    read(secret) { return this.call("GET", `/v1/${kindOf(secret)}/${idOf(secret, "clientSecret")}`, { client_secret: secret }); }
    confirm(secret, params) {
      return this.call("POST", `/v1/${kindOf(secret)}/${idOf(secret, "clientSecret")}/confirm`, { client_secret: secret, use_stripe_sdk: true, ...params });
    }
  }

  // ---------- what the payer has to do ----------

  // challenge shows the bank's question above the page, until it is answered or closed.
  function challenge(address) {
    return new Promise((resolve) => {
      const dialog = document.createElement("dialog");
      const frame = Object.assign(document.createElement("iframe"), { src: address + "/frame", title: "3-D Secure" });
      const heard = ({ source, data }) => source === frame.contentWindow && data?.stripe === "challenge" && done();
      const done = () => { removeEventListener("message", heard); dialog.remove(); resolve(); };
      Object.assign(dialog.style, { border: "0", padding: "0", width: "min(34rem, 96vw)", height: "min(36rem, 90vh)", borderRadius: "12px", overflow: "hidden" });
      Object.assign(frame.style, { border: "0", width: "100%", height: "100%" });
      dialog.append(frame);
      dialog.addEventListener("close", done);
      addEventListener("message", heard);
      document.body.append(dialog);
      dialog.showModal();
    });
  }

  const refusedByBank = (secret) => ({
    type: "invalid_request_error", code: kindOf(secret) === "setup_intents" ? "setup_intent_authentication_failure" : "payment_intent_authentication_failure",
    message: "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
  });

  // finish takes an intent through what the payer has to do, and answers as every call does.
  async function finish(client, secret, intent, leave) {
    if (intent.error) return { error: intent.error };
    const next = intent.status === "requires_action" ? intent.next_action : null;
    if (!next) return answerOf(secret, intent);
    if (next.type === "redirect_to_url") return leave(next.redirect_to_url.url);
    await challenge(next.use_stripe_sdk.stripe_js);
    const after = await client.read(secret);
    if (after.error) return { error: after.error };
    if (["requires_payment_method", "requires_action"].includes(after.status)) {
      return { error: after.last_payment_error ?? after.last_setup_error ?? { ...refusedByBank(secret), ...{ [kindOf(secret).slice(0, -1)]: after } } };
    }
    return answerOf(secret, after);
  }

  const go = (address) => { location.assign(address); return new Promise(() => {}); }; // the page is left: nobody waits for an answer

  // returned is the return URL with what Stripe adds to it.
  function returned(address, secret, intent) {
    const to = new URL(address, location.href);
    const kind = kindOf(secret).slice(0, -1);
    to.searchParams.set(kind, intent.id);
    to.searchParams.set(kind + "_client_secret", secret);
    to.searchParams.set("redirect_status", intent.status === "processing" ? "pending" : "succeeded");
    return to.href;
  }

  // ---------- Stripe ----------

  class StripeEmulator {
    #client;
    constructor(key, options) {
      if (typeof key !== "string" || !key.startsWith("pk_")) wrong("Missing value for Stripe(): apiKey should be a publishable key, which begins with pk_test_. A secret key must never be in a page.");
      this.#client = new Client(key, options);
      this._apiKey = key;
      this._keyMode = "test";
    }
    elements(options) { return new Elements(plain({ ...this.#client }), options); }
    registerAppInfo() {}
    _registerWrapper() {}

    async createPaymentMethod(first, second) {
      const data = typeof first === "string" ? { ...second, type: first, card: second instanceof Element ? second : second?.card } : first;
      if (data.elements) return this.#named("paymentMethod", await this.#methodOf(data.elements, data.params ?? {}));
      const { card, ...params } = data;
      if (card instanceof Element) return this.#named("paymentMethod", await card._ask("method", { params: plain({ ...params, type: undefined }) }));
      return this.#named("paymentMethod", await this.#client.call("POST", "/v1/payment_methods", data));
    }
    async createToken(element, details) {
      if (!(element instanceof Element)) wrong("createToken of the emulator's Stripe.js takes a card element.");
      return this.#named("token", await element._ask("token", { params: plain(details) }));
    }
    async retrievePaymentIntent(secret) { return this.#read(secret); }
    async retrieveSetupIntent(secret) { return this.#read(secret); }

    async confirmPayment(options) { return this.#confirm(options); }
    async confirmSetup(options) { return this.#confirm(options); }
    async confirmCardPayment(secret, data, options) { return this.#confirmCard(secret, data, options); }
    async confirmCardSetup(secret, data, options) { return this.#confirmCard(secret, data, options); }
    async handleCardPayment(secret, element, data) {
      return element instanceof Element ? this.#confirmCard(secret, { payment_method: { card: element, ...data?.payment_method_data } }) : this.#confirmCard(secret, element);
    }
    async handleNextAction({ clientSecret } = {}) { return finish(this.#client, clientSecret, await this.#client.read(clientSecret), go); }
    async handleCardAction(secret) { return this.handleNextAction({ clientSecret: secret }); }

    async redirectToCheckout({ sessionId } = {}) {
      if (!/^cs_(test|live)_/.test(sessionId ?? "")) wrong("redirectToCheckout of the emulator's Stripe.js takes the sessionId of a Checkout session, which a server makes; without one it is no longer in Stripe's either.");
      return go(base + "/c/pay/" + encodeURIComponent(sessionId));
    }

    #named(name, answer) { return answer.error ? { error: answer.error } : { [name]: answer }; }
    async #read(secret) {
      const intent = await this.#client.read(secret);
      return intent.error ? { error: intent.error } : answerOf(secret, intent);
    }

    // #methodOf makes a payment method of what the elements hold.
    async #methodOf(elements, params) {
      const fields = elements._fields;
      if (!fields) wrong("In order to create a payment element, you must have a payment, card or cardNumber element mounted.");
      const { billing_details } = await elements._details();
      return fields._ask("method", { params: plain({ ...params, type: undefined, billing_details: { ...billing_details, ...params.billing_details } }) });
    }

    async #confirm({ elements, clientSecret, confirmParams = {}, redirect = "always" } = {}) {
      const secret = clientSecret ?? elements?._secret;
      idOf(secret, elements ? "elements(): clientSecret" : "clientSecret");
      if (redirect === "always" && !confirmParams.return_url) wrong("You must pass confirmParams.return_url unless redirect is \"if_required\".");
      const { payment_method_data: data, return_url, expand, ...params } = confirmParams;
      if (elements) {
        const checked = await elements.submit();
        if (checked.error) return { error: checked.error };
        const method = await this.#methodOf(elements, data ?? {});
        if (method.error) return { error: method.error };
        params.payment_method = method.id;
        const { shipping } = await elements._details();
        if (shipping && kindOf(secret) === "payment_intents") params.shipping ??= shipping;
      }
      const intent = await this.#client.confirm(secret, { ...params, return_url: return_url && new URL(return_url, location.href).href });
      const answer = await finish(this.#client, secret, intent, go);
      if (answer.error || redirect !== "always") return answer;
      return go(returned(return_url, secret, answer.paymentIntent ?? answer.setupIntent));
    }

    async #confirmCard(secret, data = {}, { handleActions = true } = {}) {
      idOf(secret, "clientSecret");
      const { payment_method: method, ...params } = data;
      if (typeof method === "string") params.payment_method = method;
      else if (method) {
        const made = await this.createPaymentMethod({ type: "card", ...method });
        if (made.error) return made;
        params.payment_method = made.paymentMethod.id;
      }
      const intent = await this.#client.confirm(secret, params);
      if (!handleActions) return intent.error ? { error: intent.error } : answerOf(secret, intent);
      return finish(this.#client, secret, intent, go);
    }
  }

  // A function that the emulator's Stripe.js has not says so where it is called, in place of "is not a function".
  const known = { get(target, name) {
    const value = Reflect.get(target, name, target);
    if (value !== undefined) return typeof value === "function" ? value.bind(target) : value;
    if (typeof name !== "string" || name === "then" || name.startsWith("_")) return undefined;
    return () => wrong(`The emulator's Stripe.js has no stripe.${name}(). It has elements with ${kinds.join(", ")}, and ${
      Object.getOwnPropertyNames(StripeEmulator.prototype).filter((n) => n !== "constructor" && !n.startsWith("_")).join(", ")}.`);
  } };

  window.Stripe = Object.assign((key, options) => new Proxy(new StripeEmulator(key, options), known), { version: "emulator" });
})();

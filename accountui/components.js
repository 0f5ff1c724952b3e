// <dues-pricing> and <dues-account>: parts of Dues on a page of an application.
//
//   <script type="module" src="https://billing.example.com/components.js"></script>
//   <dues-pricing choose="https://app.example.com/signup?plan={price}"></dues-pricing>
//   <dues-account session="TOKEN"></dues-account>
//
// Each shows what the page of the same name shows, and stays where it is while its links and forms are used. What leads away, to pay or to save
// a card, takes the whole browser, after the event dues-leave, which may be prevented. dues-expired says that a session is over: set another one.
// A theme is CSS on the element: dues-account { --accent: #0a7d55; --font: inherit }.

const home = new URL(".", import.meta.url).href;

class Part extends HTMLElement {
  #root = this.attachShadow({ mode: "open" });
  #asking = null; // the request on its way
  #begun = false;

  connectedCallback() {
    if (!this.#begun) {
      this.#begun = true;
      this.#root.addEventListener("click", (event) => this.#click(event));
      this.#root.addEventListener("submit", (event) => this.#submit(event));
    }
    this.reload();
  }

  disconnectedCallback() {
    this.#asking?.abort();
  }

  attributeChangedCallback(name, before, now) {
    if (this.#begun && this.isConnected && before !== now) this.reload();
  }

  // reload shows the part anew, from its beginning.
  reload() {
    const start = this.start();
    if (start) this.#show(start);
  }

  #click(event) {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    if (!this.#ours(link.href)) return;
    event.preventDefault();
    this.#show(link.href, {}, true);
  }

  #submit(event) {
    const form = event.target;
    event.preventDefault();
    if (this.#root.querySelector("[aria-busy=true]")) return; // a second press of the same button
    const fields = new URLSearchParams(new FormData(form, event.submitter));
    if (form.method === "post") {
      this.#show(form.action, { method: "POST", body: fields }, true);
      return;
    }
    const url = new URL(form.action);
    fields.forEach((value, name) => url.searchParams.set(name, value));
    this.#show(url.href, {}, true);
  }

  // ours reports whether an address is one of a part; all others are for the browser.
  #ours(href) {
    return href.startsWith(home + "account/") || href.startsWith(home + "pricing");
  }

  async #show(href, how = {}, moved = false) {
    this.#asking?.abort();
    const asking = (this.#asking = new AbortController());
    this.#root.querySelector(".dues-part")?.setAttribute("aria-busy", "true");
    let answer, html;
    try {
      answer = await fetch(href, { ...how, headers: { "Dues-Fragment": "component" }, credentials: "omit", signal: asking.signal });
      html = await answer.text();
    } catch (error) {
      if (asking.signal.aborted) return;
      this.#root.querySelector(".dues-part")?.removeAttribute("aria-busy");
      this.dispatchEvent(new CustomEvent("dues-error", { detail: error }));
      return;
    }
    if (asking !== this.#asking) return;
    const leads = answer.headers.get("Dues-Location");
    this.#root.innerHTML = html;
    if (leads && this.dispatchEvent(new CustomEvent("dues-leave", { detail: leads, cancelable: true }))) {
      window.location.assign(leads);
      return;
    }
    if (answer.status === 401) this.dispatchEvent(new CustomEvent("dues-expired"));
    if (moved) this.#focus();
  }

  // focus goes where the new content begins, so that who hears the page or uses a keyboard goes on from there.
  #focus() {
    const first = this.#root.querySelector("[role=alert], [role=status], h1, h2");
    if (!first) return;
    first.tabIndex = -1;
    first.focus();
  }
}

class Pricing extends Part {
  static observedAttributes = ["choose", "currency", "language", "every"];

  start() {
    const url = new URL("pricing", home);
    for (const name of Pricing.observedAttributes) {
      if (this.hasAttribute(name)) url.searchParams.set(name, this.getAttribute(name));
    }
    return url.href;
  }
}

class Account extends Part {
  static observedAttributes = ["session"];

  start() {
    const session = this.getAttribute("session");
    return session ? new URL("account/" + session, home).href : null;
  }
}

customElements.define("dues-pricing", Pricing);
customElements.define("dues-account", Account);

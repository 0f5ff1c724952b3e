// The fields of one element, in a frame of the emulator's origin. The page learns whether they are complete, and gets a payment method
// for them; it never sees a card number. Frames of one group (number, expiry and code apart) share what was typed over a channel that
// only their own origin can hear.

const digits = (text) => text.replace(/\D/g, "");

const brands = [
  ["amex", /^3[47]/, 15, 4], ["diners", /^3(?:0[0-5]|[689])/, 14, 3], ["mastercard", /^(?:5[1-5]|2[2-7])/, 16, 3], ["discover", /^6(?:011|4[4-9]|5)/, 16, 3],
  ["jcb", /^35/, 16, 3], ["unionpay", /^62/, 16, 3], ["visa", /^4/, 16, 3],
];
const brandOf = (number) => brands.find(([, begins]) => begins.test(number)) ?? ["unknown", null, 16, 3];

// luhn is the check that a card's last digit is made for.
function luhn(number) {
  const sum = [...number].reverse().reduce((sum, digit, i) => sum + (i % 2 ? [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][digit] : Number(digit)), 0);
  return sum % 10 === 0;
}

function expiryOf(text) {
  const [month, year] = text.includes("/") ? text.split("/").map(digits) : [digits(text).slice(0, 2), digits(text).slice(2)];
  return { month: Number(month), year: Number(year?.length === 2 ? "20" + year : year), whole: Boolean(month) && (year?.length === 2 || year?.length === 4) };
}

const problem = (code, message) => ({ type: "validation_error", code, message });

// checks say what is wrong with a field's text, in Stripe's words; nothing when it is right.
const checks = {
  number(text) {
    const number = digits(text);
    const [, , length] = brandOf(number);
    if (number.length < length) return problem("incomplete_number", "Your card number is incomplete.");
    if (!luhn(number)) return problem("invalid_number", "Your card number is invalid.");
  },
  expiry(text) {
    const { month, year, whole } = expiryOf(text);
    if (!whole) return problem("incomplete_expiry", "Your card's expiration date is incomplete.");
    if (month < 1 || month > 12) return problem("invalid_expiry_month", "Your card's expiration date is invalid.");
    if (year < 2000) return problem("invalid_expiry_year", "Your card's expiration year is invalid.");
  },
  cvc(text) {
    const [, , , length] = brandOf(digits(shared.number ?? ""));
    if (digits(text).length < length) return problem("incomplete_cvc", "Your card's security code is incomplete.");
  },
  postal_code: (text) => text.trim() ? undefined : problem("incomplete_zip", "Your postal code is incomplete."),
  email: (text) => /^\S+@\S+\.\S+$/.test(text.trim()) ? undefined : problem("incomplete_email", "Your email is incomplete."),
  name: (text) => text.trim() ? undefined : problem("incomplete_name", "Your full name is incomplete."),
  line1: (text) => text.trim() ? undefined : problem("incomplete_address", "Your address is incomplete."),
  city: (text) => text.trim() ? undefined : problem("incomplete_city", "Your city is incomplete."),
  country: (text) => /^[A-Za-z]{2}$/.test(text.trim()) ? undefined : problem("incomplete_country", "Your country is incomplete."),
};

// fields are what each can be: its label, what a browser may fill in, how it is shown.
const fields = {
  number: { label: "Card number", placeholder: "1234 1234 1234 1234", autocomplete: "cc-number", inputmode: "numeric", max: 23, size: "wide" },
  expiry: { label: "Expiration date", placeholder: "MM / YY", autocomplete: "cc-exp", inputmode: "numeric", max: 9, size: "half short" },
  cvc: { label: "Security code", placeholder: "CVC", autocomplete: "cc-csc", inputmode: "numeric", max: 4, size: "half short" },
  postal_code: { label: "Postal code", placeholder: "ZIP", autocomplete: "postal-code", inputmode: "text", max: 16, size: "half short" },
  email: { label: "Email", placeholder: "you@example.com", autocomplete: "email", inputmode: "email", max: 255, size: "" },
  name: { label: "Full name", placeholder: "First and last name", autocomplete: "name", inputmode: "text", max: 255, size: "" },
  line1: { label: "Address", placeholder: "Street address", autocomplete: "address-line1", inputmode: "text", max: 255, size: "" },
  city: { label: "City", placeholder: "", autocomplete: "address-level2", inputmode: "text", max: 255, size: "half" },
  country: { label: "Country", placeholder: "DE", autocomplete: "country", inputmode: "text", max: 2, size: "half" },
};

// kinds are the elements, with their fields.
const kinds = {
  card: ["number", "expiry", "cvc", "postal_code"], cardNumber: ["number"], cardExpiry: ["expiry"], cardCvc: ["cvc"],
  payment: ["number", "expiry", "cvc"], linkAuthentication: ["email"], address: ["name", "line1", "city", "postal_code", "country"],
};

const tests = [
  ["4242 4242 4242 4242", "Succeeds"], ["4000 0025 0000 3155", "Asks for 3-D Secure once"], ["4000 0027 6000 3184", "Asks for 3-D Secure always"],
  ["4000 0000 0000 9995", "Insufficient funds"], ["4000 0000 0000 0002", "Declined"], ["4000 0000 0000 0341", "Fails at renewal"],
];

const form = document.getElementById("fields");
const shared = {}; // what was typed into this frame and into the others of its group, by field
let kind, names = [], channel, key, version, account, said = "";

const tell = (message) => parent.postMessage({ stripe: "emulator", ...message }, "*");
const input = (name) => form.elements.namedItem(name);

function build(options) {
  kind = options.kind;
  names = kinds[kind].filter((name) => !(name === "postal_code" && kind === "card" && options.hidePostalCode));
  form.className = kind.startsWith("card") ? "bare" : "";
  for (const name of names) {
    const { label, placeholder, autocomplete, inputmode, max, size } = fields[name];
    const row = document.createElement("label");
    row.className = size;
    const words = document.createElement("span");
    words.textContent = label;
    const field = Object.assign(document.createElement("input"), {
      name, placeholder: options.placeholder ?? placeholder, autocomplete, inputMode: inputmode, maxLength: max, value: options.values?.[name] ?? "", disabled: Boolean(options.disabled),
    });
    row.append(words, field);
    form.append(row);
    field.addEventListener("input", () => typed(name));
    field.addEventListener("focus", () => tell({ event: "focus" }));
    field.addEventListener("blur", () => { look(true); tell({ event: "blur" }); });
    field.addEventListener("keydown", (e) => e.key === "Escape" && tell({ event: "escape" }));
  }
  const wrong = Object.assign(document.createElement("p"), { className: "problem" });
  wrong.setAttribute("role", "alert");
  form.append(wrong);
  if (kind === "payment") form.append(testCards());
  form.addEventListener("submit", (e) => e.preventDefault());
  channel = new BroadcastChannel("stripe-elements-" + options.group);
  channel.addEventListener("message", ({ data }) => {
    if (data.ask) return names.forEach((name) => channel.postMessage({ name, text: input(name).value }));
    shared[data.name] = data.text;
  });
  channel.postMessage({ ask: true });
  names.forEach((name) => typed(name, true));
  new ResizeObserver(() => tell({ event: "height", height: Math.ceil(form.getBoundingClientRect().height) + (form.className ? 2 : 6) })).observe(form);
}

// testCards fills the fields in: nobody types a real card into an emulator.
function testCards() {
  const row = Object.assign(document.createElement("label"), { className: "tests", textContent: "Test card" });
  const choice = document.createElement("select");
  choice.append(new Option("Choose one to fill the fields in", ""));
  tests.forEach(([number, result]) => choice.append(new Option(`${number}: ${result}`, number)));
  choice.addEventListener("change", () => {
    if (!choice.value) return;
    Object.entries({ number: choice.value, expiry: "12 / 34", cvc: "123" }).forEach(([name, text]) => { input(name).value = text; typed(name); });
  });
  row.append(choice);
  return row;
}

// grouped writes a card number as it is printed.
function grouped(text) {
  const number = digits(text).slice(0, 19);
  const parts = brandOf(number)[0] === "amex" ? /^(\d{1,4})(\d{1,6})?(\d{1,5})?/ : /^(\d{1,4})(\d{1,4})?(\d{1,4})?(\d{1,7})?/;
  return (parts.exec(number) ?? []).slice(1).filter(Boolean).join(" ");
}

function typed(name, quiet) {
  const field = input(name);
  if (field.selectionStart === field.value.length || quiet) { // whoever corrects in the middle is left alone
    if (name === "number") field.value = grouped(field.value);
    if (name === "expiry" && /^\d{3,}$/.test(field.value)) field.value = field.value.slice(0, 2) + " / " + field.value.slice(2);
  }
  shared[name] = field.value;
  channel.postMessage({ name, text: field.value });
  if (!quiet) look(false);
}

// wrong is the first problem of the fields; with strict also of those that were left empty or begun.
function wrong(strict) {
  for (const name of names) {
    const text = input(name).value;
    const found = checks[name](text);
    const left = document.activeElement !== input(name);
    if (found && (strict || text && (left || !found.code.startsWith("incomplete")))) return { name, ...found };
  }
}

// look tells the page how things stand.
function look(left, strict) {
  const found = wrong(strict) ?? null;
  names.forEach((name) => input(name).setAttribute("aria-invalid", String(found?.name === name)));
  form.querySelector(".problem").textContent = found?.message ?? "";
  const state = {
    event: "change", elementType: kind, complete: names.every((name) => !checks[name](input(name).value)), empty: names.every((name) => !input(name).value),
    error: found && { type: found.type, code: found.code, message: found.message },
  };
  if (names.includes("number")) state.brand = brandOf(digits(input("number").value))[0];
  if (kind === "payment") Object.assign(state, { value: { type: "card" }, collapsed: false });
  if (kind === "card") state.value = { postalCode: input("postal_code")?.value ?? "" };
  if (kind === "linkAuthentication") state.value = { email: input("email").value };
  if (kind === "address") state.value = addressOf();
  const now = JSON.stringify(state);
  if (left && now === said) return;
  said = now;
  tell(state);
}

function addressOf() {
  const [name, line1, city, postal_code, country] = kinds.address.map((field) => input(field).value.trim());
  return { name, address: { line1, city, postal_code, country: country.toUpperCase() } };
}

// card is what the API calls the card of the group; a problem when it is not whole.
function card() {
  for (const name of ["number", "expiry", "cvc"]) {
    const found = checks[name](shared[name] ?? "");
    if (found) return { error: found };
  }
  const { month, year } = expiryOf(shared.expiry);
  return { card: { number: digits(shared.number), exp_month: month, exp_year: year, cvc: digits(shared.cvc) } };
}

// ask calls the API with the page's publishable key.
async function ask(path, params) {
  const form = new URLSearchParams();
  const add = (name, value) => {
    if (value === undefined || value === null || value === "") return;
    if (typeof value === "object") return Object.entries(value).forEach(([inner, v]) => add(name ? `${name}[${inner}]` : inner, v));
    form.append(name, value);
  };
  add("", params);
  const headers = { Authorization: "Bearer " + key, ...version && { "Stripe-Version": version }, ...account && { "Stripe-Account": account } };
  const answer = await fetch(path, { method: "POST", headers, body: form });
  return answer.json();
}

const requests = {
  async method({ params }) {
    const { card: entered, error } = card();
    if (error) { look(false, true); return { error }; }
    const details = params.billing_details ?? {};
    const postal = shared.postal_code && kind === "card" ? { address: { postal_code: shared.postal_code, ...details.address } } : {};
    return ask("/v1/payment_methods", { ...params, type: "card", card: entered, billing_details: { ...details, ...postal } });
  },
  async token({ params }) {
    const { card: entered, error } = card();
    if (error) { look(false, true); return { error }; }
    return ask("/v1/tokens", { card: { ...entered, address_zip: shared.postal_code, ...params } });
  },
  validate() {
    look(false, true);
    const found = wrong(true);
    return found ? { error: { type: found.type, code: found.code, message: found.message } } : {};
  },
  values: () => (kind === "address" ? addressOf() : kind === "linkAuthentication" ? { email: input("email").value } : {}),
  focus() { input(names[0]).focus(); return {}; },
  blur() { document.activeElement.blur(); return {}; },
  clear() { names.forEach((name) => { input(name).value = ""; typed(name); }); return {}; },
  update({ options }) { style(options); names.forEach((name) => { input(name).disabled = Boolean(options.disabled); }); return {}; },
};

// style takes over how the page wants the element to look. What is no plain value of a property is left out.
function style(options) {
  const set = (property, value) => typeof value === "string" && document.documentElement.style.setProperty(property, value);
  const { base = {}, invalid = {} } = options.style ?? {};
  set("--color", base.color); set("--size", base.fontSize); set("--font", base.fontFamily); set("--danger", invalid.color);
  set("--placeholder", base["::placeholder"]?.color);
  const chosen = options.appearance?.variables ?? {};
  set("--color", chosen.colorText); set("--danger", chosen.colorDanger); set("--primary", chosen.colorPrimary); set("--background", chosen.colorBackground);
  set("--radius", chosen.borderRadius); set("--font", chosen.fontFamily); set("--size", chosen.fontSizeBase); set("--muted", chosen.colorTextSecondary);
  if (options.appearance?.theme === "night") Object.entries({ "--color": "#ffffff", "--background": "#30313d" }).forEach(([name, value]) => set(name, chosen[name] ?? value));
}

addEventListener("message", async ({ source, data }) => {
  if (source !== parent || data?.stripe !== "page") return;
  if (data.init) {
    ({ key, version, account } = data.init);
    style(data.init);
    build(data.init);
    tell({ event: "ready" });
    return;
  }
  const answer = Object.hasOwn(requests, data.request) ? await requests[data.request](data) : {};
  tell({ answer: data.id, result: answer });
});
tell({ event: "loaded" });

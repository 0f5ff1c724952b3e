// The life of a subscription through Stripe's official library for Node, against the emulator at EMULATOR_URL. The library sends another
// API version than the one for Go (endive), index brackets, and an idempotency key on every POST.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { test } from 'node:test';
import Stripe from 'stripe';

const base = new URL(process.env.EMULATOR_URL);
const options = { host: base.hostname, port: base.port, protocol: 'http', telemetry: false, maxNetworkRetries: 0 };
const client = (name) => new Stripe(`sk_test_node_${name}`, options);

async function shop(stripe, clock) {
  const product = await stripe.products.create({ name: 'Premium' });
  const price = await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 2000, recurring: { interval: 'month' } });
  const customer = await stripe.customers.create({
    email: 'ada@example.com', test_clock: clock, payment_method: 'pm_card_visa', invoice_settings: { default_payment_method: 'pm_card_visa' },
  });
  return { product, price, customer };
}

test('a subscription is made, changed, renewed by the clock and ended', async () => {
  const stripe = client('life');
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: Date.UTC(2026, 0, 31) / 1000 });
  const { product, price, customer } = await shop(stripe, clock.id);
  const sub = await stripe.subscriptions.create({
    customer: customer.id, items: [{ price: price.id, quantity: 2 }], metadata: { plan: 'premium' }, expand: ['latest_invoice.payments'],
  });
  assert.equal(sub.status, 'active');
  assert.equal(sub.latest_invoice.amount_paid, 4000);
  assert.equal(sub.latest_invoice.payments.data[0].status, 'paid');
  assert.equal(sub.items.data[0].current_period_end, Date.UTC(2026, 1, 28) / 1000);

  const pro = await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 5000, recurring: { interval: 'month' } });
  const changed = await stripe.subscriptions.update(sub.id, {
    items: [{ id: sub.items.data[0].id, price: pro.id, quantity: 1 }], proration_behavior: 'always_invoice', billing_cycle_anchor: { type: 'now' },
  });
  assert.equal(changed.items.data[0].price.id, pro.id);

  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: Date.UTC(2026, 2, 1) / 1000 });
  let state;
  do {
    state = await stripe.testHelpers.testClocks.retrieve(clock.id);
  } while (state.status === 'advancing');
  assert.equal(state.status, 'ready');

  const reasons = [];
  for await (const invoice of stripe.invoices.list({ subscription: sub.id, limit: 1 })) {
    reasons.unshift(invoice.billing_reason);
  }
  assert.equal(reasons[0], 'subscription_create');
  assert.ok(reasons.includes('subscription_cycle'), `no renewal among ${reasons}`);

  const ended = await stripe.subscriptions.cancel(sub.id);
  assert.equal(ended.status, 'canceled');
});

test('errors come as the classes of the library', async () => {
  const stripe = client('errors');
  await assert.rejects(stripe.customers.retrieve('cus_none'), (err) => {
    assert.ok(err instanceof Stripe.errors.StripeInvalidRequestError);
    assert.equal(err.statusCode, 404);
    assert.equal(err.code, 'resource_missing');
    assert.match(err.requestId, /^req_[A-Za-z0-9]{14}$/);
    return true;
  });
  await assert.rejects(stripe.customers.create({ emale: 'x' }), { code: 'parameter_unknown', param: 'emale' });
  const { customer } = await shop(stripe);
  await assert.rejects(stripe.paymentMethods.attach('pm_card_visa_chargeDeclined', { customer: customer.id }), (err) => {
    assert.ok(err instanceof Stripe.errors.StripeCardError);
    assert.equal(err.decline_code, 'generic_decline');
    return true;
  });
  await assert.rejects(new Stripe('sk_live_no', options).customers.list(), Stripe.errors.StripeAuthenticationError);
});

test('an idempotency key answers the same again, and refuses other parameters', async () => {
  const stripe = client('idempotency');
  const first = await stripe.customers.create({ name: 'Ada' }, { idempotencyKey: 'once' });
  const second = await stripe.customers.create({ name: 'Ada' }, { idempotencyKey: 'once' });
  assert.equal(first.id, second.id);
  assert.equal(second.lastResponse.headers['idempotent-replayed'], 'true');
  await assert.rejects(stripe.customers.create({ name: 'Bob' }, { idempotencyKey: 'once' }), Stripe.errors.StripeIdempotencyError);
});

test('lists page by themselves in both directions', async () => {
  const stripe = client('lists');
  for (let i = 0; i < 7; i++) await stripe.products.create({ name: `p${i}` });
  const names = [];
  for await (const product of stripe.products.list({ limit: 3 })) names.push(product.name);
  assert.deepEqual(names, ['p6', 'p5', 'p4', 'p3', 'p2', 'p1', 'p0']);
  const all = await stripe.products.list({ limit: 100 });
  const newer = [];
  for await (const product of stripe.products.list({ ending_before: all.data[6].id, limit: 2 })) newer.push(product.name);
  assert.equal(newer.length, 6);
});

test('Checkout and the portal answer with links', async () => {
  const stripe = client('hosted');
  const { price, customer } = await shop(stripe);
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription', customer: customer.id, line_items: [{ price: price.id, quantity: 1 }], success_url: 'https://example.com/done',
    expand: ['line_items'],
  });
  assert.equal(session.status, 'open');
  assert.equal(session.line_items.data[0].amount_total, 2000);
  assert.equal((await fetch(session.url)).status, 200);
  const portal = await stripe.billingPortal.sessions.create({ customer: customer.id, return_url: 'https://example.com/account' });
  assert.equal((await fetch(portal.url)).status, 200);
});

test('webhooks verify with the library', async () => {
  const stripe = client('webhooks');
  let secret;
  const received = [];
  const server = http.createServer(async (req, res) => {
    const chunks = [];
    for await (const chunk of req) chunks.push(chunk);
    received.push(stripe.webhooks.constructEvent(Buffer.concat(chunks), req.headers['stripe-signature'], secret));
    res.end();
    server.emit('taken');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const url = `http://127.0.0.1:${server.address().port}/`;
    ({ secret } = await stripe.webhookEndpoints.create({ url, enabled_events: ['customer.created'] }));
    const taken = once(server, 'taken');
    const customer = await stripe.customers.create({ name: 'Ada' });
    await taken;
    assert.equal(received[0].type, 'customer.created');
    assert.equal(received[0].data.object.id, customer.id);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('thin events are parsed and lead to their event and object', async () => {
  const stripe = client('thin');
  const received = [];
  let secret;
  const server = http.createServer(async (req, res) => {
    const chunks = [];
    for await (const chunk of req) chunks.push(chunk);
    received.push(stripe.parseEventNotification(Buffer.concat(chunks), req.headers['stripe-signature'], secret));
    res.end();
    server.emit('taken');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const destination = await stripe.v2.core.eventDestinations.create({
      name: 'Thin', type: 'webhook_endpoint', event_payload: 'thin', enabled_events: ['v1.customer.created'],
      webhook_endpoint: { url: `http://127.0.0.1:${server.address().port}/` }, include: ['webhook_endpoint.signing_secret'],
    });
    secret = destination.webhook_endpoint.signing_secret;
    const taken = once(server, 'taken');
    const customer = await stripe.customers.create({ name: 'Ada' });
    await taken;
    const [notification] = received;
    assert.equal(notification.type, 'v1.customer.created');
    const event = await notification.fetchEvent();
    assert.equal(event.id, notification.id);
    assert.equal((await stripe.events.retrieve(event.snapshot_event)).type, 'customer.created');
    assert.equal((await notification.fetchRelatedObject()).id, customer.id);
    const pages = [];
    for await (const listed of stripe.v2.core.events.list({ limit: 1 })) pages.push(listed.type);
    assert.deepEqual(pages, ['v1.customer.created']);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

// Every operation below, once, through Stripe's official library for Node: the answer must be the object that the library names.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Stripe from 'stripe';

const base = new URL(process.env.EMULATOR_URL);
const stripe = new Stripe('sk_test_node_roundtrip', { host: base.hostname, port: base.port, protocol: 'http', telemetry: false, maxNetworkRetries: 0 });

// is calls f and checks the kind of object that comes back.
async function is(kind, call) {
  const got = await call;
  assert.equal(got.object, kind);
  return got;
}

const deleted = async (kind, call) => assert.equal((await is(kind, call)).deleted, true);

test('what is sold', async () => {
  const product = await is('product', stripe.products.create({ name: 'Pro' }));
  await is('product', stripe.products.retrieve(product.id));
  await is('product', stripe.products.update(product.id, { description: 'x' }));
  await is('list', stripe.products.list());
  const price = await is('price', stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 900, recurring: { interval: 'month' } }));
  await is('price', stripe.prices.retrieve(price.id));
  await is('price', stripe.prices.update(price.id, { nickname: 'x' }));
  await is('list', stripe.prices.list());
  const plan = await is('plan', stripe.plans.create({ product: product.id, currency: 'usd', amount: 900, interval: 'month' }));
  await is('plan', stripe.plans.retrieve(plan.id));
  await is('plan', stripe.plans.update(plan.id, { nickname: 'x' }));
  await is('list', stripe.plans.list());
  await deleted('plan', stripe.plans.del(plan.id));
  const feature = await is('entitlements.feature', stripe.entitlements.features.create({ name: 'Export', lookup_key: 'export' }));
  await is('entitlements.feature', stripe.entitlements.features.retrieve(feature.id));
  await is('entitlements.feature', stripe.entitlements.features.update(feature.id, { name: 'Exports' }));
  await is('list', stripe.entitlements.features.list());
  const attached = await is('product_feature', stripe.products.createFeature(product.id, { entitlement_feature: feature.id }));
  await is('product_feature', stripe.products.retrieveFeature(product.id, attached.id));
  await is('list', stripe.products.listFeatures(product.id));
  const customer = await is('customer', stripe.customers.create({ payment_method: 'pm_card_visa', invoice_settings: { default_payment_method: 'pm_card_visa' } }));
  await is('subscription', stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] }));
  const active = await is('list', stripe.entitlements.activeEntitlements.list({ customer: customer.id }));
  await is('entitlements.active_entitlement', stripe.entitlements.activeEntitlements.retrieve(active.data[0].id));
  await deleted('product_feature', stripe.products.deleteFeature(product.id, attached.id));
  await deleted('product', stripe.products.del((await stripe.products.create({ name: 'Gone' })).id));
});

test('what is taken off', async () => {
  const coupon = await is('coupon', stripe.coupons.create({ percent_off: 10, duration: 'forever' }));
  await is('coupon', stripe.coupons.retrieve(coupon.id));
  await is('coupon', stripe.coupons.update(coupon.id, { name: 'x' }));
  await is('list', stripe.coupons.list());
  const code = await is('promotion_code', stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: coupon.id } }));
  await is('promotion_code', stripe.promotionCodes.retrieve(code.id));
  await is('promotion_code', stripe.promotionCodes.update(code.id, { active: false }));
  await is('list', stripe.promotionCodes.list());
  await deleted('coupon', stripe.coupons.del(coupon.id));
});

test('who pays, and for what', async () => {
  const price = await stripe.prices.create({ product_data: { name: 'Pro' }, currency: 'usd', unit_amount: 900, recurring: { interval: 'month' } });
  const customer = await stripe.customers.create({ payment_method: 'pm_card_visa', invoice_settings: { default_payment_method: 'pm_card_visa' } });
  await is('customer', stripe.customers.retrieve(customer.id));
  await is('customer', stripe.customers.update(customer.id, { name: 'Ada' }));
  await is('list', stripe.customers.list());
  await is('list', stripe.customers.listPaymentMethods(customer.id));
  const moved = await is('customer_balance_transaction', stripe.customers.createBalanceTransaction(customer.id, { amount: -100, currency: 'usd' }));
  await is('customer_balance_transaction', stripe.customers.retrieveBalanceTransaction(customer.id, moved.id));
  await is('list', stripe.customers.listBalanceTransactions(customer.id));
  const sub = await is('subscription', stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] }));
  await is('subscription', stripe.subscriptions.retrieve(sub.id));
  await is('subscription', stripe.subscriptions.update(sub.id, { metadata: { a: 'b' } }));
  await is('list', stripe.subscriptions.list());
  const item = await is('subscription_item', stripe.subscriptionItems.retrieve(sub.items.data[0].id));
  await is('subscription_item', stripe.subscriptionItems.update(item.id, { quantity: 2 }));
  await is('list', stripe.subscriptionItems.list({ subscription: sub.id }));
  await is('invoice', stripe.invoices.createPreview({ subscription: sub.id }));
  await is('invoice', stripe.invoices.retrieve(sub.latest_invoice));
  await is('list', stripe.invoices.list({ customer: customer.id }));
  await is('list', stripe.invoices.listLineItems(sub.latest_invoice));
  const due = await is('invoiceitem', stripe.invoiceItems.create({ customer: customer.id, amount: 500, currency: 'usd' }));
  await is('invoiceitem', stripe.invoiceItems.retrieve(due.id));
  await is('invoiceitem', stripe.invoiceItems.update(due.id, { amount: 600 }));
  await is('list', stripe.invoiceItems.list());
  const invoice = await is('invoice', stripe.invoices.create({ customer: customer.id, pending_invoice_items_behavior: 'include' }));
  await is('invoice', stripe.invoices.update(invoice.id, { description: 'x' }));
  await is('invoice', stripe.invoices.finalizeInvoice(invoice.id));
  await is('invoice', stripe.invoices.pay(invoice.id));
  const paid = await is('list', stripe.invoicePayments.list({ invoice: invoice.id }));
  await is('invoice_payment', stripe.invoicePayments.retrieve(paid.data[0].id));
  await is('subscription', stripe.subscriptions.cancel(sub.id));
  await deleted('customer', stripe.customers.del(customer.id));
});

test('how it is paid', async () => {
  const intent = await is('payment_intent', stripe.paymentIntents.create({ amount: 500, currency: 'usd', allowed_payment_method_types: ['card'] }));
  await is('payment_intent', stripe.paymentIntents.update(intent.id, { description: 'x' }));
  await is('payment_intent', stripe.paymentIntents.retrieve(intent.id));
  const paid = await is('payment_intent', stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa' }));
  await is('list', stripe.paymentIntents.list());
  await is('charge', stripe.charges.retrieve(paid.latest_charge));
  await is('list', stripe.charges.list());
  const refund = await is('refund', stripe.refunds.create({ payment_intent: intent.id }));
  await is('refund', stripe.refunds.retrieve(refund.id));
  await is('list', stripe.refunds.list());
  const setup = await is('setup_intent', stripe.setupIntents.create({ allowed_payment_method_types: ['card'] }));
  await is('setup_intent', stripe.setupIntents.retrieve(setup.id));
  await is('setup_intent', stripe.setupIntents.cancel(setup.id));
  await is('list', stripe.setupIntents.list());
});

test('what developers have', async () => {
  const endpoint = await is('webhook_endpoint', stripe.webhookEndpoints.create({ url: 'http://127.0.0.1:9/hook', enabled_events: ['product.deleted'] }));
  await is('webhook_endpoint', stripe.webhookEndpoints.retrieve(endpoint.id));
  await is('webhook_endpoint', stripe.webhookEndpoints.update(endpoint.id, { description: 'x' }));
  await is('list', stripe.webhookEndpoints.list());
  await deleted('webhook_endpoint', stripe.webhookEndpoints.del(endpoint.id));
  const clock = await is('test_helpers.test_clock', stripe.testHelpers.testClocks.create({ frozen_time: 1800000000 }));
  await is('test_helpers.test_clock', stripe.testHelpers.testClocks.retrieve(clock.id));
  await is('list', stripe.testHelpers.testClocks.list());
  await deleted('test_helpers.test_clock', stripe.testHelpers.testClocks.del(clock.id));
  const events = await is('list', stripe.events.list());
  await is('event', stripe.events.retrieve(events.data[0].id));
  const config = await is('billing_portal.configuration', stripe.billingPortal.configurations.create({ features: { invoice_history: { enabled: true } } }));
  await is('billing_portal.configuration', stripe.billingPortal.configurations.retrieve(config.id));
  await is('billing_portal.configuration', stripe.billingPortal.configurations.update(config.id, { name: 'x' }));
  await is('list', stripe.billingPortal.configurations.list());
});

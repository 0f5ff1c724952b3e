package clitest

import "github.com/dues-billing/dues/emulator/engine"

// A trigger is what stripe trigger does for one event.
type trigger struct {
	seen    string // the event that is seen, when it is named otherwise
	version string // the newest version of the API that the CLI's requests fit, when Stripe has moved on and refuses them too
	outside string // why the event is none of billing's: what it would take

	settings func(*engine.Settings) // of the account
	meters   bool                   // the CLI sends to the host for usage, wherever --api-base says
}

// The versions for which the CLI wrote its requests. An account that speaks a later one has to name it: --api-version.
const (
	beforeClover    = "2025-08-27.basil" // promotion codes with coupon, phases with iterations
	beforeAutomatic = "2022-11-15"       // a confirm without payment_method_types needs no return_url
)

// What is no part of the billing surface.
const (
	connect   = "Connect: accounts and transfers to them"
	debits    = "SEPA debits: payments here are by card"
	ownBank   = "the platform's own bank account: payouts and top-ups"
	transfers = "bank transfers to a customer's cash balance: payments here are by card"
)

// triggers are the events that stripe trigger --help lists, each of them.
var triggers = map[string]trigger{
	"account.application.deauthorized":                     {outside: connect},
	"account.updated":                                      {outside: connect},
	"balance.available":                                    {},
	"billing_portal.configuration.created":                 {},
	"billing_portal.configuration.updated":                 {},
	"billing_portal.session.created":                       {},
	"cash_balance.funds_available":                         {outside: transfers},
	"charge.captured":                                      {},
	"charge.dispute.closed":                                {},
	"charge.dispute.created":                               {},
	"charge.dispute.updated":                               {},
	"charge.failed":                                        {},
	"charge.refund.updated":                                {},
	"charge.refunded":                                      {},
	"charge.succeeded":                                     {},
	"checkout.session.async_payment_failed":                {outside: debits},
	"checkout.session.async_payment_succeeded":             {outside: debits},
	"checkout.session.completed":                           {},
	"checkout.session.expired":                             {},
	"coupon.created":                                       {},
	"coupon.deleted":                                       {},
	"coupon.updated":                                       {},
	"credit_note.created":                                  {},
	"credit_note.updated":                                  {},
	"credit_note.voided":                                   {},
	"customer.created":                                     {},
	"customer.deleted":                                     {},
	"customer.discount.created":                            {},
	"customer.discount.deleted":                            {},
	"customer.discount.updated":                            {},
	"customer.source.created":                              {},
	"customer.source.updated":                              {},
	"customer.subscription.created":                        {},
	"customer.subscription.deleted":                        {},
	"customer.subscription.paused":                         {},
	"customer.subscription.trial_will_end":                 {},
	"customer.subscription.updated":                        {},
	"customer.updated":                                     {},
	"customer_cash_balance_transaction.created":            {outside: transfers},
	"identity.verification_session.canceled":               {outside: "Identity"},
	"identity.verification_session.created":                {outside: "Identity"},
	"identity.verification_session.redacted":               {outside: "Identity"},
	"invoice.created":                                      {},
	"invoice.deleted":                                      {},
	"invoice.finalized":                                    {},
	"invoice.marked_uncollectible":                         {},
	"invoice.paid":                                         {},
	"invoice.payment_action_required":                      {},
	"invoice.payment_failed":                               {},
	"invoice.payment_succeeded":                            {},
	"invoice.sent":                                         {},
	"invoice.updated":                                      {},
	"invoice.voided":                                       {},
	"invoiceitem.created":                                  {},
	"invoiceitem.deleted":                                  {},
	"issuing_authorization.request":                        {outside: "Issuing"},
	"issuing_authorization.request.eu":                     {outside: "Issuing"},
	"issuing_authorization.request.gb":                     {outside: "Issuing"},
	"issuing_card.created":                                 {outside: "Issuing"},
	"issuing_card.created.eu":                              {outside: "Issuing"},
	"issuing_card.created.gb":                              {outside: "Issuing"},
	"issuing_cardholder.created":                           {outside: "Issuing"},
	"issuing_cardholder.created.eu":                        {outside: "Issuing"},
	"issuing_cardholder.created.gb":                        {outside: "Issuing"},
	"issuing_transaction.created":                          {outside: "Issuing"},
	"issuing_transaction.purchase_details_receipt_updated": {outside: "Issuing"},
	"issuing_transaction.updated":                          {outside: "Issuing"},
	"payment_intent.amount_capturable_updated":             {},
	"payment_intent.canceled":                              {},
	"payment_intent.created":                               {},
	"payment_intent.partially_funded":                      {outside: transfers},
	"payment_intent.payment_failed":                        {},
	"payment_intent.processing":                            {outside: debits},
	"payment_intent.requires_action":                       {},
	"payment_intent.succeeded":                             {},
	"payment_link.created":                                 {},
	"payment_link.updated":                                 {},
	"payment_method.attached":                              {},
	"payment_method.detached":                              {},
	"payment_method.updated":                               {version: beforeAutomatic},
	"payout.created":                                       {outside: ownBank},
	"payout.updated":                                       {outside: ownBank},
	"plan.created":                                         {},
	"plan.deleted":                                         {},
	"plan.updated":                                         {},
	"price.created":                                        {},
	"price.updated":                                        {},
	"product.created":                                      {},
	"product.deleted":                                      {},
	"product.updated":                                      {},
	"promotion_code.created":                               {version: beforeClover},
	"promotion_code.updated":                               {version: beforeClover},
	"quote.accepted":                                       {},
	"quote.canceled":                                       {},
	"quote.created":                                        {},
	"quote.finalized":                                      {},
	"reporting.report_run.succeeded":                       {outside: "Reporting"},
	"setup_intent.canceled":                                {},
	"setup_intent.created":                                 {},
	"setup_intent.requires_action":                         {version: beforeAutomatic},
	"setup_intent.setup_failed":                            {},
	"setup_intent.succeeded":                               {},
	"subscription.payment_failed":                          {seen: "invoice.payment_failed"},
	"subscription.payment_succeeded":                       {seen: "invoice.payment_succeeded"},
	// The CLI cancels a schedule, and an aborted one is that of a customer who does not pay.
	"subscription_schedule.aborted":  {seen: "subscription_schedule.canceled"},
	"subscription_schedule.canceled": {version: beforeClover},
	// The CLI's schedule lets its subscription go on at the end, and so it is released.
	"subscription_schedule.completed": {version: beforeClover, seen: "subscription_schedule.released", settings: unpaidGoesOn},
	"subscription_schedule.created":   {version: beforeClover},
	// The CLI stops its clock nine days before the end, and Stripe tells of it seven days before.
	"subscription_schedule.expiring":          {seen: "subscription_schedule.created"},
	"subscription_schedule.released":          {version: beforeClover},
	"subscription_schedule.updated":           {version: beforeClover},
	"tax_rate.created":                        {},
	"tax_rate.updated":                        {},
	"test_helpers.test_clock.advancing":       {},
	"test_helpers.test_clock.created":         {},
	"test_helpers.test_clock.deleted":         {},
	"test_helpers.test_clock.ready":           {},
	"topup.created":                           {outside: ownBank},
	"transfer.created":                        {outside: connect},
	"transfer.reversed":                       {outside: connect},
	"transfer.updated":                        {outside: connect},
	"v1.billing.meter.error_report_triggered": {meters: true},
	"v1.billing.meter.no_meter_found":         {meters: true},
}

// unpaidGoesOn keeps the subscription of a customer without a card through the month that the CLI lets pass.
func unpaidGoesOn(s *engine.Settings) { s.EndOfDunning = engine.EndPastDue }

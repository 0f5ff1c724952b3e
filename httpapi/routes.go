package httpapi

import (
	"net/http"

	"github.com/dues-billing/dues/internal/design"
)

// routes is the whole map.
func (a *api) routes() {
	a.serverRoutes()
	a.userRoutes()
	a.purchaseRoutes()
	a.operatorRoutes()
	a.pageRoutes()
}

// serverRoutes are for the app's servers.
func (a *api) serverRoutes() {
	add(a, route{http.MethodPost, "/v1/accounts", "createAccount", "Make an account, or update the one with this id", servers, true}, a.createAccount)
	addRead[byID, Account](a, route{http.MethodGet, "/v1/accounts/{id}", "account", "An account with its plan and access", servers, false}, a.status)
	add(a, route{http.MethodDelete, "/v1/accounts/{id}", "deleteAccount", "Stop an account's billing, and forget it", servers, false}, a.deleteAccount)
	addRead[byID, Entitlements](a, route{http.MethodGet, "/v1/accounts/{id}/entitlements", "accountEntitlements", "What an account may use now", servers, false}, a.entitlements)
	addAsked[asked](a, route{http.MethodGet, "/v1/accounts/{id}/check", "accountCheck", "Whether an account may use so much of a feature", servers, false}, a.check)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/check", "accountChecks", "Whether an account may use so much of several features", servers, false}, a.checks)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/consume", "accountConsume", "Count what an account uses of a feature, if there is so much left", servers, false}, a.consumeFeature)
	add(a, route{http.MethodGet, "/v1/accounts/{id}/grants", "accountGrants", "Entitlements given by hand, newest first", servers, false}, a.grants)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/grants", "accountGrant", "Give an account an entitlement beside its plan", servers, true}, a.grant)
	add(a, route{http.MethodDelete, "/v1/accounts/{id}/grants/{grant}", "accountEndGrant", "End a grant now", servers, false}, a.endGrant)
	add(a, route{http.MethodGet, "/v1/accounts/{id}/entitlements/token", "accountEntitlementToken", "A signed token that proves without a network what an account may use", servers, false}, a.entitlementToken)
	add(a, route{http.MethodGet, "/v1/accounts/{id}/licenses", "accountLicenses", "The assets an account holds, with their end", servers, false}, a.licenses)
	add(a, route{http.MethodGet, "/v1/accounts/{id}/invoices", "accountInvoices", "An account's invoices, newest first", servers, false}, a.invoices)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/checkout", "accountCheckout", "Put an account on a price: at once, or by the page at url", servers, false}, a.checkout)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/invoices/{invoice}/pay", "accountPayInvoice", "Charge an open invoice of an account now", servers, false}, a.payInvoice)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/invoices", "accountMakeInvoice", "Make an invoice of an account outside its plan, as a draft", servers, false}, a.makeInvoice)
	add(a, route{http.MethodDelete, "/v1/accounts/{id}/invoices/{invoice}", "accountDiscardInvoice", "Delete a draft that is of no plan, with its lines", servers, false}, a.discardInvoice)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/invoices/{invoice}/issue", "accountIssueInvoice", "Finalize a draft, and charge it or send it by mail", servers, false}, a.issueInvoice)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/invoices/{invoice}/void", "accountVoidInvoice", "Void an open invoice: it was a mistake", servers, false}, a.voidInvoice)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/invoices/{invoice}/write-off", "accountWriteOffInvoice", "Mark an open invoice uncollectible: it will not be paid", servers, false}, a.writeOffInvoice)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/invoices/{invoice}/hold", "accountHoldInvoice", "Keep a draft from being finalized by itself", servers, false}, a.holdInvoice)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/invoices/{invoice}/release", "accountReleaseInvoice", "Let a draft that is held be finalized again, within the hour", servers, false}, a.releaseInvoice)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/hold-invoices", "accountHoldInvoices", "Say whether each renewal of an account waits as a draft for a person", servers, false}, a.holdInvoices)
	add(a, route{http.MethodGet, "/v1/held-invoices", "heldInvoices", "The drafts of all accounts that wait for a person, the oldest first", servers, false}, a.heldInvoices)
	add(a, route{http.MethodGet, "/v1/accounts/{id}/lines", "accountLines", "What was added to an account's next invoice, or to a draft", servers, false}, a.lines)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/lines", "accountAddLine", "Add a line to an account's next invoice, or to a draft", servers, false}, a.addLine)
	add(a, route{http.MethodDelete, "/v1/accounts/{id}/lines/{line}", "accountRemoveLine", "Remove a line that is not billed yet", servers, false}, a.removeLine)
	add(a, route{http.MethodGet, "/v1/accounts/{id}/credit", "accountCredit", "What an account has to its credit", servers, false}, a.credit)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/credit", "accountGiveCredit", "Give an account credit that pays its next invoices, or take it", servers, false}, a.giveCredit)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/portal", "accountPortal", "Open the portal for an account: cards, invoices, cancellation", servers, false}, a.portal)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/account-page", "accountPage", "Open an account's own page: plan, usage, invoices, card", servers, false}, a.accountPage)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/preview", "accountPreview", "What a change of an account's plan will cost", servers, false}, a.preview)
	add(a, route{http.MethodGet, "/v1/accounts/{id}/upcoming", "accountUpcoming", "What an account's next invoice will be", servers, false}, a.upcoming)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/change", "accountChange", "Change an account's price or quantity, now or at the period's end, with its saved method", servers, false}, a.change)
	add(a, route{http.MethodGet, "/v1/accounts/{id}/addons", "accountAddOns", "What an account may buy beside its plan, and has of it", servers, false}, a.accountAddOns)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/addons", "accountChangeAddOn", "Buy an add-on for an account, change how many, or drop it, with its saved method", servers, false}, a.changeAddOn)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/addons/preview", "accountPreviewAddOn", "What buying, changing or dropping an account's add-on will cost", servers, false}, a.previewAddOn)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/keep", "accountKeep", "Take back a change that was to happen at the period's end", servers, false}, a.keep)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/trial/extend", "accountExtendTrial", "Make an account's trial longer", servers, false}, a.extendTrial)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/trial/end", "accountEndTrial", "End an account's trial: it pays from now on", servers, false}, a.endTrial)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/cancel", "accountCancel", "End what an account pays for, with its period, at a date after it or now", servers, false}, a.cancel)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/resume", "accountResume", "Take back a cancel that has not happened yet", servers, false}, a.resume)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/pause", "accountPause", "Charge an account no more once what is paid for ends, until it goes on", servers, false}, a.pause)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/unpause", "accountUnpause", "Let a paused account go on; where its paid time is over, a new period is charged now", servers, false}, a.unpause)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/discount", "accountDiscount", "Take a discount off what an account pays, from its next invoice", servers, false}, a.discount)
	add(a, route{http.MethodDelete, "/v1/accounts/{id}/discount", "accountEndDiscount", "End the discount of an account", servers, false}, a.endDiscount)
	add(a, route{http.MethodGet, "/v1/accounts/{id}/payment-methods", "accountMethods", "What an account has saved to pay with", servers, false}, a.methods)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/payment-methods", "accountSaveMethod", "Open a page that saves a card of an account, without a payment", servers, false}, a.saveMethod)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/payment-methods/{method}/default", "accountDefaultMethod", "Charge an account by this method from now on", servers, false}, a.defaultMethod)
	add(a, route{http.MethodDelete, "/v1/accounts/{id}/payment-methods/{method}", "accountRemoveMethod", "Forget a saved method of an account", servers, false}, a.removeMethod)
	add(a, route{http.MethodGet, "/v1/accounts/{id}/refund-quote", "accountRefundQuote", "Whether a payment of an account may be given back, how much, and why not", servers, false}, a.quote)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/refunds", "accountRefund", "Give a payment of an account back, once", servers, false}, a.refund)
	add(a, route{http.MethodGet, "/v1/accounts/{id}/refunds", "accountRefunds", "The refunds that were asked for, newest first", servers, false}, a.refunds)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/consumption", "accountConsumption", "Say how much of an asset an account has consumed: what the rules of refunds ask", servers, false}, a.consume)
	add(a, route{http.MethodGet, "/v1/accounts/{id}/licenses/{asset}/file", "accountLicenseFile", "A signed file that proves a license without a network", servers, false}, a.licenseFile)
	add(a, route{http.MethodGet, "/v1/license-keys", "licenseKeys", "The public keys that license files are signed with", servers, false}, a.licenseKeys)
	add(a, route{http.MethodPost, "/v1/usage", "reportUsage", "Report usage of metered features, up to 1000 events at once; it is durable when this is answered", servers, false}, a.reportUsage)
	add(a, route{http.MethodGet, "/v1/accounts/{id}/usage", "accountUsage", "What an account used of a metered feature, by days", servers, false}, a.usage)
	add(a, route{http.MethodGet, "/v1/accounts/{id}/seats", "accountSeats", "How many seats an account has, and who holds one", servers, false}, a.seats)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/seats", "assignSeat", "Give a person a seat", servers, false}, a.assignSeat)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/seats/release", "releaseSeat", "Take a person's seat back", servers, false}, a.releaseSeat)
}

// userRoutes are for one end user.
func (a *api) userRoutes() {
	addRead[oneself, Account](a, route{http.MethodGet, "/v1/me", "me", "My plan and access", endUsers, false}, a.status)
	addRead[oneself, Entitlements](a, route{http.MethodGet, "/v1/me/entitlements", "myEntitlements", "What I may use now", endUsers, false}, a.entitlements)
	addAsked[askedMine](a, route{http.MethodGet, "/v1/me/check", "myCheck", "Whether I may use so much of a feature", endUsers, false}, a.check)
	add(a, route{http.MethodPost, "/v1/me/check", "myChecks", "Whether I may use so much of several features", endUsers, false}, a.checksMine)
	add(a, route{http.MethodGet, "/v1/me/entitlements/token", "myEntitlementToken", "A signed token that proves without a network what I may use", endUsers, false}, a.myEntitlementToken)
	add(a, route{http.MethodGet, "/v1/me/licenses", "myLicenses", "The assets I hold, with their end", endUsers, false}, a.myLicenses)
	add(a, route{http.MethodGet, "/v1/me/invoices", "myInvoices", "My invoices, newest first", endUsers, false}, a.myInvoices)
	add(a, route{http.MethodGet, "/v1/me/lines", "myLines", "What was added to my next invoice, or to a draft", endUsers, false}, a.myLines)
	add(a, route{http.MethodGet, "/v1/me/credit", "myCredit", "What I have to my credit", endUsers, false}, a.myCredit)
	add(a, route{http.MethodPost, "/v1/me/invoices/{invoice}/pay", "payInvoice", "Pay an open invoice of mine now, with a saved method", endUsers, false}, a.payMyInvoice)
	add(a, route{http.MethodGet, "/v1/plans", "plans", "The plans and their prices", endUsers, false}, a.plans)
	add(a, route{http.MethodPost, "/v1/me/checkout", "checkout", "Put me on a price: at once, or by the page at url", endUsers, false}, a.checkoutMine)
	add(a, route{http.MethodPost, "/v1/me/preview", "preview", "What a change of my plan will cost", endUsers, false}, a.previewMine)
	add(a, route{http.MethodGet, "/v1/me/upcoming", "upcoming", "What my next invoice will be", endUsers, false}, a.upcomingMine)
	add(a, route{http.MethodPost, "/v1/me/change", "change", "Change my price or quantity, now or at the period's end, with my saved method", endUsers, false}, a.changeMine)
	add(a, route{http.MethodGet, "/v1/me/addons", "addOns", "What I may buy beside my plan, and have of it", endUsers, false}, a.myAddOns)
	add(a, route{http.MethodPost, "/v1/me/addons", "changeAddOn", "Buy an add-on, change how many, or drop it, with my saved method", endUsers, false}, a.changeMyAddOn)
	add(a, route{http.MethodPost, "/v1/me/addons/preview", "previewAddOn", "What buying, changing or dropping an add-on will cost", endUsers, false}, a.previewMyAddOn)
	add(a, route{http.MethodPost, "/v1/me/keep", "keep", "Take back my change that was to happen at the period's end", endUsers, false}, a.keepMine)
	add(a, route{http.MethodPost, "/v1/me/trial/end", "endTrial", "End my trial and pay from now on", endUsers, false}, a.endMyTrial)
	add(a, route{http.MethodPost, "/v1/me/cancel", "cancel", "End what I pay for, with its period, at a date after it or now", endUsers, false}, a.cancelMine)
	add(a, route{http.MethodPost, "/v1/me/resume", "resume", "Take back my cancel that has not happened yet", endUsers, false}, a.resumeMine)
	add(a, route{http.MethodPost, "/v1/me/pause", "pause", "Charge me no more once what is paid for ends, until I go on", endUsers, false}, a.pauseMine)
	add(a, route{http.MethodPost, "/v1/me/unpause", "unpause", "Let me go on; where my paid time is over, a new period is charged now", endUsers, false}, a.unpauseMine)
	add(a, route{http.MethodPost, "/v1/me/discount", "discount", "Take a promotion code off what I pay, from my next invoice", endUsers, false}, a.discountMine)
	add(a, route{http.MethodGet, "/v1/me/refund-quote", "refundQuote", "Whether my payment may be given back, how much, and why not", endUsers, false}, a.quoteMine)
	add(a, route{http.MethodPost, "/v1/me/refunds", "refund", "Give my payment back, once, if the rules allow it", endUsers, false}, a.refundMine)
	add(a, route{http.MethodGet, "/v1/me/refunds", "refunds", "The refunds I asked for, newest first", endUsers, false}, a.myRefunds)
	add(a, route{http.MethodGet, "/v1/me/usage", "usage", "What I used of a metered feature, by days", endUsers, false}, a.myUsage)
	add(a, route{http.MethodGet, "/v1/me/payment-methods", "methods", "What I have saved to pay with", endUsers, false}, a.myMethods)
	add(a, route{http.MethodPost, "/v1/me/payment-methods", "saveMethod", "Open a page that saves a card of mine, without a payment", endUsers, false}, a.saveMyMethod)
	add(a, route{http.MethodPost, "/v1/me/payment-methods/{method}/default", "defaultMethod", "Charge me by this method from now on", endUsers, false}, a.defaultMyMethod)
	add(a, route{http.MethodDelete, "/v1/me/payment-methods/{method}", "removeMethod", "Forget a saved method of mine", endUsers, false}, a.removeMyMethod)
	add(a, route{http.MethodGet, "/v1/me/licenses/{asset}/file", "myLicenseFile", "A signed file that proves my license without a network", endUsers, false}, a.myLicenseFile)
	add(a, route{http.MethodGet, "/v1/me/seats", "mySeats", "How many seats I have, and who holds one", endUsers, false}, a.mySeats)
	add(a, route{http.MethodPost, "/v1/me/portal", "portal", "Open the portal: cards, invoices, cancellation", endUsers, false}, a.portalMine)
	add(a, route{http.MethodPost, "/v1/me/account-page", "myPage", "Open my own page: plan, usage, invoices, card", endUsers, false}, a.accountPageMine)
}

// purchaseRoutes are for what is bought: by an account, by oneself, and by those who have no account yet.
func (a *api) purchaseRoutes() {
	add(a, route{http.MethodGet, "/v1/accounts/{id}/purchases", "accountPurchases", "What an account bought, once or as a subscription, newest first", servers, false}, a.purchases)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/purchases", "accountBuy", "Sell an account something that is paid once: by the page at url, or with a saved method at once", servers, false}, a.buy)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/purchases/claim", "accountClaim", "Give an account what it bought as a guest", servers, false}, a.claim)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/purchases/{purchase}/cancel", "accountCancelPurchase", "Take back what is paid once and was not paid yet", servers, false}, a.cancelPurchase)
	add(a, route{http.MethodPost, "/v1/accounts/{id}/purchases/{purchase}/capture", "accountCapturePurchase", "Take what the bank keeps ready for a purchase, or a part of it", servers, false}, a.capturePurchase)
	add(a, route{http.MethodPost, "/v1/me/purchases/{purchase}/cancel", "cancelPurchase", "Take back what I have not paid yet", endUsers, false}, a.cancelMyPurchase)
	add(a, route{http.MethodPost, "/v1/guests/purchases", "guestBuy", "Sell somebody without an account something that is paid once, by the page at url", servers, false}, a.sellToGuest)
	add(a, route{http.MethodGet, "/v1/me/purchases", "purchases", "What I bought, once or as a subscription, newest first", endUsers, false}, a.myPurchases)
	add(a, route{http.MethodPost, "/v1/me/purchases", "buy", "Buy something that is paid once: by the page at url, or with my saved method at once", endUsers, false}, a.buyMine)
	add(a, route{http.MethodPost, "/v1/me/purchases/claim", "claim", "Take over what I bought as a guest", endUsers, false}, a.claimMine)
}

// operatorRoutes are for who runs Dues.
func (a *api) operatorRoutes() {
	add(a, route{http.MethodGet, "/v1/events", "events", "Webhooks from Stripe and what became of them, newest first", operators, false}, a.events)
	add(a, route{http.MethodGet, "/v1/events/{id}", "event", "One webhook", operators, false}, a.event)
	add(a, route{http.MethodGet, "/v1/events/{id}/delivery", "delivery", "One webhook as it came: headers and body", operators, false}, a.delivery)
	add(a, route{http.MethodPost, "/v1/events/{id}/retry", "retryEvent", "Work a webhook off again", operators, false}, a.retryEvent)
	add(a, route{http.MethodPost, "/v1/events/retry", "retryEvents", "Work off again the webhooks that were given up, or anew those that were worked off", operators, false}, a.retryEvents)
	add(a, route{http.MethodGet, "/v1/effects", "effects", "Mails, calls and notices and what became of them, newest first", operators, false}, a.effects)
	add(a, route{http.MethodGet, "/v1/effects/{key}", "effect", "One mail, call or notice", operators, false}, a.effect)
	add(a, route{http.MethodPost, "/v1/effects/{key}/retry", "retryEffect", "Try an effect again, or deliver a notice once more", operators, false}, a.retryEffect)
	add(a, route{http.MethodGet, "/v1/audit", "audit", "Who changed what, newest first", operators, false}, a.acts)
	add(a, route{http.MethodGet, "/v1/dunning", "dunning", "Who owes a payment and is reminded of it, by account, and what comes next", operators, false}, a.dunning)
	add(a, route{http.MethodGet, "/v1/keys", "keys", "The API keys, newest first", operators, false}, a.allKeys)
	add(a, route{http.MethodPost, "/v1/keys", "createKey", "Make an API key; its secret is in this answer only", operators, true}, a.createKey)
	add(a, route{http.MethodPost, "/v1/keys/{key}/rotate", "rotateKey", "Give an API key a new secret; the one before goes on for a while", operators, false}, a.rotateKey)
	add(a, route{http.MethodDelete, "/v1/keys/{key}", "revokeKey", "End an API key for good", operators, false}, a.revokeKey)
	add(a, route{http.MethodPost, "/v1/effects/retry", "retryEffects", "Try again what was given up, or deliver notices once more", operators, false}, a.retryEffects)
}

// pageRoutes are for Stripe, for browsers, and for operations.
func (a *api) pageRoutes() {
	// Stripe, and browsers on their way back from it.
	a.plain(http.MethodPost, "/webhooks/stripe", a.stripeWebhook)
	a.plain(http.MethodPost, "/webhooks/stripe/{account}", a.stripeWebhook)
	a.plain(http.MethodGet, "/return/checkout", a.returnFromCheckout)
	a.plain(http.MethodGet, "/return/portal", a.returnFromPortal)
	a.plain(http.MethodGet, "/card", a.openCardLink)

	// Applications, to check tokens of entitlements by.
	a.plain(http.MethodGet, "/.well-known/jwks.json", a.jwks)

	// Operations, and what the pages above look like.
	a.mux.Handle("GET "+design.Prefix, design.Assets())
	a.plain(http.MethodGet, "/healthz", a.healthy)
	a.plain(http.MethodGet, "/readyz", a.ready)
	a.plain(http.MethodGet, "/openapi.json", a.document())
}
